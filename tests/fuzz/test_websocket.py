"""The targets of WebSocket: their mutations do something, and the hunt finds planted bugs with them."""

from __future__ import annotations

import re
from random import Random
from typing import TypeVar

import pytest

from tests.fuzz.planted_websocket import IN_FRAMES, IN_HANDSHAKES
from wire.fuzz.adapters import FRAME_READERS, HANDSHAKE_READERS, Reader, load
from wire.fuzz.engine import hunt
from wire.fuzz.mutations import Mutation
from wire.fuzz.mutations.draft import AnyMutation
from wire.fuzz.targets import TARGETS, Target
from wire.fuzz.websocket.draft import Frame, FrameMutation, Stream, close, fragments
from wire.fuzz.websocket.handshakes import MUTATIONS, REQUEST, RESPONSE
from wire.fuzz.websocket.mutations import FRAME_MUTATIONS

D = TypeVar("D")
FRAMES, HANDSHAKE = TARGETS["websocket-frames"], TARGETS["websocket-handshake"]
STREAM = Stream((*fragments(1, [b"he", b"llo"], between=[[Frame(9, b"!")]]), Frame(2, b"\xff"), close(1000, b"bye")))


def bugs_found(name: str, own: str, planted: dict[str, Reader]) -> set[str]:
    report = hunt(TARGETS[name], {"wire": load(own), **planted}, seed=1, examples=500, tries=0)
    return {who for finding in report.findings.values() for who in finding.sighting.who}


@pytest.fixture(scope="module")
def found_in_frames() -> set[str]:
    return bugs_found("websocket-frames", FRAME_READERS["wire"], IN_FRAMES)


@pytest.fixture(scope="module")
def found_in_handshakes() -> set[str]:
    return bugs_found("websocket-handshake", HANDSHAKE_READERS["wire"], IN_HANDSHAKES)


@pytest.mark.parametrize("bug", IN_FRAMES)
def test_a_bug_in_frames_is_found(bug: str, found_in_frames: set[str]) -> None:
    assert bug in found_in_frames


@pytest.mark.parametrize("bug", IN_HANDSHAKES)
def test_a_bug_in_the_handshake_is_found(bug: str, found_in_handshakes: set[str]) -> None:
    assert bug in found_in_handshakes


@pytest.mark.parametrize("target", [FRAMES, HANDSHAKE], ids=lambda target: target.name)
def test_peers_differ_only_as_is_known(target: Target) -> None:
    readers = {name: load(place) for name, place in target.readers.items()}
    report = hunt(target, readers, seed=11, examples=400, tries=0)
    assert report.findings == {}
    assert report.known.total() > 0
    assert all(re.search(r"RFC \d{4} §\d", why) for why in report.known)


def test_the_same_seed_finds_the_same() -> None:
    readers = {"wire": load(FRAME_READERS["wire"]), "bug": IN_FRAMES["takes any close code"]}
    first, second = (hunt(FRAMES, readers, seed=5, examples=320, tries=0).as_json() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_a_finding_says_which_rule_it_breaks_and_is_made_small() -> None:
    bug = IN_FRAMES["takes any close code"]
    report = hunt(FRAMES, {"wire": load(FRAME_READERS["wire"]), "bug": bug}, seed=1, examples=200)
    finding = report.findings["accept: wire, bug: bug accepts: websocket.close.code"]
    assert "(this close code must not be sent, RFC 6455 §7.4)" in finding.sighting.detail
    assert len(finding.data) <= 10


def test_there_are_enough() -> None:
    assert len(FRAME_MUTATIONS) > 70
    assert len(MUTATIONS) > 40


@pytest.mark.parametrize("mutation", FRAME_MUTATIONS.values(), ids=FRAME_MUTATIONS)
def test_each_mutation_of_frames_says_what_it_does_and_does_it(mutation: FrameMutation) -> None:
    check(mutation, STREAM, STREAM.wire())


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_each_mutation_of_handshakes_says_what_it_does_and_does_it(mutation: Mutation) -> None:
    for plain in [REQUEST] * mutation.requests + [RESPONSE] * mutation.responses:
        check(mutation, plain, plain.wire())


def check(mutation: AnyMutation[D], draft: D, plain: bytes) -> None:
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9.-]+", mutation.name)
    assert re.match(r"RFC \d{4} §\d", mutation.section)
    assert len(mutation.about) > 3
    results = [mutation.apply(draft, Random(seed)) for seed in range(20)]
    assert set(results) != {plain}
    assert results == [mutation.apply(draft, Random(seed)) for seed in range(20)], "chance comes from its argument only"
