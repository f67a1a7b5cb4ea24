"""An explanation in reading order: headings, units and the verdict, each at its place in the bytes.

What is shown of a protocol on a screen or a page is this list; nothing here knows which protocol it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wire.explain.explanation import Explanation, Fault
from wire.explain.span import Derived, Kind, Piece, Span
from wire.explain.text import count, readable

_MOST_VALUE = 64


@dataclass(frozen=True, slots=True)
class Heading:
    """A group begins: a message, or a part of one.

    Attributes:
        at: index of its first byte.
        span: the group.
        depth: 0 for a message.
        number: how many of its name there have been, this one included.
    """

    at: int
    span: Span
    depth: int
    number: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What is taken in at one look, with its bytes beside it.

    Attributes:
        at: index of its first byte.
        span: the unit.
        depth: how many groups it is in.
        blamed: whether it is what breaks a rule.
    """

    at: int
    span: Span
    depth: int
    blamed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the explanation ends where it ends.

    Attributes:
        at: index of the byte at fault, or the length of the data.
        fault: the broken rule; None where the data is only incomplete.
        awaiting: what had to come next; empty where nothing had.
    """

    at: int
    fault: Fault | None
    awaiting: str


Item = Heading | Unit | Verdict


class Outline:
    """The items of an explanation, in reading order; the verdict stands behind all that was read.

    Attributes:
        items: all of them.
    """

    def __init__(self, explanation: Explanation) -> None:
        self.items = list(_items(explanation.spans, 0, explanation.fault, Counter()))
        if explanation.fault is not None or explanation.awaiting:
            self._conclude(explanation)
        self._places = [item.at for item in self.items]
        self._messages = [item for item in self.items if isinstance(item, Heading) and not item.depth]
        self._message_places = [message.at for message in self._messages]

    def _conclude(self, explanation: Explanation) -> None:
        read = [index for index, item in enumerate(self.items) if not _is_unread(item)]
        behind = read[-1] + 1 if read else 0
        last = self.items[behind - 1] if read else None
        at = last.span.end - 1 if isinstance(last, Unit) else 0
        self.items.insert(behind, Verdict(at, explanation.fault, explanation.awaiting))

    def between(self, start: int, end: int) -> list[Item]:
        """The items in the bytes from ``start`` to ``end``, with the unit that was begun before and goes on there."""
        if start == end:
            return self.items if end == 0 and len(self.items) == 1 else []
        first, behind = bisect_left(self._places, start), bisect_left(self._places, end)
        before = first - 1
        while before > 0 and not isinstance(self.items[before], Unit):
            before -= 1
        begun = self.items[before] if before >= 0 else None
        goes_on = isinstance(begun, Unit) and begun.span.end > start
        return [*([begun] if goes_on and begun is not None else []), *self.items[first:behind]]

    def caption(self, start: int, end: int) -> str:
        """What is said over the bytes from ``start`` to ``end`` where they passed at once: how many, and of what."""
        if start == end:
            return "closed: nothing more will come"
        here = self.carries(start, end)
        return f"{count(end - start)}: {', '.join(here)}" if here else count(end - start)

    def carries(self, start: int, end: int) -> list[str]:
        """What the bytes from ``start`` to ``end`` are of: each message by its name and number."""
        first = max(bisect_right(self._message_places, start) - 1, 0)
        behind = bisect_left(self._message_places, end)
        return [
            f"{'' if start <= message.at else 'more of '}{message.span.name} {message.number}"
            for message in self._messages[first:behind]
            if start < message.span.end
        ]


def _is_unread(item: Item) -> bool:
    return isinstance(item, Unit) and item.span.kind is Kind.UNREAD


def _items(spans: Sequence[Span], depth: int, fault: Fault | None, numbers: Counter[str]) -> Iterator[Item]:
    for span in spans:
        if span.kind is Kind.GROUP:
            numbers[span.name] += 1
            yield Heading(span.start, span, depth, numbers[span.name])
            yield from _items(span.children, depth + 1, fault, numbers)
        else:
            blamed = fault is not None and span.start < fault.end and fault.offset < span.end
            yield Unit(span.start, span, depth, blamed)


def parts(unit: Span) -> list[Span]:
    """The spans inside a unit about which there is something to say, in order."""
    return [span for span in unit.walk() if span is not unit and span.note]


def label(part: Span) -> str:
    """What a part is called beside its note: what it says; a few bits say little by themselves."""
    if part.start_bit or part.end_bit:
        return f"{part.name} {readable(part.value)}"
    return readable(part.value, _MOST_VALUE) or part.name


def traced(derived: Derived | None, below: Sequence[Piece] = ()) -> Iterator[tuple[Derived, list[list[int]]]]:
    """What was made of some bytes, and what was made of that in turn; for each piece, where on the wire it comes from.

    Args:
        derived: what was made of them; None for nothing.
        below: the pieces of what it was made from, in wire positions; none where that is the wire.
    """
    if derived is None:
        return
    origins = [
        [lower.origin_start for lower in below if lower.start < piece.origin_end and piece.origin_start < lower.end]
        or [piece.origin_start]
        for piece in derived.pieces
    ]
    yield derived, origins
    on_the_wire = [
        Piece(piece.start, piece.end, start, start)
        for piece, starts in zip(derived.pieces, origins, strict=True)
        for start in starts
    ]
    for span in derived.spans:
        yield from traced(span.derived, on_the_wire)
