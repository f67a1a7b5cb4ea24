"""Opening handshakes for the tests: as events, as bytes, and with one field put otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import pytest

from wire import http1
from wire.errors import RemoteProtocolError
from wire.http1 import EndOfMessage, InformationalResponse, Request, Response
from wire.websocket.handshake import Offer, accept_key, opening_request, read_answer, read_opening
from wire.websocket.rules import RULES

Fields: TypeAlias = list[tuple[bytes, bytes]]

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455 §1.3: a key, and what answers it."""

REQUEST_FIELDS: Fields = [
    (b"host", b"server.example.com"),
    (b"upgrade", b"websocket"),
    (b"connection", b"Upgrade"),
    (b"sec-websocket-key", KEY),
    (b"sec-websocket-version", b"13"),
]
RESPONSE_FIELDS: Fields = [
    (b"upgrade", b"websocket"),
    (b"connection", b"Upgrade"),
    (b"sec-websocket-accept", ACCEPT),
]


def with_field(fields: Iterable[tuple[bytes, bytes]], name: bytes, *values: bytes) -> Fields:
    """The fields with these values, a line each, for one of them: none takes it out."""
    return [*(line for line in fields if line[0] != name), *((name, value) for value in values)]


def asked(name: bytes = b"", *values: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> Request:
    """An opening handshake, with one field put otherwise."""
    return Request(method, b"/chat", with_field(REQUEST_FIELDS, name, *values), version)


def answered(name: bytes = b"", *values: bytes, status: int = 101) -> InformationalResponse:
    """What answers it, with one field put otherwise."""
    return InformationalResponse(status, with_field(RESPONSE_FIELDS, name, *values))


def opening_refused(request: Request) -> RemoteProtocolError:
    """Why a server does not take a request for an opening handshake; the error says what the table of rules says."""
    with pytest.raises(RemoteProtocolError) as refused:
        read_opening(request)
    return as_in_the_table(refused.value)


def answer_refused(response: InformationalResponse | Response, offer: Offer | None = None) -> RemoteProtocolError:
    """Why a client does not take a response for the answer to ``offer``."""
    with pytest.raises(RemoteProtocolError) as refused:
        read_answer(response, offer or Offer(KEY))
    return as_in_the_table(refused.value)


def as_in_the_table(error: RemoteProtocolError) -> RemoteProtocolError:
    rule = RULES[error.rule]
    assert (error.section, error.status, error.code, error.offset) == (rule.section, rule.answer, None, None)
    assert error.message.startswith(rule.sentence)
    return error


def request_bytes(request: Request) -> bytes:
    """A request on the wire.

    Raises:
        LocalProtocolError: HTTP forbids it.
    """
    client = http1.Connection(http1.Role.CLIENT)
    client.send(request)
    client.send(EndOfMessage())
    return client.bytes_to_send()


def read_request(data: bytes) -> Request:
    """A request from the wire."""
    request, _end = http1.Connection(http1.Role.SERVER).receive(data)
    assert isinstance(request, Request)
    return request


def response_bytes(response: InformationalResponse | Response, request: Request | None = None) -> bytes:
    """A response to an opening handshake, if need be to this one, on the wire.

    Raises:
        LocalProtocolError: HTTP forbids it.
    """
    server = http1.Connection(http1.Role.SERVER)
    list(server.receive(request_bytes(request or opening_request(b"/", b"a", Offer(KEY)))))
    server.send(response)
    return server.bytes_to_send()


def read_response(data: bytes) -> InformationalResponse | Response:
    """A response to an opening handshake from the wire."""
    client = http1.Connection(http1.Role.CLIENT)
    client.send(opening_request(b"/", b"a", Offer(KEY)))
    client.send(EndOfMessage())
    response = next(iter(client.receive(data)))
    assert isinstance(response, InformationalResponse | Response)
    return response


def values(message: Request | InformationalResponse | Response, name: bytes) -> list[bytes]:
    """The values of a field, one for each of its lines."""
    return [value for found, value in message.fields if found.lower() == name]


def answer_to(offer: Offer, *lines: tuple[bytes, bytes]) -> InformationalResponse:
    """A valid answer to an offer, with further field lines."""
    fields = with_field(RESPONSE_FIELDS, b"sec-websocket-accept", accept_key(offer.key))
    return InformationalResponse(101, [*fields, *lines])
