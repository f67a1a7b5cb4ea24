"""One direction of a WebSocket connection followed by the codec, frame by frame, with the state before and after each.

The codec reads as the other side would. It is given one frame at a time, so that its events, of which there is one for
each frame, have a place.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from wire.errors import RemoteProtocolError
from wire.websocket import Close, Connection, Deflate, Event, Limits, Role, Text
from wire.websocket.deflate import Decompressor, TooLong
from wire.websocket.frames import (
    FIN,
    FIRST_CONTROL_OPCODE,
    OPCODE,
    RSV1,
    FrameHeader,
    Opcode,
    apply_mask,
    read_frame_header,
)

GENEROUS = Limits(frame=1 << 26, message=1 << 26, frames=1 << 20)
"""How much is explained: what one server would take is no rule of the protocol."""

_LONGEST_HEADER = 14


@dataclass(frozen=True, slots=True)
class Progress:
    """What gives a frame its meaning.

    Attributes:
        opcode: what the message in progress is; None where there is none.
        compressed: whether it is compressed.
        size: bytes of it so far, inflated.
        unfinished: the first bytes of a character of it whose others are still to come.
        window: bytes that the next compressed ones may refer to (RFC 7692 §7.2.2).
    """

    opcode: int | None = None
    compressed: bool = False
    size: int = 0
    unfinished: bytes = b""
    window: int = 0


@dataclass(slots=True)
class Frame:
    """A frame as far as it is there.

    Attributes:
        start: index of its first byte.
        header: what its first bytes say; where some of them are missing, as if they were zeros.
        end: index behind the last of its bytes that are there.
        before: the state in which it comes.
        after: the state behind it; that before it where it breaks a rule.
        may_be_compressed: whether the handshake gave RSV1 a meaning.
        payload: what is there of it, unmasked.
        inflated: what that inflates to; None where it is not compressed, or is not DEFLATE data.
        event: what it means; None where it is not complete or breaks a rule.
        error: the rule that it breaks; None where it breaks none.
        fault_at: index of the byte at fault, where there is an error.
    """

    start: int
    header: FrameHeader
    end: int
    before: Progress
    after: Progress
    may_be_compressed: bool = False
    payload: bytes = b""
    inflated: bytes | None = None
    event: Event | None = None
    error: RemoteProtocolError | None = None
    fault_at: int = 0

    @property
    def payload_start(self) -> int:
        """Index behind the header."""
        return self.start + self.header.size

    @property
    def opcode(self) -> int:
        """What the frame is."""
        return self.header.first & OPCODE

    @property
    def is_control(self) -> bool:
        """Whether it may stand between the frames of a message (RFC 6455 §5.5)."""
        return self.opcode >= FIRST_CONTROL_OPCODE

    @property
    def is_last(self) -> bool:
        """Whether FIN is set."""
        return self.header.first >= FIN

    @property
    def message(self) -> int | None:
        """The opcode of the message that it is of, where it is of one."""
        return self.before.opcode if self.opcode == Opcode.CONTINUATION else self.opcode

    @property
    def compressed(self) -> bool:
        """Whether it is of a compressed message (RFC 7692 §6: RSV1 on its first frame)."""
        if self.is_control:
            return False
        return self.before.compressed if self.opcode == Opcode.CONTINUATION else self.header.first & RSV1 != 0

    @property
    def missing(self) -> int:
        """Bytes of the payload that are still to come."""
        return self.payload_start + self.header.length - max(self.end, self.payload_start)

    @property
    def content(self) -> bytes:
        """The payload, inflated where it is compressed."""
        return self.payload if self.inflated is None else self.inflated


class Follower:
    """The codec at work on one direction. Its arguments are those of ``wire.explain.websocket.explain``.

    Attributes:
        state: what is known behind the last frame.
        done: whether the sender has sent a close frame, behind which nothing is read.
    """

    def __init__(self, data: bytes, sender: Role, deflate: Deflate | None, start: int, limits: Limits) -> None:
        self.state = Progress()
        self.done = False
        self._data = data
        self._start = start
        self._limits = limits
        self._deflate = deflate
        receiver = Role.SERVER if sender is Role.CLIENT else Role.CLIENT
        self._connection = Connection(receiver, limits, deflate=deflate)
        agreed = deflate or Deflate()
        by_client = sender is Role.CLIENT
        self._window_bits = agreed.client_max_window_bits if by_client else agreed.server_max_window_bits
        self._forgets = agreed.client_no_context_takeover if by_client else agreed.server_no_context_takeover
        self._inflater = Decompressor(self._window_bits, no_context_takeover=self._forgets)

    def frames(self) -> Iterator[Frame]:
        """The frames, the last of which may be incomplete, or break a rule."""
        at = self._start
        while at < len(self._data) and not self.done:
            frame = self._next(at)
            yield frame
            if frame.error is not None:
                return
            at, self.state = frame.end, frame.after
            self.done = isinstance(frame.event, Close)

    def _next(self, at: int) -> Frame:
        beginning = self._data[at : at + _LONGEST_HEADER]
        header = read_frame_header(beginning + bytes(_LONGEST_HEADER), 0)
        assert header is not None, "as many bytes as a header can have"
        end = min(at + header.size + header.length, len(self._data))
        frame = Frame(at, header, end, self.state, self.state, self._deflate is not None)
        try:
            frame.event = next(self._connection.receive(self._data[at:end]), None)
        except RemoteProtocolError as error:
            frame.error = error
            frame.fault_at = self._start + (error.offset or 0)
        if frame.error is None or frame.fault_at >= frame.payload_start:
            self._read_payload(frame)
        if frame.error is None and not frame.is_control:
            frame.after = self._behind(frame)
        return frame

    def _read_payload(self, frame: Frame) -> None:
        payload = self._data[frame.payload_start : frame.end]
        frame.payload = apply_mask(payload, frame.header.masking_key) if frame.header.masked else payload
        if frame.compressed:
            room = self._limits.message - (frame.before.size if frame.opcode == Opcode.CONTINUATION else 0)
            try:
                frame.inflated = self._inflater.decompress(frame.payload, room, end=frame.is_last and not frame.missing)
            except (TooLong, zlib.error):
                frame.inflated = None

    def _behind(self, frame: Frame) -> Progress:
        """The state behind a frame of a message."""
        before = frame.before
        begun = before if frame.opcode == Opcode.CONTINUATION else Progress(window=before.window)
        ended = frame.is_last and not frame.missing
        window = begun.window
        if frame.compressed:
            window = min(window + len(frame.content), 1 << self._window_bits)
        if ended:
            return Progress(window=0 if frame.compressed and self._forgets else window)
        unfinished = b""
        if isinstance(frame.event, Text):
            unfinished = (begun.unfinished + frame.content)[len(frame.event.data.encode()) :]
        size = begun.size + len(frame.content)
        return Progress(frame.message, frame.compressed, size, unfinished, window)
