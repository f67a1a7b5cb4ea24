"""Pipelined requests: one write, answers in order, and what becomes of those that go unanswered (RFC 9112 §9.3.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.net.scripted import OK, Peer, Script, answering, eventually, repeating, scripted
from wire.errors import LocalProtocolError, RemoteProtocolError
from wire.net import Flow
from wire.net.http1 import Client, ClientLimits, OutgoingRequest, ResponseTooLarge

A = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"
B = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\nx: y\r\n\r\n"
C = b"HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\nc"
NO_BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na"


def gets(url: str, *paths: str) -> list[OutgoingRequest]:
    return [OutgoingRequest("GET", f"{url}/{path}") for path in paths]


def paths(heads: list[bytes]) -> str:
    """The paths of requests, each of one character."""
    return "".join(chr(head.split()[1][1]) for head in heads)


def waiting_for(count: int, *answers: bytes, close: bool = False) -> Script:
    """A server that answers when it has heard so many requests."""

    async def script(peer: Peer) -> None:
        for _ in range(count):
            await peer.head()
        for answer in answers:
            await peer.send(answer)
        if not close:
            await peer.closed()

    return script


@pytest.mark.parametrize("answers", [(A + B + C,), (A, B, C), tuple(bytes([byte]) for byte in A + B + C)])
@pytest.mark.spec("rfc9112-9.3.2-1a", "rfc9112-9.2-2a", "rfc9112-9.2-2b")
async def test_answers_come_in_the_order_of_the_requests(answers: tuple[bytes, ...]) -> None:
    writes: list[bytes] = []

    def tap(flow: Flow, data: bytes) -> None:
        if flow is Flow.SENT:
            writes.append(data)

    async with scripted(waiting_for(3, *answers)) as server, Client(tap=tap) as client:
        responses = await client.pipeline(gets(server.url, "a", "b", "c"))
        assert len(client._pool) == 1
    assert [(response.status, response.body) for response in responses] == [(200, b"a"), (200, b"b"), (404, b"c")]
    assert [len(response.interim) for response in responses] == [0, 1, 0]
    assert list(responses[1].trailers) == [(b"x", b"y")]
    assert [response.url.target for response in responses] == ["/a", "/b", "/c"]
    assert [write.count(b"\r\n\r\n") for write in writes] == [3]


async def test_each_answer_is_read_as_the_answer_to_its_request() -> None:
    async with scripted(waiting_for(2, NO_BODY, A)) as server, Client() as client:
        head, get = await client.pipeline(
            [OutgoingRequest("HEAD", server.url), OutgoingRequest("PUT", server.url, body=b"x")]
        )
    assert (head.field("content-length"), head.body, get.body) == ("9", b"", b"a")


async def test_a_pipeline_uses_and_leaves_a_kept_connection() -> None:
    async with scripted(repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        await client.pipeline(gets(server.url, "a", "b"))
        await client.request("GET", server.url)
        assert server.connections == 1


async def test_a_client_that_keeps_no_connections_says_so_in_the_last_request() -> None:
    async with scripted(waiting_for(2, A, LAST)) as server, Client(limits=ClientLimits(idle=0)) as client:
        await client.pipeline(gets(server.url, "a", "b"))
    assert [b"\r\nconnection: close\r\n" in head for head in server.heads] == [False, True]


async def test_a_request_that_cannot_be_sent_keeps_the_others_back() -> None:
    async with scripted(repeating()) as server, Client() as client:
        requests = [*gets(server.url, "a"), OutgoingRequest("GET", server.url, [("x", "…")])]
        with pytest.raises(LocalProtocolError):
            await client.pipeline(requests)
    assert server.heads == []


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(waiting_for(3, LAST), id="says-close", marks=pytest.mark.spec("rfc9112-9.6-8b")),
        pytest.param(waiting_for(3, A, close=True), id="closes"),
        pytest.param(waiting_for(1, A, close=True), id="reads-one"),
    ],
)
@pytest.mark.spec("rfc9112-9.3.2-2a", "rfc9112-9.3.2-2b")
async def test_what_is_left_unanswered_is_asked_again_and_not_pipelined(first: Script) -> None:
    async def one_by_one(peer: Peer) -> None:
        while await peer.head():
            assert not peer.pending
            await peer.send(OK)

    async with scripted(first, one_by_one) as server, Client() as client:
        responses = await client.pipeline(gets(server.url, "a", "b", "c"))
        assert [response.body for response in responses] == [b"a", b"ok", b"ok"]
        assert server.connections == 2
    assert paths(server.heads)[-2:] == "bc"


@pytest.mark.parametrize(
    "requests",
    [
        [],
        gets("http://a.example", "x") + gets("http://b.example", "x"),
        gets("http://a.example", "x") + gets("https://a.example", "x"),
        [OutgoingRequest("POST", "http://a.example/"), *gets("http://a.example", "x")],
        [*gets("http://a.example", "x"), OutgoingRequest("PATCH", "http://a.example/")],
        [OutgoingRequest("PUT", "http://a.example/", body=b"x", expect_continue=True)],
        [OutgoingRequest("GET", "http://a.example/", fields=[("Connection", "close")])],
    ],
)
@pytest.mark.spec("rfc9112-9.3.2-3")
async def test_what_cannot_be_asked_again_is_not_pipelined(requests: list[OutgoingRequest]) -> None:
    async with Client() as client:
        with pytest.raises(ValueError, match=r"pipeline|idempotent"):
            await client.pipeline(requests)


@pytest.mark.parametrize(
    ("answers", "limits", "error"),
    [
        ((A, b"nonsense\r\n"), ClientLimits(), RemoteProtocolError),
        ((A, b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", bytes(99)), ClientLimits(body=9), ResponseTooLarge),
    ],
)
async def test_a_wrong_answer_ends_the_pipeline(
    answers: tuple[bytes, ...], limits: Any, error: type[Exception]
) -> None:
    async with scripted(waiting_for(2, *answers)) as server, Client(limits=limits) as client:
        with pytest.raises(error):
            await client.pipeline(gets(server.url, "a", "b"))
        await eventually(lambda: server.closed == 1)
        assert len(client._pool) == 0


async def test_what_comes_behind_the_last_answer_costs_the_connection() -> None:
    async with scripted(waiting_for(2, A + A + A), answering(OK)) as server, Client() as client:
        await client.pipeline(gets(server.url, "a", "b"))
        assert (await client.request("GET", server.url)).body == b"ok"
        assert server.connections == 2


async def test_requests_and_answers_that_fill_both_directions_pass() -> None:
    size = 1 << 20
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (size, bytes(size))

    async def script(peer: Peer) -> None:
        while await peer.head():
            await peer.exactly(size)
            await peer.send(answer)

    async with scripted(script) as server, Client() as client:
        requests = [OutgoingRequest("PUT", server.url, body=bytes(size))] * 12
        responses = await client.pipeline(requests)
    assert [len(response.body) for response in responses] == [size] * 12
