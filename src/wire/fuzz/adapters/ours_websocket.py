"""``wire.websocket`` as a reader of frames and of opening handshakes."""

from __future__ import annotations

from collections.abc import Sequence

from wire.errors import RemoteProtocolError
from wire.fuzz.readings import Reading
from wire.fuzz.websocket.reading import (
    AGREED,
    AVAILABLE,
    OFFER,
    Listener,
    answer_of,
    is_response,
    role_of,
    tell_agreement,
)
from wire.http1 import Connection as Http
from wire.http1 import EndOfMessage, InformationalResponse, Request, Response
from wire.http1 import Role as HttpRole
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Deflate, Text
from wire.websocket.handshake import agree, opening_request, opening_response, read_answer, read_opening


def read_frames(pieces: Sequence[bytes], deflate: Deflate | None = AGREED) -> Reading:
    """What the side reads that these frames are meant for."""
    connection = Connection(role_of(b"".join(pieces)), deflate=deflate)
    listener = Listener()
    try:
        for piece in [*filter(None, pieces), b""]:
            for event in connection.receive(piece):
                if isinstance(event, Text):
                    listener.data(b"text", event.data.encode(), end=event.end)
                elif isinstance(event, Binary):
                    listener.data(b"binary", event.data, end=event.end)
                elif isinstance(event, Close):
                    listener.close(event.code or 1005, event.reason)
                elif not isinstance(event, ConnectionClosed):
                    listener.control(type(event).__name__.lower().encode(), event.payload)
    except RemoteProtocolError as error:
        return listener.reading(error.rule, error.code)
    return listener.reading()


def read_handshake(pieces: Sequence[bytes]) -> Reading:
    """What a server reads of a request and answers to it, or a client of a response."""
    try:
        return _client(pieces) if is_response(b"".join(pieces)) else _server(pieces)
    except RemoteProtocolError as error:
        return Reading(error=error.rule, answer=error.status)


def _server(pieces: Sequence[bytes]) -> Reading:
    http = Http(HttpRole.SERVER)
    for piece in filter(None, pieces):
        for event in http.receive(piece):
            if isinstance(event, Request):
                offer = read_opening(event)
                response = opening_response(offer, agree(offer, AVAILABLE, Deflate()))
                return answer_of(response.fields)
    return Reading(error="it breaks off")


def _client(pieces: Sequence[bytes]) -> Reading:
    http = Http(HttpRole.CLIENT)
    http.send(opening_request(b"/", b"a", OFFER))
    http.send(EndOfMessage())
    for piece in filter(None, pieces):
        for event in http.receive(piece):
            if isinstance(event, (InformationalResponse, Response)):
                return tell_agreement(read_answer(event, OFFER))
    return Reading(error="it breaks off")
