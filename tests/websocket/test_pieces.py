"""Payloads that come in pieces are put together as they came, whatever the sizes of the pieces."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from wire.websocket.pieces import Pieces

lengths = st.lists(st.integers(0, 10) | st.integers(4090, 4100) | st.integers(60_000, 70_000), max_size=12)


@given(lengths, st.booleans())
def test_whole_and_end_are_what_was_added(lengths: list[int], mutable: bool) -> None:
    pieces, expected = Pieces(), b""
    for number, length in enumerate(lengths):
        piece = bytes([number]) * length
        pieces.add(bytearray(piece) if mutable else piece)
        expected += piece
        assert pieces.size == len(expected)
        assert pieces.last(3) == expected[-3:]
    assert bytes(pieces.whole()) == expected


def test_single_bytes_cost_no_more_memory_than_they_are() -> None:
    pieces = Pieces()
    for _ in range(1 << 17):
        pieces.add(b"x")
    assert sum(sys.getsizeof(piece) for piece in pieces._pieces) < 1.5 * (1 << 17)
