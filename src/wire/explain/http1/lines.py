"""Lines drawn: a request-line or a status-line as a unit, its elements as the codec's own grammar finds them.

Everything is drawn up to ``limit``, where the input ends or breaks a rule; a line that is cut there is drawn as far as
it goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wire.explain.http1 import meaning
from wire.explain.span import Kind, Span
from wire.http1 import grammar


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


def shape(name: str, section: str, names: Sequence[str], elements: grammar.Elements) -> Shape:
    """The shape of a line whose elements the grammar knows, but does not name."""
    patterns = [pattern for pattern, _rule in elements[:-1]]  # the last of them is the end of the line
    return Shape(name, section, tuple(zip(names, patterns, strict=True)))


REQUEST_LINE = shape(
    "request-line",
    "RFC 9112 §3",
    ("method", "SP", "request-target", "SP", "HTTP-version"),
    grammar.REQUEST_LINE_ELEMENTS,
)
STATUS_LINE = shape(
    "status-line",
    "RFC 9112 §4",
    ("HTTP-version", "SP", "status-code", "SP", "reason-phrase"),
    grammar.STATUS_LINE_ELEMENTS,
)


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
    spans, missing = draw_elements(data, line, shape)
    unit = Span(
        start, line.end, shape.name, section=shape.section, kind=Kind.UNIT, children=(*spans, *line_ending(line))
    )
    return Drawn([unit], line.end, "" if line.complete else _rest(line, shape, missing))


def _rest(line: Line, shape: Shape, missing: tuple[str, ...]) -> str:
    if line.end > line.stop:
        return f"the LF that ends the {shape.name}"
    return f"the rest of the {shape.name}: {', '.join((*missing, 'CRLF'))}"


def draw_elements(data: bytes, line: Line, shape: Shape) -> tuple[list[Span], tuple[str, ...]]:
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
