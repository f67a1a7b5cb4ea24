"""Heartbeats: pings that measure the way, answers that are due, and peers that have vanished without a word."""

from __future__ import annotations

import math

import pytest
import trio

from tests.net.raw import eventually
from tests.net.websocket_raw import CONTINUATION, PING, PONG, TEXT, Frame, Kept, close, frame, opened, talking, text
from wire.errors import LocalProtocolError
from wire.net import ServerLimits
from wire.net.tls import client_context, development_authority
from wire.net.websocket import ConnectionClosed, Options, WebSocket
from wire.net.websocket.heartbeat import MOST_OUTSTANDING

OFTEN = {"limits": ServerLimits(sweep=0.02)}


async def test_ping_tells_how_long_its_answer_took() -> None:
    took: list[float] = []

    async def talk(socket: WebSocket) -> None:
        took.append(await socket.ping(b"x"))
        assert socket.latency == took[0]

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(PING, b"x", 0x89)
        await trio.sleep(0.05)
        await client.send(frame(PONG, b"not this one") + frame(PONG, b"x"))
        assert (await client.frame()).code == 1000
    assert 0.05 <= took[0] < 5


async def test_an_answer_answers_all_pings_before_it() -> None:
    """RFC 6455 §5.5.3 lets a peer answer only the last ping that it got."""
    order: list[bytes] = []

    async def talk(socket: WebSocket) -> None:
        async def ping(payload: bytes) -> None:
            await socket.ping(payload)
            order.append(payload)

        async with trio.open_nursery() as nursery:
            for payload in (b"1", b"2", b"3"):
                nursery.start_soon(ping, payload)
                await trio.testing.wait_all_tasks_blocked()

    async with talking(talk) as server, opened(server) as client:
        for payload in (b"1", b"2", b"3"):
            assert await client.frame() == Frame(PING, payload, 0x89)
        await client.send(frame(PONG, b"2"))
        await eventually(lambda: len(order) == 2)
        await client.send(frame(PONG, b"3"))
        assert (await client.frame()).code == 1000
    assert sorted(order) == [b"1", b"2", b"3"]
    assert order[2] == b"3"


async def test_pings_that_make_no_sense_are_refused() -> None:
    async def talk(socket: WebSocket) -> None:
        for _ in range(2):
            with pytest.raises(LocalProtocolError, match="too-long"):
                await socket.ping(bytes(126))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(socket.ping, b"twice")
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(ValueError, match="unanswered"):
                await socket.ping(b"twice")
            await socket.send("refused")

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(PING, b"twice", 0x89)
        assert await client.says("refused")
        await client.send(frame(PONG, b"twice"))
        assert (await client.frame()).code == 1000


async def test_a_ping_whose_answer_will_not_come_raises() -> None:
    async def talk(socket: WebSocket) -> None:
        with pytest.raises(ConnectionClosed) as caught:
            await socket.ping()
        assert caught.value.code == 4000
        with pytest.raises(ConnectionClosed):
            await socket.ping()

    async with talking(talk) as server, opened(server) as client:
        assert (await client.frame()).opcode == PING
        await client.send(close(4000))
        assert (await client.frame()).code == 4000


async def test_a_ping_that_is_waited_for_is_never_forgotten() -> None:
    ends: list[int] = []

    async def wait(socket: WebSocket, payload: bytes) -> None:
        with pytest.raises(ConnectionClosed) as caught:
            await socket.ping(payload)
        ends.append(caught.value.code)

    async def talk(socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait, socket, b"the first")
            await trio.testing.wait_all_tasks_blocked()
            for number in range(MOST_OUTSTANDING + 10):
                nursery.start_soon(wait, socket, b"%d" % number)
            await trio.testing.wait_all_tasks_blocked()
            await socket.close(4001)

    async with talking(talk) as server, opened(server) as client:
        while (await client.frame()).opcode == PING:
            pass
        await client.send(close(4001))
        assert await client.rest() == b""
    assert ends == [4001] * (MOST_OUTSTANDING + 11)


