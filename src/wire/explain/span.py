"""A span: a run of bytes and what it means; spans nest, and the spans of a message tile it.

Positions are bytes counted from the start of the stream, with bits for a field that is not whole bytes: ``start_bit``
and ``end_bit`` count bits, most significant first, past the bytes ``start`` and ``end``. A span may carry bytes that
are not on the wire as they stand but follow from it (``Derived``: a body without its chunking, an unmasked or inflated
payload), each of which points back to where it came from; and what was known before it and is after it (``Change``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

Value: TypeAlias = bytes | str | int | None


class Kind(enum.Enum):
    """What part a span plays, for those who draw it."""

    GROUP = "group"
    """Holds units: a message, a trailer section."""
    UNIT = "unit"
    """What a reader takes in at one look: a line of a head, a chunk, a frame header."""
    NAME = "name"
    VALUE = "value"
    DELIMITER = "delimiter"
    """Carries no meaning but where its neighbours end."""
    CONTENT = "content"
    """What is carried for somebody else: a body, the data of another protocol."""
    FAULT = "fault"
    """The bytes that break a rule."""
    UNREAD = "unread"
    """Bytes that nobody reads any more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where some derived bytes come from: ``[start, end)`` of them are ``[origin_start, origin_end)`` below."""

    start: int
    end: int
    origin_start: int
    origin_end: int


@dataclass(frozen=True, slots=True)
class Derived:
    """Bytes that follow from those of a span.

    Attributes:
        how: what was done, such as ``"content without its chunking"``.
        data: the bytes that came of it.
        pieces: for each part of ``data``, where it comes from, in order; they cover ``data``.
        spans: what the derived bytes mean, positions counted in ``data``; empty, or they tile it.
    """

    how: str
    data: bytes
    pieces: tuple[Piece, ...]
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """State that gives bytes their meaning, such as the message that a frame goes on with.

    Attributes:
        name: what it is.
        before: how it is where the bytes begin.
        after: how it is behind them.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes and what it means.

    Attributes:
        start: index of the first byte.
        end: index behind the last byte.
        name: what the specification calls it, such as ``"field-line"``.
        value: what it says: bytes or text as they are meant, or a number; None where the name says it all.
        note: what that means here, in a sentence or less.
        section: where the specification says so.
        children: the spans that it consists of; empty, or they tile it.
        kind: the part that it plays.
        start_bit: bits to skip in the byte ``start``, 0 to 7.
        end_bit: bits that belong to the span in the byte ``end``, 0 to 7.
        derived: bytes that follow from these.
        state: what gives the bytes their meaning, and what they make of it.
    """

    start: int
    end: int
    name: str
    value: Value = None
    note: str = ""
    section: str = ""
    children: tuple[Span, ...] = ()
    kind: Kind = Kind.VALUE
    start_bit: int = 0
    end_bit: int = 0
    derived: Derived | None = None
    state: tuple[Change, ...] = ()

    @property
    def bits(self) -> tuple[int, int]:
        """First bit and the bit behind the last, counted from the start of the stream."""
        return self.start * 8 + self.start_bit, self.end * 8 + self.end_bit

    def leaves(self) -> Iterator[Span]:
        """The spans without children, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def walk(self) -> Iterator[Span]:
        """This span and all inside it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_json(self) -> dict[str, Any]:
        """The span as JSON has it; what is empty is left out."""
        form: dict[str, Any] = {"start": self.start, "end": self.end, "name": self.name, "kind": self.kind.value}
        if self.start_bit or self.end_bit:
            form["bits"] = list(self.bits)
        optional = {
            "value": json_value(self.value),
            "note": self.note or None,
            "section": self.section or None,
            "children": [child.to_json() for child in self.children] or None,
            "derived": self.derived and _derived_json(self.derived),
            "state": [asdict(change) for change in self.state] or None,
        }
        return form | {name: value for name, value in optional.items() if value is not None}


def json_value(value: Value) -> str | int | dict[str, str] | None:
    """A value as JSON has it: bytes as text where they are UTF-8, otherwise ``{"hex": …}``."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def _derived_json(derived: Derived) -> dict[str, Any]:
    return {
        "how": derived.how,
        "data": json_value(derived.data),
        "pieces": [[piece.start, piece.end, piece.origin_start, piece.origin_end] for piece in derived.pieces],
        "spans": [span.to_json() for span in derived.spans],
    }


class NotTiled(Exception):
    """Spans leave a gap, overlap, or are empty."""


def check_tiling(data: bytes, spans: Sequence[Span]) -> None:
    """Check that ``spans`` tile ``data``: in order, no gap, no overlap, nothing empty, down to the leaves.

    Raises:
        NotTiled: they do not.
    """
    _check_row(spans, 0, len(data) * 8, "the input")


def _check_row(spans: Sequence[Span], start: int, end: int, where: str) -> None:
    at = start
    for span in spans:
        first, behind = span.bits
        if first != at or behind <= first:
            raise NotTiled(f"{span.name} is at bits {first} to {behind} of {where}; bit {at} comes next")
        if span.children:
            _check_row(span.children, first, behind, f"{span.name} at byte {span.start}")
        if span.derived is not None:
            _check_derived(span)
        at = behind
    if at != end:
        raise NotTiled(f"{where} ends at bit {end}, its spans at bit {at}")


def _check_derived(span: Span) -> None:
    assert span.derived is not None
    at = 0
    for piece in span.derived.pieces:
        if piece.start != at or not span.start <= piece.origin_start <= piece.origin_end <= span.end:
            raise NotTiled(f"derived byte {piece.start} of {span.name} does not come from it in order")
        at = piece.end
    if at != len(span.derived.data):
        raise NotTiled(f"{span.derived.how}: byte {at} comes from nowhere")
    if span.derived.spans:
        check_tiling(span.derived.data, span.derived.spans)
