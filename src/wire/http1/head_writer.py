"""Heads that this side is about to send: refused where the RFC forbids them, and made whole where it asks for more.

Each function turns an event into the bytes of its head and what follows from it, or raises before a byte exists.
"""

from __future__ import annotations

import re

from wire.errors import RemoteProtocolError
from wire.http1.events import Field, Fields, InformationalResponse, Request, Response
from wire.http1.exchange import Exchange
from wire.http1.field_names import END_TO_END_FIELDS, SECRET_FIELDS
from wire.http1.field_writer import encode_fields
from wire.http1.framing import (
    CHUNKED,
    NO_BODY,
    TUNNEL,
    UNTIL_CLOSE,
    Framing,
    FramingFields,
    known_framing_fields,
    persists,
    request_framing,
)
from wire.http1.grammar import FIELD_VALUE, TARGET, TOKEN, target_fault
from wire.http1.memo import Memo
from wire.http1.rules import refused

_METHOD = re.compile(TOKEN)
_TARGET = re.compile(TARGET)
_REASON = re.compile(FIELD_VALUE)
_VERSIONS = (b"1.1", b"1.0")
_LONGEST_KNOWN_HEAD = 2048


def _encode(fields: Fields) -> tuple[bytes, FramingFields]:
    """The lines of ``fields``, and what those of them that frame the message say."""
    lines, framing_fields = encode_fields(fields)
    if len(framing_fields) > 1 or (framing_fields and b"," in framing_fields[0][1]):
        _check_lists(framing_fields)
    try:
        return lines, known_framing_fields[framing_fields]
    except RemoteProtocolError as error:
        rule = "http1.send.host" if error.rule.startswith("http1.host") else "http1.send.framing"
        raise refused(rule, error.message) from None


def _check_lists(framing_fields: Fields) -> None:
    """What a recipient forgives and no sender may write: one length said twice, and lists with empty members."""
    lengths = b",".join([value for name, value in framing_fields if name == b"content-length"])
    if b"," in lengths:
        raise refused("http1.send.framing", f"Content-Length {lengths.decode('latin-1')}")  # RFC 9110 §8.6
    for name, value in framing_fields:
        if b"," in value and not all(member.strip(b" \t") for member in value.split(b",")):
            raise refused("http1.send.framing", f"an empty member in {name.decode('ascii')}")  # RFC 9110 §5.6.1.1


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


def request_head(request: Request, server: bytes | None) -> tuple[bytes, FramingFields, Framing]:
    """The head of a request, what its framing fields say, and how its body is delimited (RFC 9112 §3).

    ``server`` is the version of the server's last response; None before the first, when the caller vouches for it.

    Raises:
        LocalProtocolError: a part is malformed, Host is not there once, or the framing is not plain.
    """
    if not _METHOD.fullmatch(request.method):
        raise refused("http1.send.method", repr(request.method[:80]))
    if not _TARGET.fullmatch(request.target) or target_fault(request.method, request.target):
        raise refused("http1.send.target", repr(request.target[:80]))
    if request.version not in _VERSIONS:
        raise refused("http1.send.version", repr(request.version))
    lines, said = _encode(request.fields)
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
    lines, said = _encode(response.fields)
    if said.length is not None or said.codings is not None:
        raise refused("http1.send.framing", "an interim response has no body")  # RFC 9112 §6.1, RFC 9110 §8.6
    _check_options(said)
    if response.status == 101 and (not said.upgrade or not set(said.upgrade).issubset(exchange.upgrade)):
        raise refused("http1.send.switch", "101 needs an Upgrade field that names what the request offered")
    return _status_line(response) + lines + b"\r\n"


ResponseHead = tuple[bytes, bool, Framing]
"""The bytes, whether the connection outlives the response, how its body is delimited."""


def response_head(response: Response, exchange: Exchange, keep_alive: bool) -> ResponseHead:
    """The head of a final response, whether the connection outlives it, and how its body is delimited (RFC 9112 §6.3).

    Where its fields say nothing of the length, chunked is added for a peer that knows it. The connection options that
    the peer has to see are added (RFC 9112 §9.3, §9.6).

    Raises:
        LocalProtocolError: a part is malformed, or the fields do not frame this response.
    """
    fields = tuple(response.fields)
    said = (response.status, fields, response.reason, response.version)
    return _known_heads[*said, exchange.method, exchange.version, keep_alive]


_HeadKey = tuple[int, tuple[Field, ...], bytes, bytes, bytes, bytes, bool]


def _response_head(key: _HeadKey) -> tuple[ResponseHead, bool]:
    """See ``response_head``; and whether it may be remembered."""
    status, fields, reason, version, method, request_version, keep_alive = key
    response, exchange = Response(status, fields, reason, version), Exchange(method, request_version)
    if not 200 <= status <= 999:
        raise refused("http1.send.status", str(status))
    lines, said = _encode(fields)
    _check_options(said)
    framing, added = _response_framing(response, said, exchange)
    persistent = keep_alive and framing is not UNTIL_CLOSE and persists(said, version)
    if not persistent and framing is not TUNNEL:
        if not said.close:
            added += b"connection: close\r\n"
    elif request_version == b"1.0" and b"keep-alive" not in said.options:
        added += b"connection: keep-alive\r\n"
    head = _status_line(response) + lines + added + b"\r\n"
    secret = any(name.lower() in SECRET_FIELDS for name, _value in fields)
    return (head, persistent, framing), not secret and len(head) <= _LONGEST_KNOWN_HEAD


_known_heads: Memo[_HeadKey, ResponseHead] = Memo(_response_head)
"""``response_head``, remembered: for as long as its Date lasts, a response to the same request is the same."""


def _response_framing(response: Response, said: FramingFields, exchange: Exchange) -> tuple[Framing, bytes]:
    """How the body is delimited, and the field line that says so where the response itself does not."""
    length, codings, status = said.length, said.codings, response.status
    tunnel = exchange.method == b"CONNECT" and 200 <= status < 300
    if tunnel or status == 204:
        if length is not None or codings is not None:
            raise refused("http1.send.framing", f"{status} has no body")  # RFC 9112 §6.1, RFC 9110 §8.6
        return (TUNNEL if tunnel else NO_BODY), b""
    if status == 205:  # RFC 9110 §15.3.6: it has no content, and says so
        if codings is not None or length not in (None, NO_BODY):
            raise refused("http1.send.framing", "205 has no content")
        return NO_BODY, b"" if length is not None else b"content-length: 0\r\n"
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


def _status_line(response: Response | InformationalResponse) -> bytes:
    """A status-line with its CRLF (RFC 9112 §4)."""
    if response.version not in _VERSIONS:
        raise refused("http1.send.version", repr(response.version))
    if not _REASON.fullmatch(response.reason):
        raise refused("http1.send.field", repr(response.reason[:80]))
    return b"HTTP/%b %d %b\r\n" % (response.version, response.status, response.reason)
