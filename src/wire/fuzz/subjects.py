"""HTTP/1.1 connections as subjects of the contract: a server that answers, a client that asks, and silent ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wire.fuzz.contract import Subject
from wire.http1 import Connection, Data, EndOfMessage, Event, Limits, Request, Response, Role, State, SwitchedData

JOINABLE = (Data, SwitchedData)
"""Events that are one piece of something longer."""

_ANSWER = Response(200, [(b"content-length", b"0")])


def one_by_one(connection: Connection, data: bytes) -> Iterator[Event]:
    """The events in ``data``, where the consumer does something between the end of a message and what follows it."""
    waiting: bytes | None = data
    while True:
        ended = False
        for event in connection.receive(waiting):
            yield event
            if isinstance(event, EndOfMessage):
                ended = True
                break
        if not ended:
            return
        waiting = None


class AnsweringServer:
    """A server that answers each request with 200 as soon as it is complete."""

    __slots__ = ("connection",)

    def __init__(self, limits: Limits | None = None) -> None:
        self.connection = Connection(Role.SERVER, limits or Limits())

    def receive(self, data: bytes) -> Iterator[Event]:
        """The events in ``data``, answers given."""
        connection = self.connection
        for event in one_by_one(connection, data):
            yield event
            if isinstance(event, EndOfMessage) and connection.our_state is State.SEND_RESPONSE:
                connection.send(_ANSWER)
                connection.send(EndOfMessage())
                connection.bytes_to_send()


class AskingClient:
    """A client that sends the next of its requests as soon as the one before is answered."""

    __slots__ = ("_left", "connection")

    def __init__(self, requests: Sequence[Request], limits: Limits | None = None) -> None:
        self.connection = Connection(Role.CLIENT, limits or Limits())
        self._left = list(requests)
        self._ask()

    def _ask(self) -> None:
        if self._left and self.connection.our_state is State.IDLE:
            self.connection.send(self._left.pop(0))
            self.connection.send(EndOfMessage())
            self.connection.bytes_to_send()

    def receive(self, data: bytes) -> Iterator[Event]:
        """The events in ``data``, further requests sent."""
        for event in one_by_one(self.connection, data):
            yield event
            if isinstance(event, EndOfMessage):
                self._ask()


_HOST = (b"host", b"a")
GET = Request(b"GET", b"/", [_HOST])
HEAD = Request(b"HEAD", b"/", [_HOST])
CONNECT = Request(b"CONNECT", b"a:443", [_HOST])
UPGRADE = Request(b"GET", b"/", [_HOST, (b"connection", b"upgrade"), (b"upgrade", b"x")])


def server(limits: Limits | None = None) -> Subject:
    """A server that answers."""
    return Subject("http1 server", lambda: AnsweringServer(limits), JOINABLE)


def silent_server(limits: Limits | None = None) -> Subject:
    """A server that never answers: what is pipelined waits."""
    return Subject("http1 server, silent", lambda: Connection(Role.SERVER, limits or Limits()), JOINABLE)


def client(requests: Sequence[Request] = (GET, GET, GET), limits: Limits | None = None) -> Subject:
    """A client that asks ``requests``."""
    names = " ".join(request.method.decode() for request in requests)
    return Subject(f"http1 client asking {names}", lambda: AskingClient(requests, limits), JOINABLE)
