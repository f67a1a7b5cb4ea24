"""What can be fuzzed: for each target its inputs, its parsers, and the subjects that the contract is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeVar

from hypothesis.strategies import SearchStrategy

from wire.fuzz import strategies
from wire.fuzz.adapters import FRAME_READERS, HANDSHAKE_READERS, REQUEST_READERS, RESPONSE_READERS
from wire.fuzz.contract import Subject
from wire.fuzz.known import KNOWN, Known
from wire.fuzz.mutations import CHUNK_MUTATIONS, REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft
from wire.fuzz.mutations.draft import AnyMutation
from wire.fuzz.strategies import Spoilt
from wire.fuzz.subjects import GET, HEAD, client, server
from wire.fuzz.websocket import handshakes, subjects
from wire.fuzz.websocket import strategies as frame_strategies
from wire.fuzz.websocket.draft import Frame, Stream, close, fragments
from wire.fuzz.websocket.known import KNOWN_OF_FRAMES, KNOWN_OF_HANDSHAKES
from wire.fuzz.websocket.mutations import FRAME_MUTATIONS
from wire.http1 import RULES as HTTP1_RULES
from wire.websocket import RULES as WEBSOCKET_RULES
from wire.websocket import Deflate

_D = TypeVar("_D")


class Rule(Protocol):
    """What a report says about a rule."""

    @property
    def section(self) -> str:
        """Where the specification says so."""

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""


Sweep = Callable[[Random], Iterator[Spoilt]]


def _sweep(mutations: Mapping[str, AnyMutation[_D]], plain: Sequence[_D]) -> Sweep:
    """Each mutation once, on one of the valid messages."""

    def sweep(chance: Random) -> Iterator[Spoilt]:
        for mutation in mutations.values():
            yield Spoilt(mutation.name, mutation.apply(chance.choice(plain), chance))

    return sweep


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of input.

    Attributes:
        name: as it is called on the command line.
        about: what it is, for ``--help``.
        inputs: makes the strategy.
        sweep: each mutation tried once by itself.
        readers: the parsers that can read it, each at its place.
        subjects: our own codec in its roles.
        rules: what our codec rejects by, for people.
        known: differences to others that are known.
    """

    name: str
    about: str
    inputs: Callable[[], SearchStrategy[Spoilt]]
    sweep: Sweep
    readers: Mapping[str, str]
    subjects: tuple[Subject, ...]
    rules: Mapping[str, Rule] = field(default_factory=lambda: HTTP1_RULES)
    known: Sequence[Known] = tuple(KNOWN)


_REQUESTS = (
    Draft(b"POST /x HTTP/1.1", (b"Host: a",), b"hello"),
    Draft(b"GET / HTTP/1.1", (b"Host: a", b"X: y"), b"hi"),
)
_RESPONSES = (Draft(b"HTTP/1.1 200 OK", (b"Server: a",), b"hello"),)
_FRAMES = (
    *fragments(1, ["häl".encode(), b"lo"], between=[[Frame(9, b"!")]]),
    Frame(2, b"\xff\x00"),
    close(1000, b"bye"),
)
_STREAMS = (Stream(_FRAMES), Stream(_FRAMES, masked=False))


def _handshakes(chance: Random) -> Iterator[Spoilt]:
    for plain, of_side in ((handshakes.REQUEST, "requests"), (handshakes.RESPONSE, "responses")):
        mutations = {name: mutation for name, mutation in handshakes.MUTATIONS.items() if getattr(mutation, of_side)}
        yield from _sweep(mutations, [plain])(chance)


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
            sweep=_sweep(REQUEST_MUTATIONS, _REQUESTS),
            readers=REQUEST_READERS,
            subjects=(server(),),
        ),
        Target(
            name="http1-response",
            about="HTTP/1.1 responses, as a client reads them",
            inputs=_responses,
            sweep=_sweep(RESPONSE_MUTATIONS, _RESPONSES),
            readers=RESPONSE_READERS,
            subjects=(client([GET] * 20), client([HEAD, GET])),
        ),
        Target(
            name="chunked",
            about="chunked bodies, in a request",
            inputs=_chunks,
            sweep=_sweep(CHUNK_MUTATIONS, _REQUESTS),
            readers=REQUEST_READERS,
            subjects=(server(),),
        ),
        Target(
            name="websocket-frames",
            about="WebSocket frames behind a handshake that agreed on compression, as either side reads them",
            inputs=frame_strategies.inputs,
            sweep=_sweep(FRAME_MUTATIONS, _STREAMS),
            readers=FRAME_READERS,
            subjects=tuple(
                make(deflate=deflate) for make in (subjects.server, subjects.client) for deflate in (None, Deflate())
            ),
            rules=WEBSOCKET_RULES,
            known=KNOWN_OF_FRAMES,
        ),
        Target(
            name="websocket-handshake",
            about="opening handshakes of WebSocket: requests as a server reads them, responses as a client does",
            inputs=handshakes.inputs,
            sweep=_handshakes,
            readers=HANDSHAKE_READERS,
            subjects=(),
            rules={**HTTP1_RULES, **WEBSOCKET_RULES},
            known=KNOWN_OF_HANDSHAKES,
        ),
    )
}
