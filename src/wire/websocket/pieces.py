"""The payload of a frame that comes in several reads."""

from __future__ import annotations

_LARGE = 4096


class Pieces:
    """Bytes that are gathered until all of them are there.

    Large pieces stay as they are and are put together once: a message of 1 MiB in reads of 64 KiB takes two thirds of
    the time that one growing buffer does. Short ones are gathered at once, so that a peer that sends single bytes
    costs no more memory than it sends.

    Attributes:
        size: number of bytes so far.
    """

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: list[bytes | bytearray] = []
        self.size = 0

    def add(self, piece: bytes | bytearray) -> None:
        """Append a piece, which is the caller's no more."""
        self.size += len(piece)
        pieces = self._pieces
        if not pieces or len(pieces[-1]) >= _LARGE:
            pieces.append(piece)
            return
        last = pieces[-1]
        if isinstance(last, bytes):
            last = pieces[-1] = bytearray(last)
        last += piece

    def last(self, count: int) -> bytes:
        """The last ``count`` bytes, or as many as there are."""
        found = b""
        for piece in reversed(self._pieces):
            if len(found) == count:
                break
            found = bytes(piece[len(found) - count :]) + found
        return found

    def whole(self) -> bytes | bytearray:
        """All of them."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
