"""How the tests of HTTP/1.1 listen to a connection: always both in one piece and byte by byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from wire.errors import LocalProtocolError, RemoteProtocolError
from wire.http1 import (
    Connection,
    Data,
    EndOfMessage,
    Event,
    Limits,
    Request,
    Response,
    Role,
    State,
    SwitchedData,
)

CLOSE = b""
"""Given as a piece: the peer closes its side."""

Message = tuple[bytes | int, bytes]
"""A message in short: its request-target or its status, and its body."""


@dataclass
class Heard:
    """What a connection made of some bytes: events, ``Data`` side by side joined, and the error that ended them."""

    events: list[Event]
    error: RemoteProtocolError | None

    @property
    def verdict(self) -> tuple[str, int | None, str, int | None] | None:
        """The error without its words: rule, status, section, offset."""
        error = self.error
        return None if error is None else (error.rule, error.status, error.section, error.offset)

    @property
    def messages(self) -> list[Message]:
        """The complete messages in short."""
        found: list[Message] = []
        start: bytes | int = b""
        body = b""
        for event in self.events:
            if isinstance(event, Request):
                start, body = event.target, b""
            elif isinstance(event, Response):
                start, body = event.status, b""
            elif isinstance(event, Data):
                body = event.data
            elif isinstance(event, EndOfMessage):
                found.append((start, body))
        return found


def joined(events: Iterable[Event]) -> list[Event]:
    """The events with ``Data`` side by side joined: where one ends is an accident of the network."""
    result: list[Event] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, Data) and isinstance(last, Data):
            result[-1] = Data(last.data + event.data)
        elif isinstance(event, SwitchedData) and isinstance(last, SwitchedData):
            result[-1] = SwitchedData(last.data + event.data)
        else:
            result.append(event)
    return result


def listen(connection: Connection, pieces: Iterable[bytes], answer: Response | None = None) -> Heard:
    """Give ``pieces`` to a connection; a server sends ``answer``, if there is one, to each complete request."""
    events: list[Event] = []
    try:
        for piece in pieces:
            waiting: bytes | None = piece
            while True:
                count = len(events)
                events.extend(connection.receive(waiting))
                if answer is None or not isinstance(events[-1] if len(events) > count else None, EndOfMessage):
                    break
                connection.send(answer)
                connection.send(EndOfMessage())
                waiting = None
    except RemoteProtocolError as error:
        return Heard(joined(events), error)
    return Heard(joined(events), None)


def states(connection: Connection) -> tuple[State, State]:
    """Where this side is, and where the peer is."""
    return connection.our_state, connection.their_state


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """What the block asks a connection to do is refused, and for this reason."""
    with pytest.raises(LocalProtocolError) as refused:
        yield
    assert refused.value.rule == rule


def cut(data: bytes | Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Some bytes, or bytes and ``CLOSE``, in one piece and byte by byte."""
    parts = [data] if isinstance(data, bytes) else list(data)
    single: list[bytes] = []
    for part in parts:
        single.extend([part[at : at + 1] for at in range(len(part))] or [part])
    return parts, single


EMPTY_ANSWER = Response(200, [(b"content-length", b"0")])


def server_hears(
    data: bytes | Sequence[bytes], limits: Limits | None = None, answer: Response | None = EMPTY_ANSWER
) -> Heard:
    """What a server makes of ``data``, which must not depend on how it is cut."""
    limits = limits or Limits()
    whole, single = (listen(Connection(Role.SERVER, limits), pieces, answer) for pieces in cut(data))
    assert (whole.events, whole.verdict) == (single.events, single.verdict)
    return whole


def get_request(method: bytes = b"GET", fields: Sequence[tuple[bytes, bytes]] = ()) -> Request:
    """A request without content that a client may send with any method."""
    target = b"example.org:443" if method == b"CONNECT" else b"/"
    return Request(method, target, [(b"host", b"example.org"), *fields])


def asking_client(request: Request | None = None, limits: Limits | None = None) -> Connection:
    """A client that has sent a request, GET unless told otherwise."""
    client = Connection(Role.CLIENT, limits or Limits())
    client.send(request or get_request())
    client.send(EndOfMessage())
    client.bytes_to_send()
    return client


def client_hears(data: bytes | Sequence[bytes], request: Request | None = None, limits: Limits | None = None) -> Heard:
    """What a client that has sent ``request`` makes of ``data``, which must not depend on how it is cut."""
    whole, single = (listen(asking_client(request, limits), pieces) for pieces in cut(data))
    assert (whole.events, whole.verdict) == (single.events, single.verdict)
    return whole
