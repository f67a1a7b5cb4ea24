"""HTTP/1.1 under rules 1 and 2 of the contract: cuts change nothing, and there is nothing but events and one error."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.fuzz import strategies
from wire.fuzz.contract import Subject, check_chunk_invariant, check_total, cut, transcript
from wire.fuzz.mutations import REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft, Mutation
from wire.fuzz.strategies import Spoilt
from wire.fuzz.subjects import CONNECT, GET, HEAD, JOINABLE, UPGRADE, client, server, silent_server
from wire.http1 import Connection, Event, Limits, Role

# Small enough that generated messages reach them, each with a number of its own.
TIGHT = Limits(
    start_line=40, method=6, empty_lines=1, field_line=30, field_lines=4, head=70, trailer_lines=1, trailers=20,
    chunk_size_digits=3, chunk_extension=8, chunk_extensions=12, body=30, pipelined=90, interim_responses=2,
)  # fmt: skip

SERVERS = [server(), server(TIGHT), silent_server(), silent_server(TIGHT)]
CLIENTS = [
    client(), client([GET, HEAD, GET]), client([HEAD, GET]), client([CONNECT]), client([UPGRADE, GET]), client([GET],
           TIGHT),
]  # fmt: skip

REQUEST_INPUTS = strategies.inputs(strategies.mutated_requests(), strategies.request_bytes(), first=False)
RESPONSE_INPUTS = strategies.inputs(strategies.mutated_responses(), strategies.response_bytes(), first=False)


def hold(subject: Subject, data: bytes, draw: st.DataObject, close: bool) -> None:
    pieces = draw.draw(strategies.cuts(data))
    check_chunk_invariant(subject, data, [pieces], close=close)
    check_total(subject, [*pieces, b""] if close else pieces)


@pytest.mark.parametrize("subject", SERVERS, ids=["answering", "answering, tight", "silent", "silent, tight"])
@given(spoilt=REQUEST_INPUTS, draw=st.data(), close=st.booleans())
def test_a_server_is_chunk_invariant_and_total(
    subject: Subject, spoilt: Spoilt, draw: st.DataObject, close: bool
) -> None:
    hold(subject, spoilt.data, draw, close)


@given(subject=st.sampled_from(CLIENTS), spoilt=RESPONSE_INPUTS, draw=st.data(), close=st.booleans())
def test_a_client_is_chunk_invariant_and_total(
    subject: Subject, spoilt: Spoilt, draw: st.DataObject, close: bool
) -> None:
    hold(subject, spoilt.data, draw, close)


@given(interim=st.integers(0, 3), spoilt=RESPONSE_INPUTS, draw=st.data())
def test_so_is_a_client_that_has_heard_interim_responses(interim: int, spoilt: Spoilt, draw: st.DataObject) -> None:
    data = b"HTTP/1.1 103 Hint\r\nLink: <a>\r\n\r\n" * interim + spoilt.data
    hold(draw.draw(st.sampled_from(CLIENTS)), data, draw, close=True)


class Hesitant:
    """A server whose user pulls only some of the events of each read, and the rest at the end."""

    def __init__(self, pulls: list[int]) -> None:
        self.connection = Connection(Role.SERVER)
        self.pulls = iter(pulls)

    def receive(self, data: bytes) -> Iterator[Event]:
        if data:
            return islice(self.connection.receive(data), next(self.pulls, 0))
        return self.connection.receive()


@given(spoilt=REQUEST_INPUTS, draw=st.data(), pulls=st.lists(st.integers(0, 3), max_size=10))
def test_a_user_may_stop_pulling_and_go_on_later(spoilt: Spoilt, draw: st.DataObject, pulls: list[int]) -> None:
    pieces = draw.draw(strategies.cuts(spoilt.data))
    hesitant = Subject("hesitant", lambda: Hesitant(pulls), JOINABLE)
    assert transcript(hesitant, [*pieces, b""]) == transcript(silent_server(), pieces)


@pytest.mark.parametrize("mutation", REQUEST_MUTATIONS.values(), ids=REQUEST_MUTATIONS.keys())
def test_no_mutation_of_a_request_is_judged_by_where_it_is_cut(mutation: Mutation) -> None:
    _each(mutation, Draft(b"POST /x HTTP/1.1", (b"Host: a", b"X: y"), b"hello"), [server(), server(TIGHT)])


@pytest.mark.parametrize("mutation", RESPONSE_MUTATIONS.values(), ids=RESPONSE_MUTATIONS.keys())
def test_no_mutation_of_a_response_is_judged_by_where_it_is_cut(mutation: Mutation) -> None:
    _each(mutation, Draft(b"HTTP/1.1 200 OK", (b"Server: a", b"X: y"), b"hello"), [client(), client([HEAD, GET])])


def _each(mutation: Mutation, draft: Draft, subjects: list[Subject]) -> None:
    """Every mutation with several throws of the dice, cut in two at each place."""
    for data in {mutation.apply(draft, Random(seed)) for seed in range(8)}:
        for subject in subjects:
            twos = [cut(data, [place]) for place in range(1, min(len(data), 150))]
            check_chunk_invariant(subject, data, twos)
