"""Frames on their way to the socket: sent at once where it takes them, kept in order and whole where it doesn't.

A frame is either put here whole or not at all, so nobody who is cancelled leaves half of one behind.
"""

from __future__ import annotations

from collections.abc import Callable

PIECE = 65536
"""Bytes that are joined for one write."""


class Outbox:
    """What the socket has not taken yet.

    Attributes:
        size: bytes that wait.
        is_lent: somebody is sending the next piece, and has not said yet how much of it went.
    """

    __slots__ = ("_begun", "_frames", "is_lent", "size")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._begun = 0  # bytes of the first that the socket has taken
        self.size = 0
        self.is_lent = False

    def put(self, data: bytes) -> None:
        """Append a frame, or several; ``data`` is not copied, so many outboxes may hold the same."""
        if data:  # a write of nothing could never be taken
            self._frames.append(data)
            self.size += len(data)

    def next_piece(self) -> bytes | memoryview:
        """What to hand to the socket next; ``taken`` is told how much of it went."""
        frames = self._frames
        first = frames[0]
        if self._begun or len(frames) == 1 or len(first) >= PIECE:
            return memoryview(first)[self._begun :]
        count = size = 0
        while count < len(frames) and size < PIECE:
            size += len(frames[count])
            count += 1
        joined = b"".join(frames[:count])
        frames[:count] = [joined]
        return joined

    def taken(self, count: int) -> None:
        """The socket has taken ``count`` bytes of the piece."""
        self.size -= count
        self._begun += count
        if self._begun == len(self._frames[0]):
            self._begun = 0
            del self._frames[0]

    def drop(self, *, whole: bool) -> None:
        """Throw away what waits: all of it, or with ``whole`` what may go without cutting a frame short."""
        keep = whole and (self._begun or self.is_lent)
        self._frames = self._frames[:1] if keep else []
        self.size = len(self._frames[0]) - self._begun if keep else 0
        self._begun = self._begun if keep else 0

    def flush(self, send_now: Callable[[bytes | memoryview], int]) -> bool:
        """Send what the socket takes now; whether that was anything.

        Raises:
            Disconnected: the connection broke.
        """
        progress = False
        while self._frames:
            piece = self.next_piece()
            sent = send_now(piece)
            if sent:
                self.taken(sent)
                progress = True
            if sent < len(piece):
                break
        return progress
