"""Explanations on a terminal: offset, hexadecimal and characters of the bytes, and beside them what they mean.

The layout needs no colour, so that it can be read from a pipe; colour tells directions and the parts of a line apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from wire.explain.conversation import Annotated, Direction, Segment
from wire.explain.explanation import Explanation
from wire.explain.hexdump import HexRow, hex_rows, kinds
from wire.explain.outline import Heading, Outline, Unit, Verdict, label, parts, traced
from wire.explain.span import Kind, Span
from wire.explain.text import character, count, is_text, readable

NARROWEST = 64
WIDEST = 160
_MOST_ROWS = 8
_MOST_TEXT = 4
_VERDICT_INDENT = 8
_INDENT = "  "

_KIND_STYLES = {
    Kind.GROUP: "",
    Kind.UNIT: "",
    Kind.NAME: "bold cyan",
    Kind.VALUE: "green",
    Kind.DELIMITER: "bright_black",
    Kind.CONTENT: "yellow",
    Kind.FAULT: "bold white on red",
    Kind.UNREAD: "bright_black",
}
_DIRECTION_STYLES = {Direction.TO_SERVER: "blue", Direction.TO_CLIENT: "magenta"}
_GUTTERS = {Direction.TO_SERVER: ">", Direction.TO_CLIENT: "<"}
_ARROWS = {Direction.TO_SERVER: "client ──▶ server", Direction.TO_CLIENT: "client ◀── server"}
_FAULT_STYLE = "bold red"
_SECTION_STYLE = "bright_black"
_STATE_STYLE = "italic"
_GLUE = "\ue000"  # a space at which no line is broken, until it is


@dataclass(frozen=True, slots=True)
class Layout:
    """How many columns there are, how many bytes stand in a row, and how many digits in an offset."""

    width: int
    bytes_in_row: int
    digits: int

    @classmethod
    def of(cls, width: int, size: int) -> Layout:
        """The layout for a terminal of ``width`` columns, and up to ``size`` bytes."""
        width = min(max(width, NARROWEST), WIDEST)
        return cls(width, 8 if width < 110 else 12 if width < 140 else 16, max(4, len(f"{size:x}")))

    @property
    def left(self) -> int:
        """Columns before the text: gutter, offset, hexadecimal, characters."""
        return 2 + self.digits + 2 + self.bytes_in_row * 3 + 1 + self.bytes_in_row + 2

    @property
    def right(self) -> int:
        """Columns of the text."""
        return self.width - self.left


class Terminal:
    """Writes explanations to a rich console.

    Args:
        console: where to write; its width decides the layout, its colour system whether there is colour.
        everything: whether long runs of bytes are shown in full.
    """

    def __init__(self, console: Console, *, everything: bool = False) -> None:
        self.console = console
        self.layout = Layout.of(console.width, 0)
        self._most_rows = None if everything else _MOST_ROWS

    def explanation(self, explanation: Explanation, direction: Direction) -> None:
        """Show one direction from its first byte to its last."""
        self.layout = Layout.of(self.console.width, len(explanation.data))
        if not explanation.data:
            self._print(Text("There are no bytes.", style=_SECTION_STYLE))
        self._items(explanation.data, Outline(explanation), 0, len(explanation.data), direction)

    def conversation(self, annotated: Annotated, *, clock: bool = True) -> None:
        """Show both directions, write by write as it passed."""
        most = max(len(explanation.data) for explanation in annotated.explanations.values())
        self.layout = Layout.of(self.console.width, most)
        outlines = {direction: Outline(explanation) for direction, explanation in annotated.explanations.items()}
        for index, segment in enumerate(annotated.conversation.shown):
            if index:
                self._print(Text())
            self._segment_head(segment, outlines[segment.direction], clock)
            data = annotated.explanations[segment.direction].data
            self._items(data, outlines[segment.direction], segment.start, segment.end, segment.direction)

    def _segment_head(self, segment: Segment, outline: Outline, clock: bool) -> None:
        style = _DIRECTION_STYLES[segment.direction]
        line = Text()
        line.append(f"{_ARROWS[segment.direction]}  ", style=f"bold {style}")
        line.append(outline.caption(segment.start, segment.end), style=style)
        if clock:
            time = f"{segment.time * 1000:,.1f} ms"
            line.append(time.rjust(self.layout.width - line.cell_len), style=_SECTION_STYLE)
        self._print(line)

    def _items(self, data: bytes, outline: Outline, start: int, end: int, direction: Direction) -> None:
        """Show what lies between ``start`` and ``end``; a unit that is cut there goes on in the next segment."""
        for item in outline.between(start, end):
            if isinstance(item, Unit):
                self._unit(data, item, max(start, item.span.start), min(end, item.span.end), direction)
            elif isinstance(item, Verdict):
                self._verdict(item, direction)
            elif item.depth:
                self._rows(data, [], _heading(item, self.layout.right), direction)
            elif item.at > start:
                self._print(Text(_GUTTERS[direction], style=_DIRECTION_STYLES[direction]))

    def _unit(self, data: bytes, unit: Unit, start: int, end: int, direction: Direction) -> None:
        span = unit.span
        if start > span.start:
            texts = [Text(f"… {span.name} goes on", style=_SECTION_STYLE)]
        elif span.kind is Kind.FAULT:
            texts = list(_details(unit.span, self.layout.right))
        else:
            texts = _unit_text(unit, self.layout.right)
        rows = hex_rows(start, end, self.layout.bytes_in_row, self._most_rows)
        self._rows(data, rows, texts, direction, span, blamed=unit.blamed, caret=span.kind is Kind.FAULT)

    def _rows(
        self,
        data: bytes,
        rows: Sequence[HexRow],
        texts: Sequence[Text],
        direction: Direction,
        span: Span | None = None,
        *,
        blamed: bool = False,
        caret: bool = False,
    ) -> None:
        """Put rows of bytes on the left and lines of text on the right, whichever is longer."""
        runs = kinds(span) if span is not None else []
        left = [self._bytes(data, row, runs) for row in rows]
        if caret and rows:
            left.append(self._carets(rows[-1]))
        right = [line for text in texts for line in self._wrap(text, self.layout.right)]
        for index in range(max(len(left), len(right))):
            line = self._gutter(direction, blamed=blamed and not index)
            line.append_text(left[index] if index < len(left) else Text(" " * (self.layout.left - 2)))
            if index < len(right):
                line.append_text(right[index])
            self._print(line)

    def _verdict(self, verdict: Verdict, direction: Direction) -> None:
        """Say why the explanation ends here, over the whole width: there are no bytes to stand beside."""
        width = self.layout.width - _VERDICT_INDENT
        lines = [line for text in _verdict(verdict) for line in self._wrap(text, width)]
        for number, line in enumerate(lines):
            gutter = self._gutter(direction, blamed=verdict.fault is not None and not number)
            self._print(gutter.append(" " * (_VERDICT_INDENT - 2)).append_text(line))

    def _gutter(self, direction: Direction, *, blamed: bool) -> Text:
        if blamed:
            return Text.styled("✗ ", _FAULT_STYLE)
        return Text.styled(_GUTTERS[direction] + " ", _DIRECTION_STYLES[direction])

    def _bytes(self, data: bytes, row: HexRow, runs: Sequence[tuple[int, int, Kind, list[Span]]]) -> Text:
        if row.left_out:
            line = Text.assemble((f"   ⋮  {count(row.end - row.start)} more", _SECTION_STYLE))
            line.pad_right(self.layout.left - 2 - line.cell_len)
            return line
        line = Text.assemble((f"{row.start:0{self.layout.digits}x}  ", _SECTION_STYLE))
        shown = Text()
        for start, end, kind, _leaves in runs:
            run = data[max(start, row.start) : min(end, row.end)] if start < row.end else b""
            if run:
                line.append(run.hex(" "), style=_KIND_STYLES[kind]).append(" ")
                shown.append("".join(map(character, run)), style=_KIND_STYLES[kind])
        blank = self.layout.bytes_in_row - (row.end - row.start)
        return line.append(" " * (3 * blank + 1)).append_text(shown).append(" " * (blank + 2))

    def _carets(self, row: HexRow) -> Text:
        length = row.end - row.start
        blank = self.layout.bytes_in_row - length
        line = (
            " " * (self.layout.digits + 2) + "^^ " * length + " " * (3 * blank + 1) + "^" * length + " " * (blank + 2)
        )
        return Text.assemble((line, _FAULT_STYLE))

    def _wrap(self, text: Text, width: int) -> Iterator[Text]:
        """Break a text into lines; one that is indented goes on with twice the indent."""
        indent = len(_INDENT) if text.plain.startswith(_INDENT) else 0
        for number, line in enumerate(text[indent:].wrap(self.console, width - 2 * indent, overflow="fold")):
            line.rstrip()
            line.plain = line.plain.replace(_GLUE, " ")
            yield Text(" " * (indent * 2 if number else indent)).append_text(line)

    def _print(self, line: Text) -> None:
        line.rstrip()
        self.console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True, highlight=False)


def _section(section: str) -> str:
    return section.replace(" ", _GLUE)


def _unit_text(unit: Unit, width: int) -> list[Text]:
    """What is said beside a unit: its title, what it means, and the parts of it that need words."""
    span = unit.span
    style = _FAULT_STYLE if unit.blamed else "" if span.kind is Kind.UNREAD else "bold"
    title = readable(span.value, width * _MOST_TEXT) if _speaks(span) else span.name
    texts = _titled(Text.assemble((title, style)), span, width, join=not _speaks(span))
    return [*texts, *_details(span, width), *_content(span, width)]


def _details(unit: Span, width: int) -> Iterator[Text]:
    """The parts of a unit that need words, what follows from its bytes, and the state that they change."""
    yield from map(_part, parts(unit))
    for derived, _origins in traced(unit.derived):
        most = max((width - len(derived.how)) // 3 - 2, 1)
        more = " …" if len(derived.data) > most else ""
        codes = derived.data[:most].hex(" ").replace(" ", _GLUE) or "nothing"
        yield Text.assemble(_INDENT, f"{derived.how}:{_GLUE}", (codes + more, _KIND_STYLES[Kind.CONTENT]))
    for change in unit.state:
        same = change.before == change.after
        now = f"{change.after}, as before" if same else f"{change.before} ▶ {change.after}"
        yield Text.assemble(_INDENT, (f"{change.name}:", _STATE_STYLE), f" {now}")


def _content(unit: Span, width: int) -> Iterator[Text]:
    """What a unit carries, where that is text: on the left it is broken into rows."""
    for span in unit.walk():
        text = span.value.encode() if isinstance(span.value, str) else span.value
        if span.kind is Kind.CONTENT and isinstance(text, bytes) and is_text(text):
            yield Text(readable(text, width * _MOST_TEXT), style=_KIND_STYLES[Kind.CONTENT])


def _titled(title: Text, span: Span, width: int, *, join: bool) -> list[Text]:
    """A title, its section at the right edge, and its note: joined to the title if it may be, and wherever they fit."""
    note, section = span.note, span.section
    if join and note and len(title) + len(note) + len(section) + 4 <= width:
        title, note = Text.assemble(title, ": ", note), ""
    gap = width - title.cell_len - len(section)
    if section and (gap >= 2 or not note):
        title.append(" " * max(gap, 1)).append(_section(section), style=_SECTION_STYLE)
        section = ""
    return [title, Text.assemble(note, " ", (_section(section), _SECTION_STYLE))] if note else [title]


def _speaks(span: Span) -> bool:
    """Whether a unit's value says more than its name: content is beside it already."""
    return span.value is not None and span.kind is not Kind.CONTENT


def _part(part: Span) -> Text:
    text = Text(_INDENT)
    text.append(label(part), style=_KIND_STYLES.get(part.kind, ""))
    text.append(f"  {part.note} ")
    return text.append(_section(part.section), style=_SECTION_STYLE)


def _heading(heading: Heading, width: int) -> list[Text]:
    return _titled(Text.assemble((heading.span.name, "italic")), heading.span, width, join=True)


def _verdict(verdict: Verdict) -> Iterator[Text]:
    """What is wrong, which section says so, what is allowed there instead, and what was still to come."""
    fault = verdict.fault
    if fault is not None:
        yield Text(f"byte {fault.offset} (0x{fault.offset:04x}): {readable(fault.message)}", style=_FAULT_STYLE)
        yield Text(f"allowed here: {fault.allowed}")
        what = (_section(fault.section), fault.rule, fault.answer)
        yield Text(", ".join(filter(None, what)), style=_SECTION_STYLE)
    if verdict.awaiting:
        yield Text(f"still to come: {verdict.awaiting}", style="yellow")
