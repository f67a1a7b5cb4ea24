"""What a server that shuts down means for its WebSockets: 1001, once they have answered what they were told."""

from __future__ import annotations

import pytest
import trio

from tests.net.raw import eventually
from tests.net.websocket_raw import Kept, close, echo, opened, talking, text
from wire.net import Request, Response, Server, ServerLimits, serving
from wire.net.tls import client_context, development_authority
from wire.net.websocket import ConnectionClosed, Options, WebSocket

OFTEN = {"limits": ServerLimits(sweep=0.02)}


@pytest.mark.spec("rfc6455-7.3-1a")
@pytest.mark.parametrize("tls", [False, True])
async def test_an_idle_connection_is_told_1001_and_its_conversation_ends(tls: bool) -> None:
    ended = trio.Event()

    async def talk(socket: WebSocket) -> None:
        async for _ in socket:
            pass
        assert socket.close_code == 1001
        ended.set()

    authority = development_authority()
    serve = {"tls": authority.server_context} if tls else {}
    context = client_context(ca_pem=authority.ca_pem) if tls else None
    async with talking(talk, serve=serve) as server, opened(server, tls=context) as client:
        await client.send(text("here"))
        server.shutdown()
        assert (await client.frame()).code == 1001
        await client.send(close(1001))
        assert await client.rest() == b""
        with trio.fail_after(10):
            await ended.wait()
        await eventually(lambda: not server.connections)


async def test_what_was_said_before_is_answered_before_the_goodbye() -> None:
    at_work, finished = trio.Event(), trio.Event()

    async def talk(socket: WebSocket) -> None:
        async for message in socket:
            at_work.set()
            await finished.wait()
            await socket.send(message)

    async with talking(talk) as server, opened(server) as client:
        await client.send(text("one") + text("two"))
        await at_work.wait()
        server.shutdown()
        finished.set()
        assert await client.says("one")
        assert await client.says("two")
        assert (await client.frame()).code == 1001


async def test_what_comes_after_the_goodbye_is_still_heard() -> None:
    heard: list[str | bytes] = []

    async def talk(socket: WebSocket) -> None:
        async for message in socket:
            heard.append(message)
            with pytest.raises(ConnectionClosed):
                await socket.send("too late")

    async with talking(talk) as server, opened(server) as client:
        await eventually(lambda: server.connections)
        server.shutdown()
        assert (await client.frame()).code == 1001
        await client.send(text("crossed it on the way") + close(1001))
        assert await client.rest() == b""
        await eventually(lambda: not server.connections)
    assert heard == ["crossed it on the way"]


async def test_a_conversation_that_only_sends_hears_of_it_at_once() -> None:
    async def talk(socket: WebSocket) -> None:
        while True:
            await socket.send("tick")
            await trio.sleep(0.01)

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("tick")
        server.shutdown()
        while (last := await client.frame()).payload == b"tick":
            pass
        assert last.code == 1001


async def test_a_conversation_that_is_at_work_for_long_does_not_keep_the_goodbye_back() -> None:
    kept = Kept()
    async with talking(kept, serve=OFTEN, options=Options(close_timeout=0.2)) as server, opened(server) as client:
        socket = await kept.next()
        await client.send(text("work"))
        assert await socket.receive() == "work"
        server.shutdown()
        assert (await client.frame()).code == 1001
        await client.send(close(1001))
        await eventually(lambda: not server.connections)  # and the conversation was cancelled


async def test_a_connection_that_is_opened_while_the_server_drains_ends_like_the_others() -> None:
    async with talking(echo) as server, opened(server) as first:
        async with trio.open_nursery() as nursery:

            async def late() -> None:
                async with opened(server) as client:
                    assert (await client.frame()).code == 1001

            nursery.start_soon(late)
            await eventually(lambda: server.connections == 2)
            server.shutdown()
        assert (await first.frame()).code == 1001


@pytest.mark.parametrize("tls", [False, True])
async def test_a_request_that_becomes_a_websocket_while_the_server_drains_is_told_1001(tls: bool) -> None:
    asked, answer = trio.Event(), trio.Event()
    authority = development_authority()

    async def handler(request: Request) -> Response:
        asked.set()
        await answer.wait()
        return await request.websocket(echo)

    async def visit(server: Server) -> None:
        async with opened(server, tls=client_context(ca_pem=authority.ca_pem) if tls else None) as client:
            assert (await client.frame()).code == 1001
            await client.send(close(1001))
            assert await client.rest() == b""

    async with (
        serving(handler, tls=authority.server_context if tls else None) as server,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(visit, server)
        await asked.wait()
        server.shutdown()
        answer.set()


async def test_what_outlives_the_grace_is_told_and_cut_off() -> None:
    kept = Kept()
    async with talking(kept) as server, opened(server) as client:
        await kept.next()
        server.shutdown(grace=0.1)
        assert (await client.frame()).code == 1001
        assert await client.rest() == b""
