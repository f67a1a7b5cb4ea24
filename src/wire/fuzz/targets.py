"""What can be fuzzed: for each target its inputs, its parsers, and the subjects that the contract is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from hypothesis.strategies import SearchStrategy

from wire.fuzz import strategies
from wire.fuzz.adapters import REQUEST_READERS, RESPONSE_READERS
from wire.fuzz.contract import Subject
from wire.fuzz.mutations import CHUNK_MUTATIONS, REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft, Mutation
from wire.fuzz.strategies import Spoilt
from wire.fuzz.subjects import GET, HEAD, client, server


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of input.

    Attributes:
        name: as it is called on the command line.
        about: what it is, for ``--help``.
        inputs: makes the strategy.
        plain: valid messages on which each mutation is tried by itself.
        mutations: those, by name.
        readers: the parsers that can read it, each at its place.
        subjects: our own codec in its roles.
    """

    name: str
    about: str
    inputs: Callable[[], SearchStrategy[Spoilt]]
    plain: tuple[Draft, ...]
    mutations: Mapping[str, Mutation]
    readers: Mapping[str, str]
    subjects: tuple[Subject, ...]

    def sweep(self, chance: Random) -> Iterator[Spoilt]:
        """Each mutation once, on one of the plain messages."""
        for mutation in self.mutations.values():
            yield Spoilt(mutation.name, mutation.apply(chance.choice(self.plain), chance))


_REQUESTS = (
    Draft(b"POST /x HTTP/1.1", (b"Host: a",), b"hello"),
    Draft(b"GET / HTTP/1.1", (b"Host: a", b"X: y"), b"hi"),
)
_RESPONSES = (Draft(b"HTTP/1.1 200 OK", (b"Server: a",), b"hello"),)


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
        Target(
            name="http1-request",
            about="HTTP/1.1 requests, as a server reads them",
            inputs=_requests,
            plain=_REQUESTS,
            mutations=REQUEST_MUTATIONS,
            readers=REQUEST_READERS,
            subjects=(server(),),
        ),
        Target(
            name="http1-response",
            about="HTTP/1.1 responses, as a client reads them",
            inputs=_responses,
            plain=_RESPONSES,
            mutations=RESPONSE_MUTATIONS,
            readers=RESPONSE_READERS,
            subjects=(client([GET] * 20), client([HEAD, GET])),
        ),
        Target(
            name="chunked",
            about="chunked bodies, in a request",
            inputs=_chunks,
            plain=_REQUESTS,
            mutations=CHUNK_MUTATIONS,
            readers=REQUEST_READERS,
            subjects=(server(),),
        ),
    )
}
