"""From what a handler answers to the field lines that HTTP/1.1 and HTTP/2 send: encoded, dated, measured."""

from __future__ import annotations

from wire.net.fields import EncodedFields
from wire.net.messages import PHRASES, Request, Response

REASONS = {status: phrase.encode("ascii") for status, phrase in PHRASES.items()}
"""The phrases as a status-line has them (RFC 9112 §4)."""

WITHOUT_BODY = frozenset((204, 304))
"""Statuses whose responses end with their head (RFC 9110 §15.3.5, §15.4.5)."""

_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


def response_fields(response: Response, date: tuple[bytes, bytes], request: Request) -> EncodedFields:
    """The field lines of a final response: the handler's, and ``date`` and ``content-length`` where it left them out.

    Raises:
        ValueError: the status allows no body and there is one, or the length given isn't that of the body, or a text
            cannot be encoded.
    """
    fields: EncodedFields = [date]
    framing: dict[bytes, bytes] = {}
    for name, value in response.fields:
        if isinstance(name, str):
            name = name.encode("latin-1")
        if isinstance(value, str):
            value = value.encode("latin-1")
        fields.append((name, value))
        lower = name.lower()
        if lower in _FRAMING:
            framing[lower] = value
        elif lower == b"date":  # RFC 9110 §6.6.1
            fields.remove(date)
    body = response.body
    if response.status == 205 and body != b"":  # RFC 9110 §15.3.6
        raise ValueError("a response with status 205 has no content")
    if response.status in WITHOUT_BODY:
        if body != b"":
            raise ValueError(f"a response with status {response.status} has no body")
    elif isinstance(body, bytes):
        length = b"%d" % len(body)
        if not framing:
            # RFC 9110 §9.3.6: to CONNECT, success is not followed by content but by the tunnel.
            if request.method != "CONNECT" or response.status >= 300:
                fields.append((b"content-length", length))
        elif framing.get(b"content-length", length) != length and request.method != "HEAD":
            raise ValueError(f"the content-length of a response is not the {len(body)} bytes of its body")
    return fields
