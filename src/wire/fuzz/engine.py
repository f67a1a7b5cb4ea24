"""The hunt: inputs are made, every parser reads them, and what they should not do or do not agree on is kept by class.

First each mutation is tried by itself. Then Hypothesis makes the inputs, in batches, so that a hunt can go on for as
long as it is told to and can be stopped between any two inputs. The same seed gives the same inputs in the same order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from wire.fuzz import strategies
from wire.fuzz.adapters import Reader
from wire.fuzz.contract import Violation, bytewise, check_chunk_invariant, check_total, cut
from wire.fuzz.findings import Finding, Report, Sighting
from wire.fuzz.known import OURS, known_difference
from wire.fuzz.readings import Reading, disagreement
from wire.fuzz.shrink import MOST_TRIES, shrink
from wire.fuzz.strategies import Spoilt
from wire.fuzz.targets import Target

BATCH = 100
"""Number of inputs that Hypothesis makes at a time."""

SWEEPS = 4
"""How often each mutation is tried by itself before Hypothesis combines them."""

_QUIET = settings(
    max_examples=BATCH, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


class Judge:
    """Says what an input shows.

    Args:
        target: whose subjects are held to the contract, and which differences are known.
        readers: the parsers by name; the first is the one that all others are compared with.
        quirks: whether known differences are reported as well.
    """

    def __init__(self, target: Target, readers: Mapping[str, Reader], *, quirks: bool = False) -> None:
        self._target = target
        self._readers = readers
        self._quirks = quirks
        self.known: list[str] = []

    def for_one(self, sighting: Sighting) -> Judge:
        """A judge who knows only those who are concerned: a quicker one."""
        of_contract = self._target.subjects if sighting.kind == "contract" else ()
        subjects = tuple(subject for subject in of_contract if subject.name in sighting.who)
        readers = {name: reader for name, reader in self._readers.items() if name in sighting.who}
        return Judge(replace(self._target, subjects=subjects), readers, quirks=self._quirks)

    def sightings(self, data: bytes, pieces: Sequence[bytes]) -> list[Sighting]:
        """Everything that is wrong with how ``data`` is read; ``known`` then names what was set aside."""
        self.known = []
        return [*self._contract(data, pieces), *self._readings(data, pieces)]

    def _contract(self, data: bytes, pieces: Sequence[bytes]) -> Iterator[Sighting]:
        for subject in self._target.subjects:
            try:
                check_chunk_invariant(subject, data, [pieces], close=True)
                check_total(subject, [*pieces, b""])
            except Violation as broken:
                yield Sighting("contract", (subject.name,), broken.promise, broken.detail)

    def _readings(self, data: bytes, pieces: Sequence[bytes]) -> Iterator[Sighting]:
        readings: dict[str, Reading] = {}
        for name, reader in self._readers.items():
            try:
                readings[name] = whole = reader([data])
                cut = reader(pieces)
            except Exception as error:
                yield Sighting("exception", (name,), type(error).__name__, f"{type(error).__name__}: {error}")
                readings.pop(name, None)
                continue
            changed = disagreement("in one piece it", whole, "in several it", cut)
            if changed is not None:
                yield Sighting("chunk-dependence", (name,), changed.kind, changed.detail)
        first, *others = readings or [""]
        for name in others:
            found = disagreement(first, readings[first], name, readings[name])
            if found is None:
                continue
            known = self._target.known if first == OURS and not self._quirks else ()
            entry = known_difference(name, found, data, known)
            if entry is not None:
                self.known.append(f"{name}: {entry.why} ({entry.section})")
                continue
            what = f"{found.lenient} accepts: {found.reason}" if found.kind == "accept" else found.reason or found.kind
            rule = self._target.rules.get(found.reason)
            detail = found.detail if rule is None else f"{found.detail} ({rule.sentence}, {rule.section})"
            yield Sighting(found.kind, (first, name), what, detail)


def hunt(
    target: Target,
    readers: Mapping[str, Reader],
    *,
    seed: int,
    examples: int | None = None,
    seconds: float | None = None,
    corpus: Iterable[tuple[str, bytes]] = (),
    quirks: bool = False,
    tries: int = MOST_TRIES,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Look for findings until one of the two limits is reached, or Ctrl-C is pressed; then shrink them.

    Args:
        target: what to feed.
        readers: the parsers by name, ours first.
        seed: with the same seed and number of examples the same is found.
        examples: most inputs.
        seconds: longest time; shrinking comes on top.
        corpus: inputs by name that are tried before any is made.
        quirks: whether known differences are reported as well.
        tries: how hard to shrink each finding; 0 leaves it as it was found.
        progress: called now and then.
    """
    report = Report(target.name, seed)
    judge = Judge(target, readers, quirks=quirks)
    begun = time.monotonic()

    def over() -> bool:
        report.seconds = time.monotonic() - begun
        return (examples is not None and report.inputs >= examples) or (
            seconds is not None and report.seconds >= seconds
        )

    def look(mutation: str, data: bytes, pieces: Sequence[bytes]) -> None:
        report.inputs += 1
        for sighting in judge.sightings(data, pieces):
            finding = report.findings.setdefault(sighting.key, Finding(sighting.key, sighting, data))
            finding.mutations[mutation] += 1
            if len(data) < len(finding.data):
                finding.data, finding.sighting = data, sighting
        report.known.update(judge.known)

    try:
        for name, data in corpus:
            look(f"corpus: {name}", data, [data])
        chance = Random(seed)
        for sweep in range(SWEEPS):
            for spoilt in target.sweep(chance):
                if over():
                    break
                data = spoilt.data
                look(spoilt.mutation, data, cut(data, [chance.randrange(len(data) + 1)]) if sweep else bytewise(data))
            progress(report)
        batch = 0
        while not over():
            _run_batch(target, seed + (batch << 32), look, over)
            batch += 1
            progress(report)
    except KeyboardInterrupt:
        report.interrupted = True
    try:
        for finding in report.findings.values():
            if tries and not report.interrupted:
                _shrink(finding, judge.for_one(finding.sighting), tries)
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def _run_batch(
    target: Target, seed: int, look: Callable[[str, bytes, Sequence[bytes]], None], over: Callable[[], bool]
) -> None:
    @seeded(seed)
    @_QUIET
    @given(_arrivals(target.inputs()))
    def run(arrival: tuple[Spoilt, list[bytes]]) -> None:
        if not over():
            spoilt, pieces = arrival
            look(spoilt.mutation, spoilt.data, pieces)

    run()


@st.composite
def _arrivals(draw: st.DrawFn, inputs: st.SearchStrategy[Spoilt]) -> tuple[Spoilt, list[bytes]]:
    """An input and how it is cut."""
    spoilt = draw(inputs)
    return spoilt, draw(strategies.cuts(spoilt.data))


def _shrink(finding: Finding, judge: Judge, tries: int) -> None:
    """Give a finding its smallest input; one that needs a certain cut keeps the input with which it was found."""

    def seen(data: bytes) -> Sighting | None:
        half = len(data) // 2
        sightings = judge.sightings(data, [data[:half], data[half:]])
        return next((sighting for sighting in sightings if sighting.key == finding.key), None)

    if seen(finding.data) is not None:
        finding.data = shrink(finding.data, lambda data: seen(data) is not None, tries)
        finding.sighting = seen(finding.data) or finding.sighting
