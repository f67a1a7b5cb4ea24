"""The model of spans: what tiles and what does not, down to bits and through derived bytes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from wire.explain import Change, Derived, Piece, Span, check_tiling
from wire.explain.span import NotTiled


def bits(first: int, behind: int, name: str = "bits") -> Span:
    return Span(first // 8, behind // 8, name, start_bit=first % 8, end_bit=behind % 8)


FLAGS = Span(0, 1, "flags", children=(bits(0, 1), bits(1, 4), bits(4, 8)))


@pytest.mark.parametrize(
    ("data", "spans"),
    [
        (b"", []),
        (b"ab", [Span(0, 2, "both")]),
        (b"ab", [Span(0, 1, "a"), Span(1, 2, "b")]),
        (b"ab", [Span(0, 2, "both", children=(Span(0, 1, "a"), Span(1, 2, "b")))]),
        (b"ab", [FLAGS, Span(1, 2, "b")]),
        (b"abc", [bits(0, 9), bits(9, 24)]),
    ],
)
def test_tiles(data: bytes, spans: Sequence[Span]) -> None:
    check_tiling(data, spans)


@pytest.mark.parametrize(
    ("data", "spans"),
    [
        (b"ab", []),
        (b"ab", [Span(0, 1, "short")]),
        (b"ab", [Span(0, 3, "long")]),
        (b"ab", [Span(0, 2, "a"), Span(1, 2, "overlaps")]),
        (b"abc", [Span(0, 1, "a"), Span(2, 3, "behind a gap")]),
        (b"ab", [Span(0, 0, "empty"), Span(0, 2, "both")]),
        (b"ab", [Span(1, 2, "b"), Span(0, 1, "a")]),
        (b"ab", [Span(0, 2, "both", children=(Span(0, 1, "a"),))]),
        (b"a", [Span(0, 1, "flags", children=(bits(0, 3), bits(4, 8)))]),
    ],
)
def test_does_not_tile(data: bytes, spans: Sequence[Span]) -> None:
    with pytest.raises(NotTiled):
        check_tiling(data, spans)


def derived(data: bytes, *pieces: Piece, spans: tuple[Span, ...] = ()) -> list[Span]:
    return [Span(0, 4, "masked", derived=Derived("unmasked", data, pieces, spans))]


def test_derived_bytes_come_from_their_span() -> None:
    check_tiling(b"abcd", derived(b"AB", Piece(0, 1, 0, 2), Piece(1, 2, 2, 4)))
    check_tiling(b"abcd", derived(b"AB", Piece(0, 2, 1, 2), spans=(Span(0, 2, "inside"),)))


@pytest.mark.parametrize(
    "spans",
    [
        derived(b"AB", Piece(0, 1, 0, 2)),
        derived(b"AB", Piece(1, 2, 0, 2)),
        derived(b"AB", Piece(0, 2, 3, 5)),
        derived(b"AB", Piece(0, 2, 0, 4), spans=(Span(0, 1, "half"),)),
    ],
)
def test_derived_bytes_from_nowhere(spans: list[Span]) -> None:
    with pytest.raises(NotTiled):
        check_tiling(b"abcd", spans)


def test_json_leaves_out_what_is_empty() -> None:
    assert Span(0, 1, "CRLF").to_json() == {"start": 0, "end": 1, "name": "CRLF", "kind": "value"}
    assert bits(4, 9).to_json() == {"start": 0, "end": 1, "name": "bits", "kind": "value", "bits": [4, 9]}


def test_json_of_values() -> None:
    assert [Span(0, 1, "v", value).to_json()["value"] for value in (b"a", "a", 1, b"", b"\xff")] == [
        "a", "a", 1, "", {"hex": "ff"},
    ]  # fmt: skip


def test_json_of_derived_bytes() -> None:
    (span,) = derived(b"AB", Piece(0, 2, 1, 2), spans=(Span(0, 2, "inside"),))
    assert span.to_json()["derived"] == {
        "how": "unmasked",
        "data": "AB",
        "pieces": [[0, 2, 1, 2]],
        "spans": [{"start": 0, "end": 2, "name": "inside", "kind": "value"}],
    }


def test_json_of_state() -> None:
    span = Span(0, 1, "frame header", state=(Change("message in progress", "none", "text, 2 bytes"),))
    assert span.to_json()["state"] == [{"name": "message in progress", "before": "none", "after": "text, 2 bytes"}]
