"""What the bytes of HTTP/1.1 look like: a pattern for each element, and pure functions from a line to its parts.

The codec reads with these, and ``wire.explain`` draws with them; there is no second parser. Each line is a sequence of
elements; a line that does not match as a whole is diagnosed by walking its elements to the first that is not there.
All offsets are relative to the line. Runs of characters are possessive, so that no input makes them backtrack one by
one. Groups are not: before 3.11.5, Python lets a possessive group keep what its last round matched before it failed
(python/cpython#106052), and a malformed line would pass.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from wire.errors import RemoteProtocolError
from wire.http1.rules import broken

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"  # RFC 9110 §5.6.2
OWS = rb"[ \t]*+"  # RFC 9110 §5.6.3
FIELD_VALUE = rb"[\t\x20-\x7e\x80-\xff]*+"  # RFC 9110 §5.5
QUOTED_STRING = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]++|\\[\t\x20-\x7e\x80-\xff])*"'  # RFC 9110 §5.6.4

# RFC 9112 §3.2, less strict than RFC 3986 by the characters that browsers send bare in a query: \ ^ ` { | } [ ].
TARGET = rb"[\x21\x24-\x3b\x3d\x3f-\x7e]++"
HTTP_VERSION = rb"HTTP/(?P<major>[0-9])\.(?P<minor>[0-9])"  # RFC 9112 §2.3
REQUEST_LINE = re.compile(rb"(?P<method>" + TOKEN + rb") (?P<target>" + TARGET + rb") " + HTTP_VERSION)  # RFC 9112 §3
STATUS_LINE = re.compile(HTTP_VERSION + rb" (?P<status>[1-9][0-9]{2}) (?P<reason>" + FIELD_VALUE + rb")")  # RFC 9112 §4
FIELD_LINE = re.compile(rb"(?P<name>" + TOKEN + rb"):" + OWS + rb"(?P<value>" + FIELD_VALUE + rb")")  # RFC 9112 §5

CHUNK_EXT = re.compile(  # RFC 9112 §7.1.1, with the bad white space that a recipient has to remove
    OWS + rb";" + OWS + rb"(?P<name>" + TOKEN + rb")"
    rb"(?:" + OWS + rb"=" + OWS + rb"(?P<value>" + TOKEN + rb"|" + QUOTED_STRING + rb"))?"
)
_CHUNK_EXT = re.sub(rb"\(\?P<\w+>", rb"(?:", CHUNK_EXT.pattern)
CHUNK_LINE = re.compile(rb"(?P<size>[0-9A-Fa-f]++)(?P<extensions>(?:" + _CHUNK_EXT + rb")*)")

LIST_MEMBERS = re.compile(rb"(?:" + OWS + rb"(?:" + TOKEN + OWS + rb")?(?:,|\Z))+")  # RFC 9110 §5.6.1, tokens
_PARAMETER = OWS + rb";" + OWS + TOKEN + OWS + rb"=" + OWS + rb"(?:" + TOKEN + rb"|" + QUOTED_STRING + rb")"
TRANSFER_CODING = re.compile(  # RFC 9112 §7, one member of the list and its comma
    OWS + rb"(?:(?P<coding>" + TOKEN + rb")(?P<parameters>(?:" + _PARAMETER + rb")*)" + OWS + rb")?(?:,|\Z)"
)

_REG_NAME = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]++|%[0-9A-Fa-f]{2})*"
_IP_LITERAL = rb"\[(?:(?P<ipv6>[0-9A-Fa-f:.]++)|[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++)\]"
AUTHORITY = re.compile(rb"(?P<host>" + _IP_LITERAL + rb"|" + _REG_NAME + rb")(?::(?P<port>[0-9]*+))?")  # RFC 9110 §7.2
AUTHORITY_FORM = re.compile(rb"[^/?:]++:[0-9]*+")  # RFC 9112 §3.2.3, roughly: told from a URI by its port
ABSOLUTE_FORM = re.compile(  # RFC 9112 §3.2.2
    rb"(?P<scheme>[A-Za-z][A-Za-z0-9+\-.]*+):(?://(?P<authority>[^/?]*+))?(?P<path>[^?]*+)(?:\?(?P<query>.*+))?"
)


Elements = tuple[tuple[re.Pattern[bytes], str], ...]
"""The elements of a line in order: what must match, and the rule that is broken where it does not."""


def _elements(*pairs: tuple[bytes, str]) -> Elements:
    return tuple((re.compile(pattern), rule) for pattern, rule in pairs)


REQUEST_LINE_ELEMENTS = _elements(
    (TOKEN, "http1.request-line.method"),
    (rb" ", "http1.request-line.space"),
    (TARGET, "http1.request-line.target"),
    (rb" ", "http1.request-line.target"),
    (HTTP_VERSION, "http1.request-line.version"),
    (rb"\Z", "http1.request-line.version"),
)
STATUS_LINE_ELEMENTS = _elements(
    (HTTP_VERSION, "http1.status-line.version"),
    (rb" ", "http1.status-line.space"),
    (rb"[1-9][0-9]{2}", "http1.status-line.status"),
    (rb" ", "http1.status-line.space"),
    (FIELD_VALUE, "http1.status-line.reason"),
    (rb"\Z", "http1.status-line.reason"),
)
FIELD_LINE_ELEMENTS = _elements(
    (TOKEN, "http1.field-line.name"),
    (rb":", "http1.field-line.colon"),
    (FIELD_VALUE, "http1.field-line.value"),
    (rb"\Z", "http1.field-line.value"),
)
CHUNK_LINE_ELEMENTS = _elements(
    (rb"[0-9A-Fa-f]++", "http1.chunk-size.malformed"),
    (rb"(?:" + _CHUNK_EXT + rb")*", "http1.chunk-ext.malformed"),
    (rb"\Z", "http1.chunk-ext.malformed"),
)

# Where the byte that was found says more than the element that was missed.
_SAID_BETTER = {
    ("http1.request-line.method", b" "): "http1.request-line.space",
    ("http1.request-line.method", b"\t"): "http1.request-line.space",
    ("http1.request-line.target", b" "): "http1.request-line.space",
    ("http1.request-line.target", b""): "http1.request-line.no-version",
    ("http1.request-line.space", b""): "http1.request-line.no-version",
    ("http1.request-line.version", b" "): "http1.request-line.space",
    ("http1.request-line.version", b""): "http1.request-line.no-version",
    ("http1.field-line.colon", b" "): "http1.field-line.space-before-colon",
    ("http1.field-line.colon", b"\t"): "http1.field-line.space-before-colon",
    ("http1.chunk-size.malformed", b"\r"): "http1.chunk-line.bare-cr",
    ("http1.chunk-ext.malformed", b"\r"): "http1.chunk-line.bare-cr",
}


def diagnose(line: bytes, elements: Elements, offset: int) -> RemoteProtocolError:
    """Say which element is not there in ``line``, which begins at the byte ``offset`` and does not match as a whole."""
    at = 0
    for pattern, rule in elements:
        match = pattern.match(line, at)
        if match is None:
            return _missing(rule, line[at : at + 1], offset + at)
        at = match.end()
    raise ValueError(f"nothing is wrong with {line!r}")


def _missing(rule: str, found: bytes, offset: int) -> RemoteProtocolError:
    rule = _SAID_BETTER.get((rule, found), "http1.line.bare-cr" if found == b"\r" else rule)
    return broken(rule, offset, f"{found!r}" if found else "the line ends here")


def field_line(line: bytes, offset: int = 0) -> tuple[bytes, bytes]:
    """The name, in lower case, and the value of a field line without its CRLF (RFC 9112 §5)."""
    match = FIELD_LINE.fullmatch(line)
    if match is None:
        raise diagnose(line, FIELD_LINE_ELEMENTS, offset)
    name, value = match.groups()
    return name.lower(), value.rstrip(b" \t")


def is_authority(value: bytes) -> bool:
    """Whether ``value`` is ``uri-host [":" port]`` (RFC 9110 §7.2, RFC 3986 §3.2.2)."""
    match = AUTHORITY.fullmatch(value)
    if match is None:
        return False
    if match["ipv6"] is not None and not _is_ipv6(match["ipv6"]):
        return False
    port = match["port"]
    return not port or (len(port) <= 5 and int(port) <= 65535)


def _is_ipv6(value: bytes) -> bool:
    try:
        IPv6Address(value.decode("ascii"))
    except AddressValueError:
        return False
    return True


def target_fault(method: bytes, target: bytes) -> str | None:
    """The rule that ``target``, already known to match ``TARGET``, breaks for ``method``; None where it is right.

    The four forms of RFC 9112 §3.2. Only CONNECT takes the authority-form and only OPTIONS the asterisk-form.
    """
    if method == b"CONNECT":
        match = AUTHORITY.fullmatch(target)
        if match is None or not match["host"] or not match["port"]:
            return "http1.request-line.target-form"
        return None if is_authority(target) else "http1.request-line.target-authority"
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return None
    match = ABSOLUTE_FORM.fullmatch(target)
    # RFC 9110 §7.1: authority-form is CONNECT's own, although a:80 is a URI to the grammar.
    if match is None or AUTHORITY_FORM.fullmatch(target):
        return "http1.request-line.target-form"
    authority = match["authority"]
    if match["scheme"].lower() in (b"http", b"https") and (not authority or authority.startswith(b":")):
        return "http1.request-line.target-authority"  # RFC 9110 §4.2.1: an empty host is invalid
    if authority is not None and not is_authority(authority):
        return "http1.request-line.target-authority"  # RFC 9110 §4.2.4: userinfo is an error
    return None


def tokens(value: bytes) -> list[bytes] | None:
    """The tokens of a comma-separated list, empty members left out; None where it is no such list.

    RFC 9110 §5.6.1.2: a recipient ignores empty members.
    """
    if not LIST_MEMBERS.fullmatch(value):
        return None
    return [member for part in value.split(b",") if (member := part.strip(b" \t"))]


def list_members(value: bytes) -> list[bytes] | None:
    """The same in lower case, for tokens whose case means nothing."""
    return tokens(value.lower())
