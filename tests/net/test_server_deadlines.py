"""Every wait for a client has its deadline: each attack that is a client taking its time, by its name."""

from __future__ import annotations

import functools
import time
from collections.abc import AsyncIterator
from typing import cast

import pytest
import trio

from tests.net.handlers import app
from tests.net.raw import connected, eventually
from wire.net import Request, Response, ServerLimits, Stream, serving
from wire.net.server.connection import Connection, Service
from wire.net.tls import development_authority
from wire.net.transport import Transport

SHORT = 0.15
"""Seconds that stand for a deadline."""

LONG = 60.0
"""Seconds that stand for none."""

patient = functools.partial(ServerLimits, head=LONG, idle=LONG, body=LONG, write=LONG, handshake=LONG, sweep=0.01)


@pytest.mark.spec("rfc9112-9.5-2a", "rfc9112-8-1")
async def test_slowloris() -> None:
    """A head that comes bit by bit: each bit wins no time, and the rest of the world is served meanwhile."""
    async with serving(app, limits=patient(head=SHORT)) as server, connected(server) as slow:
        began = time.monotonic()

        async def drip() -> None:
            for byte in b"GET /hello HTTP/1.1\r\nX-A: " + b"b" * 10_000:
                await slow.send(bytes([byte]))
                await trio.sleep(SHORT / 10)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            async with connected(server) as other:
                assert (await other.get()).status == 200
            reply = await slow.reply()
            nursery.cancel_scope.cancel()
        assert (reply.status, reply.fields["connection"]) == (408, "close")
        assert SHORT <= time.monotonic() - began < 10 * SHORT
        assert await slow.rest() == b""


async def test_a_client_that_connects_and_says_nothing_is_let_go_without_a_word() -> None:
    async with serving(app, limits=patient(head=SHORT)) as server, connected(server) as client:
        assert await client.rest() == b""


@pytest.mark.spec("rfc9112-9.5-2a")
async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with serving(app, limits=patient(idle=SHORT)) as server, connected(server) as client:
        assert (await client.get()).status == 200
        assert await client.rest() == b""
        await eventually(lambda: not server.connections)


async def test_a_deadline_for_the_head_begins_anew_with_each_request() -> None:
    async with serving(app, limits=patient(head=SHORT)) as server, connected(server) as client:
        for _ in range(3):
            assert (await client.get()).status == 200
            await trio.sleep(SHORT)
        await client.send(b"GET / HT")
        assert (await client.reply()).status == 408


async def test_a_body_that_stops() -> None:
    async with serving(app, limits=patient(body=SHORT)) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome")
        assert (await client.reply()).status == 408
        assert await client.rest() == b""


async def test_a_body_that_stops_after_head(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(request: Request) -> Response:
        return Response.text(str(len(await request.read())))

    async with serving(handler, limits=patient(body=SHORT)) as server, connected(server) as client:
        await client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome")
        assert (await client.reply("HEAD")).status == 408
        assert await client.rest() == b""
    assert caplog.text == ""


async def test_r_u_d_y() -> None:
    """Slow POST: a body that trickles, always in time for the next byte, but below the rate that is asked for."""
    limits = patient(body=2 * SHORT, body_rate=1000)
    async with serving(app, limits=limits) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")

        async def drip() -> None:
            for _ in range(900):
                await client.send(b"x")
                await trio.sleep(SHORT / 10)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            assert (await client.reply()).status == 408
            nursery.cancel_scope.cancel()


async def test_a_handler_that_takes_its_time_between_two_reads_is_not_the_clients_fault() -> None:
    async def handler(request: Request) -> Response:
        size = 0
        async for chunk in request.body:
            size += len(chunk)
            await trio.sleep(2 * SHORT)
        return Response.text(str(size))

    limits = patient(body=SHORT, head=SHORT, idle=SHORT)
    async with serving(handler, limits=limits) as server, connected(server) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        await trio.sleep(SHORT)
        await client.send(b"b")
        assert (await client.reply()).body == b"2"


async def test_slow_read() -> None:
    """A client that asks for much and reads nothing: what waits for it is little, and soon let go."""
    closed = trio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    async def handler(request: Request) -> Response:
        return Response(body=body())

    async with serving(handler, limits=patient(write=SHORT)) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with trio.fail_after(10):
            await closed.wait()
        await eventually(lambda: not server.connections)


async def test_a_large_response_to_a_client_that_reads_slowly_but_surely() -> None:
    async def handler(request: Request) -> Response:
        return Response(body=b"x" * (8 << 20))

    async with serving(handler, limits=patient(write=3 * SHORT)) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await client.until(b"\r\n\r\n")
        size = 0
        while data := await client.stream.receive_some(1 << 18):
            size += len(data)
            await trio.sleep(SHORT / 8)
        assert size > (7 << 20)


async def test_a_tls_handshake_that_never_ends() -> None:
    context = development_authority().server_context
    async with serving(app, tls=context, limits=patient(handshake=SHORT)) as server, connected(server) as client:
        await client.send(b"\x16\x03\x01")
        assert await client.rest() == b""
        await eventually(lambda: not server.connections)


async def test_a_closing_connection_waits_for_its_client_so_long_and_no_longer() -> None:
    async with serving(app, limits=patient(close=SHORT)) as server, connected(server) as client:
        await client.get("/hello", "Connection: close")
        assert server.connections == 1
        await eventually(lambda: not server.connections)


async def test_a_request_body_that_nobody_read_and_that_does_not_come() -> None:
    async with serving(app, limits=patient(close=SHORT)) as server, connected(server) as client:
        await client.send(b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        assert (await client.reply()).status == 200
        assert await client.rest() == b""


async def test_a_connection_that_was_taken_over_has_its_own_deadlines() -> None:
    async def late(stream: Stream) -> None:
        await trio.sleep(3 * SHORT)
        await stream.send_all(b"late")

    async def handler(request: Request) -> Response:
        return Response(101, fields=[("upgrade", "late"), ("connection", "upgrade")], takeover=late)

    limits = patient(head=SHORT, idle=SHORT, body=SHORT, write=SHORT)
    async with serving(handler, limits=limits) as server, connected(server) as client:
        assert (await client.get("/", "Upgrade: late", "Connection: upgrade")).status == 101
        assert await client.rest() == b"late"


async def test_a_tunnel_may_go_on_after_its_client_has_closed_its_side() -> None:
    async def tunnel(stream: Stream) -> None:
        assert await stream.receive_some() == b""
        await trio.sleep(3 * SHORT)
        await stream.send_all(b"late")

    async def handler(request: Request) -> Response:
        return Response(200, takeover=tunnel)

    async with serving(handler, limits=patient(half_closed=SHORT)) as server, connected(server) as client:
        await client.send(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
        await client.until(b"\r\n\r\n")
        await client.stream.send_eof()
        assert await client.rest() == b"late"


async def test_an_idle_connection_that_does_not_end_by_itself_is_cancelled_the_next_time() -> None:
    asked: list[str] = []
    connection = Connection(cast(Service, None), cast(Transport, None), None)
    connection.stop_waiting = lambda: asked.append("to end")
    connection.stop()
    assert (asked, connection.scope.cancel_called) == (["to end"], False)
    connection.stop()
    assert (asked, connection.scope.cancel_called) == (["to end"], True)
