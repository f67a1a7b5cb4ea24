"""A WebSocket connection after its handshake, client or server: bytes to events and events to bytes (RFC 6455).

    connection = Connection(Role.SERVER)
    for event in connection.receive(data):
        ...
    connection.send(Text("hello"))
    socket.send(connection.bytes_to_send())

Nothing is answered by itself: whoever gets a ``Ping`` sends the ``Pong``, whoever gets a ``Close`` sends one back, and
after an error ``Close(error.code)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wire.errors import RemoteProtocolError
from wire.http1.buffer import ReadBuffer
from wire.websocket import chance, close_codes
from wire.websocket.deflate import Compressor, Decompressor, Deflate
from wire.websocket.events import Close, ConnectionClosed, Event
from wire.websocket.incoming import FrameReader
from wire.websocket.limits import Limits
from wire.websocket.outgoing import WRITE, FrameWriter
from wire.websocket.rules import refused
from wire.websocket.shared import SharedMessage
from wire.websocket.state import TRANSITIONS, Role, State

_DEFAULT_LIMITS = Limits()


class Connection:
    """One side of a WebSocket connection.

    Args:
        role: which side this is.
        limits: how much the peer may send.
        deflate: what the handshake agreed on for compression; None for none (RFC 7692).
        masking_key: gives four bytes that nobody can foresee, for each frame that a client sends (RFC 6455 §5.3);
            to be changed by a test or a tour that has to print the same bytes each time.
    """

    __slots__ = ("_buffer", "_close", "_error", "_may_follow", "_reader", "_writer", "our_state", "role", "their_state")

    def __init__(
        self,
        role: Role,
        limits: Limits = _DEFAULT_LIMITS,
        *,
        deflate: Deflate | None = None,
        masking_key: Callable[[], bytes] | None = None,
    ) -> None:
        self.role = role
        self.our_state = State.OPEN
        self._may_follow = TRANSITIONS[State.OPEN]  # what may be said now, and the state that it leads to
        self.their_state = State.OPEN
        server = role is Role.SERVER
        compressor, decompressor = (None, None) if deflate is None else _machines(deflate, server=server)
        self._reader = FrameReader(limits, masked=server, decompressor=decompressor)
        self._writer = FrameWriter(None if server else masking_key or chance.masking_keys().__next__, compressor)
        self._buffer = ReadBuffer()
        self._error: RemoteProtocolError | None = None
        self._close: Close | None = None

    def receive(self, data: bytes | None = None) -> Iterator[Event]:
        """Take bytes of the peer and hand out the events that are in them, one by one.

        The bytes are taken at once; ``b""`` says that the peer closed the TCP connection; no argument goes on with
        those that wait. After the peer's ``Close`` whatever it still sends is thrown away (RFC 6455 §1.4).

        Raises:
            RemoteProtocolError: while iterating, the peer broke a rule; all events before that have been handed out.
                ``code`` is the close code that says so. From then on every call raises it again.
            LocalProtocolError: at once, for bytes after ``b""``.
        """
        if data is not None and self._error is None:
            if data and self._buffer.eof:
                raise refused("websocket.receive.after-close")
            self._buffer.feed(data)
        return self._events()

    def send(self, event: Event) -> None:
        """Say ``event``: its bytes are added to those that ``bytes_to_send`` gives.

        Raises:
            LocalProtocolError: it may not follow what was said before, or is malformed; nothing has changed.
        """
        kind = type(event)
        following = self._may_follow.get(kind)
        if following is None:
            raise refused("websocket.send.state", f"{kind.__name__} in state {self.our_state.name}")
        WRITE[kind](self._writer, event)
        if following is not self.our_state:
            self.our_state = following
            self._may_follow = TRANSITIONS[following]

    def send_shared(self, message: SharedMessage) -> None:
        """Say a whole message that others are told too; a server adds the very bytes that all of them get.

        Raises:
            LocalProtocolError: no message may be said now; nothing has changed.
        """
        if self.our_state is not State.OPEN:
            raise refused("websocket.send.state", f"a message in state {self.our_state.name}")
        self._writer.shared(message)

    def bytes_to_send(self) -> bytes:
        """What must go on the socket now; the buffer is empty afterwards."""
        out = self._writer.out
        data = b"".join(out)
        out.clear()
        return data

    def _events(self) -> Iterator[Event]:
        if self._error is not None:
            raise self._error.again()
        reader, buffer = self._reader, self._buffer
        try:
            while buffer.pos < len(buffer.data) and self.their_state is State.OPEN:
                event = reader.read_message(buffer) or reader.read(buffer)
                if event is None:
                    break
                if type(event) is Close:
                    self._close = event
                    self.their_state = State.CLOSING
                yield event
        except RemoteProtocolError as error:
            self._error = error.again()
            self._buffer = ReadBuffer()
            self.their_state = State.ERROR
            raise
        if self.their_state is State.CLOSING:
            buffer.take(len(buffer))
        if buffer.eof and self.their_state is not State.CLOSED:
            self.their_state = State.CLOSED
            yield self._closed()

    def _closed(self) -> ConnectionClosed:
        """What the user hears of the end (RFC 6455 §7.1.5, §7.1.6)."""
        if self._close is None:
            return ConnectionClosed(close_codes.ABNORMAL)
        return ConnectionClosed(self._close.code or close_codes.NO_STATUS, self._close.reason)


def _machines(deflate: Deflate, *, server: bool) -> tuple[Compressor | None, Decompressor | None]:
    """What compresses for this side, and what inflates for the other."""
    of_server = deflate.server_max_window_bits, deflate.server_no_context_takeover
    of_client = deflate.client_max_window_bits, deflate.client_no_context_takeover
    (our_bits, we_forget), (their_bits, they_forget) = (of_server, of_client) if server else (of_client, of_server)
    return (
        Compressor(our_bits, no_context_takeover=we_forget),
        Decompressor(their_bits, no_context_takeover=they_forget),
    )
