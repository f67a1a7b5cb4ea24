"""The bytes that wait to be read, and how far into the stream they are.

What one read brings is used where it lies, without a copy. What is left over when the next read comes is joined with it
where it is the smaller part, and otherwise gathered in a bytearray. So a message in one piece costs nothing extra, and
a peer that sends single bytes costs linear work.
"""

from __future__ import annotations

from wire.http1.rules import broken


class ReadBuffer:
    """A queue of bytes with a place in the stream.

    Attributes:
        data: the bytes at hand; those before ``pos`` have been read.
        pos: index into ``data`` of the next byte.
        eof: whether the peer has closed its side.
    """

    __slots__ = ("_base", "_searched", "data", "eof", "pos")

    def __init__(self) -> None:
        self.data: bytes | bytearray = b""
        self.pos = 0
        self.eof = False
        self._base = 0  # place in the stream of data[0]
        self._searched = 0  # no LF lies in data[pos:_searched]

    def __len__(self) -> int:
        """Number of bytes that wait."""
        return len(self.data) - self.pos

    @property
    def offset(self) -> int:
        """Place in the stream of the next byte."""
        return self._base + self.pos

    def feed(self, data: bytes) -> None:
        """Append what came from the peer; nothing means that it closed its side."""
        if not data:
            self.eof = True
            return
        self._base += self.pos
        if self.pos == len(self.data):
            self.data = bytes(data)
            self._searched = 0
        else:
            self._searched = max(self._searched - self.pos, 0)
            if len(self) <= len(data):
                self.data = bytes(self.data[self.pos :]) + data
            else:
                if isinstance(self.data, bytes):
                    self.data = bytearray(self.data)
                del self.data[: self.pos]
                self.data += data
        self.pos = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, or as many as there are."""
        start = self.pos
        self.pos = end = min(start + count, len(self.data))
        if isinstance(self.data, bytes):
            return self.data[start:end]
        return bytes(memoryview(self.data)[start:end])

    def line(self, limit: int, too_long: str, bare_lf: str = "http1.line.bare-lf") -> bytes | None:
        """The next line without its CRLF; None while it is incomplete.

        Raises:
            RemoteProtocolError: rule ``too_long`` at the first byte past ``limit``, rule ``bare_lf`` at an LF without
                CR. Both at the same byte whether the line is complete or still growing.
        """
        data, start = self.data, self.pos
        end = data.find(b"\n", max(start, self._searched))
        stop = len(data) if end < 0 else end
        has_cr = stop > start and data[stop - 1] == 0x0D
        if stop - start - has_cr > limit:
            raise broken(too_long, self.offset + limit, f"the limit is {limit} bytes")
        if end < 0:
            self._searched = stop
            return None
        if not has_cr:
            raise broken(bare_lf, self._base + end)
        line = self.take(stop - 1 - start)
        self.pos = end + 1
        return line
