"""A client that goes away frees what was being done for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import trio

from tests.net.raw import connected, eventually
from wire.net import Disconnected, Request, Response, ServerLimits, serving

LIMITS = ServerLimits(sweep=0.01, half_closed=0.1)


class Waiting:
    """A handler that waits for ever, and tells when it began and when it was let go."""

    def __init__(self) -> None:
        self.began = trio.Event()
        self.freed = trio.Event()

    async def __call__(self, request: Request) -> Response:
        self.began.set()
        try:
            await self.wait(request)
        finally:
            self.freed.set()
        return Response.text("at last")

    async def wait(self, request: Request) -> None:
        await trio.sleep_forever()


class Watching(Waiting):
    """The same, for as long as the client is there."""

    async def wait(self, request: Request) -> None:
        await request.disconnected()


@pytest.mark.spec("rfc9112-9.5-2b")
async def test_a_reset_frees_the_handler() -> None:
    waiting = Waiting()
    async with serving(waiting, limits=LIMITS) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await waiting.began.wait()
        await trio.sleep(0.1)
        client.reset()
        with trio.fail_after(5):
            await waiting.freed.wait()
        await eventually(lambda: not server.connections)


@pytest.mark.spec("rfc9112-9.5-2b")
async def test_a_client_that_closed_its_side_is_waited_for_a_little() -> None:
    waiting = Waiting()
    async with serving(waiting, limits=LIMITS) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await waiting.began.wait()
        await client.stream.send_eof()
        with trio.fail_after(5):
            await waiting.freed.wait()
        assert await client.rest() == b""


async def test_a_slow_answer_still_reaches_a_client_that_closed_its_side() -> None:
    async def handler(request: Request) -> Response:
        await trio.sleep(0.2)
        return Response.text("slow")

    limits = ServerLimits(sweep=0.01)
    async with serving(handler, limits=limits) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.stream.send_eof()
        assert (await client.reply()).body == b"slow"


async def test_a_handler_that_asks_hears_at_once_that_its_client_has_gone() -> None:
    watching = Watching()
    async with serving(watching, limits=ServerLimits(sweep=60)) as server:
        async with connected(server) as client:
            await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await watching.began.wait()
            await trio.sleep(0.05)
        with trio.fail_after(5):
            await watching.freed.wait()


async def test_a_handler_that_asked_in_vain_costs_the_connection_nothing() -> None:
    async def handler(request: Request) -> Response:
        with trio.move_on_after(0.05):
            await request.disconnected()
        return Response.text("still here")

    async with serving(handler, limits=LIMITS) as server, connected(server) as client:
        for _ in range(3):
            assert (await client.get()).body == b"still here"


async def test_pipelined_bytes_do_not_hide_the_goodbye_behind_them() -> None:
    watching = Watching()
    async with serving(watching, limits=LIMITS) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        await watching.began.wait()
        await client.stream.send_eof()
        with trio.fail_after(5):
            await watching.freed.wait()


async def test_the_iterator_of_a_response_is_closed_when_its_client_goes() -> None:
    closed = trio.Event()

    async def ticks() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"tick\n"
                await trio.sleep(0.01)
        finally:
            closed.set()

    async def handler(request: Request) -> Response:
        return Response(body=ticks())

    async with serving(handler) as server:
        async with connected(server) as client:
            await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.until(b"tick\n")
        with trio.fail_after(5):
            await closed.wait()
        await eventually(lambda: not server.connections)


async def test_a_client_that_goes_while_its_body_is_read() -> None:
    heard = trio.Event()

    async def handler(request: Request) -> Response:
        try:
            await request.read()
        except Disconnected:
            heard.set()
            raise
        return Response()

    async with serving(handler) as server, connected(server) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        await eventually(lambda: server.connections)
        await trio.sleep(0.05)
        client.reset()
        with trio.fail_after(5):
            await heard.wait()
        await eventually(lambda: not server.connections)


@pytest.mark.spec("rfc9112-6.3-9")
async def test_a_body_cut_short_is_answered_400() -> None:
    async def handler(request: Request) -> Response:
        return Response.text(str(len(await request.read())))

    async with serving(handler) as server, connected(server) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        await client.stream.send_eof()
        assert (await client.reply()).status == 400
        assert await client.rest() == b""


async def test_a_client_that_only_closed_its_sending_side_gets_a_long_download_whole() -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"piece"
            await trio.sleep(0.05)

    async def download(request: Request) -> Response:
        return Response(body=slowly())

    async with serving(download, limits=LIMITS) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.stream.send_eof()
        assert (await client.rest()).count(b"piece") == 10
