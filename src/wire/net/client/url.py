"""Where to connect, what to ask for there, and what to say in Host: URLs of http, https (RFC 9110 §4.2), ws and wss.

A WebSocket begins as a request, so its URLs differ from those of HTTP in two things only: their schemes, and that they
have no fragment (RFC 6455 §3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import quote

import idna

from wire.net.client.errors import InvalidUrl

HTTP_PORTS = {"http": 80, "https": 443}
WEBSOCKET_PORTS = {"ws": 80, "wss": 443}
"""The schemes and their default ports (RFC 9110 §4.2.1, §4.2.2; RFC 6455 §3); the second of each asks for TLS."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.DOTALL)
_PARTS = re.compile(r"//(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]*))?")
_NAME = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=]+")  # RFC 3986 §3.2.2, reg-name without percent-encodings
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATH_CHARACTERS = "/:@!$&'()*+,;=~%"  # RFC 3986 §3.3; "%" stands for encodings that are there already
_QUERY_CHARACTERS = _PATH_CHARACTERS + "?"  # RFC 3986 §3.4


@dataclass(frozen=True, slots=True)
class Origin:
    """What connections can be shared for: the same scheme, host and port (RFC 9110 §4.3.1).

    Attributes:
        scheme: ``"http"``, ``"https"``, ``"ws"`` or ``"wss"``.
        host: a name in lower-case ASCII, or an address without brackets.
        port: 1 to 65535.
    """

    scheme: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        """Whether TLS is wanted, without which there must be no connection (RFC 9110 §4.2.2, RFC 6455 §3)."""
        return self.scheme in ("https", "wss")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL as a client needs it.

    Attributes:
        origin: where to connect.
        authority: what stands between ``//`` and the path, in ASCII; the value of Host (RFC 9112 §3.2).
        target: path and query, percent-encoded where they must be; the origin-form (RFC 9112 §3.2.1).
    """

    origin: Origin
    authority: str
    target: str

    def __str__(self) -> str:
        return f"{self.origin.scheme}://{self.authority}{self.target}"

    def join(self, reference: str) -> Url:
        """The URL that a reference in a response means, as in Location (RFC 3986 §5.2).

        Raises:
            InvalidUrl: it leads to something that is no http or https URL.
        """
        if _SCHEME.fullmatch(reference):
            return parse_url(reference)
        reference = reference.partition("#")[0]
        if reference.startswith("//"):
            return parse_url(f"{self.origin.scheme}:{reference}")
        path, question, query = reference.partition("?")
        base, base_question, base_query = self.target.partition("?")
        if path:
            folder = "" if path.startswith("/") else base[: base.rindex("/") + 1]
            path = _without_dots(folder + path)
        else:
            path = base
            question, query = (question, query) if question else (base_question, base_query)
        return parse_url(f"{self.origin.scheme}://{self.authority}{path}{question}{query}")


def parse_url(text: str) -> Url:
    """Read a URL; its fragment is dropped, since it is not for the server (RFC 9110 §4.2.5).

    Characters that a URL may not hold are percent-encoded as UTF-8, except control characters, which are refused.

    Raises:
        InvalidUrl: it isn't an http or https URL, has no host, or names a user (RFC 9110 §4.2.4).
    """
    return _parse(text, HTTP_PORTS)


def parse_websocket_url(text: str) -> Url:
    """Read the URL of a WebSocket; otherwise as ``parse_url``.

    Raises:
        InvalidUrl: it isn't a ws or wss URL, has no host, names a user, or has a fragment (RFC 6455 §3).
    """
    if "#" in text:
        raise InvalidUrl("the URL of a WebSocket has no fragment; in its path, # is written %23", text)
    return _parse(text, WEBSOCKET_PORTS)


def _parse(text: str, ports: Mapping[str, int]) -> Url:
    """Read a URL that has one of these schemes."""
    if _CONTROL.search(text):
        raise InvalidUrl("the URL holds a control character", text)
    scheme_and_rest = _SCHEME.fullmatch(text)
    scheme = scheme_and_rest[1].lower() if scheme_and_rest else ""
    if scheme_and_rest is None or scheme not in ports:
        known = " or ".join(f"{name}://" for name in ports)
        raise InvalidUrl(f"the URL does not begin with {known}", text)
    parts = _PARTS.match(scheme_and_rest[2])
    if parts is None:
        raise InvalidUrl("the URL has no // and host after its scheme", text)
    authority, host, port = _authority(parts["authority"], text)
    target = _encode(parts["path"] or "/", _PATH_CHARACTERS, text)
    if parts["query"] is not None:
        target += "?" + _encode(parts["query"], _QUERY_CHARACTERS, text)
    return Url(Origin(scheme, host, port or ports[scheme]), authority, target)


def _without_dots(path: str) -> str:
    """An absolute path without the segments ``.`` and ``..`` (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _encode(part: str, safe: str, text: str) -> str:
    try:
        return quote(part, safe, errors="surrogateescape")
    except UnicodeEncodeError:
        raise InvalidUrl("the URL holds half of a character", text) from None


def _authority(authority: str, text: str) -> tuple[str, str, int | None]:
    """The authority in ASCII, the host to connect to, and the port if there is one."""
    if "@" in authority:
        # RFC 9110 §4.2.4: user information is not sent, and in a foreign URL it is there to deceive.
        raise InvalidUrl("the URL names a user before its host; say so in an Authorization field", "")
    match = _AUTHORITY.fullmatch(authority)
    if match is None or not match["host"]:
        raise InvalidUrl("the URL has no valid host", text)  # RFC 9110 §4.2.1
    digits = (match["port"] or "").lstrip("0") or match["port"]
    port = int(digits[:6]) if digits else None  # six digits are too many already, and thousands too many for int
    if port is not None and not 0 < port < 65536:
        raise InvalidUrl("the URL's port is not within 1 to 65535", text)
    host = match["host"]
    if host.startswith("["):
        return authority, _ipv6(host[1:-1], text), port
    name = _name(host, text)
    return (name if digits is None else f"{name}:{digits}"), name.lower(), port


def _ipv6(address: str, text: str) -> str:
    """An IPv6 address in its shortest form, so that an origin has one name."""
    if "%" in address:
        raise InvalidUrl("an IPv6 zone has a meaning on this machine only, and does not belong into a URL", text)
    try:
        return str(IPv6Address(address))
    except AddressValueError:
        raise InvalidUrl("what stands in brackets is no IPv6 address", text) from None


def _name(host: str, text: str) -> str:
    """A host name in ASCII; others than ASCII by IDNA 2008, as browsers do it (RFC 5891, UTS 46)."""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise InvalidUrl(f"the host is no international domain name: {error}", text) from None
    if not _NAME.fullmatch(host):
        raise InvalidUrl("the URL's host holds a character that no host name may hold", text)
    return host
