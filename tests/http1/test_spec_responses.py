"""How responses are written: what of framing and connection options the codec adds, and what it leaves as it is."""

from __future__ import annotations

import pytest

from tests.http1.support import refused_by
from wire.http1 import (
    Connection,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Response,
    Role,
    State,
    SwitchedData,
)

GET = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
GET_1_0 = b"GET / HTTP/1.0\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: example.org\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: example.org\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"

CHUNKED = (b"Transfer-Encoding", b"chunked")
LENGTH = (b"Content-Length", b"5")


def asked(request: bytes) -> Connection:
    """A server that has received a request and nothing else."""
    connection = Connection(Role.SERVER)
    list(connection.receive(request))
    return connection


def answered(request: bytes, *events: Event) -> bytes:
    """What a server writes in answer to a request."""
    connection = asked(request)
    for event in events:
        connection.send(event)
    return connection.bytes_to_send()


@pytest.mark.spec("rfc9112-4-1", "rfc9112-4-9b", "rfc9110-6.2-7a", "rfc9112-2.3-6b", "rfc9112-9.3-1")
@pytest.mark.parametrize(
    ("request_bytes", "added"),
    [(GET, b""), (CLOSE, b"connection: close\r\n"), (GET_1_0, b"connection: close\r\n")],
    ids=["HTTP/1.1", "close", "HTTP/1.0"],
)
def test_the_space_ahead_of_the_reason_phrase_stays_when_there_is_none(request_bytes: bytes, added: bytes) -> None:
    written = answered(request_bytes, Response(404, [(b"content-length", b"0")]), EndOfMessage())
    assert written == b"HTTP/1.1 404 \r\ncontent-length: 0\r\n" + added + b"\r\n"


@pytest.mark.spec("rfc9112-6.3-12", "rfc9112-7.1-1")
def test_a_response_of_unknown_length_is_chunked_and_may_end_with_trailers() -> None:
    written = answered(GET, Response(200), Data(b"hello"), EndOfMessage([(b"A", b"b")]))
    assert written == (b"HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n")


@pytest.mark.spec("rfc9112-6.1-4d")
def test_a_response_with_another_coding_ends_in_chunked_or_with_the_connection() -> None:
    chunked = answered(GET, Response(200, [(b"Transfer-Encoding", b"gzip, chunked")]), Data(b"zip"), EndOfMessage())
    assert chunked.endswith(b"3\r\nzip\r\n0\r\n\r\n")
    connection = asked(GET)
    for event in (Response(200, [(b"Transfer-Encoding", b"gzip")]), Data(b"zip"), EndOfMessage()):
        connection.send(event)
    assert connection.bytes_to_send().endswith(b"connection: close\r\n\r\nzip")
    assert connection.our_state is State.MUST_CLOSE


@pytest.mark.spec("rfc9112-6.1-9", "rfc9110-8.6-6a", "rfc9110-9.3.2-1")
@pytest.mark.parametrize("field_line", [CHUNKED, LENGTH], ids=["Transfer-Encoding", "Content-Length"])
def test_a_response_to_head_may_say_how_long_its_body_would_be_but_has_none(field_line: tuple[bytes, bytes]) -> None:
    connection = asked(HEAD)
    connection.send(Response(200, [field_line]))
    head = connection.bytes_to_send()
    with refused_by("http1.send.too-much-data"):
        connection.send(Data(b"hello"))
    connection.send(EndOfMessage())
    assert head == b"HTTP/1.1 200 \r\n%b: %b\r\n\r\n" % field_line
    assert connection.bytes_to_send() == b""


@pytest.mark.spec("rfc9112-9.6-6a", "rfc9112-9.6-6b", "rfc9112-9.6-6c")
def test_after_a_request_with_close_the_response_says_close_and_nothing_more_is_read() -> None:
    connection = asked(CLOSE + GET)
    connection.send(Response(200, [(b"content-length", b"0")]))
    connection.send(EndOfMessage())
    assert b"connection: close\r\n" in connection.bytes_to_send()
    assert connection.our_state is State.MUST_CLOSE
    assert list(connection.receive(GET)) == []


@pytest.mark.spec("rfc9112-9.6-1", "rfc9112-9.6-7a", "rfc9112-9.6-7b")
def test_after_a_response_with_close_nothing_more_is_read() -> None:
    connection = asked(GET + GET)
    connection.send(Response(200, [(b"Connection", b"close"), (b"content-length", b"0")]))
    connection.send(EndOfMessage())
    assert connection.our_state is State.MUST_CLOSE
    assert list(connection.receive()) == []


@pytest.mark.spec("rfc9110-7.8-2b")
def test_an_offer_to_upgrade_may_be_ignored() -> None:
    assert answered(UPGRADE, Response(200, [(b"content-length", b"0")]), EndOfMessage()) == (
        b"HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"
    )


@pytest.mark.spec("rfc9110-7.8-5", "rfc9110-7.8-6d")
def test_protocols_are_compared_without_case_and_any_offer_may_be_taken() -> None:
    connection = asked(
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, UPGRADE\r\nUpgrade: first, Second/2\r\n\r\nmore"
    )
    connection.send(InformationalResponse(101, [(b"Upgrade", b"second/2"), (b"Connection", b"upgrade")]))
    assert connection.bytes_to_send() == b"HTTP/1.1 101 \r\nUpgrade: second/2\r\nConnection: upgrade\r\n\r\n"
    assert list(connection.receive()) == [SwitchedData(b"more")]


@pytest.mark.spec("rfc9110-7.8-17")
def test_the_switch_waits_for_100_and_the_whole_request() -> None:
    connection = asked(
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\nExpect: 100-continue\r\n"
        b"Content-Length: 2\r\n\r\n"
    )
    switch = InformationalResponse(101, [(b"Upgrade", b"echo"), (b"Connection", b"upgrade")])
    with refused_by("http1.send.switch"):
        connection.send(switch)
    connection.send(InformationalResponse(100))
    list(connection.receive(b"hi"))
    connection.send(switch)
    assert connection.bytes_to_send().startswith(b"HTTP/1.1 100 \r\n\r\nHTTP/1.1 101 \r\n")


@pytest.mark.spec("rfc9110-10.1.1-13a")
def test_an_expectation_in_http_1_0_is_ignored() -> None:
    connection = asked(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert not connection.continue_expected


@pytest.mark.spec("rfc9110-10.1.1-13b")
def test_100_is_not_expected_once_content_has_come() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert asked(head).continue_expected
    assert not asked(head + b"h").continue_expected


@pytest.mark.spec("rfc9110-10.1.1-13c")
def test_after_100_the_request_still_needs_its_answer() -> None:
    connection = asked(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    connection.send(InformationalResponse(100))
    list(connection.receive(b"hi"))
    assert connection.our_state is State.SEND_RESPONSE
    assert list(connection.receive(GET)) == [], "the next request waits"
