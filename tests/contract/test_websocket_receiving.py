"""WebSocket under rules 1 and 2 of the contract: cuts change nothing, and there is nothing but events and one error."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.support import whole_messages
from wire.fuzz.contract import Subject, check_chunk_invariant, check_total, cut, transcript
from wire.fuzz.strategies import Spoilt, cuts
from wire.fuzz.websocket import strategies
from wire.fuzz.websocket.draft import Frame, FrameMutation, Stream, close
from wire.fuzz.websocket.mutations import FRAME_MUTATIONS
from wire.fuzz.websocket.subjects import client, server
from wire.websocket import Close, Connection, ConnectionClosed, Deflate, Event, Limits, Role
from wire.websocket.frames import Opcode

# Small enough that generated messages reach them.
TIGHT = Limits(frame=20, message=30, frames=3)
FORGETFUL = Deflate(server_no_context_takeover=True, client_no_context_takeover=True)
NARROW = Deflate(server_max_window_bits=9, client_max_window_bits=8)

SERVERS = [server(), server(TIGHT), *(server(deflate=deflate) for deflate in (Deflate(), FORGETFUL, NARROW)),
           server(TIGHT, Deflate())]  # fmt: skip
CLIENTS = [client(), client(TIGHT), client(deflate=Deflate()), client(TIGHT, FORGETFUL), client(deflate=NARROW)]
SUBJECTS = [*SERVERS, *CLIENTS]


def hold(subject: Subject, data: bytes, draw: st.DataObject, close: bool) -> None:
    pieces = draw.draw(cuts(data))
    check_chunk_invariant(subject, data, [pieces], close=close)
    check_total(subject, [*pieces, b""] if close else pieces)


@given(subject=st.sampled_from(SERVERS), spoilt=strategies.inputs(masked=True), draw=st.data(), close=st.booleans())
def test_a_server_is_chunk_invariant_and_total(
    subject: Subject, spoilt: Spoilt, draw: st.DataObject, close: bool
) -> None:
    hold(subject, spoilt.data, draw, close)


@given(subject=st.sampled_from(CLIENTS), spoilt=strategies.inputs(masked=False), draw=st.data(), close=st.booleans())
def test_a_client_is_chunk_invariant_and_total(
    subject: Subject, spoilt: Spoilt, draw: st.DataObject, close: bool
) -> None:
    hold(subject, spoilt.data, draw, close)


@pytest.mark.spec("rfc6455-5.4-14", "rfc6455-5.4-12", "rfc6455-5.4-10", "rfc6455-6.2-4")
@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@given(draw=st.data())
def test_a_valid_stream_means_what_its_author_meant(role: Role, deflate: Deflate | None, draw: st.DataObject) -> None:
    stream = draw.draw(strategies.streams(masked=role is Role.SERVER, deflate=deflate is not None))
    connection = Connection(role, deflate=deflate)
    events = [event for piece in draw.draw(cuts(stream.wire())) for event in connection.receive(piece)]
    assert whole_messages(events) == list(stream.means)
    (end,) = connection.receive(b"")
    closing = events[-1]
    assert isinstance(closing, Close)
    assert end == ConnectionClosed(closing.code or 1005, closing.reason)


class Hesitant:
    """A server whose user pulls only some of the events of each read, and the rest at the end."""

    def __init__(self, pulls: list[int]) -> None:
        self.connection = Connection(Role.SERVER, deflate=Deflate())
        self.pulls = iter(pulls)

    def receive(self, data: bytes) -> Iterator[Event]:
        if data:
            return islice(self.connection.receive(data), next(self.pulls, 0))
        return self.connection.receive()


@given(spoilt=strategies.inputs(masked=True), draw=st.data(), pulls=st.lists(st.integers(0, 3), max_size=10))
def test_a_user_may_stop_pulling_and_go_on_later(spoilt: Spoilt, draw: st.DataObject, pulls: list[int]) -> None:
    pieces = draw.draw(cuts(spoilt.data))
    hesitant = Subject("hesitant", lambda: Hesitant(pulls))
    assert transcript(hesitant, [*pieces, b""]) == transcript(server(deflate=Deflate()), pieces)


PLAIN = (
    Frame(Opcode.TEXT, "hällo".encode()),
    Frame(Opcode.BINARY, b"\xff\x00", fin=False),
    Frame(Opcode.PING, b"!"),
    Frame(Opcode.CONTINUATION, b"x" * 20),
    close(1000, b"bye"),
)


@pytest.mark.parametrize("mutation", FRAME_MUTATIONS.values(), ids=FRAME_MUTATIONS.keys())
def test_no_mutation_is_judged_by_where_it_is_cut(mutation: FrameMutation) -> None:
    """Every mutation with several throws of the dice, cut in two at each place near its frames' borders."""
    for masked, subjects in ((True, SERVERS), (False, CLIENTS)):
        for data in {mutation.apply(Stream(PLAIN, masked), Random(seed)) for seed in range(6)}:
            twos = [cut(data, [place]) for place in range(1, min(len(data), 100))]
            for subject in subjects:
                if len(data) < 2000:
                    check_chunk_invariant(subject, data, twos)
                else:
                    whole = transcript(subject, [data])
                    assert all(transcript(subject, pieces) == whole for pieces in twos)
