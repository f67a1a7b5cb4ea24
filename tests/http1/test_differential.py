"""``wire.http1`` beside h11 and httptools, both ways: a difference is a bug, or an entry of ``wire.fuzz.known``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http1.attacks.case import chunked
from tests.http1.support import listen
from wire.fuzz import strategies
from wire.fuzz.adapters import REQUEST_READERS, RESPONSE_READERS, Reader, load
from wire.fuzz.contract import check_send
from wire.fuzz.known import KNOWN, Known, known_difference
from wire.fuzz.mutations import REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft
from wire.fuzz.readings import Disagreement, Message, Reading, disagreement
from wire.fuzz.strategies import Spoilt
from wire.http1 import Connection, Data, EndOfMessage, Event, Request, Response, Role

REQUESTS = {name: load(place) for name, place in REQUEST_READERS.items()}
RESPONSES = {name: load(place) for name, place in RESPONSE_READERS.items()}
REQUEST_INPUTS = strategies.inputs(strategies.mutated_requests(), strategies.request_bytes(), first=False)
RESPONSE_INPUTS = strategies.inputs(strategies.mutated_responses(), strategies.response_bytes(), first=False)


def differences(readers: Mapping[str, Reader], pieces: Sequence[bytes]) -> Iterator[tuple[Disagreement, Known | None]]:
    """How each peer reads the input otherwise than we do, and the entry that explains it."""
    ours = readers["wire"](pieces)
    for name, reader in readers.items():
        found = None if name == "wire" else disagreement("wire", ours, name, reader(pieces))
        if found is not None:
            yield found, known_difference(name, found, b"".join(pieces))


def unexplained(readers: Mapping[str, Reader], pieces: Sequence[bytes]) -> list[Disagreement]:
    without = {name: reader for name, reader in readers.items() if name != "http.server"}
    return [found for found, entry in differences(without, pieces) if entry is None]


@given(spoilt=REQUEST_INPUTS, draw=st.data())
def test_requests_are_read_as_the_peers_read_them(spoilt: Spoilt, draw: st.DataObject) -> None:
    assert unexplained(REQUESTS, draw.draw(strategies.cuts(spoilt.data))) == []


@given(spoilt=RESPONSE_INPUTS, draw=st.data())
def test_responses_are_read_as_the_peers_read_them(spoilt: Spoilt, draw: st.DataObject) -> None:
    assert unexplained(RESPONSES, draw.draw(strategies.cuts(spoilt.data))) == []


def mutants(name: str, responses: bool) -> list[bytes]:
    """What a mutation makes of a request or a response, with several throws of the dice."""
    mutation = (RESPONSE_MUTATIONS if responses else REQUEST_MUTATIONS)[name]
    starts = [b"HTTP/1.1 200 OK"] if responses else [b"POST /x HTTP/1.1", b"GET / HTTP/1.1"]
    drafts = [Draft(start, (b"Host: a",), b"hello") for start in starts]
    return sorted({mutation.apply(draft, Random(seed)) for draft in drafts for seed in range(25)})


@pytest.mark.parametrize("name", REQUEST_MUTATIONS)
def test_each_mutated_request(name: str) -> None:
    assert [found for data in mutants(name, False) for found in unexplained(REQUESTS, [data])] == []


@pytest.mark.parametrize("name", RESPONSE_MUTATIONS)
def test_each_mutated_response(name: str) -> None:
    assert [found for data in mutants(name, True) for found in unexplained(RESPONSES, [data])] == []


def test_no_known_difference_is_out_of_date() -> None:
    """Each entry explains something; one that does not has been repaired by the peer, and goes."""
    requests = [data for name in REQUEST_MUTATIONS for data in mutants(name, False)]
    responses = [data for name in RESPONSE_MUTATIONS for data in mutants(name, True)]
    requests += [b"\r", b"GET / HTTP/1.0\r\n\r\nmore", chunked(b"000000000000000005\r\nhello\r\n0\r\n\r\n")]
    used = {entry for data in requests for _found, entry in differences(REQUESTS, [data])}
    used |= {entry for _found, entry in differences(REQUESTS, [b"\r", b"\n"])}
    used |= {entry for data in responses for _found, entry in differences(RESPONSES, [data])}
    assert [entry for entry in KNOWN if entry not in used] == []


# Both ways on valid messages: what one sends the other hears.


def meaning(events: Sequence[Event]) -> Message:
    """The message that these events are."""
    head, *body, end = events
    assert isinstance(end, EndOfMessage)
    content = b"".join(event.data for event in body if isinstance(event, Data))
    if isinstance(head, Request):
        start = {"method": head.method, "target": head.target, "version": head.version}
    else:
        assert isinstance(head, Response)
        start = {"status": b"%d" % head.status, "version": head.version}
    lower = [tuple((name.lower(), value) for name, value in fields) for fields in (head.fields, end.trailers)]
    return Message(start, lower[0], content, lower[1])


def agrees(readers: Mapping[str, Reader], events: Sequence[Event], written: bytes, *names: str) -> None:
    said = Reading([meaning(events)])
    for name in names:
        assert disagreement("said", said, name, readers[name]([written])) is None


@given(events=strategies.requests())
def test_peers_hear_the_requests_that_our_client_sends(events: list[Event]) -> None:
    _said, written = check_send(Connection(Role.CLIENT), events)
    agrees(REQUESTS, events, written, "wire", "h11")
    assert isinstance(events[0], Request)
    if events[0].target.startswith((b"/", b"*", b"http")):  # llhttp knows no other scheme
        agrees(REQUESTS, events, written, "httptools")


@given(events=strategies.responses())
def test_peers_hear_the_responses_that_our_server_sends(events: list[Event]) -> None:
    server = Connection(Role.SERVER)
    listen(server, [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
    _said, written = check_send(server, events)
    agrees(RESPONSES, events, written, "wire", "h11", "httptools")


def by_h11(connection: h11.Connection, events: Sequence[Event]) -> bytes:
    """The same events sent by h11."""
    written = b""
    for event in events:
        if isinstance(event, Request):
            sent: h11.Event = h11.Request(method=event.method, target=event.target, headers=list(event.fields))
        elif isinstance(event, Response):
            sent = h11.Response(status_code=event.status, headers=list(event.fields), reason=event.reason)
        elif isinstance(event, Data):
            sent = h11.Data(data=event.data)
        else:
            assert isinstance(event, EndOfMessage)
            sent = h11.EndOfMessage(headers=list(event.trailers))
        written += connection.send(sent) or b""
    return written


@given(events=strategies.requests())
def test_our_server_hears_the_requests_that_h11_sends(events: list[Event]) -> None:
    assert isinstance(events[0], Request)
    events[0].version = b"1.1"  # h11 speaks no other
    agrees(REQUESTS, events, by_h11(h11.Connection(h11.CLIENT), events), "wire")


@given(events=strategies.responses())
def test_our_client_hears_the_responses_that_h11_sends(events: list[Event]) -> None:
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    while server.their_state is not h11.DONE:
        server.next_event()
    agrees(RESPONSES, events, by_h11(server, events), "wire")
