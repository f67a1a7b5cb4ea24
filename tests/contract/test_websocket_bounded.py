"""WebSocket under rule 3 of the contract: floods in single bytes cost a budget of memory and work in proportion."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Any

import pytest

from tests.websocket.support import listen, wire
from wire.fuzz.contract import Subject, bytewise, check_bounded, check_linear
from wire.fuzz.websocket.draft import Frame, close, fragments
from wire.fuzz.websocket.payloads import deflated
from wire.fuzz.websocket.subjects import client, server
from wire.websocket import Connection, Deflate, Limits, Role
from wire.websocket.deflate import TAIL
from wire.websocket.frames import RSV1, Opcode

LIMITS = Limits(frame=3000, message=5000, frames=200)

# What the limits allow at most: the frame that is coming, twice while it grows, and what is known of it.
BUDGET = 2 * LIMITS.frame + 4000

HUGE = Limits(frame=1 << 30, message=1 << 30, frames=1 << 30)


@dataclass(frozen=True)
class Flood:
    """Bytes without end: a beginning, and what is repeated behind it."""

    name: str
    begin: bytes
    repeat: bytes
    subject: Callable[[Limits], Subject] = server

    def pieces(self, count: int) -> list[bytes]:
        """So many single bytes, whole repetitions, behind the beginning."""
        return bytewise(self.begin + self.repeat * (count // len(self.repeat)))

    def endless(self, count: int) -> Iterator[bytes]:
        """So many single bytes of it, without building them."""
        return (bytes([byte]) for byte in islice(chain(self.begin, cycle(self.repeat)), count))


def _deflating(limits: Limits) -> Subject:
    return server(limits, Deflate())


def _frame(opcode: int, payload: bytes = b"", **parts: Any) -> bytes:
    return wire(Frame(opcode, payload, **parts))


_UNENDED = _frame(Opcode.BINARY, fin=False)
_TEXT = _frame(Opcode.TEXT, fin=False)
_CONTINUATION = _frame(Opcode.CONTINUATION, b"x", fin=False)
_EMPTY = _frame(Opcode.CONTINUATION, fin=False)
_SQUEEZED = deflated(b"x" * 50).removesuffix(TAIL)
FLOODS = [
    Flood("pings", b"", _frame(Opcode.PING, b"!")),
    Flood("empty pongs", b"", _frame(Opcode.PONG)),
    Flood("long pings", b"", _frame(Opcode.PING, b"!" * 125)),
    Flood("short messages", b"", _frame(Opcode.TEXT, "ä".encode())),
    Flood("empty messages", b"", _frame(Opcode.BINARY)),
    Flood("one long frame", _frame(Opcode.BINARY, length=1 << 20, form=64), b"x"),
    Flood("one long frame within the limit", _frame(Opcode.BINARY, length=3000), b"x"),
    Flood("one long text", _frame(Opcode.TEXT, length=2998), "€".encode()),
    Flood("a frame for a client", wire(Frame(Opcode.TEXT, length=2997), role=Role.CLIENT), b"x", client),
    Flood("empty fragments", _UNENDED, _EMPTY),
    Flood("short fragments", _UNENDED, _CONTINUATION),
    Flood("short fragments of text", _TEXT, _CONTINUATION),
    Flood("fragments that cut characters", _TEXT, _frame(Opcode.CONTINUATION, b"\xe2\x82", fin=False)
          + _frame(Opcode.CONTINUATION, b"\xac", fin=False)),
    Flood("pings between fragments", _UNENDED, _frame(Opcode.PING, b"!") + _EMPTY),
    Flood("frames behind the close frame", wire(close(1000)), _CONTINUATION),
    Flood("compressed messages", b"", _frame(Opcode.TEXT, _SQUEEZED, rsv=RSV1), _deflating),
    Flood("compressed fragments", _frame(Opcode.TEXT, b"", fin=False, rsv=RSV1),
          _frame(Opcode.CONTINUATION, _SQUEEZED + TAIL, fin=False), _deflating),
    Flood("one long compressed frame", _frame(Opcode.BINARY, length=2999, rsv=RSV1), b"\0", _deflating),
]  # fmt: skip


@pytest.mark.spec("rfc6455-10.4-1a")
@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.name)
def test_memory_stays_within_the_budget(flood: Flood) -> None:
    check_bounded(flood.subject(LIMITS), flood.endless(8000), BUDGET)


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.name)
def test_work_grows_with_the_input_and_no_faster(flood: Flood) -> None:
    check_linear(flood.subject(HUGE), flood.pieces, size=600)


def _peak(connection: Connection, data: bytes) -> int:
    """The most that was held at a time beyond what there was before, in bytes, while a connection read ``data``."""
    tracemalloc.start()
    try:
        listen(connection, [data])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cut", [1, 4], ids=["one frame", "four frames"])
@pytest.mark.parametrize("size", [10_000_000, 100_000_000])
def test_a_bomb_costs_no_more_than_the_limit(size: int, cut: int) -> None:
    limit = 1_000_000
    bomb = deflated(bytes(size)).removesuffix(TAIL)
    step = -(-len(bomb) // cut)
    data = wire(*fragments(Opcode.BINARY, [bomb[at : at + step] for at in range(0, len(bomb), step)], rsv=RSV1))
    connection = Connection(Role.SERVER, Limits(message=limit), deflate=Deflate())
    held_anyway = 3 * len(data) + 100_000  # the bytes as they came and unmasked, and zlib's own
    assert _peak(connection, data) < 1.25 * limit + held_anyway
    assert listen(connection, [b""]).verdict is not None


def test_a_frame_is_refused_before_it_is_there() -> None:
    """A header that announces too much is all that is read: nothing is set aside for what it announces."""
    connection = Connection(Role.SERVER)
    announced = wire(Frame(Opcode.BINARY, length=(1 << 63) - 1))
    assert _peak(connection, announced) < 20_000
