"""Heads that this side is about to send: refused where the RFC forbids them, and made whole where it asks for more.

Each function turns an event into the bytes of its head and what follows from it, or raises before a byte exists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

from wire.errors import RemoteProtocolError
from wire.http1.encode import encode_fields
from wire.http1.events import InformationalResponse, Request, Response
from wire.http1.fields import END_TO_END_FIELDS, SECRET_FIELDS, Field
from wire.http1.framing import (
    CHUNKED,
    NO_BODY,
    TUNNEL,
    UNTIL_CLOSE,
    Framing,
    FramingFields,
    persists,
    read_framing_fields,
    request_framing,
)
from wire.http1.grammar import FIELD_VALUE, TARGET, TOKEN, target_fault
from wire.http1.memo import Memo
from wire.http1.rules import refused

_METHOD = re.compile(TOKEN)
_TARGET = re.compile(TARGET)
_REASON = re.compile(FIELD_VALUE)
_VERSIONS = (b"1.1", b"1.0")


@dataclass(slots=True)
class Exchange:
    """What both sides have to remember of the request that is being answered.

    Attributes:
        method: of the request; empty where there was none, as for a response to what never became a request.
        version: of the request; empty likewise.
        upgrade: protocols that the request offers to switch to, lower case (RFC 9110 §7.8).
        interim: number of interim responses so far.
    """

    method: bytes = b""
    version: bytes = b""
    upgrade: Sequence[bytes] = ()
    interim: int = 0


def offered_protocols(said: FramingFields, version: bytes) -> Sequence[bytes]:
    """What a request offers to switch to; in HTTP/1.0 the field is ignored (RFC 9110 §7.8)."""
    return said.upgrade if b"upgrade" in said.options and version != b"1.0" else ()


def _encode(fields: tuple[Field, ...]) -> tuple[tuple[bytes, FramingFields], bool]:
    """The lines of ``fields``, and what those that frame the message say; whether they may be remembered."""
    lines, framing_fields = encode_fields(fields)
    secret = any(name.lower() in SECRET_FIELDS for name, _value in fields)
    try:
        return (lines, read_framing_fields(framing_fields, repeat(0))), not secret and len(lines) <= _MOST_KNOWN
    except RemoteProtocolError as error:
        rule = "http1.send.host" if error.rule.startswith("http1.host") else "http1.send.framing"
        raise refused(rule, error.message) from None


_MOST_KNOWN = 1024
_known_fields: Memo[tuple[Field, ...], tuple[bytes, FramingFields]] = Memo(_encode)


def _check_options(said: FramingFields) -> None:
    """Fields that hold for one hop have to be named in Connection (RFC 9110 §7.6.1)."""
    if said.upgrade and b"upgrade" not in said.options:
        raise refused("http1.send.framing", "Upgrade without the upgrade connection option")  # RFC 9110 §7.8
    if said.te and b"te" not in said.options:
        raise refused("http1.send.framing", "TE without the te connection option")  # RFC 9112 §7.4
    if b"chunked" in said.te:
        raise refused("http1.send.framing", "chunked in TE, where it goes without saying")  # RFC 9112 §7.4
    if not END_TO_END_FIELDS.isdisjoint(said.options):
        raise refused("http1.send.framing", "a connection option that would strip a field meant for all")


def _check_content(request: Request, framing: Framing, server: bytes | None) -> None:
    """What some methods and servers demand of content, and whether there is any."""
    if framing is CHUNKED and server == b"1.0":
        raise refused("http1.send.framing", "chunked to a server that speaks HTTP/1.0")  # RFC 9112 §6.1
    if framing is NO_BODY:
        return
    if request.method == b"TRACE":
        raise refused("http1.send.framing", "TRACE with content")  # RFC 9110 §9.3.8
    if request.method == b"OPTIONS" and all(name.lower() != b"content-type" for name, _value in request.fields):
        raise refused("http1.send.field", "OPTIONS with content and no Content-Type")  # RFC 9110 §9.3.7


ResponseHead = tuple[bytes, bool, Framing]
"""The bytes, whether the connection outlives the response, how its body is delimited."""

_HeadKey = tuple[tuple[int, tuple[Field, ...], bytes, bytes], bytes, bytes, bool]


def request_head(request: Request, server: bytes | None) -> tuple[bytes, FramingFields, Framing]:
    """The head of a request, what its framing fields say, and how its body is delimited (RFC 9112 §3).

    ``server`` is the version of the server's last response; None before the first, when the caller vouches for it.

    Raises:
        LocalProtocolError: a part is malformed, Host is not there once, or the framing is not plain.
    """
    if not _METHOD.fullmatch(request.method):
        raise refused("http1.send.target", f"{request.method!r} is no method")
    if not _TARGET.fullmatch(request.target) or target_fault(request.method, request.target):
        raise refused("http1.send.target", repr(request.target[:80]))
    if request.version not in _VERSIONS:
        raise refused("http1.send.version", repr(request.version))
    lines, said = _known_fields[tuple(request.fields)]
    if request.version == b"1.1" and said.hosts != 1:
        raise refused("http1.send.host")
    _check_options(said)
    try:
        framing = request_framing(said, request.version)
    except RemoteProtocolError as error:
        raise refused("http1.send.framing", error.message) from None
    if said.expect and framing is NO_BODY:
        raise refused("http1.send.framing", "an expectation without content")  # RFC 9110 §10.1.1
    _check_content(request, framing, server)
    head = b"%b %b HTTP/%b\r\n%b\r\n" % (request.method, request.target, request.version, lines)
    return head, said, framing


def interim_head(response: InformationalResponse, exchange: Exchange) -> bytes:
    """The head of an interim response, which is all that there is of it (RFC 9110 §15.2).

    Raises:
        LocalProtocolError: a part is malformed, it has framing, or the client would not understand it.
    """
    if not 100 <= response.status <= 199:
        raise refused("http1.send.status", str(response.status))
    if exchange.version == b"1.0":
        raise refused("http1.send.interim")
    lines, said = _known_fields[tuple(response.fields)]
    if said.length is not None or said.codings is not None:
        raise refused("http1.send.framing", "an interim response has no body")  # RFC 9112 §6.1, RFC 9110 §8.6
    _check_options(said)
    if response.status == 101 and (not said.upgrade or not set(said.upgrade).issubset(exchange.upgrade)):
        raise refused("http1.send.switch", "101 needs an Upgrade field that names what the request offered")
    return _status_line(response) + lines + b"\r\n"


def response_head(response: Response, exchange: Exchange, keep_alive: bool) -> ResponseHead:
    """The head of a final response, whether the connection outlives it, and how its body is delimited (RFC 9112 §6.3).

    Where its fields say nothing of the length, chunked is added for a peer that knows it. The connection options that
    the peer has to see are added (RFC 9112 §9.3, §9.6).

    Raises:
        LocalProtocolError: a part is malformed, or the fields do not frame this response.
    """
    fields = tuple(response.fields)
    said = (response.status, fields, response.reason, response.version)
    return _known_heads[said, exchange.method, exchange.version, keep_alive]


def _response_head(key: _HeadKey) -> tuple[ResponseHead, bool]:
    """See ``response_head``; and whether it may be remembered."""
    response, exchange, keep_alive = Response(*key[0]), Exchange(key[1], key[2]), key[3]
    if not 200 <= response.status <= 999:
        raise refused("http1.send.status", str(response.status))
    fields = tuple(response.fields)
    lines, said = _known_fields[fields]
    if said.upgrade or said.te or said.options:
        _check_options(said)
    framing, added = _response_framing(response, said, exchange)
    persistent = keep_alive and framing is not UNTIL_CLOSE and persists(said, response.version)
    if not persistent and framing is not TUNNEL:
        if not said.close:
            added += b"connection: close\r\n"
    elif exchange.version == b"1.0" and b"keep-alive" not in said.options:
        added += b"connection: keep-alive\r\n"
    head = _status_line(response) + lines + added + b"\r\n"
    return (head, persistent, framing), fields in _known_fields and len(head) <= 2 * _MOST_KNOWN


_known_heads: Memo[_HeadKey, ResponseHead] = Memo(_response_head)


def _response_framing(response: Response, said: FramingFields, exchange: Exchange) -> tuple[Framing, bytes]:
    """How the body is delimited, and the field line that says so where the response itself does not."""
    length, codings, status = said.length, said.codings, response.status
    tunnel = exchange.method == b"CONNECT" and 200 <= status < 300
    if tunnel or status == 204:
        if length is not None or codings is not None:
            raise refused("http1.send.framing", f"{status} has no body")  # RFC 9112 §6.1, RFC 9110 §8.6
        return (TUNNEL if tunnel else NO_BODY), b""
    knows_chunked = exchange.version not in (b"", b"1.0") and response.version == b"1.1"
    if codings is not None:
        if length is not None:
            raise refused("http1.send.framing", "both Transfer-Encoding and Content-Length")  # RFC 9112 §6.2
        if not knows_chunked:
            raise refused("http1.send.framing", "Transfer-Encoding to or in HTTP/1.0")  # RFC 9112 §6.1
    if exchange.method == b"HEAD" or status == 304:
        return NO_BODY, b""
    if codings is not None:
        return (CHUNKED if codings[-1:] == (b"chunked",) else UNTIL_CLOSE), b""
    if length is not None:
        return length, b""
    return (CHUNKED, b"transfer-encoding: chunked\r\n") if knows_chunked else (UNTIL_CLOSE, b"")


_status_lines: dict[tuple[bytes, int, bytes], bytes] = {}


def _status_line(response: Response | InformationalResponse) -> bytes:
    """A status-line with its CRLF (RFC 9112 §4); registered statuses come in few forms, so they are kept."""
    key = (response.version, response.status, response.reason)
    line = _status_lines.get(key)
    if line is None:
        if response.version not in _VERSIONS:
            raise refused("http1.send.version", repr(response.version))
        if not _REASON.fullmatch(response.reason):
            raise refused("http1.send.field", repr(response.reason[:80]))
        line = b"HTTP/%b %d %b\r\n" % (response.version, response.status, response.reason)
        if len(_status_lines) < 256 and len(line) < 128:
            _status_lines[key] = line
    return line
