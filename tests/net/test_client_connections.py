"""When the client uses a connection again, and when it must not (RFC 9112 §9; RFC 9110 §9.2.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import trio

from tests.net.scripted import OK, Peer, Script, answering, eventually, repeating, scripted
from wire.errors import RemoteProtocolError
from wire.net import Flow
from wire.net.http1 import Client, ClientLimits, ConnectionLost, Timeouts

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
HTTP10 = b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"
HTTP10_KEPT = b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nok"
CRLF_BEHIND = OK + b"\r\n"
UNASKED_BEHIND = OK + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged"
HALF_A_HEAD_BEHIND = OK + b"HTTP/1.1 2"


async def closing(peer: Peer) -> None:
    """A server that closes when it has heard a request."""
    await peer.head()


def once(response: bytes) -> Script:
    """A server that answers one request and closes."""

    async def script(peer: Peer) -> None:
        if await peer.head():
            await peer.send(response)

    return script


async def pieces() -> AsyncIterator[bytes]:
    yield b"piece"


@pytest.mark.parametrize(
    ("response", "again"),
    [
        pytest.param(OK, True, id="content-length"),
        pytest.param(CHUNKED, True, id="chunked"),
        pytest.param(NOT_MODIFIED, True, id="no-body"),
        pytest.param(HTTP10_KEPT, True, id="http-1.0-keep-alive"),
        pytest.param(CRLF_BEHIND, True, id="empty-line-behind"),
        pytest.param(HTTP10, False, id="http-1.0"),
        pytest.param(CLOSING, False, id="close", marks=pytest.mark.spec("rfc9112-9.6-8a")),
        pytest.param(UNASKED_BEHIND, False, id="unasked-response-behind"),
        pytest.param(HALF_A_HEAD_BEHIND, False, id="begun-response-behind"),
    ],
)
@pytest.mark.spec("rfc9112-9.3-1", "rfc9112-9.3-6", "rfc9112-9.2-3a", "rfc9112-9.2-3b", "rfc9112-6.3-17b")
async def test_a_connection_is_used_again_if_the_response_leaves_it_fit(response: bytes, again: bool) -> None:
    async with scripted(repeating(response)) as server, Client() as client:
        first = await client.request("GET", server.url)
        second = await client.request("GET", server.url)
        assert first.body == second.body == (b"" if response is NOT_MODIFIED else b"ok")
        assert server.connections == (1 if again else 2)
        await eventually(lambda: server.closed == (0 if again else 2))


async def test_a_response_that_ends_with_the_connection_is_read_to_its_end() -> None:
    async with scripted(once(UNTIL_CLOSE)) as server, Client() as client:
        assert (await client.request("GET", server.url)).body == b"ok"


@pytest.mark.spec("rfc9112-9.6-5a", "rfc9112-9.6-5b")
async def test_a_request_that_says_close_is_the_last_on_its_connection() -> None:
    async with scripted(repeating()) as server, Client() as client:
        await client.request("GET", server.url, fields=[("connection", "close")])
        await eventually(lambda: server.closed == 1)
        await client.request("GET", server.url)
        assert server.connections == 2


@pytest.mark.spec("rfc9112-9.3-4", "rfc9112-9.6-1")
async def test_a_client_that_keeps_no_connections_says_so_in_each_request() -> None:
    async with scripted(repeating()) as server, Client(limits=ClientLimits(idle=0)) as client:
        await client.request("GET", server.url)
        await client.request("GET", server.url)
    assert server.connections == 2
    assert all(b"\r\nconnection: close\r\n" in head for head in server.heads)


@pytest.mark.spec("rfc9112-9.3-7b")
async def test_a_response_that_was_not_read_to_its_end_costs_its_connection() -> None:
    async with scripted(repeating(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")) as server, Client() as client:
        async with client.stream("GET", server.url) as response:
            assert await anext(response.body) == b"half"
        await eventually(lambda: server.closed == 1)


async def test_a_body_that_has_come_need_not_be_pulled_for_its_connection_to_be_kept() -> None:
    async with scripted(repeating()) as server, Client() as client:
        for _ in range(2):
            async with client.stream("GET", server.url) as response:
                assert response.status == 200
        assert server.connections == 1


@pytest.mark.spec("rfc9112-9.2-3a")
async def test_what_comes_between_requests_is_not_taken_for_a_response() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await said.wait()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged")
        sent.set()
        await peer.closed()

    said, sent = trio.Event(), trio.Event()
    async with scripted(script, repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        said.set()
        await sent.wait()
        assert (await client.request("GET", server.url)).body == b"ok"
        assert server.connections == 2


@pytest.mark.spec("rfc9112-9.5-2b")
async def test_an_idle_connection_is_closed_when_the_server_closes_it() -> None:
    async with scripted(once(OK)) as server, Client() as client:
        await client.request("GET", server.url)
        await eventually(lambda: server.closed == 1)
        assert len(client._pool) == 1
        await eventually(lambda: len(client._pool) == 0)


@pytest.mark.spec("rfc9112-9.5-2a")
async def test_an_idle_connection_is_closed_after_a_while() -> None:
    async with scripted(repeating()) as server, Client(timeouts=Timeouts(idle=0.05)) as client:
        await client.request("GET", server.url)
        await eventually(lambda: server.closed == 1)
        assert len(client._pool) == 0


@pytest.mark.parametrize(
    ("limits", "kept"), [(ClientLimits(), 4), (ClientLimits(idle_per_origin=2), 2), (ClientLimits(idle=3), 3)]
)
async def test_only_so_many_idle_connections_are_kept(limits: ClientLimits, kept: int) -> None:
    async with scripted(repeating()) as server, Client(limits=limits) as client:
        async with trio.open_nursery() as nursery:
            for _ in range(6):
                nursery.start_soon(client.request, "GET", server.url)
        await eventually(lambda: server.closed == 6 - kept)
        assert len(client._pool) == kept


async def test_the_longest_idle_connection_makes_room_for_another_origin() -> None:
    async with (
        scripted(repeating()) as old,
        scripted(repeating()) as new,
        Client(limits=ClientLimits(idle=1)) as client,
    ):
        await client.request("GET", old.url)
        await client.request("GET", new.url)
        await eventually(lambda: old.closed == 1)
        assert new.closed == 0


async def test_all_connections_end_with_the_client() -> None:
    async with scripted(repeating()) as server:
        async with Client() as client:
            await client.request("GET", server.url)
        await eventually(lambda: server.closed == 1)


def vanishing(tidy: bool) -> Script:
    """A server that answers once, and at the next request closes without an answer, in good order or by a reset."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        if tidy:
            await peer.head()
        else:  # what was not read when a connection is closed makes it a reset
            await peer.readable()

    return script


