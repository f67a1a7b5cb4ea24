"""Heads and field sections drawn: each line of them as a unit, its elements as the codec's own grammar finds them.

Everything is drawn up to ``limit``, where the input ends or breaks a rule; a line that is cut there is drawn as far as
it goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wire.errors import RemoteProtocolError
from wire.explain.http1 import meaning
from wire.explain.span import Kind, Span
from wire.http1 import grammar
from wire.http1.events import Fields

_WHITE_SPACE = re.compile(grammar.OWS)


@dataclass(slots=True)
class Drawn:
    """Spans, where they end, and what has to come next for them to be whole; nothing where they are."""

    spans: list[Span]
    end: int
    awaiting: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A line: its name, where it is defined, and its elements in order, by name."""

    name: str
    section: str
    elements: tuple[tuple[str, re.Pattern[bytes]], ...]


def _shape(name: str, section: str, names: Sequence[str], elements: grammar.Elements) -> Shape:
    # The last element of the grammar is the end of the line.
    patterns = [pattern for pattern, _rule in elements[:-1]]
    return Shape(name, section, tuple(zip(names, patterns, strict=True)))


REQUEST_LINE = _shape(
    "request-line",
    "RFC 9112 §3",
    ("method", "SP", "request-target", "SP", "HTTP-version"),
    grammar.REQUEST_LINE_ELEMENTS,
)
STATUS_LINE = _shape(
    "status-line",
    "RFC 9112 §4",
    ("HTTP-version", "SP", "status-code", "SP", "reason-phrase"),
    grammar.STATUS_LINE_ELEMENTS,
)
FIELD_LINE = _shape("field-line", "RFC 9112 §5", ("field-name", ":", "field-value"), grammar.FIELD_LINE_ELEMENTS)


@dataclass(slots=True)
class Line:
    """Where a line is: its first byte, the byte behind its text, and the byte behind its CRLF, if that is there."""

    start: int
    stop: int
    end: int
    complete: bool


def find_line(data: bytes, start: int, limit: int) -> Line:
    """The line that begins at ``start``."""
    lf = data.find(b"\n", start, limit)
    if lf > start and data[lf - 1] == 0x0D:
        return Line(start, lf - 1, lf + 1, True)
    cut_crlf = limit > start and data[limit - 1] == 0x0D
    return Line(start, limit - cut_crlf, limit, False)


def line_ending(line: Line) -> list[Span]:
    """The CRLF of a line, or as much of it as there is."""
    if line.complete:
        return [Span(line.stop, line.end, "CRLF", section="RFC 9112 §2.2", kind=Kind.DELIMITER)]
    if line.end > line.stop:
        return [Span(line.stop, line.end, "CR", section="RFC 9112 §2.2", kind=Kind.DELIMITER)]
    return []


def empty_line(line: Line, note: str) -> Span:
    """A line without text."""
    return Span(line.start, line.end, "empty line", note=note, section="RFC 9112 §2.1", kind=Kind.DELIMITER)


def draw_start_line(data: bytes, start: int, limit: int, shape: Shape) -> Drawn:
    """A request-line or a status-line."""
    line = find_line(data, start, limit)
    spans, missing = _elements(data, line, shape)
    unit = Span(
        start, line.end, shape.name, section=shape.section, kind=Kind.UNIT, children=(*spans, *line_ending(line))
    )
    return Drawn([unit], line.end, "" if line.complete else _rest(line, shape, missing))


def _rest(line: Line, shape: Shape, missing: tuple[str, ...]) -> str:
    if line.end > line.stop:
        return f"the LF that ends the {shape.name}"
    return f"the rest of the {shape.name}: {', '.join((*missing, 'CRLF'))}"


