"""Frames that may say anything, valid or not, and streams of them (RFC 6455 §5.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from wire.fuzz.mutations.draft import AnyMutation
from wire.websocket.frames import FIN, LENGTH_16, LENGTH_64, MASK, MOST_CONTROL_PAYLOAD, Opcode, apply_mask

KEY = b"\x37\xfa\x21\x3d"
"""The masking key of the examples in RFC 6455 §5.7."""

_KINDS = {Opcode.TEXT: b"text", Opcode.BINARY: b"binary", Opcode.PING: b"ping", Opcode.PONG: b"pong"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it is to be written.

    Attributes:
        opcode: four bits.
        payload: before it is masked.
        fin: whether it ends its message.
        rsv: RSV1 to RSV3, as they stand in the first byte.
        masked: whether it is masked; None where that is as the stream has it.
        key: the masking key.
        form: the length takes 7, 16 or 64 bits; None for the shortest that holds it.
        length: what the header says; None for the truth.
    """

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    masked: bool | None = None
    key: bytes = KEY
    form: int | None = None
    length: int | None = None

    def wire(self, *, masked: bool) -> bytes:
        """The frame; ``masked`` counts where it does not say itself."""
        if self.masked is not None:
            masked = self.masked
        length = len(self.payload) if self.length is None else self.length
        form = self.form or (7 if length <= MOST_CONTROL_PAYLOAD else 16 if length <= 0xFFFF else 64)
        seven = {7: length, 16: LENGTH_16, 64: LENGTH_64}[form]
        head = bytes([(FIN if self.fin else 0) | self.rsv | self.opcode, (MASK if masked else 0) | seven])
        if form != 7:
            head += length.to_bytes(form // 8, "big")
        return head + (self.key + apply_mask(self.payload, self.key) if masked else self.payload)

    @property
    def control(self) -> bool:
        """Whether it is a control frame."""
        return self.opcode >= Opcode.CLOSE


def close(code: int | None = None, reason: bytes = b"") -> Frame:
    """A close frame (RFC 6455 §5.5.1), whether or not its code and reason may be sent."""
    return Frame(Opcode.CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)


Meaning = tuple[bytes, bytes]
"""A message or a control frame in short: what it is, and its payload."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What one side sends, from the first frame to the last.

    Attributes:
        frames: in order.
        masked: whether a client sends them.
        means: where they are valid, the messages and control frames in the order in which they become complete.
    """

    frames: tuple[Frame, ...]
    masked: bool = True
    means: tuple[Meaning, ...] = field(default=(), compare=False)

    def wire(self) -> bytes:
        """All of it as bytes."""
        return b"".join(frame.wire(masked=self.masked) for frame in self.frames)

    def put(self, at: int, *frames: Frame, instead: int = 0) -> Stream:
        """The stream with frames put in at a place, ``instead`` of so many that stood there."""
        return replace(self, frames=(*self.frames[:at], *frames, *self.frames[at + instead :]))

    def place(self, chance: Random, fits: Callable[[Frame], bool] = lambda frame: True) -> int:
        """The place of one of the frames that fit; of the last one where none does."""
        places = [at for at, frame in enumerate(self.frames) if fits(frame)]
        return chance.choice(places) if places else len(self.frames) - 1

    def begins(self, chance: Random) -> int:
        """A place between two messages: where a data frame begins one, or a close frame ends it all."""
        return self.place(chance, lambda frame: frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE))


def fragments(
    opcode: int, pieces: Sequence[bytes], *, rsv: int = 0, between: Sequence[Sequence[Frame]] = ()
) -> list[Frame]:
    """A message in frames; ``between`` gives the control frames behind each but the last."""
    frames: list[Frame] = []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        frames.append(Frame(opcode if number == 0 else Opcode.CONTINUATION, piece, last, 0 if number else rsv))
        if not last and number < len(between):
            frames += between[number]
    return frames


def meaning(opcode: int, payload: bytes) -> Meaning:
    """A message or control frame in short; a close frame without a code has that of RFC 6455 §7.1.5."""
    if opcode == Opcode.CLOSE:
        code = int.from_bytes(payload[:2], "big") if payload else 1005
        return b"close %d" % code, payload[2:]
    return _KINDS[Opcode(opcode)], payload


class FrameMutation(AnyMutation[Stream]):
    """One way to spoil a stream of frames."""

    __slots__ = ()
