"""Codecs against the clock: a side repeats its work within this process and counts the processor's time.

Codecs are compared within one process, a few hundredths of a second apart: they share heap, caches and the processor's
mood, which two processes don't. What counts is the CPU time of the process, so that whoever else uses the machine
matters as little as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.harness import Contender, Opener

SAMPLE_SECONDS = 0.06


class Timed(Contender):
    """Repeats ``one_pass`` until enough time has gone by. A pass returns what it did, in units, and its CPU seconds."""

    seconds = SAMPLE_SECONDS

    def __init__(self) -> None:
        self.extra: dict[str, float] = {}

    def one_pass(self) -> tuple[float, float]:
        """Go through all of the input once."""
        raise NotImplementedError

    def sample(self) -> float:
        """Units per second of CPU time."""
        units = seconds = 0.0
        while True:
            done, took = self.one_pass()
            units += done
            seconds += took
            if seconds >= self.seconds:
                return units / seconds


def opener(make: Callable[[bool], Timed]) -> Opener:
    """The ``open`` of a side that needs no clearing up."""

    @contextmanager
    def open_side(quick: bool) -> Iterator[Contender]:
        side = make(quick)
        if quick:
            side.seconds = 0.0
        yield side

    return open_side