async def test_the_users_own_pings_may_look_like_those_that_keep_the_connection_alive() -> None:
    kept = Kept()
    async with talking(kept, serve=OFTEN, options=Options(ping_interval=0.05)) as server, opened(server) as client:
        socket = await kept.next()
        async with trio.open_nursery() as nursery:
            taken = [number.to_bytes(8, "big") for number in range(1, 9)]
            for payload in taken:
                nursery.start_soon(socket.ping, payload)
            while (ping := await client.frame()).payload in taken:
                pass
            await client.send(frame(PONG, ping.payload))
        kept.let_go.set()


async def test_idle_connections_are_pinged_and_their_latency_is_known() -> None:
    kept = Kept()
    async with talking(kept, serve=OFTEN, options=Options(ping_interval=0.05)) as server, opened(server) as client:
        socket = await kept.next()
        payloads = set()
        for _ in range(3):
            ping = await client.frame()
            assert ping.opcode == PING
            payloads.add(ping.payload)
            await client.send(frame(PONG, ping.payload))
        assert len(payloads) == 3
        await eventually(lambda: socket.latency)
        kept.let_go.set()


async def test_no_pings_where_none_are_wanted() -> None:
    kept = Kept()
    async with talking(kept, serve=OFTEN, options=Options(ping_interval=math.inf)) as server, opened(server) as client:
        await kept.next()
        await trio.sleep(0.2)
        kept.let_go.set()
        assert (await client.frame()).code == 1000


@pytest.mark.parametrize("tls", [False, True])
async def test_a_peer_that_has_vanished_is_noticed(tls: bool) -> None:
    """It is connected still, and says nothing, whatever it is asked: its cable was pulled."""
    ends: list[ConnectionClosed] = []

    async def talk(socket: WebSocket) -> None:
        try:
            await socket.receive()
        except ConnectionClosed as closed:
            ends.append(closed)

    authority = development_authority()
    serve = {**OFTEN, "tls": authority.server_context} if tls else OFTEN
    context = client_context(ca_pem=authority.ca_pem) if tls else None
    options = Options(ping_interval=0.1, ping_timeout=0.1)
    async with talking(talk, serve=serve, options=options) as server, opened(server, tls=context):
        await eventually(lambda: ends)
        await eventually(lambda: not server.connections)
    assert (ends[0].code, ends[0].reason) == (1006, "the peer does not answer")


async def test_a_peer_that_is_busy_sending_something_long_has_not_vanished() -> None:
    kept = Kept()
    options = Options(ping_interval=0.1, ping_timeout=0.3)
    async with talking(kept, serve=OFTEN, options=options) as server, opened(server) as client:
        socket = await kept.next()
        await client.send(frame(TEXT, b"a", fin=False))
        for _ in range(20):
            await client.send(frame(CONTINUATION, b"b", fin=False))
            await trio.sleep(0.05)
        await client.send(frame(CONTINUATION, b"c"))
        assert await socket.receive() == "a" + 20 * "b" + "c"
        kept.let_go.set()


async def test_a_peer_whose_answer_is_not_read_has_not_vanished() -> None:
    kept = Kept()
    options = Options(ping_interval=0.1, ping_timeout=0.1, receive_queue=2)
    async with talking(kept, serve=OFTEN, options=options) as server, opened(server) as client:
        socket = await kept.next()
        await client.send(b"".join(text(str(number)) for number in range(10)))
        assert (await client.frame()).opcode == PING
        await trio.sleep(0.5)
        assert [await socket.receive() for _ in range(10)] == [str(number) for number in range(10)]
        assert not socket.is_over
        kept.let_go.set()


async def test_a_mistake_in_one_session_is_not_the_end_of_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The server's one sweep tells all sessions the time: what one of them raises may not reach it."""

    def late(socket: WebSocket, now: float) -> None:
        assert socket.request is not None
        if socket.request.target == "/broken":
            raise ZeroDivisionError("planted")
        tell_the_time(socket, now)

    tell_the_time = WebSocket.late
    monkeypatch.setattr(WebSocket, "late", late)
    async with talking(Kept(), serve=OFTEN, options=Options(ping_interval=0.05)) as server, opened(server) as client:
        async with opened(server, "/broken") as broken:
            with pytest.raises(trio.BrokenResourceError):
                await broken.rest()
        await eventually(lambda: server.connections == 1)
        assert (await client.frame()).opcode == PING
        assert (await client.frame()).opcode == PING
    assert "planted" in caplog.text
