"""How the server learns that a client has spoken, or gone."""

from __future__ import annotations

import gc
import select
import socket
from collections.abc import AsyncIterator

import pytest
import trio

from tests.net.handlers import app
from tests.net.raw import connected, eventually
from wire.net import Disconnected, serving
from wire.net.server.connection import Connection
from wire.net.server.readiness import Readiness, WatchedTransport
from wire.net.tls import development_authority
from wire.net.transport import RECEIVE_SIZE, PlainTransport


@pytest.fixture
async def readiness(nursery: trio.Nursery) -> AsyncIterator[Readiness]:
    """A running one."""
    readiness = Readiness()
    nursery.start_soon(readiness.run)
    yield readiness
    nursery.cancel_scope.cancel()
    readiness.close()


class Pair:
    """A watched transport and the socket at its other end."""

    def __init__(self, readiness: Readiness) -> None:
        near, self.far = socket.socketpair()
        near.setblocking(False)
        self.transport = readiness.transport(near)
        self.heard: list[bool] = []
        assert isinstance(self.transport, WatchedTransport)
        self.transport.hangup = self.heard.append

    async def __aenter__(self) -> Pair:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.transport.close()
        self.far.close()


async def test_what_came_before_and_what_comes_while_waiting(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        pair.far.send(b"before")
        assert await pair.transport.receive_some() == b"before"
        with trio.move_on_after(0.02) as waited:
            await pair.transport.receive_some()
        assert waited.cancelled_caught
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def read() -> None:
                assert await pair.transport.receive_some() == b"while waiting"

            await trio.sleep(0.02)
            pair.far.send(b"while waiting")
        assert pair.heard == []


async def test_an_end_that_comes_with_the_last_bytes_is_not_missed(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        pair.far.send(b"last")
        pair.far.shutdown(socket.SHUT_WR)
        assert [await pair.transport.receive_some() for _ in range(3)] == [b"last", b"", b""]
        assert set(pair.heard) == {False}


async def test_more_than_one_read_takes(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        size = 2 * RECEIVE_SIZE
        pair.far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * size)
        pair.far.sendall(b"x" * size)
        received = 0
        with trio.fail_after(5):
            while received < size:
                received += len(await pair.transport.receive_some())


async def test_a_reader_that_always_finds_something_lets_others_run(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        turns = 0
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def others() -> None:
                nonlocal turns
                while True:
                    turns += 1
                    await trio.lowlevel.checkpoint()

            for _ in range(10):
                pair.far.send(b"x" * 1000)
                await pair.transport.receive_some()
            nursery.cancel_scope.cancel()
        assert turns >= 10


async def test_a_lost_connection_is_told_to_its_reader_or_else_to_its_owner(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        pair.far.close()
        await eventually(lambda: pair.heard)
        assert pair.heard[-1] is True
    async with Pair(readiness) as pair:
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def read() -> None:
                assert await pair.transport.receive_some() == b""

            await trio.sleep(0.02)
            pair.far.close()
        assert True not in pair.heard


async def test_a_broken_connection_is_disconnected(readiness: Readiness) -> None:
    async with Pair(readiness) as pair:
        pair.transport.send_now(b"unread")
        await trio.sleep(0.02)
        pair.far.close()  # with bytes unread: a reset
        with pytest.raises(Disconnected):
            await pair.transport.receive_some()


async def test_one_reader_at_a_time(readiness: Readiness) -> None:
    async with Pair(readiness) as pair, trio.open_nursery() as nursery:
        nursery.start_soon(pair.transport.receive_some)
        await trio.sleep(0.02)
        with pytest.raises(trio.BusyResourceError):
            await pair.transport.receive_some()
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("tls", [False, True])
async def test_nothing_is_left_of_connections_that_have_ended(tls: bool) -> None:
    authority = development_authority()
    gc.collect()
    before = sum(type(each) is Connection for each in gc.get_objects())
    gc.disable()
    try:
        async with serving(app, tls=authority.server_context if tls else None) as server:
            for _ in range(5):
                stream: trio.abc.Stream = await trio.open_tcp_stream(*server.address)
                if tls:
                    stream = trio.SSLStream(stream, authority.client_context(), server_hostname="localhost")
                await stream.send_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                assert (await stream.receive_some()).startswith(b"HTTP/1.1 200")
                await stream.aclose()
            await eventually(lambda: not server.connections)
            assert not server._service.readiness._watched
            if not tls:  # trio's SSL stream holds itself
                assert sum(type(each) is Connection for each in gc.get_objects()) == before
    finally:
        gc.enable()


async def test_a_system_without_epoll_does_it_by_trio(monkeypatch: pytest.MonkeyPatch) -> None:
    class Without:
        """The module ``select`` of such a system."""

    monkeypatch.setattr("wire.net.server.readiness.select", Without)
    with socket.socket() as sock:
        assert type(Readiness().transport(sock)) is PlainTransport
    async with serving(app) as server, connected(server) as client:
        for _ in range(2):
            assert (await client.get()).status == 200
    assert hasattr(select, "epoll")
