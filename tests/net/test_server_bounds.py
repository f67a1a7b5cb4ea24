"""What many or greedy clients can make the server hold: little, and a known amount of it."""

from __future__ import annotations

import errno
import resource
import socket
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from tests.net.handlers import app
from tests.net.raw import Raw, connected, eventually
from wire.net import Request, Response, ServerLimits, serving

MEGABYTE = 1 << 20


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.spec("rfc9112-9.5-4")
async def test_connections_beyond_the_cap_wait_until_there_is_room() -> None:
    limits = ServerLimits(connections=2)
    async with serving(app, limits=limits) as server, connected(server) as second, connected(server) as first:
        assert (await first.get()).status == (await second.get()).status == 200
        async with connected(server) as third:
            await third.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            await trio.sleep(0.1)
            assert server.connections == 2
            assert (await first.get()).status == 200
            await first.stream.aclose()
            assert (await third.reply()).status == 200


async def test_the_cap_holds_for_all_sockets_together() -> None:
    listeners = [socket.socket(), socket.socket()]
    for listener in listeners:
        listener.bind(("127.0.0.1", 0))
    async with serving(app, sockets=listeners, limits=ServerLimits(connections=1)) as server:
        streams = [await trio.open_tcp_stream(*listener.getsockname()) for listener in listeners]
        await trio.sleep(0.05)
        assert server.connections == 1
        for stream in streams:
            client = Raw(stream)
            assert (await client.get()).status == 200
            await stream.aclose()


async def test_no_more_file_descriptors(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """EMFILE: accepting pauses and goes on, and the connections that are open notice nothing."""
    failures = [OSError(errno.EMFILE, "Too many open files")] * 2

    class Scarce(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if failures and scarce:
                raise failures.pop()
            return super().accept()

    listener = Scarce()
    listener.bind(("127.0.0.1", 0))
    scarce = False
    async with serving(app, sockets=[listener]) as server, connected(server) as open_before:
        assert (await open_before.get()).status == 200
        scarce = True
        async with connected(server) as client:
            await client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await open_before.get()).status == 200
            assert (await client.reply()).status == 200
    assert not failures
    assert "Too many open files" in caplog.text


async def test_a_connection_that_is_gone_before_it_is_accepted() -> None:
    async with serving(app) as server:
        for _ in range(20):
            sock = socket.create_connection(server.address)
            Raw(trio.SocketStream(trio.socket.from_stdlib_socket(sock))).reset()
        async with connected(server) as client:
            assert (await client.get()).status == 200


@pytest.mark.spec("rfc9112-9.5-4")
async def test_nothing_is_read_ahead_of_the_handler() -> None:
    """An upload waits in the kernel, and then at the client, for as long as its handler does not pull."""
    pull = trio.Event()

    async def handler(request: Request) -> Response:
        await pull.wait()
        size = 0
        async for chunk in request.body:
            size += len(chunk)
        return Response.text(str(size))

    size = 64 * MEGABYTE
    sent = 0
    async with serving(handler) as server, connected(server) as client, trio.open_nursery() as nursery:

        async def upload() -> None:
            nonlocal sent
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
            while sent < size:
                await client.send(b"x" * MEGABYTE)
                sent += MEGABYTE

        nursery.start_soon(upload)
        await trio.sleep(0.3)
        assert sent < size // 2
        pull.set()
        assert (await client.reply()).body == b"%d" % size


async def test_an_echo_of_a_large_body_is_made_in_constant_memory() -> None:
    size = 96 * MEGABYTE
    async with serving(app) as server, connected(server) as client, trio.open_nursery() as nursery:
        await client.get()
        before = resident()
        most = 0

        async def upload() -> None:
            await client.send(b"POST /echo HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % size)
            piece = b"x" * MEGABYTE
            for _ in range(size // MEGABYTE):
                await client.send(piece)

        nursery.start_soon(upload)
        await client.until(b"\r\n\r\n")
        received = 0
        while data := await client.stream.receive_some(MEGABYTE):
            received += len(data)
            most = max(most, resident() - before)
        assert received >= size - MEGABYTE
        assert most < 32 * MEGABYTE


async def test_a_response_is_made_no_faster_than_it_is_read() -> None:
    made = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal made
        while True:
            made += MEGABYTE
            yield b"x" * MEGABYTE

    async def handler(request: Request) -> Response:
        return Response(body=body())

    async with serving(handler) as server, connected(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.until(b"\r\n\r\n")
        await trio.sleep(0.3)
        assert made < 32 * MEGABYTE


async def test_a_client_that_pipelines_without_end_lets_others_run() -> None:
    async with serving(app) as server, connected(server) as greedy, connected(server) as other:
        batch = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
        async with trio.open_nursery() as nursery:

            async def flood() -> None:
                while True:
                    await greedy.send(batch)

            async def swallow() -> None:
                while await greedy.stream.receive_some():
                    pass

            nursery.start_soon(flood)
            nursery.start_soon(swallow)
            await trio.sleep(0.05)
            with trio.fail_after(2):
                for _ in range(5):
                    assert (await other.get()).status == 200
            nursery.cancel_scope.cancel()


async def test_a_body_that_is_always_ready_lets_others_run() -> None:
    async def body() -> AsyncIterator[bytes]:
        while True:
            yield b"."

    async def handler(request: Request) -> Response:
        return Response(body=body() if request.path == "/endless" else b"short")

    async with serving(handler) as server, connected(server) as greedy, connected(server) as other:
        await greedy.send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        async with trio.open_nursery() as nursery:

            async def swallow() -> None:
                while await greedy.stream.receive_some():
                    pass

            nursery.start_soon(swallow)
            with trio.fail_after(2):
                assert (await other.get()).body == b"short"
            nursery.cancel_scope.cancel()


async def test_an_idle_connection_is_small() -> None:
    """At 500 connections; the bench measures 5,000, in whole processes."""
    async with serving(app) as server, trio.open_nursery() as nursery:
        sockets = []

        async def connect(count: int) -> None:
            for _ in range(count):
                sock = trio.socket.socket()
                await sock.connect(server.address)
                await sock.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                await sock.recv(1000)
                sockets.append(sock)

        await connect(50)
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            await connect(500)
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert server.connections == 550
        assert (after - before) / 500 < 10_000
        for sock in sockets:
            sock.close()
        await eventually(lambda: not server.connections)
        nursery.cancel_scope.cancel()
