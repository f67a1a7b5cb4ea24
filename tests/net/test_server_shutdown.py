"""How a server ends: gently, within its grace, or at once."""

from __future__ import annotations

import time
from functools import partial

import pytest
import trio

from tests.net.handlers import app
from tests.net.raw import connected
from wire.net import Request, Response, Server, Stream, serve


class Gate:
    """A handler that waits until it is let through."""

    def __init__(self) -> None:
        self.reached = trio.Event()
        self.opened = trio.Event()

    async def __call__(self, request: Request) -> Response:
        self.reached.set()
        await self.opened.wait()
        return Response.text("done")


@pytest.mark.spec("rfc9112-9.6-1", "rfc9112-9.6-7a")
async def test_a_draining_server_finishes_what_it_has_begun() -> None:
    gate = Gate()
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, gate))
        async with connected(server) as idle, connected(server) as busy, connected(server) as reading:
            await busy.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await reading.send(b"GET / HTTP/1.1\r\nHo")
            await gate.reached.wait()
            await trio.sleep(0.05)
            server.shutdown()
            assert await idle.rest() == b""
            with pytest.raises(OSError):  # noqa: PT011 - any way of not being connected will do
                await trio.open_tcp_stream(*server.address)
            await reading.send(b"st: a\r\n\r\n")
            gate.opened.set()
            for client in (busy, reading):
                reply = await client.reply()
                assert (reply.body, reply.fields["connection"]) == (b"done", "close")
                assert await client.rest() == b""
    assert server.connections == 0


async def test_a_request_that_has_come_when_the_server_begins_to_drain_is_answered() -> None:
    async def yielding(request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response.text("done")

    for _ in range(20):
        async with trio.open_nursery() as nursery:
            server: Server = await nursery.start(partial(serve, yielding))
            async with connected(server) as client:
                await client.get("/")
                await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")  # is in the socket now, over loopback
                server.shutdown()
                reply = await client.reply()
                assert (reply.body, reply.fields["connection"]) == (b"done", "close")


async def test_what_outlives_the_grace_is_cancelled() -> None:
    gate = Gate()
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, gate))
        async with connected(server) as client:
            await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.reached.wait()
            began = time.monotonic()
            server.shutdown(grace=0.1)
            assert await client.rest() == b""
            assert 0.1 <= time.monotonic() - began < 5


async def test_cancelling_closes_everything_at_once() -> None:
    gate = Gate()
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, gate))
        async with connected(server) as idle, connected(server) as busy:
            await busy.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.reached.wait()
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                assert await busy.rest() == b""
                assert await idle.rest() == b""
    assert server.connections == 0


async def test_a_connection_that_was_taken_over_can_say_its_own_goodbye() -> None:
    async def protocol(stream: Stream) -> None:
        await stream.draining()
        await stream.send_all(b"goodbye")

    async def handler(request: Request) -> Response:
        return Response(101, fields=[("upgrade", "own"), ("connection", "upgrade")], takeover=protocol)

    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, handler))
        async with connected(server) as client:
            assert (await client.get("/", "Upgrade: own", "Connection: upgrade")).status == 101
            server.shutdown()
            assert await client.rest() == b"goodbye"


async def test_a_server_without_connections_ends_at_once() -> None:
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            server: Server = await nursery.start(partial(serve, app))
            server.shutdown()


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, app))
        with pytest.raises(OSError, match="in use"):
            await serve(app, port=server.port)
        nursery.cancel_scope.cancel()


async def test_a_name_may_have_several_addresses() -> None:
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, app, "localhost"))
        async with await trio.open_tcp_stream("localhost", server.port) as stream:
            await stream.send_all(b"GET /hello HTTP/1.0\r\n\r\n")
            assert (await stream.receive_some()).startswith(b"HTTP/1.1 200 OK\r\n")
        nursery.cancel_scope.cancel()
