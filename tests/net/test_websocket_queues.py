"""Bounded queues on both ways, and what cancellation leaves behind, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import trio
import trio.testing

from tests.net.raw import eventually
from tests.net.websocket_raw import (
    BINARY,
    PING,
    PONG,
    TEXT,
    Frame,
    Kept,
    RawWebSocket,
    close,
    echo,
    frame,
    opened,
    talking,
    text,
)
from wire.net import ServerLimits
from wire.net.websocket import ConnectionClosed, Options, SlowConsumer, WebSocket
from wire.net.websocket.outbox import Outbox

OFTEN = {"limits": ServerLimits(sweep=0.02)}
BIG = bytes(100_000)
"""A message of which no socket takes many without a reader."""


async def test_a_handler_that_does_not_receive_stops_the_peer() -> None:
    kept = Kept()
    async with talking(kept, options=Options(receive_queue=4)) as server, opened(server) as client:
        socket = await kept.next()
        sent = 0
        with trio.move_on_after(0.5):
            while True:
                await client.send(frame(BINARY, bytes(10_000)))
                sent += 1
        assert sent < 20_000
        with trio.fail_after(10):
            for _ in range(sent):
                assert await socket.receive() == bytes(10_000)
        kept.let_go.set()


async def test_a_flood_of_messages_lets_others_run() -> None:
    """A peer that always has another message ready: its conversation never waits, and still is one of many."""

    async def pour(client: RawWebSocket) -> None:
        while True:
            await client.send(text("x") * 5000)

    async def drink(client: RawWebSocket) -> None:
        while True:
            assert await client.stream.receive_some()

    async with (
        talking(echo) as server,
        opened(server) as flood,
        opened(server) as other,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(pour, flood)
        nursery.start_soon(drink, flood)
        for _ in range(20):
            await other.send(text("hello"))
            assert await other.says("hello")
        nursery.cancel_scope.cancel()


async def fill(socket: WebSocket) -> int:
    """Send until there is no room; return how many were sent."""
    sent = 0
    with trio.move_on_after(0.3) as scope:
        while True:
            await socket.send(BIG)
            sent += 1
            scope.deadline = trio.current_time() + 0.3
    return sent


async def test_a_sender_goes_no_faster_than_its_peer_reads_and_a_cancelled_send_leaves_nothing_behind() -> None:
    kept = Kept()
    async with talking(kept, options=Options(send_queue=500_000)) as server, opened(server) as client:
        socket = await kept.next()
        sent = await fill(socket)
        assert 5 < sent < 500
        assert 500_000 < socket.outbox.size <= 500_000 + len(BIG) + 20
        for _ in range(sent):
            assert await client.says(BIG)
        await socket.send("still whole")
        assert await client.says("still whole")
        kept.let_go.set()


@pytest.mark.parametrize("policy", [SlowConsumer.CLOSE_1008, SlowConsumer.CLOSE_1013])
async def test_a_slow_consumer_is_closed_where_that_is_the_policy(policy: SlowConsumer) -> None:
    codes: list[int] = []

    async def talk(socket: WebSocket) -> None:
        try:
            while True:
                await socket.send(BIG)
        except ConnectionClosed as closed:
            codes.append(closed.code)
            raise

    options = Options(send_queue=300_000, slow_consumer=policy)
    async with talking(talk, options=options) as server, opened(server) as client:
        await eventually(lambda: codes)
        while (last := await client.frame()) == Frame(BINARY, BIG, 0x82):
            pass
        assert last.code == policy.value
        await client.send(close(policy.value))
        assert await client.rest() == b""
    assert codes == [policy.value]


@pytest.mark.spec("rfc6455-7.1.7-2b")
async def test_a_peer_that_reads_nothing_is_given_up() -> None:
    ends: list[ConnectionClosed] = []

    async def talk(socket: WebSocket) -> None:
        try:
            while True:
                await socket.send(BIG)
        except ConnectionClosed as closed:
            ends.append(closed)

    options = Options(send_queue=300_000, write_timeout=0.2)
    async with talking(talk, serve=OFTEN, options=options) as server, opened(server):
        await eventually(lambda: ends)
        await eventually(lambda: not server.connections)
    assert (ends[0].code, ends[0].reason) == (1006, "the peer does not read")


@pytest.mark.spec("rfc6455-5.5.3-4")
async def test_a_flood_of_pings_from_a_peer_that_reads_nothing_is_answered_once() -> None:
    kept = Kept()
    async with talking(kept, options=Options(send_queue=200_000)) as server, opened(server) as client:
        socket = await kept.next()
        sent = await fill(socket)
        waiting = socket.outbox.size
        await client.send(b"".join(frame(PING, b"%06d" % count) for count in range(20_000)) + text("after them"))
        assert await socket.receive() == "after them"
        assert socket.outbox.size == waiting
        for _ in range(sent):
            assert await client.says(BIG)
        assert await client.frame() == Frame(PONG, b"019999", 0x8A)
        kept.let_go.set()


async def test_pings_that_come_together_are_each_answered() -> None:
    async with talking(echo) as server, opened(server) as client:
        await client.send(frame(PING, b"1") + text("a") + frame(PING, b"2") + frame(PONG, b"unasked") + frame(PING))
        for _ in range(3):
            assert (await client.frame()).opcode in (PONG, TEXT)
        assert (await client.frame()).opcode in (PONG, TEXT)


async def test_a_cancelled_conversation_leaves_whole_frames_and_1001() -> None:
    entered = trio.Event()

    async def talk(socket: WebSocket) -> None:
        await socket.send("hello")
        entered.set()
        await trio.sleep_forever()

    async with talking(talk) as server, opened(server) as client:
        await entered.wait()
        server.shutdown(grace=0)
        assert await client.rest() == frame(TEXT, b"hello", key=None) + b"\x88\x02\x03\xe9"


async def test_a_conversation_that_is_cancelled_amid_a_message_in_pieces_closes() -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "a"
        yield "b"
        await trio.sleep_forever()

    async def talk(socket: WebSocket) -> None:
        with trio.move_on_after(0.05):
            await socket.send_pieces(pieces())
        with pytest.raises(ConnectionClosed):
            await socket.send("too late")

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(TEXT, b"a", TEXT)
        assert (await client.frame()).code == 1011


def test_a_write_of_nothing_leaves_nothing_that_the_socket_would_have_to_take() -> None:
    outbox = Outbox()
    outbox.put(b"frame")
    outbox.put(b"")
    taken = iter([5])
    assert outbox.flush(lambda _piece: next(taken))
    assert outbox.size == 0
