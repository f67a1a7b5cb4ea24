"""Each limit, at the limit and one past it (RFC 6455 §10.4, RFC 7692 §8; wire.websocket.limits)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.websocket.attacks.case import BINARY, KEEPING, PING, TEXT, Case
from wire.fuzz.websocket.draft import Frame, fragments
from wire.fuzz.websocket.payloads import deflated
from wire.websocket import Deflate, Limits
from wire.websocket.deflate import TAIL

Frames = tuple[Frame, ...]


@dataclass(frozen=True)
class Limited:
    """An input that can be made of any size.

    Attributes:
        limit: name of the limit in ``Limits``.
        least: the limit that the test sets.
        make: from a size, the frames.
        rule: what one more than the limit breaks.
        at: where, from the beginning of the last frame; for one of 16 bits or more of length, too.
        note: what is special about it.
        deflate: what was agreed on for compression.
    """

    limit: str
    least: int
    make: Callable[[int], Frames]
    rule: str
    at: int
    note: str
    deflate: Deflate | None = None

    @property
    def name(self) -> str:
        """What tests call it."""
        return f"{self.limit}, {self.note}"

    def within(self, size: int) -> Limits:
        """Limits of which this one is so large, and the others are no hindrance."""
        large: dict[str, Any] = {"frame": 1 << 30, "message": 1 << 30, "frames": 1 << 20}
        return Limits(**{**large, self.limit: size})

    def case(self, least: int | None = None) -> Case:
        """The input that is one past the limit."""
        least = self.least if least is None else least
        frames = self.make(least + 1)
        before = sum(len(frame.wire(masked=True)) for frame in frames[:-1])
        means = tuple((b"ping", frame.payload) for frame in frames if frame.control)
        return Case(f"{self.name}, one too many", frames, self.rule, before + self.at, means,
                    limits=self.within(least), deflate=self.deflate,
                    spec=("rfc6455-10.4-1a", "rfc6455-10.4-1b"))  # fmt: skip


def _text(size: int) -> bytes:
    return b"x" * size


def _in_two(size: int) -> list[bytes]:
    return [_text(size // 2), _text(size - size // 2)]


def _squeezed(data: bytes, pieces: int = 1) -> Frames:
    packed = deflated(data).removesuffix(TAIL)
    step = -(-len(packed) // pieces)
    return tuple(fragments(BINARY, [packed[at : at + step] for at in range(0, len(packed), step)], rsv=0x40))


def _in_two_squeezed(size: int) -> Frames:
    """The second fragment has all but the first half of what the message inflates to."""
    first, rest = _in_two(size)
    return tuple(fragments(BINARY, [deflated(first), deflated(rest).removesuffix(TAIL)], rsv=0x40))


_PING = Frame(PING, b"!")
_FRAME, _MESSAGE = "websocket.frame.too-big", "websocket.message.too-big"
_MANY, _INFLATES = "websocket.message.too-many-frames", "websocket.message.inflates-too-big"
LIMITED = [
    Limited("frame", 40, lambda n: (Frame(TEXT, _text(n)),), _FRAME, 1, "a text"),
    Limited("frame", 200, lambda n: (Frame(BINARY, _text(n)),), _FRAME, 1, "16 bits"),
    Limited("frame", 70_000, lambda n: (Frame(BINARY, _text(n)),), _FRAME, 1, "64 bits"),
    Limited("frame", 40, lambda n: tuple(fragments(TEXT, [b"a", _text(n)])), _FRAME, 1, "a continuation"),
    Limited("frame", 40, lambda n: (Frame(BINARY, deflated(b"x", level=0).removesuffix(TAIL), rsv=0x40),)
            if n < 40 else (Frame(BINARY, deflated(_text(n - 6), level=0).removesuffix(TAIL), rsv=0x40),),
            _FRAME, 1, "compressed", KEEPING),
    Limited("message", 40, lambda n: (Frame(TEXT, _text(n)),), _MESSAGE, 1, "one frame"),
    Limited("message", 40, lambda n: tuple(fragments(TEXT, _in_two(n))), _MESSAGE, 1, "two frames"),
    Limited("message", 40, lambda n: tuple(fragments(TEXT, [b"x"] * n)), _MESSAGE, 1, "a frame for each byte"),
    Limited("message", 40, lambda n: tuple(fragments(BINARY, _in_two(n), between=[[_PING] * 3])), _MESSAGE, 1,
            "pings do not count"),
    Limited("frames", 5, lambda n: tuple(fragments(TEXT, [b"a"] * n)), _MANY, 0, "short ones"),
    Limited("frames", 5, lambda n: tuple(fragments(TEXT, [b""] * n)), _MANY, 0, "empty ones"),
    Limited("frames", 5, lambda n: tuple(fragments(TEXT, [b""] * n, between=[[_PING]] * n)), _MANY, 0,
            "pings do not count"),
    Limited("frames", 5, lambda n: tuple(fragments(BINARY, [b"\0", *[b""] * (n - 1)], rsv=0x40)), _MANY, 0,
            "compressed", KEEPING),
    Limited("message", 1000, lambda n: _squeezed(_text(n)), _INFLATES, 6, "inflated", KEEPING),
    Limited("message", 200_000, lambda n: _squeezed(_text(n)), _INFLATES, 8, "inflated, large", KEEPING),
    Limited("message", 1000, _in_two_squeezed, _INFLATES, 6, "inflated, two frames", KEEPING),
    Limited("message", 1000, lambda n: (Frame(BINARY, deflated(_text(n), level=0).removesuffix(TAIL), rsv=0x40),),
            _INFLATES, 8, "stored", KEEPING),
    Limited("message", 1000, lambda n: (Frame(BINARY, deflated(_text(n - 1), mode=4) + deflated(b"x")[:-4], rsv=0x40),),
            _INFLATES, 6, "behind a final block", KEEPING),
]  # fmt: skip

CASES = [
    *(limited.case() for limited in LIMITED),
    Case("a frame of 2 to the power of 63, less one", (Frame(BINARY, length=(1 << 63) - 1),), _FRAME, 1,
         spec=("rfc6455-10.4-1a",)),
    Case("a frame of 2 to the power of 60", (Frame(BINARY, length=1 << 60),), _FRAME, 1, spec=("rfc6455-10.4-1a",)),
    Case("a million empty fragments", (Frame(TEXT, b"", fin=False), *[Frame(0, b"", fin=False)] * 4096), _MANY,
         6 * 4096, spec=("rfc6455-10.4-1a",)),
    Case("a deflate bomb", _squeezed(bytes(20_000_000)), _INFLATES, 8, deflate=KEEPING),
]  # fmt: skip
