"""The ``Date`` field: the time of each response, written out once a second (RFC 9110 §5.6.7, §6.6.1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Seconds since 1970 in UTC, as ``time.time`` gives them."""


class DateField:
    """The current ``Date`` field line, kept for as long as its second lasts.

    Args:
        clock: another clock, for output that is the same each time.
    """

    __slots__ = ("_clock", "_line", "_second")

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._second = -1
        self._line = (b"date", b"")

    def line(self) -> tuple[bytes, bytes]:
        """Name and value."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._line = (b"date", formatdate(second, usegmt=True).encode("ascii"))
        return self._line
