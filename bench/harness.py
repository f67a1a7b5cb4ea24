"""How two programs are compared fairly on a machine that others use too.

Both sides first show that they make the same of the same work. Then they take turns, A B A B …, so that whatever slows
the machine down for a while slows both. Each pair of turns gives one ratio, and the row's figure is the median of
these, shown with the lowest and the highest. A turn begins after a full garbage collection and runs with the collector
on, as servers do, for both sides alike. The first turn of each side warms it up and is thrown away.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Protocol


class Unavailable(Exception):
    """A side cannot run here, or broke down: the message says what to install, or what went wrong."""


class Disagreement(Exception):
    """A peer makes something else of the work than we do, so there is nothing to compare."""


class Contender(Protocol):
    """One side of a comparison, set up and ready.

    Attributes:
        extra: further figures of the last sample, by name; the table shows their ratios below that of the row.
    """

    extra: dict[str, float]

    def outcome(self) -> object:
        """What this side makes of the work, in a form that can be compared with the other's."""

    def sample(self) -> float:
        """Do the work for a while; the figure in the unit of the work."""


Opener = Callable[[bool], AbstractContextManager[Contender]]
"""Sets a side up; the argument asks for a quick run, which proves that all works but whose figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """A program that does the work.

    Attributes:
        label: who it is, for the table.
        open: sets it up; raises Unavailable or ImportError where it cannot run here.
        packages: the distributions whose versions matter.
        goal: the ratio to reach: at least, or at most where less is better; None where none is set.
    """

    label: str
    open: Opener
    packages: tuple[str, ...] = ()
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done by us and by some peers. Each peer makes a row.

    Attributes:
        name: such as ``http1.get``; the row of the peer ``h11`` is ``http1.get.h11``.
        title: what is done, for the table.
        unit: of the figures; ``requests/s``.
        ours: this project.
        peers: by the last part of the row's name.
        rounds: turns that we take with each peer.
        less_is_better: then the goal is an upper bound.
    """

    name: str
    title: str
    unit: str
    ours: Side
    peers: dict[str, Side]
    rounds: int = 15
    less_is_better: bool = False

    @property
    def rows(self) -> list[str]:
        """The names of the rows."""
        return [f"{self.name}.{peer}" for peer in self.peers]


@dataclass(slots=True)
class Row:
    """The result of a comparison with one peer. ``problem`` says why there is none."""

    name: str
    work: Work
    peer: Side
    ours_samples: list[float] = field(default_factory=list)
    peer_samples: list[float] = field(default_factory=list)
    ours_extra: dict[str, list[float]] = field(default_factory=dict)
    peer_extra: dict[str, list[float]] = field(default_factory=dict)
    problem: str | None = None

    @property
    def ratios(self) -> list[float]:
        """Ours divided by the peer's, turn by turn."""
        return [ours / peer for ours, peer in zip(self.ours_samples, self.peer_samples, strict=True)]

    @property
    def ratio(self) -> float | None:
        """The median of ``ratios``."""
        return statistics.median(self.ratios) if self.ratios else None

    def forget(self) -> None:
        """Throw away all samples."""
        for samples in (self.ours_samples, self.peer_samples, self.ours_extra, self.peer_extra):
            samples.clear()

    @property
    def extra_ratios(self) -> dict[str, float]:
        """The median ratio of each further figure."""
        return {
            name: statistics.median(ours / peer for ours, peer in zip(figures, self.peer_extra[name], strict=True))
            for name, figures in self.ours_extra.items()
        }

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is no goal or no ratio."""
        if self.ratio is None or self.peer.goal is None:
            return None
        return self.ratio <= self.peer.goal if self.work.less_is_better else self.ratio >= self.peer.goal


def select(works: Iterable[Work], names: Iterable[str]) -> list[str]:
    """The names of all rows that ``names`` ask for, whole or by their beginning up to a dot; all rows for no names.

    Raises:
        KeyError: a name fits no row.
    """
    rows = [row for work in works for row in work.rows]
    wanted = set()
    for name in names:
        fitting = {row for row in rows if row == name or row.startswith(name + ".")}
        if not fitting:
            raise KeyError(name)
        wanted |= fitting
    return [row for row in rows if row in wanted] if wanted else rows


def compare(work: Work, rows: Iterable[str], quick: bool) -> Iterator[Row]:
    """Run the work for us and for those peers whose rows are asked for.

    Raises:
        Disagreement: a peer makes something else of the work than we do.
    """
    asked = set(rows)
    pending = [
        Row(name, work, peer) for name, peer in zip(work.rows, work.peers.values(), strict=True) if name in asked
    ]
    with ExitStack() as stack:
        try:
            ours = stack.enter_context(work.ours.open(quick))
            expected = ours.outcome()
        except (ImportError, Unavailable) as problem:
            for row in pending:
                row.problem = str(problem)
            yield from pending
            return
        running: list[tuple[Row, Contender]] = []
        for row in pending:
            try:
                peer = stack.enter_context(row.peer.open(quick))
                outcome = peer.outcome()
            except (ImportError, Unavailable) as problem:
                row.problem = str(problem)
                continue
            if outcome != expected:
                raise Disagreement(f"{row.name}: ours is {expected!r:.300}, that of {row.peer.label} {outcome!r:.300}")
            running.append((row, peer))
        if not quick:
            _take_turns(ours, running, 1)
            for row, _ in running:
                row.forget()  # that was to warm up
        _take_turns(ours, running, 1 if quick else work.rounds)
    yield from pending


def _take_turns(ours: Contender, running: list[tuple[Row, Contender]], rounds: int) -> None:
    for _ in range(rounds):
        for row, peer in running:
            if row.problem is not None:
                continue
            try:
                _sample(ours, row.ours_samples, row.ours_extra)
                _sample(peer, row.peer_samples, row.peer_extra)
            except Unavailable as problem:
                row.forget()
                row.problem = str(problem)


def _sample(contender: Contender, samples: list[float], extra: dict[str, list[float]]) -> None:
    gc.collect()
    samples.append(contender.sample())
    for name, figure in contender.extra.items():
        extra.setdefault(name, []).append(figure)
