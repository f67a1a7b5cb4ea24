"""How the tests of WebSocket listen to a connection: always both in one piece and byte by byte."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wire.errors import RemoteProtocolError
from wire.fuzz.contract import bytewise
from wire.fuzz.websocket.draft import Frame, Meaning, Stream
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Deflate, Event, Limits, Ping, Pong, Role, Text

CLOSE = b""
"""Given as a piece: the peer closes the TCP connection."""


@dataclass
class Heard:
    """What a connection made of some bytes: events, and the error that ended them."""

    events: list[Event]
    error: RemoteProtocolError | None

    @property
    def verdict(self) -> tuple[str, int | None, str, int | None] | None:
        """The error without its words: rule, close code, section, offset."""
        error = self.error
        return None if error is None else (error.rule, error.code, error.section, error.offset)

    @property
    def means(self) -> list[Meaning]:
        """The whole messages and the control frames, in short."""
        return whole_messages(self.events)


def whole_messages(events: Iterable[Event]) -> list[Meaning]:
    """Events in short, the pieces of each message put together; the end of the TCP connection is not told."""
    found: list[Meaning] = []
    so_far = b""
    for event in events:
        if isinstance(event, (Text, Binary)):
            so_far += event.data.encode() if isinstance(event, Text) else event.data
            if event.end:
                found.append((b"text" if isinstance(event, Text) else b"binary", so_far))
                so_far = b""
        elif isinstance(event, Close):
            found.append((b"close %d" % (event.code or 1005), event.reason.encode()))
        elif not isinstance(event, ConnectionClosed):
            found.append((type(event).__name__.lower().encode(), event.payload))
    return found


def listen(connection: Connection, pieces: Iterable[bytes]) -> Heard:
    """Give ``pieces`` to a connection."""
    events: list[Event] = []
    try:
        for piece in pieces:
            events.extend(connection.receive(piece))
    except RemoteProtocolError as error:
        return Heard(events, error)
    return Heard(events, None)


def hears(
    role: Role, data: bytes | Sequence[bytes], limits: Limits | None = None, deflate: Deflate | None = None
) -> Heard:
    """What a connection makes of ``data``, or of bytes and ``CLOSE``, which must not depend on how it is cut."""
    parts = [data] if isinstance(data, bytes) else list(data)
    single = [byte for part in parts for byte in bytewise(part) or [part]]
    whole, slow = (listen(Connection(role, limits or Limits(), deflate=deflate), pieces) for pieces in (parts, single))
    assert (whole.events, whole.verdict) == (slow.events, slow.verdict)
    return whole


def server_hears(data: bytes | Sequence[bytes], limits: Limits | None = None, deflate: Deflate | None = None) -> Heard:
    """What a server makes of it."""
    return hears(Role.SERVER, data, limits, deflate)


def client_hears(data: bytes | Sequence[bytes], limits: Limits | None = None, deflate: Deflate | None = None) -> Heard:
    """What a client makes of it."""
    return hears(Role.CLIENT, data, limits, deflate)


def wire(*frames: Frame, role: Role = Role.SERVER) -> bytes:
    """Frames as they arrive at a server, which are masked, or at a client."""
    return Stream(frames, masked=role is Role.SERVER).wire()


def said(connection: Connection, *events: Event) -> bytes:
    """The bytes that events become."""
    for event in events:
        connection.send(event)
    return connection.bytes_to_send()


def pair(deflate: Deflate | None = None, limits: Limits | None = None) -> tuple[Connection, Connection]:
    """A client and a server that agreed on the same."""
    client, server = (Connection(role, limits or Limits(), deflate=deflate) for role in (Role.CLIENT, Role.SERVER))
    return client, server


PING, PONG = Ping(b"!"), Pong(b"!")