def _elements(data: bytes, line: Line, shape: Shape) -> tuple[list[Span], tuple[str, ...]]:
    """The elements of a line, and the names of those that are not there (as a whole)."""
    spans: list[Span] = []
    at = line.start
    for index, (name, pattern) in enumerate(shape.elements):
        match = pattern.match(data, at, line.stop)
        if match is None:
            if at < line.stop:
                spans.append(Span(at, line.stop, name, data[at : line.stop], "cut off here", shape.section))
            return spans, tuple(name for name, _pattern in shape.elements[index:])
        if match.end() > at:
            spans.append(_element(name, at, match[0], spans))
        at = match.end()
    if at < line.stop:  # the line breaks a rule elsewhere, or is not complete and so not judged
        spans.append(Span(at, line.stop, "unexpected", data[at : line.stop], "does not belong here", shape.section))
    return spans, ()


def _element(name: str, at: int, text: bytes, before: list[Span]) -> Span:
    end = at + len(text)
    if name in ("SP", ":"):
        return Span(at, end, name, kind=Kind.DELIMITER)
    if name == "method":
        return Span(at, end, name, text, *meaning.method(text), kind=Kind.NAME)
    if name == "status-code":
        return Span(at, end, name, int(text), *meaning.status(int(text)), kind=Kind.NAME)
    if name == "HTTP-version":
        return Span(at, end, name, text, "the version that the sender speaks", "RFC 9112 §2.3")
    if name == "request-target":
        return _target(at, text, before[0].value if before else b"")
    if name == "reason-phrase":
        return Span(at, end, name, text, "for people; no program goes by it", "RFC 9112 §4")
    return Span(at, end, name, text, kind=Kind.NAME if name == "field-name" else Kind.VALUE)


def _target(at: int, target: bytes, method: object) -> Span:
    """A request-target in one of its four forms (RFC 9112 §3.2)."""
    end = at + len(target)
    parts: tuple[Span, ...] = ()
    if target == b"*":
        note, section = "asterisk-form: the server as a whole", "RFC 9112 §3.2.4"
    elif method == b"CONNECT":
        note, section = "authority-form: where the tunnel is to lead", "RFC 9112 §3.2.3"
    elif target.startswith(b"/"):
        note, section, parts = "origin-form: a path on this server", "RFC 9112 §3.2.1", _origin_form(at, target)
    else:
        note, section = "absolute-form: a whole URI, as for a proxy", "RFC 9112 §3.2.2"
        parts = _absolute_form(at, target)
    return Span(at, end, "request-target", target, note, section, parts if len(parts) > 1 else ())


def _origin_form(at: int, target: bytes) -> tuple[Span, ...]:
    path, mark, query = target.partition(b"?")
    return _row(at, (("absolute-path", path), ("?", mark), ("query", query)))


def _absolute_form(at: int, target: bytes) -> tuple[Span, ...]:
    match = grammar.ABSOLUTE_FORM.fullmatch(target)
    if match is None:
        return ()
    scheme, authority, path, query = match.group("scheme", "authority", "path", "query")
    return _row(
        at,
        (
            ("scheme", scheme),
            ("://" if authority is not None else ":", b":" if authority is None else b"://"),
            ("authority", authority),
            ("path", path),
            ("?", None if query is None else b"?"),
            ("query", query),
        ),
    )


def _row(at: int, parts: Sequence[tuple[str, bytes | None]]) -> tuple[Span, ...]:
    """Spans side by side; a part that is empty has none, a part that is its own name is a delimiter."""
    spans: list[Span] = []
    for name, text in parts:
        if text:
            end = at + len(text)
            if name == text.decode("latin-1"):
                spans.append(Span(at, end, name, kind=Kind.DELIMITER))
            else:
                spans.append(Span(at, end, name, text))
            at = end
    return tuple(spans)


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


def _field_line(data: bytes, lines: list[Line], field: tuple[bytes, bytes] | None, bodiless: bool) -> Span:
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


def _read(line: bytes) -> tuple[bytes, bytes] | None:
    try:
        return grammar.field_line(line)
    except RemoteProtocolError:
        return None


def _field_elements(data: bytes, line: Line) -> list[Span]:
    match = grammar.FIELD_LINE.fullmatch(data, line.start, line.stop)
    if match is None:
        return _elements(data, line, FIELD_LINE)[0]
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
