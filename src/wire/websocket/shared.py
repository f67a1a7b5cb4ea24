"""One message for many connections of a server: its frame is made once, and compressed once for each size of window.

A message that was compressed on its own, from an empty window, can be inflated whatever the peer's window holds, since
nothing in it points back before its beginning (RFC 7692 §7.2.2). But the peer's window holds it from then on, and ours
doesn't know of it; so the compressor of a connection that keeps its window forgets it, and the next message that is
compressed for this connection alone begins from an empty window too. Where compression gains nothing, the message goes
out as it is, which touches no window (RFC 7692 §6).
"""

from __future__ import annotations

from wire.websocket.deflate import Compressor
from wire.websocket.events import Binary, Text
from wire.websocket.frames import FIN, RSV1, Opcode, write_frame
from wire.websocket.rules import refused


class SharedMessage:
    """A whole message, for ``Connection.send_shared``.

    Args:
        message: what to send.

    Attributes:
        event: the message.
        plain: its one frame, not compressed and not masked.

    Raises:
        LocalProtocolError: the text has no UTF-8 form (RFC 6455 §8.1).
    """

    __slots__ = ("_compressed", "_first", "_payload", "event", "plain")

    def __init__(self, message: Text | Binary) -> None:
        if isinstance(message, Text):
            try:
                self._payload = message.data.encode()
            except UnicodeEncodeError:
                raise refused("websocket.send.not-unicode") from None
            self._first = FIN | Opcode.TEXT
        else:
            self._payload = message.data
            self._first = FIN | Opcode.BINARY
        self.event = message
        self.plain = write_frame(self._first, self._payload)
        self._compressed: dict[int, bytes] = {}

    def compressed(self, window_bits: int) -> bytes:
        """Its frame for a window of this size; ``plain`` itself where compression makes it no shorter."""
        frame = self._compressed.get(window_bits)
        if frame is None:
            payload = Compressor(window_bits, no_context_takeover=True).compress(self._payload, end=True)
            frame = write_frame(self._first | RSV1, payload)
            self._compressed[window_bits] = frame = frame if len(frame) < len(self.plain) else self.plain
        return frame
