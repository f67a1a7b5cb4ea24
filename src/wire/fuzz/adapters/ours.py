"""``wire.http1`` as a reader: a server that answers at once, and a client that asks GET again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wire.errors import RemoteProtocolError
from wire.fuzz.readings import Message, Reading
from wire.fuzz.subjects import GET, AnsweringServer, AskingClient
from wire.http1 import ConnectionClosed, Data, EndOfMessage, Event, Request, Response


def read_requests(pieces: Sequence[bytes]) -> Reading:
    """What a server reads."""
    receiver = AnsweringServer()
    return _reading(event for piece in [*filter(None, pieces), b""] for event in receiver.receive(piece))


def read_responses(pieces: Sequence[bytes]) -> Reading:
    """What a client reads that has asked GET as often as there are responses."""
    receiver = AskingClient([GET] * 20)
    return _reading(event for piece in [*filter(None, pieces), b""] for event in receiver.receive(piece))


def _reading(events: Iterator[Event]) -> Reading:
    reading = Reading()
    message = Message({})
    try:
        for event in events:
            if isinstance(event, Request):
                start = {"method": event.method, "target": event.target, "version": event.version}
                message = Message(start, tuple(event.fields))
            elif isinstance(event, Response):
                message = Message({"status": b"%d" % event.status, "version": event.version}, tuple(event.fields))
            elif isinstance(event, Data):
                message.body = (message.body or b"") + event.data
            elif isinstance(event, EndOfMessage):
                message.trailers = tuple(event.trailers)
                reading.messages.append(message)
            elif isinstance(event, ConnectionClosed):
                break
    except RemoteProtocolError as error:
        if error.rule != "http1.eof.no-response" or not reading.messages:  # the client asks once more than it has to
            reading.error = error.rule
    return reading
