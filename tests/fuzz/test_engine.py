"""The hunt: it finds planted bugs, comes back with the same for the same seed, and leaves alone what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fuzz.planted import PLANTED, crashes, depends_on_cuts
from wire.fuzz.adapters import REQUEST_READERS, Reader, load
from wire.fuzz.contract import Subject
from wire.fuzz.engine import hunt
from wire.fuzz.findings import Report
from wire.fuzz.readings import Reading
from wire.fuzz.subjects import AnsweringServer
from wire.fuzz.targets import TARGETS
from wire.http1 import Event

REQUEST = TARGETS["http1-request"]
OURS = load(REQUEST_READERS["wire"])


def against(name: str, reader: Reader, examples: int = 300, seed: int = 1, *, quirks: bool = False) -> Report:
    return hunt(REQUEST, {"wire": OURS, name: reader}, seed=seed, examples=examples, quirks=quirks)


@pytest.fixture(scope="module")
def bugs_found() -> set[str]:
    """The planted bugs that two hunts have found, each by a disagreement with us."""
    readers = {"wire": OURS, **PLANTED}
    wide = hunt(REQUEST, readers, seed=1, examples=700, tries=0)
    narrow = hunt(TARGETS["chunked"], readers, seed=1, examples=200, tries=0)
    findings = [*wide.findings.values(), *narrow.findings.values()]
    return {name for finding in findings for name in finding.sighting.who}


@pytest.mark.parametrize("bug", PLANTED)
def test_planted_bug_is_found(bug: str, bugs_found: set[str]) -> None:
    assert bug in bugs_found


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    report = hunt(REQUEST, {"wire": OURS}, seed=1, examples=200)
    assert (report.inputs, report.findings, report.interrupted) == (200, {}, False)


def test_a_crash_is_found_and_shrunk() -> None:
    (finding,) = against("crasher", crashes).findings.values()
    assert finding.key == "exception: crasher: UnicodeDecodeError"
    assert len(finding.data) == 1
    assert finding.data[0] >= 0x80


def test_a_dependence_on_the_cut_is_found() -> None:
    kinds = {finding.sighting.kind for finding in against("cutter", depends_on_cuts).findings.values()}
    assert "chunk-dependence" in kinds


def test_a_broken_promise_of_our_own_is_found() -> None:
    class Forgetful(AnsweringServer):
        """Hears nothing that comes in a piece of one byte."""

        def receive(self, data: bytes) -> Sequence[Event]:  # type: ignore[override]
            return [] if len(data) == 1 else list(super().receive(data))

    target = replace(REQUEST, subjects=(Subject("forgetful", Forgetful),))
    report = hunt(target, {"wire": OURS}, seed=1, examples=50)
    assert "contract: forgetful: chunk-invariant" in report.findings


def test_the_smallest_input_shows_the_same() -> None:
    bug = PLANTED["takes LF for CRLF"]
    report = against("bug", bug, examples=400)
    key = "accept: wire, bug: bug accepts: http1.line.bare-lf"
    finding = report.findings[key]
    assert finding.data.count(b"\n") >= 2
    assert len(finding.data) < 40
    assert OURS([finding.data]).error == "http1.line.bare-lf"
    assert not bug([finding.data]).error
    assert any("lf" in mutation for mutation in finding.mutations)


def test_the_same_seed_gives_the_same_inputs_and_findings() -> None:
    def inputs_and_findings(seed: int) -> tuple[list[bytes], dict[str, object]]:
        inputs = []

        def bug(pieces: Sequence[bytes]) -> Reading:
            inputs.append(b"".join(pieces))
            return PLANTED["unfolds"](pieces)

        report = hunt(REQUEST, {"wire": OURS, "bug": bug}, seed=seed, examples=800, tries=0)
        return inputs, {**report.as_json(), "seconds": 0}

    first, second, other = map(inputs_and_findings, (7, 7, 8))
    assert first == second
    assert first[0] != other[0]


def test_known_differences_are_set_aside_and_counted() -> None:
    h11 = load(REQUEST_READERS["h11"])
    report = against("h11", h11)
    assert report.findings == {}
    assert report.known.total() > 0
    assert all("RFC 9" in why for why in report.known)
    assert against("h11", h11, quirks=True).findings != {}


def test_the_corpus_is_tried_first() -> None:
    corpus = [("lf.bin", b"GET / HTTP/1.1\nHost: a\r\n\r\n")]
    report = hunt(REQUEST, {"wire": OURS, "bug": PLANTED["takes LF for CRLF"]}, seed=1, examples=1, corpus=corpus)
    (finding,) = report.findings.values()
    assert dict(finding.mutations) == {"corpus: lf.bin": 1}


def test_time_ends_the_hunt(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10_000))
    monkeypatch.setattr("wire.fuzz.engine.time.monotonic", lambda: float(next(now)))
    report = hunt(REQUEST, {"wire": OURS}, seed=1, seconds=50)
    assert 0 < report.inputs < 60


@pytest.mark.parametrize("at", [1, 150])
def test_ctrl_c_ends_the_hunt_and_still_reports(at: int) -> None:
    calls = 0

    def interrupted(pieces: Sequence[bytes]) -> Reading:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt
        return Reading(error="always")

    report = against("bug", interrupted)
    assert report.interrupted
    assert report.inputs == (at + 1) // 2
    assert (report.findings != {}) == (at > 1)


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_runs(name: str) -> None:
    target = TARGETS[name]
    readers = {reader: load(place) for reader, place in target.readers.items() if reader != "http.server"}
    report = hunt(target, readers, seed=3, examples=200)
    assert report.findings == {}
    assert report.inputs == 200
