"""HTTP/1.1 under rules 4 and 5 of the contract: what is sent is heard, and nothing else can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.http1.support import asking_client, joined, listen
from wire.fuzz import strategies
from wire.fuzz.contract import check_send, transcript
from wire.fuzz.subjects import CONNECT, GET, HEAD, JOINABLE, UPGRADE, AskingClient, client, server
from wire.http1 import (
    Connection,
    ConnectionClosed,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Request,
    Response,
    Role,
    State,
    SwitchedData,
)

HAVE_FIELDS = (Request, Response, InformationalResponse)


def as_heard(events: Sequence[Event]) -> list[Event]:
    """Events as the other side hears them: names in lower case, empty data gone, pieces joined."""
    heard: list[Event] = []
    for event in events:
        if isinstance(event, HAVE_FIELDS):
            parts = {name: getattr(event, name) for name in event.__slots__}
            heard.append(type(event)(**{**parts, "fields": _lower(event.fields)}))
        elif isinstance(event, EndOfMessage):
            heard.append(EndOfMessage(_lower(event.trailers)))
        elif not isinstance(event, JOINABLE) or event.data:
            heard.append(event)
    return joined(heard)


def _lower(fields: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower(), value) for name, value in fields)


def without(events: Sequence[Any], *names: bytes) -> list[Event]:
    """Heads without the fields of these names: those that the codec adds by itself."""
    for event in events:
        if isinstance(event, HAVE_FIELDS):
            event.fields = tuple(field for field in event.fields if field[0] not in names)
    return list(events)


def nothing_else(heard: Sequence[Event], said: Sequence[Event]) -> bool:
    """Whether what was said was heard and no more; a message without a body ends before its end is said."""
    return list(heard) in ([*said], [*said, EndOfMessage()])


@given(events=strategies.requests(), draw=st.data())
def test_a_server_hears_the_request_that_a_client_sent(events: list[Event], draw: st.DataObject) -> None:
    said, written = check_send(Connection(Role.CLIENT), events)
    assert said == events, "a valid request was refused"
    pieces = draw.draw(strategies.cuts(written))
    heard = transcript(server(), pieces)
    assert heard.error is None
    assert list(heard.events) == as_heard(events)


@given(events=strategies.responses(), draw=st.data())
def test_a_client_hears_the_response_that_a_server_sent(events: list[Event], draw: st.DataObject) -> None:
    answering = Connection(Role.SERVER)
    listen(answering, [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
    said, written = check_send(answering, events)
    assert said == events, "a valid response was refused"
    heard = transcript(client([GET]), draw.draw(strategies.cuts(written)))
    assert heard.error is None
    assert list(heard.events) == as_heard(events)


ANY = st.binary(max_size=8) | st.sampled_from([
    b"a\r\nX: y", b"\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", b"\n", b"\r", b"\0", b" ", b"a b", b"a: b", b"",
    b"chunked", b"5", b"0", b"close", b"upgrade", b"a", b"/", b"*", b"GET", b"CONNECT", b"1.1", b"1.0", b"2.0", b"+5",
    b"5, 6",
])  # fmt: skip
NAMES = ANY | st.sampled_from(
    [b"Host", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Upgrade", b"Expect", b"TE"]
)
FIELDS = st.lists(st.tuples(NAMES, ANY), max_size=3)
HOST = st.sampled_from([[(b"Host", b"a")], []])


def any_fields() -> st.SearchStrategy[list[tuple[bytes, bytes]]]:
    """Fields with anything in them, sometimes behind a good Host."""
    return st.tuples(HOST, FIELDS).map(lambda pair: [*pair[0], *pair[1]])


METHODS = st.sampled_from([b"GET", b"POST", b"HEAD", b"CONNECT", b"OPTIONS"]) | ANY
VERSIONS = st.sampled_from([b"1.1", b"1.1", b"1.0"]) | ANY
BODY = st.builds(Data, ANY) | st.builds(EndOfMessage, FIELDS)
ANY_REQUEST = st.builds(Request, METHODS, st.just(b"/") | ANY, any_fields(), VERSIONS)
ANY_RESPONSE = st.builds(Response, st.sampled_from([200, 204, 304, 404, 101, 1000, 0, -1]), FIELDS, ANY, VERSIONS)
SWITCH = [(b"Connection", b"upgrade"), (b"Upgrade", b"x")]
ANY_INTERIM = st.builds(
    InformationalResponse, st.sampled_from([100, 101, 103, 200, 99]), FIELDS | st.just(SWITCH), ANY, VERSIONS
)


@given(events=st.lists(ANY_REQUEST | BODY | ANY_RESPONSE, max_size=8))
def test_nothing_that_a_client_is_told_to_send_can_inject(events: list[Event]) -> None:
    sender = Connection(Role.CLIENT)
    said, written = check_send(sender, events)
    heard = transcript(server(), [written] if written else [])
    assert heard.error is None, written
    assert nothing_else(heard.events, as_heard(said)), written


@given(
    asked=st.sampled_from([GET, HEAD, CONNECT, UPGRADE, Request(b"GET", b"/", (), b"1.0")]),
    events=st.lists(ANY_RESPONSE | ANY_INTERIM | BODY | st.builds(SwitchedData, ANY), max_size=8),
)
def test_nothing_that_a_server_is_told_to_send_can_inject(asked: Request, events: list[Event]) -> None:
    answering = Connection(Role.SERVER)
    _said, request = check_send(Connection(Role.CLIENT), [asked, EndOfMessage()])
    listen(answering, [request])
    said, written = check_send(answering, events)
    asking = AskingClient([asked])
    pieces = [written] if written else []
    if answering.our_state is State.MUST_CLOSE:
        pieces.append(b"")  # some bodies end with the connection only
    heard = joined(event for piece in pieces for event in asking.receive(piece) if event != ConnectionClosed())
    added = (b"connection", b"transfer-encoding")
    assert nothing_else(without(heard, *added), without(as_heard(said), *added)), written


@given(data=st.binary(max_size=20))
def test_a_tunnel_carries_anything(data: bytes) -> None:
    connect = Request(b"CONNECT", b"a:443", [(b"host", b"a")])
    tunnel = asking_client(connect)
    listen(tunnel, [b"HTTP/1.1 200 OK\r\n\r\n"])
    assert tunnel.our_state is State.SWITCHED
    assert check_send(tunnel, [SwitchedData(data)]) == ([SwitchedData(data)], data)