@pytest.mark.parametrize("tidy", [True, False], ids=["closes", "resets"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.spec("rfc9110-9.2.2-4")
async def test_an_idempotent_request_is_sent_again_when_a_kept_connection_vanishes(method: str, tidy: bool) -> None:
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    async with scripted(vanishing(tidy), repeating(answer)) as server, Client() as client:
        await client.request("GET", server.url)
        assert (await client.request(method, server.url)).status == 204
        assert server.connections == 2


@pytest.mark.parametrize("tidy", [True, False], ids=["closes", "resets"])
@pytest.mark.spec("rfc9110-9.2.2-4")
async def test_a_request_that_is_not_idempotent_is_not_sent_again(tidy: bool) -> None:
    async with scripted(vanishing(tidy), repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        with pytest.raises((RemoteProtocolError, ConnectionLost)):
            await client.request("POST", server.url, body=b"x")
        assert server.connections == 1


async def test_a_stream_that_was_touched_is_not_sent_again() -> None:
    async with scripted(vanishing(tidy=True), repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        with pytest.raises(RemoteProtocolError):
            await client.request("PUT", server.url, body=pieces())
        assert server.connections == 1


@pytest.mark.spec("rfc9110-9.2.2-7b")
async def test_a_request_is_sent_again_only_once() -> None:
    async with scripted(vanishing(tidy=True), closing) as server, Client() as client:
        await client.request("GET", server.url)
        with pytest.raises(RemoteProtocolError) as error:
            await client.request("GET", server.url)
    assert error.value.rule == "http1.eof.no-response"
    assert server.connections == 2


async def test_a_new_connection_that_fails_is_not_tried_again() -> None:
    async with scripted(closing, repeating()) as server, Client() as client:
        with pytest.raises(RemoteProtocolError):
            await client.request("GET", server.url)
        assert server.connections == 1


async def test_a_response_that_has_begun_rules_out_another_try() -> None:
    async with scripted(answering(OK, b"HTTP/1.1 2"), repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        with pytest.raises(trio.TooSlowError):
            with trio.fail_after(0.1):
                await client.request("GET", server.url)
        assert server.connections == 1


Use = Callable[[Client, str], object]


async def wait_for_response(client: Client, url: str) -> None:
    await client.request("GET", url)


async def upload(client: Client, url: str) -> None:
    await client.request("POST", url, body=bytes(64 << 20))


async def upload_slowly(client: Client, url: str) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"piece"
        await trio.sleep_forever()

    await client.request("POST", url, body=body())


async def expect(client: Client, url: str) -> None:
    await client.request("POST", url, body=b"x", expect_continue=True)


async def read_body(client: Client, url: str) -> None:
    async with client.stream("GET", f"{url}/half") as response:
        await response.read(100)


async def linger_in_block(client: Client, url: str) -> None:
    async with client.stream("GET", f"{url}/half"):
        await trio.sleep_forever()


@pytest.mark.parametrize("use", [wait_for_response, upload, upload_slowly, expect, read_body, linger_in_block])
async def test_cancelling_leaves_no_connection_behind(use: Use) -> None:
    async def script(peer: Peer) -> None:
        if b"/half" in await peer.head():
            await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
        await peer.readable()
        await trio.sleep(0.2)
        while await peer.stream.receive_some():
            pass

    async with scripted(script, repeating()) as server, Client() as client:
        with trio.move_on_after(0.1) as scope:
            await use(client, server.url)  # type: ignore[misc]
        assert scope.cancelled_caught
        assert len(client._pool) == 0
        await eventually(lambda: server.closed == 1)
        assert (await client.request("GET", server.url)).body == b"ok"


async def test_what_a_block_raises_comes_out_as_it_is() -> None:
    async with scripted(repeating()) as server:
        with pytest.raises(ZeroDivisionError):
            async with Client() as client, client.stream("GET", server.url):
                raise ZeroDivisionError
        await eventually(lambda: server.closed == 1)


async def test_requests_run_side_by_side_on_connections_of_their_own() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        waiting.append(peer)
        await eventually(lambda: len(waiting) == 3)
        await peer.send(OK)

    waiting: list[Peer] = []
    async with scripted(script) as server, Client() as client, trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(client.request, "GET", server.url)


async def test_a_tap_sees_every_byte_in_order() -> None:
    seen: list[tuple[Flow, bytes]] = []
    async with scripted(repeating()) as server, Client(tap=lambda flow, data: seen.append((flow, data))) as client:
        await client.request("GET", server.url)
        await client.request("GET", f"{server.url}/again")
    sent = b"".join(data for flow, data in seen if flow is Flow.SENT)
    assert sent == b"".join(server.heads)
    assert b"".join(data for flow, data in seen if flow is Flow.RECEIVED) == OK + OK
