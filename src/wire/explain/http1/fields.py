"""Field sections drawn: each field line as a unit, with the lines that it is folded into (RFC 9112 §5)."""

from __future__ import annotations

import re

from wire.errors import RemoteProtocolError
from wire.explain.http1 import meaning
from wire.explain.http1.lines import Drawn, Line, draw_elements, empty_line, find_line, line_ending, shape
from wire.explain.span import Kind, Span
from wire.http1 import grammar
from wire.http1.events import Field, Fields

FIELD_LINE = shape("field-line", "RFC 9112 §5", ("field-name", ":", "field-value"), grammar.FIELD_LINE_ELEMENTS)

_WHITE_SPACE = re.compile(grammar.OWS)


def draw_field_section(
    data: bytes, start: int, limit: int, fields: Fields | None, *, ending: str, bodiless: bool = False
) -> Drawn:
    """The field lines from ``start`` on and the empty line that ends them.

    Args:
        data: the whole stream.
        start: where the first line begins.
        limit: where to stop at the latest.
        fields: what the codec made of the section; None where it made nothing of it.
        ending: what the empty line means.
        bodiless: whether the message has no body whatever its fields say.
    """
    folded: list[list[Line]] = []
    at = start
    last: Line | None = None
    while at < limit:
        line = find_line(data, at, limit)
        at = line.end
        if line.complete and line.stop == line.start:
            last = line
            break
        if folded and data[line.start] in b" \t":
            folded[-1].append(line)  # RFC 9112 §5.2: obs-fold
        else:
            folded.append([line])
    spans = [
        _field_line(data, lines, fields[index] if fields is not None else None, bodiless)
        for index, lines in enumerate(folded)
    ]
    if last is not None:
        return Drawn([*spans, empty_line(last, ending)], at)
    return Drawn(spans, at, _rest_of_section(folded[-1][-1] if folded else None, data))


def _rest_of_section(line: Line | None, data: bytes) -> str:
    if line is None or line.complete:
        return "a field line, or the empty line that ends the section"
    if line.end > line.stop:
        return "the LF that ends the line"
    colon = b":" in data[line.start : line.stop]
    return "the rest of the field line: " + ("field-value, CRLF" if colon else "field-name, :, field-value, CRLF")


def _field_line(data: bytes, lines: list[Line], field: Field | None, bodiless: bool) -> Span:
    """A field line, with the lines that it is folded into (RFC 9112 §5)."""
    first, last = lines[0], lines[-1]
    if field is None and len(lines) == 1 and first.complete:
        field = _read(data[first.start : first.stop])
    children = _field_elements(data, first)
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if following is None:
            children += line_ending(line)
        else:
            white = _WHITE_SPACE.match(data, following.start, following.stop)
            fold = following.start if white is None else white.end()
            children.append(
                Span(line.stop, fold, "obs-fold", note="counts as one SP", section="RFC 9112 §5.2", kind=Kind.DELIMITER)
            )
            children += _value(data, fold, following.stop)
    if field is None:
        return Span(
            first.start, last.end, "field-line", note="cut off here", section="RFC 9112 §5", kind=Kind.UNIT,
            children=tuple(children),
        )  # fmt: skip
    name, value = field
    note, section = meaning.field(name, value, bodiless)
    return Span(first.start, last.end, "field-line", name + b": " + value, note, section, tuple(children), Kind.UNIT)


def _read(line: bytes) -> Field | None:
    try:
        return grammar.field_line(line)
    except RemoteProtocolError:
        return None


def _field_elements(data: bytes, line: Line) -> list[Span]:
    match = grammar.FIELD_LINE.fullmatch(data, line.start, line.stop)
    if match is None:
        return draw_elements(data, line, FIELD_LINE)[0]
    name, value = match.span("name"), match.span("value")
    colon = name[1] + 1
    return [
        Span(*name, "field-name", match["name"], kind=Kind.NAME),
        Span(name[1], colon, ":", kind=Kind.DELIMITER),
        *_white_space(colon, value[0]),
        *_value(data, *value),
    ]


def _value(data: bytes, start: int, stop: int) -> list[Span]:
    """A field value and the white space behind it, which is not part of it (RFC 9110 §5.5)."""
    value = data[start:stop].rstrip(b" \t")
    end = start + len(value)
    spans = [Span(start, end, "field-value", value)] if value else []
    return [*spans, *_white_space(end, stop)]


def _white_space(start: int, stop: int) -> list[Span]:
    return [Span(start, stop, "OWS", section="RFC 9110 §5.6.3", kind=Kind.DELIMITER)] if stop > start else []
