"""An HTTP/1.1 connection, client or server: bytes to events and events to bytes (RFC 9112).

    connection = Connection(Role.SERVER)
    for event in connection.receive(data):
        ...
    connection.send(Response(200, [(b"content-length", b"2")], b"OK"))
    connection.send(Data(b"hi"))
    connection.send(EndOfMessage())
    socket.send(connection.bytes_to_send())

What may follow what stands in ``wire.http1.state``; this module carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeAlias

from wire.errors import RemoteProtocolError
from wire.http1.body_reader import EMPTY_READER, BodyReader, body_reader
from wire.http1.body_writer import BodyWriter, body_writer
from wire.http1.buffer import ReadBuffer
from wire.http1.events import (
    ConnectionClosed,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Request,
    Response,
    SwitchedData,
)
from wire.http1.exchange import Exchange, offered_protocols
from wire.http1.framing import NO_BODY, TUNNEL, UNTIL_CLOSE, persists
from wire.http1.head_reader import REQUEST_HEAD, RESPONSE_HEAD, HeadReader
from wire.http1.head_writer import interim_head, request_head, response_head
from wire.http1.limits import Limits
from wire.http1.rules import broken, refused
from wire.http1.state import FIRST_TURN, Role, State

_DEFAULT_LIMITS = Limits()
_NO_EXCHANGE = Exchange()
_REQUEST_COMPLETE = (State.DONE, State.CLOSED)  # of the client, once the server may answer
_Read: TypeAlias = "Callable[[Connection], Event | None]"


class Connection:
    """One side of an HTTP/1.1 connection.

    Args:
        role: which side this is.
        limits: how much the peer may send.
    """

    __slots__ = (
        "_buffer", "_continue_expected", "_error", "_exchange", "_heads", "_limits", "_out", "_peer_version", "_read",
        "_reader", "_turn", "_writer", "role",
    )  # fmt: skip

    def __init__(self, role: Role, limits: Limits = _DEFAULT_LIMITS) -> None:
        self.role = role
        self._limits = limits
        self._turn = FIRST_TURN[role]
        self._read = self._READ[role]
        self._buffer = ReadBuffer()
        self._out: list[bytes] = []
        self._error: RemoteProtocolError | None = None
        self._continue_expected = False
        self._peer_version: bytes | None = None
        self._exchange = _NO_EXCHANGE
        self._heads: HeadReader[Any] = HeadReader(REQUEST_HEAD if role is Role.SERVER else RESPONSE_HEAD, limits)
        self._reader: BodyReader = EMPTY_READER
        self._writer: BodyWriter = body_writer(NO_BODY)

    @property
    def our_state(self) -> State:
        """Where this side is in its message."""
        return self._turn.ours

    @property
    def their_state(self) -> State:
        """Where the peer is in its message, as far as ``receive`` was followed."""
        return self._turn.theirs

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may serve another request (RFC 9112 §9.3); False once either side has ruled it out."""
        return self._turn.keep_alive

    @property
    def peer_version(self) -> bytes | None:
        """The version in the peer's last head, such as ``b"1.1"``; None before the first."""
        return self._peer_version

    @property
    def continue_expected(self) -> bool:
        """Whether the client holds its body back until it hears 100 or a final status (RFC 9110 §10.1.1)."""
        return self._continue_expected

    @property
    def waiting(self) -> int:
        """Number of bytes that were received and not yet read: pipelined requests, or the beginning of a line."""
        return len(self._buffer)

    def receive(self, data: bytes | None = None) -> Iterator[Event]:
        """Take bytes of the peer and hand out the events that are in them, one by one.

        The bytes are taken at once; ``b""`` says that the peer closed its side; no argument goes on with those that
        wait. The events end where more bytes are needed, and, for a server, after each request until it is answered.

        Raises:
            RemoteProtocolError: while iterating, the peer broke a rule; all events before that byte have been handed
                out. From then on every call raises it again.
            LocalProtocolError: at once, for bytes after ``b""``.
        """
        if data is not None and self._error is None:
            if data and self._buffer.eof:
                raise refused("http1.receive.after-close")
            self._buffer.feed(data)
        return self._events()

    def send(self, event: Event) -> None:
        """Say ``event``: its bytes are added to those that ``bytes_to_send`` gives.

        Raises:
            LocalProtocolError: it may not follow what was said before, or is malformed; nothing has changed.
        """
        kind = type(event)
        if kind not in self._turn.send:
            raise refused("http1.send.state", f"{kind.__name__} in state {self._turn.ours.name}")
        self._SEND[kind](self, event)

    def bytes_to_send(self) -> bytes:
        """What must go on the socket now; the buffer is empty afterwards."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _events(self) -> Iterator[Event]:
        if self._error is not None:
            raise self._error.again()
        read = self._read
        try:
            while (event := read[self._turn.theirs](self)) is not None:
                yield event
        except RemoteProtocolError as error:
            self._error = error.again()
            self._turn = self._turn.failed()
            self._continue_expected = False
            self._buffer = ReadBuffer()
            raise

    def _peer_closed(self) -> Event:
        self._turn = self._turn.last().receive[ConnectionClosed]
        return ConnectionClosed()

    def _read_request(self) -> Event | None:
        head = self._heads.read(self._buffer)
        if head is None:
            return self._end_between_heads() if self._buffer.eof else None
        (method, target, version), fields, said, framing = head
        self._peer_version = version
        self._exchange = Exchange(method, version, said.upgrade and offered_protocols(said, version))
        if framing is NO_BODY:
            self._reader = EMPTY_READER
        else:
            self._reader = body_reader(framing, self._limits)
            # RFC 9110 §10.1.1: HTTP/1.0 knows no expectations, and without content there is nothing to wait for.
            self._continue_expected = b"100-continue" in said.expect and version != b"1.0"
        turn = self._turn if persists(said, version) else self._turn.last()
        self._turn = turn.receive[Request]
        return Request(method, target, fields, version)

    def _end_between_heads(self) -> Event:
        """The peer has closed its side where a head could have begun; inside one it may not (RFC 9112 §8)."""
        if self._heads.has_begun() or len(self._buffer):
            raise broken("http1.eof.in-head", self._buffer.offset + len(self._buffer))
        if self.role is Role.CLIENT:
            raise broken("http1.eof.no-response", self._buffer.offset)
        return self._peer_closed()

    def _read_response(self) -> Event | None:
        head = self._heads.read(self._buffer, self._exchange.method)
        if head is None:
            return self._end_between_heads() if self._buffer.eof else None
        (status, reason, version), fields, said, framing = head
        self._peer_version = version
        if status < 200:
            return self._interim_response(InformationalResponse(status, fields, reason, version))
        self._reader = body_reader(framing, self._limits)
        if framing is TUNNEL:
            self._peer_switches()
        else:
            persistent = persists(said, version) and framing is not UNTIL_CLOSE
            self._turn = (self._turn if persistent else self._turn.last()).receive[Response]
        return Response(status, fields, reason, version)

    def _interim_response(self, response: InformationalResponse) -> Event:
        exchange = self._exchange
        exchange.interim += 1
        if exchange.interim > self._limits.interim_responses:
            raise broken("http1.response.too-many-interim", self._buffer.offset)
        if response.status == 101:
            if not exchange.upgrade:
                raise broken("http1.switch.unasked", self._buffer.offset)
            self._peer_switches()
        return response

    def _peer_switches(self) -> None:
        if self._turn.ours not in _REQUEST_COMPLETE:
            raise broken("http1.switch.too-early", self._buffer.offset)
        self._turn = self._turn.switched()

    def _read_body(self) -> Event | None:
        event = self._reader.read(self._buffer)
        if event is not None:
            self._continue_expected = False
            self._turn = self._turn.receive[type(event)]
        return event

    def _wait_for_answer(self) -> Event | None:
        """A request waits until the one before it is answered (RFC 9112 §9.3.2)."""
        buffer, limit = self._buffer, self._limits.pipelined
        waiting = len(buffer.data) - buffer.pos
        if waiting > limit:
            raise broken("http1.pipeline.too-much", buffer.offset + limit, f"the limit is {limit} bytes")
        return self._peer_closed() if buffer.eof and not waiting else None

    def _read_unasked(self) -> Event | None:
        """No response is outstanding: only empty lines may come (RFC 9112 §9.2)."""
        buffer = self._buffer
        while (found := bytes(buffer.data[buffer.pos : buffer.pos + 2])) == b"\r\n":
            buffer.pos += 2
        if found not in (b"", b"\r"):
            raise broken("http1.response.unasked", buffer.offset)
        return self._peer_closed() if buffer.eof else None

    def _discard(self) -> Event | None:
        """After "close" nothing further is processed (RFC 9112 §9.6)."""
        self._buffer.take(len(self._buffer))
        return self._peer_closed() if self._buffer.eof else None

    def _read_switched(self) -> Event | None:
        if len(self._buffer):
            return SwitchedData(self._buffer.take(len(self._buffer)))
        return self._peer_closed() if self._buffer.eof else None

    def _read_nothing(self) -> None:
        """The peer has closed its side: there is nothing to read any more."""

    def _send_request(self, request: Request) -> None:
        head, said, framing = request_head(request, self._peer_version)
        self._exchange = Exchange(request.method, request.version, offered_protocols(said, request.version))
        self._writer = body_writer(framing)
        turn = self._turn if persists(said, request.version) else self._turn.last()
        self._turn = turn.send[Request]
        self._out.append(head)

    def _send_interim(self, response: InformationalResponse) -> None:
        head = interim_head(response, self._exchange)
        if response.status == 101:
            self._switch()
        self._continue_expected = False
        self._out.append(head)

    def _send_response(self, response: Response) -> None:
        # A response to what never became a request is the last one: nobody knows where the next would begin.
        unasked = self._turn.ours is State.IDLE
        exchange = _NO_EXCHANGE if unasked else self._exchange
        head, persistent, framing = response_head(response, exchange, self._turn.keep_alive and not unasked)
        if framing is TUNNEL:
            self._switch()
        else:
            self._turn = (self._turn if persistent else self._turn.last()).send[Response]
        self._writer = body_writer(framing)
        self._continue_expected = False
        self._out.append(head)

    def _switch(self) -> None:
        if self._turn.theirs not in _REQUEST_COMPLETE:
            raise refused("http1.send.switch", "the request is not complete")
        self._turn = self._turn.switched()

    def _send_data(self, event: Data) -> None:
        self._out.append(self._writer.data(event.data))

    def _send_end(self, event: EndOfMessage) -> None:
        self._out.append(self._writer.end(event.trailers))
        self._turn = self._turn.send[EndOfMessage]

    def _send_switched(self, event: SwitchedData) -> None:
        self._out.append(event.data)

    def _send_closed(self, _event: ConnectionClosed) -> None:
        self._turn = self._turn.last().send[ConnectionClosed]

    _READ_ALIKE: ClassVar[dict[State, _Read]] = {
        State.SEND_BODY: _read_body,
        State.MUST_CLOSE: _discard,
        State.SWITCHED: _read_switched,
        State.CLOSED: _read_nothing,
    }
    _READ: ClassVar[dict[Role, dict[State, _Read]]] = {
        Role.SERVER: {State.IDLE: _read_request, State.DONE: _wait_for_answer, **_READ_ALIKE},
        Role.CLIENT: {
            State.IDLE: _read_unasked,
            State.SEND_RESPONSE: _read_response,
            State.DONE: _read_unasked,
            **_READ_ALIKE,
        },
    }
    _SEND: ClassVar[dict[type, Callable[[Connection, Any], None]]] = {
        Request: _send_request,
        InformationalResponse: _send_interim,
        Response: _send_response,
        Data: _send_data,
        EndOfMessage: _send_end,
        SwitchedData: _send_switched,
        ConnectionClosed: _send_closed,
    }
