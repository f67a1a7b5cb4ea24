"""Message bodies drawn: a length of bytes, or chunks with the content that they carry (RFC 9112 §6, §7)."""

from __future__ import annotations

import re

from wire.explain.http1.fields import draw_field_section
from wire.explain.http1.lines import Drawn, find_line, line_ending
from wire.explain.span import Derived, Kind, Piece, Span
from wire.explain.text import count
from wire.http1.events import Fields
from wire.http1.framing import Framing
from wire.http1.framing import Kind as Delimited
from wire.http1.grammar import CHUNK_EXT, CHUNK_LINE_ELEMENTS

_CHUNK_SIZE = CHUNK_LINE_ELEMENTS[0][0]


def draw_body(data: bytes, start: int, limit: int, framing: Framing, trailers: Fields | None, closed: bool) -> Drawn:
    """The body from ``start`` on, as far as it goes and no further than ``limit``.

    Args:
        data: the whole stream.
        start: where the body begins.
        limit: where to stop at the latest.
        framing: how the body is delimited.
        trailers: its trailer fields as the codec read them; None where it did not come so far.
        closed: whether the sender closed the connection at ``limit``.
    """
    if framing.kind is Delimited.CHUNKED:
        return _Chunks(data, start, limit).draw(trailers)
    if framing.kind is Delimited.UNTIL_CLOSE:
        end, note = limit, "ends where the connection ends: its length is not given"
        section, awaiting = "RFC 9112 §6.3", "" if closed else "more of the body, or the end of the connection"
    else:
        end = min(limit, start + framing.length)
        note, section, missing = count(end - start), "RFC 9112 §6.2", start + framing.length - end
        awaiting = f"{count(missing)} of the body" if missing else ""
        if missing:
            note = f"{count(end - start)} of {framing.length:,}"
    body = Span(start, end, "message-body", data[start:end], note, section, kind=Kind.CONTENT)
    return Drawn([body] if end > start else [], end, awaiting)


class _Chunks:
    """A chunked body as it is walked, chunk by chunk (RFC 9112 §7.1)."""

    def __init__(self, data: bytes, start: int, limit: int) -> None:
        self.data = data
        self.start = start
        self.limit = limit
        self.spans: list[Span] = []
        self.content: list[bytes] = []
        self.pieces: list[Piece] = []
        self.length = 0

    def draw(self, trailers: Fields | None) -> Drawn:
        at, awaiting = self.start, ""
        size = -1
        while not awaiting and size != 0:
            at, size, awaiting = self._chunk(at)
        if not awaiting:
            section = draw_field_section(self.data, at, self.limit, trailers, ending="the body ends here")
            lines = [span for span in section.spans if span.name == "field-line"]
            if lines:
                self.spans.append(
                    Span(at, lines[-1].end, "trailer-section", None, "fields that were known only after the content",
                         "RFC 9112 §7.1.2", tuple(lines), Kind.GROUP)
                )  # fmt: skip
            self.spans += section.spans[len(lines) :]
            at, awaiting = section.end, section.awaiting
        if not self.spans:
            return Drawn([], at, awaiting)
        note = f"{count(self.length)} in {count(len(self.pieces), 'chunk')}"
        derived = Derived("content, without its chunking", b"".join(self.content), tuple(self.pieces))
        body = Span(
            self.start, at, "message-body", None, note, "RFC 9112 §7.1", tuple(self.spans), Kind.GROUP,
            derived=derived if self.content else None,
        )  # fmt: skip
        return Drawn([body], at, awaiting)

    def _chunk(self, start: int) -> tuple[int, int, str]:
        """Draw the chunk at ``start``: where it ends, its size (-1 for none), and what has to come for it."""
        line = find_line(self.data, start, self.limit)
        digits = _CHUNK_SIZE.match(self.data, start, line.stop)
        if digits is None:
            if line.end > start:
                section = "RFC 9112 §7.1"
                self.spans.append(Span(start, line.end, "chunk-size", None, "cut off here", section))
            return line.end, -1, "the size of the next chunk"
        size = int(digits[0], 16)
        children = [
            Span(start, digits.end(), "chunk-size", size, "", "RFC 9112 §7.1", kind=Kind.NAME),
            *self._extensions(digits.end(), line.stop),
            *line_ending(line),
        ]
        end, awaiting = line.end, "" if line.complete else "the rest of the chunk-size line"
        if line.complete and size:
            end, awaiting = self._data(line.end, size, children)
        hexadecimal = f": {digits[0].decode('ascii')} in hexadecimal" if size > 9 else ""
        note = count(size) + hexadecimal if size else "an empty chunk: no more will follow"
        self.spans.append(
            Span(start, end, "chunk" if size else "last-chunk", None, note, "RFC 9112 §7.1", tuple(children), Kind.UNIT)
        )
        return end, size, awaiting

    def _data(self, start: int, size: int, children: list[Span]) -> tuple[int, str]:
        end = min(start + size, self.limit)
        if end > start:
            children.append(Span(start, end, "chunk-data", self.data[start:end], kind=Kind.CONTENT))
            self.content.append(self.data[start:end])
            self.pieces.append(Piece(self.length, self.length + end - start, start, end))
            self.length += end - start
        if end < start + size:
            return end, f"{count(start + size - end)} of the chunk"
        # What stands here is CR LF, or the beginning of it: anything else has set the limit before it.
        after = min(end + 2, self.limit)
        if after > end:
            children.append(Span(end, after, "CRLF" if after == end + 2 else "CR", kind=Kind.DELIMITER))
        return after, "" if after == end + 2 else "the CRLF behind the chunk"

    def _extensions(self, start: int, stop: int) -> list[Span]:
        """The chunk extensions; nobody has to understand them (RFC 9112 §7.1.1)."""
        spans: list[Span] = []
        at = start
        while at < stop:
            match = CHUNK_EXT.match(self.data, at, stop)
            if match is None:
                spans.append(Span(at, stop, "chunk-ext", self.data[at:stop], "cut off here", "RFC 9112 §7.1.1"))
                break
            spans.append(_extension(match))
            at = match.end()
        return spans


def _extension(match: re.Match[bytes]) -> Span:
    start, end = match.span()
    name, value = match.span("name"), match.span("value")
    edges = [(start, name[0], ";", Kind.DELIMITER), (*name, "chunk-ext-name", Kind.NAME)]
    if value[0] >= 0:
        edges += [(name[1], value[0], "=", Kind.DELIMITER), (*value, "chunk-ext-val", Kind.VALUE)]
    children = tuple(
        Span(first, behind, label, None if kind is Kind.DELIMITER else match.string[first:behind], kind=kind)
        for first, behind, label, kind in edges
    )
    note = "an extension, which may be ignored"
    return Span(start, end, "chunk-ext", match[0], note, "RFC 9112 §7.1.1", children)
