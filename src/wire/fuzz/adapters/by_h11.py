"""h11 as a reader."""

from __future__ import annotations

from collections.abc import Sequence

import h11

from wire.fuzz.readings import Message, Reading

_MOST = 1 << 24


def read_requests(pieces: Sequence[bytes]) -> Reading:
    """What h11's server reads; it answers each request with 200."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST)
    return _read(connection, pieces)


def read_responses(pieces: Sequence[bytes]) -> Reading:
    """What h11's client reads; it asks GET again and again."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST)
    _ask(connection)
    return _read(connection, pieces)


def _ask(connection: h11.Connection) -> None:
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
    connection.send(h11.EndOfMessage())


def _turn(connection: h11.Connection) -> None:
    """Answer, or ask again, so that the next message can be read."""
    if connection.our_role is h11.SERVER and connection.our_state is h11.SEND_RESPONSE:
        connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
        connection.send(h11.EndOfMessage())
    if connection.our_state is h11.DONE and connection.their_state is h11.DONE:
        connection.start_next_cycle()
        if connection.our_role is h11.CLIENT:
            _ask(connection)


def _read(connection: h11.Connection, pieces: Sequence[bytes]) -> Reading:
    reading = Reading()
    message = Message({})
    try:
        for piece in [*filter(None, pieces), b""]:
            connection.receive_data(piece)
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.Request):
                    start = {"method": event.method, "target": event.target, "version": event.http_version}
                    message = Message(start, tuple(event.headers))
                elif isinstance(event, h11.Response):
                    start = {"status": b"%d" % event.status_code, "version": event.http_version}
                    message = Message(start, tuple(event.headers))
                elif isinstance(event, h11.Data):
                    message.body = (message.body or b"") + bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    message.trailers = tuple(event.headers)
                    reading.messages.append(message)
                    _turn(connection)
                elif isinstance(event, h11.ConnectionClosed):
                    return reading
    except h11.RemoteProtocolError as error:
        if "ConnectionClosed" not in str(error) or not reading.messages:  # the client asks once more than it has to
            reading.error = str(error) or "RemoteProtocolError"
    return reading
