"""Bodies that stream both ways at once, responses that come early or first, and switches (RFC 9112 §6.3, §9.5)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import trio

from tests.net.scripted import OK, Peer, answering, eventually, scripted
from wire.errors import RemoteProtocolError
from wire.net.http1 import Client, ResponseTooLarge

MUCH = 64 << 20
"""Bytes that are more than both kernels hold between them."""

EARLY_EVENTS = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n"
TRAILERS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 42\r\n\r\n"


@pytest.mark.spec("rfc9110-15.2-3a", "rfc9110-15.2-3b")
async def test_interim_responses_are_collected() -> None:
    async with scripted(answering(EARLY_EVENTS + OK)) as server, Client() as client:
        response = await client.request("GET", server.url)
    assert [interim.status for interim in response.interim] == [102, 103]
    assert response.interim[1].fields == ((b"link", b"</a.css>; rel=preload"),)
    assert (response.status, response.body) == (200, b"ok")


async def test_trailers_come_with_the_end_of_the_body() -> None:
    async with (
        scripted(answering(TRAILERS)) as server,
        Client() as client,
        client.stream("GET", server.url) as response,
    ):
        assert list(response.trailers) == []
        assert [piece async for piece in response.body] == [b"ok"]
        assert list(response.trailers) == [(b"x-sum", b"42")]


@pytest.mark.parametrize(
    ("method", "response"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n"),
    ],
)
async def test_responses_without_a_body_end_with_their_head(method: str, response: bytes) -> None:
    async with scripted(answering(response, OK)) as server, Client() as client:
        assert (await client.request(method, server.url)).body == b""
        assert (await client.request("GET", server.url)).body == b"ok"
        assert server.connections == 1


async def test_nothing_is_read_that_is_not_pulled() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % MUCH)
        with trio.move_on_after(0.3) as pause:
            await peer.send(bytes(MUCH))
        stalled.append(pause.cancelled_caught)

    stalled: list[bool] = []
    async with scripted(script) as server, Client() as client, client.stream("GET", server.url):
        await eventually(lambda: stalled)
    assert stalled == [True]


async def test_a_large_body_comes_and_goes() -> None:
    async def script(peer: Peer) -> None:
        assert b"content-length: 16777216" in await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 16777216\r\n\r\n")
        left = 16 << 20
        while left:
            data = await peer.exactly(min(left, 65536))
            left -= len(data)
            await peer.send(data)

    body = bytes(range(256)) * 65536
    async with scripted(script) as server, Client() as client:
        assert (await client.request("POST", server.url, body=body)).body == body


async def test_both_directions_stream_at_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while (line := await peer.until(b"\r\n")) != b"0\r\n":
            data = await peer.exactly(int(line, 16) + 2)
            await peer.send(line + data)
        await peer.send(b"0\r\n\r\n")

    async def questions() -> AsyncIterator[bytes]:
        yield b"first"
        async for answer in answered:
            if len(answer) > 20:
                return
            yield answer * 2

    tell, answered = trio.open_memory_channel[bytes](1)
    heard = []
    async with (
        scripted(script) as server,
        Client() as client,
        client.stream("POST", server.url, body=questions()) as response,
    ):
        async for answer in response.body:
            heard.append(answer)
            await tell.send(answer)
    assert heard == [b"first", b"first" * 2, b"first" * 4, b"first" * 8][: len(heard)]
    assert len(heard) == 4


@pytest.mark.spec("rfc9112-9.5-5a", "rfc9112-9.5-5b")
@pytest.mark.parametrize("close", [b"connection: close\r\n", b""], ids=["close", "keep-alive"])
async def test_an_early_refusal_ends_the_upload_and_the_connection(close: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Content Too Large\r\n%bcontent-length: 3\r\n\r\nno!" % close)
        await trio.sleep(0.1)
        taken.append(len(await peer.closed()))

    taken: list[int] = []
    async with scripted(script) as server, Client() as client:
        response = await client.request("PUT", server.url, body=bytes(MUCH))
        assert (response.status, response.body) == (413, b"no!")
        await eventually(lambda: taken)
    assert taken[0] < MUCH


async def test_a_refusal_is_heard_even_from_a_server_that_closed_at_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nno!")
        assert isinstance(peer.stream, trio.SocketStream)
        await peer.stream.send_eof()
        await peer.readable()
        await trio.sleep(0.1)  # what is in the socket unread then makes the close a reset

    async with scripted(script) as server, Client() as client:
        assert (await client.request("PUT", server.url, body=bytes(MUCH))).status == 413


async def test_a_success_that_comes_early_does_not_cut_the_request() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        received.append(len(await peer.exactly(MUCH)))

    received: list[int] = []
    async with scripted(script) as server, Client() as client:
        assert (await client.request("PUT", server.url, body=bytes(MUCH))).status == 200
        await eventually(lambda: received)
        assert len(client._pool) == 1
    assert received == [MUCH]


async def test_an_upload_that_fails_says_why_where_the_response_is_awaited() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"piece"
        raise ZeroDivisionError

    async with scripted(answering(OK)) as server, Client() as client:
        with pytest.raises(ZeroDivisionError):
            await client.request("PUT", server.url, fields=[("content-length", "9")], body=body())
        await eventually(lambda: server.closed == 1)


async def test_the_source_of_an_upload_is_closed_when_it_is_not_wanted_any_more() -> None:
    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(65536)
        finally:
            closed.append(True)

    closed: list[bool] = []
    async with (
        scripted(answering(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")) as server,
        Client() as client,
    ):
        assert (await client.request("PUT", server.url, body=body())).status == 403
    assert closed == [True]


async def echo_raw(peer: Peer, response: bytes) -> None:
    await peer.head()
    await peer.send(response + b"first")
    await peer.send((await peer.until(b"!")).upper())


@pytest.mark.spec("rfc9110-7.8-2a", "rfc9110-15.2.2-1")
async def test_after_101_the_connection_is_handed_over() -> None:
    async def script(peer: Peer) -> None:
        await echo_raw(peer, b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")

    fields = [("connection", "upgrade"), ("upgrade", "echo")]
    async with (
        scripted(script) as server,
        Client() as client,
        client.stream("GET", server.url, fields=fields) as response,
    ):
        assert (response.status, response.field("upgrade")) == (101, "echo")
        assert response.tunnel is not None
        assert await response.tunnel.receive_some() == b"first"
        await response.tunnel.send_all(b"hello!")
        assert await response.tunnel.receive_some() == b"HELLO!"
        assert await response.tunnel.receive_some() == b""
        assert await response.tunnel.receive_some() == b""
        assert [piece async for piece in response.body] == []


@pytest.mark.spec("rfc9112-6.3-3", "rfc9110-9.3.6-12b")
async def test_a_success_to_connect_is_a_tunnel_whatever_its_fields_say() -> None:
    async def script(peer: Peer) -> None:
        await echo_raw(peer, b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n")

    async with (
        scripted(script) as server,
        Client() as client,
        client.stream("CONNECT", server.url, target="a:1") as response,
    ):
        assert response.tunnel is not None
        assert await response.tunnel.receive_some() == b"first"
        await response.tunnel.send_all(b"hello!")
        assert await response.tunnel.receive_some() == b"HELLO!"


async def test_a_refusal_to_connect_is_an_ordinary_response() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno!"
    async with scripted(answering(refusal, OK)) as server, Client() as client:
        async with client.stream("CONNECT", server.url) as response:
            assert response.tunnel is None
            assert await response.read(9) == b"no!"
        assert (await client.request("GET", server.url)).body == b"ok"
        assert server.connections == 1


@pytest.mark.parametrize(
    "framing",
    [b"content-length: 11\r\n\r\nhello world", b"connection: close\r\n\r\nhello world"],
    ids=["length", "close"],
)
async def test_a_body_over_the_limit_is_not_held(framing: bytes) -> None:
    async with scripted(answering(b"HTTP/1.1 200 OK\r\n" + framing)) as server, Client() as client:
        with pytest.raises(ResponseTooLarge):
            await client.request("GET", server.url, limit=10)
        await eventually(lambda: server.closed == 1)
        assert client._pool.keeps
        assert len(client._pool) == 0


async def test_an_error_in_the_middle_comes_after_what_was_right() -> None:
    response = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n!\r\n"
    async with (
        scripted(answering(response)) as server,
        Client() as client,
        client.stream("GET", server.url) as streamed,
    ):
        assert await anext(streamed.body) == b"hello"
        with pytest.raises(RemoteProtocolError):
            await anext(streamed.body)
