"""The bytes of a unit laid out in rows, long ones without their middle."""

from __future__ import annotations

from dataclasses import dataclass

from wire.explain.span import Kind, Span

_NOT_WORTH_IT = 2
"""Rows that are shown beyond the most, since to leave them out would save nothing."""


@dataclass(frozen=True, slots=True)
class HexRow:
    """Some bytes side by side; or, where ``end - start`` is more than a row, bytes that are left out."""

    start: int
    end: int
    left_out: bool = False


def hex_rows(start: int, end: int, width: int, most: int | None) -> list[HexRow]:
    """The rows of the bytes from ``start`` to ``end``, ``width`` to a row.

    With ``most``, of a run that is well over that many rows the first are shown and the last one, and between them a
    row that says what was left out.
    """
    starts = range(start, end, width)
    if most is None or len(starts) <= most + _NOT_WORTH_IT:
        return [HexRow(first, min(first + width, end)) for first in starts]
    kept = [HexRow(first, first + width) for first in starts[: most - 2]]
    return [*kept, HexRow(kept[-1].end, starts[-1], left_out=True), HexRow(starts[-1], end)]


def kinds(span: Span) -> list[tuple[int, int, Kind, list[Span]]]:
    """For each run of bytes in ``span``, the part that it plays: start, end, kind, and the leaves that it is of.

    A byte that several leaves share bit by bit is drawn as the first of them; bytes at fault are that and no more.
    """
    runs: list[tuple[int, int, Kind, list[Span]]] = []
    at = span.start
    for leaf in span.leaves():
        end = leaf.end + (leaf.end_bit > 0)
        if end > at:
            kind = Kind.FAULT if span.kind is Kind.FAULT else leaf.kind
            runs.append((max(leaf.start, at), end, kind, [leaf]))
            at = end
        else:
            runs[-1][3].append(leaf)
    return runs
