"""The units of an explanation as HTML: bytes on the left, words on the right, tied together by the name of their field.

Whatever a peer sent is escaped; nothing of it is ever markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from wire.explain.conversation import Direction, Segment
from wire.explain.explanation import Explanation
from wire.explain.hexdump import HexRow, hex_rows, kinds
from wire.explain.outline import Heading, Outline, Unit, Verdict, label, parts, traced
from wire.explain.span import Change, Kind, Span
from wire.explain.text import character, count, is_text, readable

_IN_ROW = 8
_MOST_ROWS = 8
_MOST_BYTES = 1 << 16
_MOST_CONTENT = 400
_MOST_PIECES = 100
_MOST_CODES = 16
_CLASSES = {Direction.TO_SERVER: "to-server", Direction.TO_CLIENT: "to-client"}
_ARROWS = {Direction.TO_SERVER: "client → server", Direction.TO_CLIENT: "server → client"}
_RFC = re.compile(r"RFC (\d+)(?: §([\w.]+))?")


class Markup:
    """Writes one direction of a conversation, segment by segment.

    Args:
        explanation: what that direction means.
        prefix: begins the names of its fields, so that they are unique on the page.
    """

    def __init__(self, explanation: Explanation, prefix: str) -> None:
        self.data = explanation.data
        self.outline = Outline(explanation)
        self._prefix = prefix

    def segment(self, segment: Segment, clock: bool) -> str:
        """What passed at once, and what it means."""
        time = f"<time>{segment.time * 1000:,.1f} ms</time>" if clock else ""
        words = escape(self.outline.caption(segment.start, segment.end))
        units = "".join(self._items(segment.start, segment.end))
        return (
            f'<article class="segment {_CLASSES[segment.direction]}">\n'
            f'<h3>{_ARROWS[segment.direction]} <span class="said">{words}</span>{time}</h3>\n'
            f"{f'<ol class=units>{units}</ol>' if units else ''}</article>\n"
        )

    def _items(self, start: int, end: int) -> Iterator[str]:
        for item in self.outline.between(start, end):
            if isinstance(item, Unit):
                yield self._unit(item, max(start, item.span.start), min(end, item.span.end))
            else:
                yield _verdict(item) if isinstance(item, Verdict) else self._heading(item, start)

    def _heading(self, heading: Heading, start: int) -> str:
        span = heading.span
        if not heading.depth:
            title = f"{escape(span.name)} {heading.number}"
            return f'<li class="heading message">{title}</li>\n' if heading.at > start else ""
        note = f": {escape(span.note)}" if span.note else ""
        return f'<li class="heading">{escape(span.name)}{note}{self._derived(span)}</li>\n'

    def _derived(self, span: Span) -> str:
        """Bytes that are not on the wire as they stand, each tied to those that it comes from, through every layer."""
        rows = []
        for derived, origins in traced(span.derived):
            pieces = []
            for piece, origin in list(zip(derived.pieces, origins, strict=True))[:_MOST_PIECES]:
                fields = [f"{self._prefix}{start}.0" for start in origin]
                data = derived.data[piece.start : piece.end]
                text = readable(data, _MOST_CONTENT) if is_text(data) else _hex(data)
                pieces.append(
                    f'<a data-l="{" ".join(fields)}" href="#f{fields[0]}" tabindex="-1" class="k-content">'
                    f"{escape(text)}</a>"
                )
            more = " …" if len(derived.pieces) > _MOST_PIECES else ""
            chips = f'<span class="chips">{"".join(pieces) or "nothing"}{more}</span>'
            rows.append(f'<div class="derived">{escape(derived.how)}: {chips}</div>')
        return "".join(rows)

    def _field(self, span: Span) -> str:
        """The names of the fields that ``span`` consists of."""
        return " ".join(f"{self._prefix}{leaf.start}.{leaf.start_bit}" for leaf in span.leaves())

    def _unit(self, unit: Unit, start: int, end: int) -> str:
        span = unit.span
        blamed = " blamed" if unit.blamed else ""
        begun = start == span.start
        meaning = self._meaning(span) if begun else f'<p class="note">… {escape(span.name)} goes on</p>'
        return (
            f'<li class="unit{blamed}" tabindex="0"><div class="bytes">{self._bytes(span, start, end)}</div>'
            f'<div class="meaning">{meaning}</div></li>\n'
        )

    def _bytes(self, span: Span, start: int, end: int) -> str:
        lines = []
        for row in hex_rows(start, end, _IN_ROW, _MOST_ROWS):
            if not row.left_out:
                lines.append(self._row(span, row))
            elif row.end - row.start <= _MOST_BYTES:
                hidden = "\n".join(self._row(span, inner) for inner in hex_rows(row.start, row.end, _IN_ROW, None))
                summary = f"<summary>⋮ {count(row.end - row.start)} more</summary>"
                lines.append(f"<details>{summary}{hidden}</details>")
            else:
                lines.append(f"      ⋮  {count(row.end - row.start)} more")
        return "\n".join(lines).replace("</details>\n", "</details>")

    def _row(self, span: Span, row: HexRow) -> str:
        codes, letters = [], []
        for start, end, kind, leaves in kinds(span):
            first, behind = max(start, row.start), min(end, row.end)
            if first < behind:
                run = self.data[first:behind]
                fields = " ".join(map(self._field, leaves))
                target = fields.partition(" ")[0]
                tie = f'<a data-l="{fields}" href="#f{target}" tabindex="-1" class="k-{kind.value}"'
                codes.append(f"{tie}>{run.hex(' ')}</a>")
                text = "".join(character(byte) for byte in run)
                letters.append(f'{tie} aria-hidden="true">{escape(text)}</a>')
        blank = " " * (3 * (_IN_ROW - (row.end - row.start)))
        return (
            f'<span class="offset">{row.start:04x}  </span>{" ".join(codes)}{blank} '
            f'<span class="chars">{"".join(letters)}</span>'
        )

    def _meaning(self, span: Span) -> str:
        chips = "".join(self._chip(leaf) for leaf in span.leaves())
        top = (
            f'<div class="top"><span class="chips">{chips}</span>'
            f'<span class="name" data-l="{self._field(span)}">{escape(span.name)}</span>{_section(span.section)}</div>'
        )
        note = f'<p class="note">{escape(span.note)}</p>' if span.note else ""
        rows = "".join(self._part(part) for part in parts(span))
        state = "".join(map(_change, span.state))
        return f"{top}{note}{f'<dl class=parts>{rows}</dl>' if rows else ''}{self._derived(span)}{state}"

    def _chip(self, leaf: Span) -> str:
        """A field as it stands on the wire; whatever is said of it elsewhere is looked up here."""
        raw = self.data[leaf.start : leaf.end + (leaf.end_bit > 0)]
        says = {
            "name": leaf.name,
            "from": leaf.start,
            "to": leaf.start + len(raw),
            "bits": _bits(leaf),
            "note": leaf.note,
            "section": leaf.section,
            "hex": _hex(raw[: _MOST_CODES + 1]),
        }
        attributes = "".join(f' data-{name}="{escape(str(value))}"' for name, value in says.items() if value != "")
        if says["bits"] and isinstance(leaf.value, int):
            text = f"{leaf.value:0{leaf.bits[1] - leaf.bits[0]}b}"
        elif leaf.kind is Kind.DELIMITER:
            text = "".join(map(character, raw))
        else:
            text = readable(raw, _MOST_CONTENT) if _is_text(leaf, raw) else _hex(raw)
        field = self._field(leaf)
        return (
            f'<a id="f{field}" data-l="{field}" href="#f{field}" tabindex="-1" class="k-{leaf.kind.value}"'
            f'{attributes} title="{escape(leaf.name)}">{escape(text)}</a>'
        )

    def _part(self, part: Span) -> str:
        field = self._field(part)
        return (
            f'<dt data-l="{field}" class="k-{part.kind.value}">{escape(label(part))}</dt>'
            f'<dd data-l="{field}">{escape(part.note)}</dd>{_section(part.section) or "<span></span>"}'
        )


def _is_text(leaf: Span, raw: bytes) -> bool:
    """Whether a leaf is text on the wire, and not bytes that only look like it: a length, a key, masked bytes."""
    if leaf.derived is not None or leaf.value == int.from_bytes(raw, "big"):
        return False
    return is_text(raw) and not (isinstance(leaf.value, str) and leaf.value.encode() != raw)


def _hex(data: bytes) -> str:
    return data[:_MOST_CODES].hex(" ") + (" …" if len(data) > _MOST_CODES else "")


def _bits(leaf: Span) -> str:
    """Which bits a leaf is, the most significant first; nothing where it is whole bytes."""
    if not leaf.start_bit and not leaf.end_bit:
        return ""
    last = (leaf.end_bit or 8) - 1
    return f"bit {leaf.start_bit}" if last == leaf.start_bit else f"bits {leaf.start_bit}–{last}"


def _change(change: Change) -> str:
    same = change.before == change.after
    now = f"{change.after}, as before" if same else f"{change.before} → {change.after}"
    return f'<p class="state">{escape(change.name)}: {escape(now)}</p>'


def _section(section: str) -> str:
    """A section, as a link to where it can be read."""
    match = _RFC.fullmatch(section)
    if match is None:
        return f'<span class="section">{escape(section)}</span>' if section else ""
    number, place = match.groups()
    anchor = f"#section-{place}" if place else ""
    return f'<a class="section" href="https://www.rfc-editor.org/rfc/rfc{number}{anchor}">{escape(section)}</a>'


def _verdict(verdict: Verdict) -> str:
    fault = verdict.fault
    lines: Sequence[str] = ()
    if fault is not None:
        answer = f", {escape(fault.answer)}" if fault.answer else ""
        lines = (
            f'<p class="what">✗ byte {fault.offset}: {escape(readable(fault.message))}</p>',
            f"<p>Allowed here: {escape(fault.allowed)}</p>",
            f"<p>{_section(fault.section)}<code>{escape(fault.rule)}</code>{answer}</p>",
        )
    if verdict.awaiting:
        lines = (*lines, f"<p>Still to come: {escape(verdict.awaiting)}</p>")
    return f'<li class="verdict{"" if fault else " waits"}">{"".join(lines)}</li>\n'
