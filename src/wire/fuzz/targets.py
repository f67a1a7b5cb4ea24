"""What can be fuzzed: for each target its inputs, its parsers, and the subjects that the contract is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis.strategies import SearchStrategy

from wire.fuzz import strategies
from wire.fuzz.adapters import REQUEST_READERS, RESPONSE_READERS
from wire.fuzz.contract import Subject
from wire.fuzz.strategies import Spoilt
from wire.fuzz.subjects import GET, HEAD, client, server


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of input.

    Attributes:
        name: as it is called on the command line.
        about: what it is, for ``--help``.
        inputs: makes the strategy.
        readers: the parsers that can read it, each at its place.
        subjects: our own codec in its roles.
    """

    name: str
    about: str
    inputs: Callable[[], SearchStrategy[Spoilt]]
    readers: Mapping[str, str]
    subjects: tuple[Subject, ...]


def _requests() -> SearchStrategy[Spoilt]:
    return strategies.inputs(strategies.mutated_requests(), strategies.request_bytes(), first=False)


def _responses() -> SearchStrategy[Spoilt]:
    return strategies.inputs(strategies.mutated_responses(), strategies.response_bytes(), first=False)


def _chunks() -> SearchStrategy[Spoilt]:
    chunked = strategies.request_drafts().map(lambda draft: draft.with_chunks())
    return strategies.inputs(strategies.mutated_chunks(), chunked, first=True)


TARGETS = {
    target.name: target
    for target in (
        Target("http1-request", "HTTP/1.1 requests, as a server reads them", _requests, REQUEST_READERS, (server(),)),
        Target(
            "http1-response",
            "HTTP/1.1 responses, as a client reads them",
            _responses,
            RESPONSE_READERS,
            (client([GET] * 20), client([HEAD, GET])),
        ),
        Target("chunked", "chunked bodies, in a request", _chunks, REQUEST_READERS, (server(),)),
    )
}
