"""Events to frames: payloads encoded, compressed and masked, and headers before them.

The mirror of ``incoming``, for the other direction. What may not be sent is refused before anything has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wire.websocket import close_codes
from wire.websocket.deflate import Compressor
from wire.websocket.events import Binary, Close, ConnectionClosed, Ping, Pong, Text
from wire.websocket.frames import FIN, MOST_CONTROL_PAYLOAD, RSV1, Opcode, write_frame
from wire.websocket.rules import refused
from wire.websocket.shared import SharedMessage

_WHOLE_TEXT = FIN | Opcode.TEXT
_WHOLE_BINARY = FIN | Opcode.BINARY


class FrameWriter:
    """Makes frames of events, for one direction of one connection.

    Args:
        masking_key: gives the key for each frame; None where frames are not masked: this side is a server.
        compressor: compresses messages; None where no extension was agreed on.

    Attributes:
        out: the frames that wait to be sent.
    """

    __slots__ = ("_compressor", "_masking_key", "_unfinished", "out")

    def __init__(self, masking_key: Callable[[], bytes] | None, compressor: Compressor | None) -> None:
        self._masking_key = masking_key
        self._compressor = compressor
        self._unfinished: type[Text] | type[Binary] | None = None  # the kind of message that was begun and not ended
        self.out: list[bytes] = []

    def text(self, event: Text) -> None:
        """A text message, or a piece of it."""
        try:
            payload = event.data.encode()
        except UnicodeEncodeError:
            raise refused("websocket.send.not-unicode") from None
        self._data(Text, _WHOLE_TEXT, payload, event.end)

    def binary(self, event: Binary) -> None:
        """A binary message, or a piece of it."""
        self._data(Binary, _WHOLE_BINARY, event.data, event.end)

    def shared(self, message: SharedMessage) -> None:
        """A whole message whose frame others get too, unless this side has to mask its own."""
        if self._unfinished is not None:
            raise refused("websocket.send.not-continued", "a whole message inside another one")
        if self._masking_key is not None:  # RFC 6455 §5.3: each frame has a key of its own
            WRITE[type(message.event)](self, message.event)
            return
        frame = message.plain
        if self._compressor is not None:
            frame = message.compressed(self._compressor.window_bits)
            if frame is not message.plain:
                self._compressor.forget()
        self.out.append(frame)

    def ping(self, event: Ping) -> None:
        """A ping."""
        self._control(Opcode.PING, event.payload)

    def pong(self, event: Pong) -> None:
        """A pong."""
        self._control(Opcode.PONG, event.payload)

    def close(self, event: Close) -> None:
        """A close frame (RFC 6455 §5.5.1)."""
        if event.code is None:
            if event.reason:
                raise refused("websocket.send.close-code", "a reason needs a code")
            self._control(Opcode.CLOSE, b"")
            return
        if event.code not in close_codes.SENDABLE:
            raise refused("websocket.send.close-code", str(event.code))
        try:
            reason = event.reason.encode()
        except UnicodeEncodeError:
            raise refused("websocket.send.not-unicode") from None
        self._control(Opcode.CLOSE, event.code.to_bytes(2, "big") + reason)

    def closed(self, _event: ConnectionClosed) -> None:
        """This side closed the TCP connection: there is nothing to write."""

    def _data(self, kind: type[Text] | type[Binary], first: int, payload: bytes, end: bool) -> None:
        """A frame of a data message, the first of it or one that continues it (RFC 6455 §5.4)."""
        if self._unfinished is not None:
            if self._unfinished is not kind:
                raise refused("websocket.send.not-continued", f"{kind.__name__} after {self._unfinished.__name__}")
            first = FIN | Opcode.CONTINUATION
        if self._compressor is not None:
            payload = self._compressor.compress(payload, end=end)
            if self._unfinished is None:
                first |= RSV1  # RFC 7692 §6: on the first frame only
        if end:
            self._unfinished = None
        else:
            self._unfinished = kind
            first ^= FIN
        key = self._masking_key
        self.out.append(write_frame(first, payload) if key is None else write_frame(first, payload, key()))

    def _control(self, opcode: int, payload: bytes) -> None:
        if len(payload) > MOST_CONTROL_PAYLOAD:
            raise refused("websocket.send.control-too-long", f"{len(payload)} bytes")
        key = self._masking_key
        self.out.append(write_frame(FIN | opcode, payload, b"" if key is None else key()))


WRITE: dict[type, Callable[[FrameWriter, Any], None]] = {
    Text: FrameWriter.text,
    Binary: FrameWriter.binary,
    Ping: FrameWriter.ping,
    Pong: FrameWriter.pong,
    Close: FrameWriter.close,
    ConnectionClosed: FrameWriter.closed,
}
"""How each event is written."""
