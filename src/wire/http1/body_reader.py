"""Message bodies from the wire: a reader for each way to delimit them (RFC 9112 §6, §7)."""

from __future__ import annotations

import re
from typing import Protocol

from wire.errors import RemoteProtocolError
from wire.http1.buffer import ReadBuffer
from wire.http1.events import Data, EndOfMessage
from wire.http1.field_names import FORBIDDEN_TRAILERS
from wire.http1.field_reader import FieldSection
from wire.http1.framing import NO_BODY, Framing, Kind
from wire.http1.grammar import CHUNK_LINE, CHUNK_LINE_ELEMENTS, diagnose
from wire.http1.limits import Limits
from wire.http1.rules import broken


class BodyReader(Protocol):
    """Takes a message body from the buffer, piece by piece."""

    def read(self, buffer: ReadBuffer) -> Data | EndOfMessage | None:
        """The next event; None where more bytes are needed.

        Raises:
            RemoteProtocolError: the body breaks a rule at the buffer's next byte or after it.
        """


class LengthReader:
    """A body of a known number of bytes (RFC 9112 §6.2)."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def read(self, buffer: ReadBuffer) -> Data | EndOfMessage | None:
        """See ``BodyReader.read``."""
        if not self._left:
            return EndOfMessage()
        data = buffer.take(self._left)
        if data:
            self._left -= len(data)
            return Data(data)
        if buffer.eof:
            raise broken("http1.eof.in-body", buffer.offset, f"{self._left} bytes are missing")
        return None


class UntilCloseReader:
    """A response body that ends with the connection (RFC 9112 §6.3 item 8)."""

    __slots__ = ("_left",)

    def __init__(self, limit: int | None) -> None:
        self._left = limit

    def read(self, buffer: ReadBuffer) -> Data | EndOfMessage | None:
        """See ``BodyReader.read``."""
        available = len(buffer)
        if not available:
            return EndOfMessage() if buffer.eof else None
        if self._left is None:
            return Data(buffer.take(available))
        if not self._left:
            raise broken("http1.body.too-large", buffer.offset)
        data = buffer.take(self._left)
        self._left -= len(data)
        return Data(data)


_QUICK_DIGITS = 8
_NEXT_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,%d})\r\n" % _QUICK_DIGITS)


class ChunkedReader:
    """A chunked body (RFC 9112 §7.1): the data of all chunks that came in one read is handed out as one."""

    __slots__ = ("_between", "_extensions", "_left", "_limits", "_room", "_trailers")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = 0  # bytes of the current chunk that are still to come
        self._between = False  # the CRLF behind a chunk's data is still to come
        self._extensions = 0  # bytes of chunk extensions so far
        self._room = limits.body
        self._trailers: FieldSection | None = None

    def read(self, buffer: ReadBuffer) -> Data | EndOfMessage | None:
        """See ``BodyReader.read``."""
        if self._trailers is None:
            pieces: list[bytes] = []
            try:
                self._read_chunks(buffer, pieces)
            except RemoteProtocolError:
                # What came before the fault is heard first; the fault is still there at the next call.
                if not pieces:
                    raise
            if pieces:
                return Data(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if self._trailers is not None and self._trailers.read(buffer):
            return self._end(self._trailers)
        if buffer.eof:
            raise broken("http1.eof.in-body", buffer.offset + len(buffer), "the last chunk has not come")
        return None

    def _read_chunks(self, buffer: ReadBuffer, pieces: list[bytes]) -> None:
        """Move the data of chunks into ``pieces`` until the buffer is empty or the last chunk has come."""
        while True:
            if self._left:
                data = buffer.take(self._left)
                if not data:
                    return
                pieces.append(data)
                self._left -= len(data)
                if self._left:
                    return
                self._between = True
            if self._between and not self._end_of_data(buffer):
                return
            if not self._read_whole_chunks(buffer, pieces):
                size = self._chunk_line(buffer)
                if size is None:
                    return
                if size == 0:
                    self._trailers = self._trailer_section()
                    return
                self._left = size

    def _read_whole_chunks(self, buffer: ReadBuffer, pieces: list[bytes]) -> bool:
        """Take chunks that lie in the buffer complete and have no extensions; False where the next one is otherwise.

        For 16-byte chunks this loop costs a third of going through ``_chunk_line`` and ``take``.
        """
        data, pos, end = buffer.data, buffer.pos, len(buffer)
        if self._limits.chunk_size_digits < _QUICK_DIGITS or not isinstance(data, bytes):
            return False
        match = _NEXT_CHUNK.match
        room = end if self._room is None else self._room
        first = pos
        while (line := match(data, pos)) is not None:
            size = int(line[1], 16)
            start = line.end()
            stop = start + size
            if size == 0 or size > room or data[stop : stop + 2] != b"\r\n":
                break
            pieces.append(data[start:stop])
            pos = stop + 2
            room -= size
        buffer.pos = pos
        if self._room is not None:
            self._room = room
        return pos > first

    def _end_of_data(self, buffer: ReadBuffer) -> bool:
        start = buffer.pos
        found = bytes(buffer.data[start : start + 2])
        if found != b"\r\n"[: len(found)]:
            raise broken("http1.chunk-data.no-crlf", buffer.offset + (found[:1] == b"\r"))
        if len(found) < 2:
            return False
        buffer.pos += 2
        self._between = False
        return True

    def _chunk_line(self, buffer: ReadBuffer) -> int | None:
        """The size of the next chunk; the buffer stays where it was if there is none yet, or a wrong one."""
        limits = self._limits
        start = buffer.pos
        offset = buffer.offset
        line = buffer.line(
            limits.chunk_size_digits + limits.chunk_extension, "http1.chunk-line.too-long", "http1.chunk-line.bare-lf"
        )
        if line is None:
            return None
        end, buffer.pos = buffer.pos, start
        match = CHUNK_LINE.fullmatch(line)
        if match is None:
            raise diagnose(line, CHUNK_LINE_ELEMENTS, offset)
        digits, extensions = match["size"], match["extensions"]
        if len(digits) > limits.chunk_size_digits:
            raise broken("http1.chunk-size.overflow", offset + limits.chunk_size_digits)
        if len(extensions) > limits.chunk_extension:
            raise broken("http1.chunk-ext.too-long", offset + len(digits) + limits.chunk_extension)
        # RFC 9112 §7.1.1: unknown extensions are ignored, and every extension is unknown.
        if self._extensions + len(extensions) > limits.chunk_extensions:
            raise broken("http1.chunk-ext.too-many", offset + len(digits))
        size = int(digits, 16)
        if self._room is not None and size > self._room:
            raise broken("http1.body.too-large", offset, f"the limit is {limits.body} bytes")
        if self._room is not None:
            self._room -= size
        self._extensions += len(extensions)
        buffer.pos = end
        return size

    def _trailer_section(self) -> FieldSection:
        limits = self._limits
        return FieldSection(
            max_lines=limits.trailer_lines, max_line=limits.field_line, max_size=limits.trailers, unfold=False
        )

    def _end(self, trailers: FieldSection) -> EndOfMessage:
        for (name, _value), offset in zip(trailers.fields, trailers.offsets, strict=True):
            if name in FORBIDDEN_TRAILERS:
                raise broken("http1.trailer.forbidden", offset, name.decode("ascii"))
        return EndOfMessage(tuple(trailers.fields))


def body_reader(framing: Framing, limits: Limits) -> BodyReader:
    """The reader for a body that is delimited by ``framing``."""
    if framing is NO_BODY:
        return EMPTY_READER
    if framing.kind is Kind.CHUNKED:
        return ChunkedReader(limits)
    if framing.kind is Kind.UNTIL_CLOSE:
        return UntilCloseReader(limits.body)
    return LengthReader(framing.length)


EMPTY_READER = LengthReader(0)
"""The reader for a message without a body."""
