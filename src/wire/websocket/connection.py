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
from typing import Any, ClassVar

from wire.errors import RemoteProtocolError
from wire.http1.buffer import ReadBuffer
from wire.websocket import chance
from wire.websocket.deflate import Compressor, Decompressor, Deflate
from wire.websocket.events import Binary, Close, ConnectionClosed, Event, Ping, Pong, Text
from wire.websocket.frames import FIN, MOST_CONTROL_PAYLOAD, RSV1, SENDABLE_CLOSE_CODES, Opcode, write_frame
from wire.websocket.incoming import FrameReader
from wire.websocket.limits import Limits
from wire.websocket.rules import refused
from wire.websocket.state import TRANSITIONS, Role, State

_DEFAULT_LIMITS = Limits()
_NO_STATUS = 1005
_ABNORMAL = 1006


class Connection:
    """One side of a WebSocket connection.

    Args:
        role: which side this is.
        limits: how much the peer may send.
        deflate: what the handshake agreed on for compression; None for none (RFC 7692).
        masking_key: gives four bytes that nobody can foresee, for each frame that a client sends (RFC 6455 §5.3);
            to be changed by a test or a tour that has to print the same bytes each time.
    """

    __slots__ = (
        "_buffer", "_close", "_compressor", "_error", "_masking_key", "_out", "_reader", "_sending", "our_state",
        "role", "their_state",
    )  # fmt: skip

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
        self.their_state = State.OPEN
        server = role is Role.SERVER
        self._compressor, decompressor = _machines(deflate, server=server) if deflate is not None else (None, None)
        self._reader = FrameReader(limits, masked=server, decompressor=decompressor)
        self._buffer = ReadBuffer()
        self._out: list[bytes] = []
        self._error: RemoteProtocolError | None = None
        self._close: Close | None = None
        self._sending: type[Text] | type[Binary] | None = None  # the message that has been begun and not ended
        self._masking_key = None if server else masking_key or chance.masking_key

    def receive(self, data: bytes | None = None) -> Iterator[Event]:
        """Take bytes of the peer and hand out the events that are in them, one by one.

        The bytes are taken at once; ``b""`` says that the peer closed the TCP connection; no argument goes on with those
        that wait. After the peer's ``Close`` whatever it still sends is thrown away (RFC 6455 §5.5.1).

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
        if kind not in TRANSITIONS[self.our_state]:
            raise refused("websocket.send.state", f"{kind.__name__} in state {self.our_state.name}")
        self._SEND[kind](self, event)
        self.our_state = TRANSITIONS[self.our_state][kind]

    def bytes_to_send(self) -> bytes:
        """What must go on the socket now; the buffer is empty afterwards."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _events(self) -> Iterator[Event]:
        if self._error is not None:
            raise self._error.again()
        read, buffer = self._reader.read, self._buffer
        try:
            while self.their_state is State.OPEN and (event := read(buffer)) is not None:
                if type(event) is Close:
                    self._close = event
                    self.their_state = State.CLOSING
                yield event
        except RemoteProtocolError as error:
            self._error = error
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
            return ConnectionClosed(_ABNORMAL)
        return ConnectionClosed(self._close.code or _NO_STATUS, self._close.reason)

    def _send_text(self, event: Text) -> None:
        try:
            payload = event.data.encode()
        except UnicodeEncodeError:
            raise refused("websocket.send.not-unicode") from None
        self._send_data(Text, Opcode.TEXT, payload, event.end)

    def _send_binary(self, event: Binary) -> None:
        self._send_data(Binary, Opcode.BINARY, event.data, event.end)

    def _send_data(self, kind: type[Text] | type[Binary], opcode: int, payload: bytes, end: bool) -> None:
        """A frame of a data message, the first of it or one that continues it (RFC 6455 §5.4)."""
        first = opcode
        if self._sending is not None:
            if self._sending is not kind:
                raise refused("websocket.send.not-continued", f"{kind.__name__} after {self._sending.__name__}")
            first = Opcode.CONTINUATION
        if self._compressor is not None:
            payload = self._compressor.compress(payload, end=end)
            if self._sending is None:
                first |= RSV1  # RFC 7692 §6: on the first frame only
        self._sending = None if end else kind
        self._frame(first | FIN if end else first, payload)

    def _send_ping(self, event: Ping) -> None:
        self._control(Opcode.PING, event.payload)

    def _send_pong(self, event: Pong) -> None:
        self._control(Opcode.PONG, event.payload)

    def _send_close(self, event: Close) -> None:
        if event.code is None:
            if event.reason:
                raise refused("websocket.send.close-code", "a reason needs a code")
            self._control(Opcode.CLOSE, b"")
            return
        if event.code not in SENDABLE_CLOSE_CODES:
            raise refused("websocket.send.close-code", str(event.code))
        try:
            reason = event.reason.encode()
        except UnicodeEncodeError:
            raise refused("websocket.send.not-unicode") from None
        self._control(Opcode.CLOSE, event.code.to_bytes(2, "big") + reason)

    def _send_closed(self, _event: ConnectionClosed) -> None:
        """This side closed the TCP connection: nothing to write."""

    def _control(self, opcode: int, payload: bytes) -> None:
        if len(payload) > MOST_CONTROL_PAYLOAD:
            raise refused("websocket.send.control-too-long", f"{len(payload)} bytes")
        self._frame(FIN | opcode, payload)

    def _frame(self, first: int, payload: bytes) -> None:
        key = b"" if self._masking_key is None else self._masking_key()
        self._out.append(write_frame(first, payload, key))

    _SEND: ClassVar[dict[type, Callable[[Connection, Any], None]]] = {
        Text: _send_text,
        Binary: _send_binary,
        Ping: _send_ping,
        Pong: _send_pong,
        Close: _send_close,
        ConnectionClosed: _send_closed,
    }


def _machines(deflate: Deflate, *, server: bool) -> tuple[Compressor, Decompressor]:
    """What compresses for this side, and what inflates for the other."""
    of_server = deflate.server_max_window_bits, deflate.server_no_context_takeover
    of_client = deflate.client_max_window_bits, deflate.client_no_context_takeover
    (our_bits, we_forget), (their_bits, they_forget) = (of_server, of_client) if server else (of_client, of_server)
    return (
        Compressor(our_bits, no_context_takeover=we_forget),
        Decompressor(their_bits, no_context_takeover=they_forget),
    )
