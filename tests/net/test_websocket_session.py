"""What a conversation can do with its WebSocket, over real sockets: send, receive, pieces, close; and how it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator

import pytest
import trio

from tests.net.raw import eventually
from tests.net.websocket_raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    Kept,
    close,
    echo,
    frame,
    opened,
    talking,
    text,
)
from wire.errors import LocalProtocolError
from wire.net import ServerLimits
from wire.net.tls import client_context, development_authority
from wire.net.websocket import ConnectionClosed, Options, WebSocket
from wire.websocket import Deflate

SOON = Options(close_timeout=0.2)
"""Where a test waits for a deadline of the close to pass."""

OFTEN = {"limits": ServerLimits(sweep=0.02)}


async def test_messages_go_both_ways_as_what_they_are() -> None:
    async with talking(echo) as server, opened(server) as client:
        await client.send(text("grüße") + frame(BINARY, b"\x00\xff") + text(""))
        assert await client.says("grüße")
        assert await client.says(b"\x00\xff")
        assert await client.says("")


@pytest.mark.parametrize("size", [125, 126, 65535, 65536, 1 << 20])
async def test_messages_of_every_length_form(size: int) -> None:
    async with talking(echo) as server, opened(server) as client:
        message = bytes(range(256)) * (size // 256) + bytes(size % 256)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.send, frame(BINARY, message))
            assert await client.says(message)


@pytest.mark.spec("rfc6455-5.5.2-3a", "rfc6455-5.5.2-3b", "rfc6455-5.4-12")
async def test_a_fragmented_message_comes_as_one_and_pings_in_it_are_answered_at_once() -> None:
    async with talking(echo) as server, opened(server) as client:
        await client.send(frame(TEXT, b"one, ", fin=False) + frame(PING, b"?"))
        assert await client.frame() == Frame(PONG, b"?", 0x8A)
        await client.send(frame(CONTINUATION, b"two, ", fin=False) + frame(CONTINUATION, b"three"))
        assert await client.says("one, two, three")


async def test_a_message_in_many_fragments_takes_linear_time() -> None:
    async with talking(echo) as server, opened(server) as client:
        pieces = [frame(BINARY if n == 0 else CONTINUATION, b"x" * 100, fin=n == 3999) for n in range(4000)]
        await client.send(b"".join(pieces))
        assert await client.says(b"x" * 400_000)


@pytest.mark.parametrize("deflate", [None, Deflate(), Deflate(True, True)])
async def test_what_is_sent_in_pieces_is_one_message_and_pings_pass_between(deflate: Deflate | None) -> None:
    goes_on = trio.Event()

    async def pieces() -> AsyncIterator[str]:
        yield "one, "
        yield "two, "
        await goes_on.wait()
        yield "three"

    async def talk(socket: WebSocket) -> None:
        await socket.send_pieces(pieces())
        await socket.send("whole")

    async with talking(talk, deflate=deflate) as server, opened(server) as client:
        assert await client.frame() == Frame(TEXT, b"one, ", TEXT)
        await client.send(frame(PING))
        assert await client.frame() == Frame(PONG, b"", 0x8A)
        goes_on.set()
        assert await client.frame() == Frame(CONTINUATION, b"two, ", CONTINUATION)
        assert await client.frame() == Frame(CONTINUATION, b"three", 0x80)
        assert await client.says("whole")


async def test_other_senders_wait_for_the_end_of_a_message_in_pieces() -> None:
    goes_on = trio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        await goes_on.wait()
        yield b"b"

    async def talk(socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(socket.send_pieces, pieces())
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(socket.send, "waits")
            await trio.testing.wait_all_tasks_blocked()
            goes_on.set()

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(BINARY, b"a", BINARY)
        assert await client.frame() == Frame(CONTINUATION, b"b", 0x80)
        assert await client.says("waits")


async def test_a_message_whose_pieces_break_off_is_the_end_of_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "a"
        yield "b"
        raise RuntimeError("no more")

    async def talk(socket: WebSocket) -> None:
        await socket.send_pieces(pieces())

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(TEXT, b"a", TEXT)
        assert (await client.frame()).code == 1011
        await client.send(close(1011))
        assert await client.rest() == b""
    assert "no more" in caplog.text


@pytest.mark.parametrize("more", [0, 1])
async def test_who_sends_pieces_hears_that_the_connection_has_ended(
    more: int, caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[int] = []

    async def talk(socket: WebSocket) -> None:
        async def pieces() -> AsyncIterator[str]:
            yield "a"
            yield "b"
            await socket.wait_closed()
            for _ in range(more):
                yield "never sent, and closed"

        try:
            await socket.send_pieces(pieces())
        except ConnectionClosed as closed:
            ends.append(closed.code)
            raise

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(TEXT, b"a", TEXT)
        await client.send(close(4000))
        assert (await client.frame()).code == 4000
        assert await client.rest() == b""
    assert ends == [4000]
    assert not caplog.records


async def test_pieces_that_are_always_ready_let_others_run() -> None:
    turns = 0

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"."

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async def talk(socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(take_turns)
            await socket.send_pieces(pieces())
            nursery.cancel_scope.cancel()

    async with talking(talk) as server, opened(server) as client:
        while not (await client.frame()).first & 0x80:
            pass
    assert turns > 10


async def test_a_message_without_pieces_is_refused() -> None:
    async def none() -> AsyncIterator[str]:
        return
        yield

    async def talk(socket: WebSocket) -> None:
        with pytest.raises(ValueError, match="at least one"):
            await socket.send_pieces(none())
        await socket.send("fine")

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("fine")


async def test_what_cannot_be_sent_changes_nothing() -> None:
    async def talk(socket: WebSocket) -> None:
        with pytest.raises(LocalProtocolError, match="not-unicode"):
            await socket.send("\ud800")
        with pytest.raises(TypeError, match="str or bytes"):
            await socket.send(1)  # type: ignore[arg-type]
        with pytest.raises(LocalProtocolError, match="close-code"):
            await socket.close(1005)
        with pytest.raises(LocalProtocolError, match="too-long"):
            await socket.close(1000, "x" * 124)
        await socket.send(bytearray(b"fine"))

    async with talking(talk) as server, opened(server) as client:
        assert await client.says(b"fine")


async def test_only_one_task_may_receive() -> None:
    async def talk(socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(socket.receive)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(trio.BusyResourceError):
                await socket.receive()
            await socket.send("one at a time")

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("one at a time")
        await client.send(text("enough"))


async def test_a_cancelled_receive_loses_nothing() -> None:
    async def talk(socket: WebSocket) -> None:
        with trio.move_on_after(0.05):
            await socket.receive()
        await socket.send("now")
        await socket.send(await socket.receive())

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("now")
        await client.send(text("kept"))
        assert await client.says("kept")


async def test_the_session_knows_what_opened_it_and_what_was_agreed_on() -> None:
    kept = Kept()
    async with talking(kept, subprotocols=("b", "a"), deflate=Deflate(server_no_context_takeover=True)) as server:
        fields = ("Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate")
        async with opened(server, "/room?x=1", *fields):
            socket = await kept.next()
            assert socket.request is not None
            assert (socket.request.path, socket.subprotocol) == ("/room", "b")
            assert socket.deflate == Deflate(server_no_context_takeover=True)
            assert (socket.close_code, socket.latency) == (None, None)
            assert repr(socket) == "<WebSocket /room?x=1 open>"


@pytest.mark.spec("rfc6455-7.3-1a")
async def test_when_the_conversation_returns_the_connection_is_closed_with_1000() -> None:
    async def talk(socket: WebSocket) -> None:
        await socket.send("bye")

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("bye")
        assert await client.frame() == Frame(CLOSE, b"\x03\xe8", 0x88)
        await client.send(close(1000))
        assert await client.rest() == b""
        await eventually(lambda: not server.connections)


async def test_when_the_conversation_raises_the_peer_hears_1011_and_the_log_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(socket: WebSocket) -> None:
        raise RuntimeError("the secret of this house")

    async with talking(talk) as server, opened(server) as client:
        assert await client.frame() == Frame(CLOSE, b"\x03\xf3", 0x88)
        await client.send(close(1011))
        assert await client.rest() == b""
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "the secret of this house" in caplog.text


async def test_that_the_connection_has_ended_is_no_failure_of_the_conversation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(receive_for_ever, socket)
            nursery.start_soon(receive_in_vain, socket)

    async def receive_for_ever(socket: WebSocket) -> None:
        while True:
            await socket.receive()

    async def receive_in_vain(socket: WebSocket) -> None:
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError):
            await socket.receive()

    async with talking(talk) as server, opened(server) as client:
        await client.send(close(4000, "enough"))
        assert (await client.frame()).code == 4000
        assert await client.rest() == b""
    assert not caplog.records


@pytest.mark.spec("rfc6455-5.5.1-5a", "rfc6455-5.5.1-5c", "rfc6455-5.5.1-6a")
async def test_the_close_of_the_peer_is_answered_when_what_came_before_is() -> None:
    at_work = trio.Event()
    finished = trio.Event()

    async def talk(socket: WebSocket) -> None:
        async for message in socket:
            at_work.set()
            await finished.wait()
            await socket.send(message)

    async with talking(talk) as server, opened(server) as client:
        await client.send(text("first") + text("second") + close(1001, "leaving"))
        await at_work.wait()
        await trio.testing.wait_all_tasks_blocked()
        finished.set()
        assert await client.says("first")
        assert await client.says("second")
        assert (await client.frame()).code == 1001
        assert await client.rest() == b""


@pytest.mark.spec("rfc6455-7.1.7-1c", "rfc6455-7.1.7-2a", "rfc6455-10.7-1b")
async def test_a_broken_rule_is_answered_when_what_came_before_is(caplog: pytest.LogCaptureFixture) -> None:
    ends: list[ConnectionClosed] = []

    async def talk(socket: WebSocket) -> None:
        try:
            while True:
                await socket.send(await socket.receive())
        except ConnectionClosed as closed:
            ends.append(closed)
            raise

    async with talking(talk) as server, opened(server) as client:
        await client.send(text("first") + text("second") + frame(3))
        assert await client.says("first")
        assert await client.says("second")
        assert (await client.frame()).code == 1002
        assert await client.rest() == b""
    assert (ends[0].code, ends[0].ok) == (1002, False)
    assert ends[0].error is not None
    assert ends[0].error.rule == "websocket.frame.opcode"
    assert not caplog.records


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("end", [close(1000), frame(3)], ids=["close", "broken rule"])
async def test_what_is_on_its_way_when_the_peer_has_said_its_last_still_arrives(end: bytes, tls: bool) -> None:
    long = bytes(8 << 20)  # more than a socket takes at once
    authority = development_authority()

    async def talk(socket: WebSocket) -> None:
        async for _ in socket:
            await socket.send(long)

    serve = {"tls": authority.server_context} if tls else {}
    context = client_context(ca_pem=authority.ca_pem) if tls else None
    async with talking(talk, serve=serve) as server, opened(server, tls=context) as client:
        await client.send(text("go on") + end)
        await trio.testing.wait_all_tasks_blocked()
        assert await client.says(long)
        assert (await client.frame()).opcode == CLOSE
        assert await client.rest() == b""


async def test_a_peer_that_closes_and_does_not_read_is_not_waited_for_forever() -> None:
    async def talk(socket: WebSocket) -> None:
        async for _ in socket:
            await socket.send(bytes(8 << 20))

    patience = Options(write_timeout=0.2, close_timeout=0.05)
    async with talking(talk, serve=OFTEN, options=patience) as server, opened(server) as client:
        await client.send(text("go on") + close(1000))
        await eventually(lambda: not server.connections)


async def test_a_conversation_that_never_receives_hears_of_the_close_when_it_sends() -> None:
    async def talk(socket: WebSocket) -> None:
        async def tick() -> None:
            while True:
                await socket.send("tick")
                await trio.sleep(0.01)

        with pytest.raises(ConnectionClosed) as caught:
            await tick()
        assert caught.value.code == 1005

    async with talking(talk) as server, opened(server) as client:
        assert await client.says("tick")
        await client.send(close())
        while (last := await client.frame()).opcode == TEXT:
            pass
        assert last == Frame(CLOSE, b"", 0x88)


async def test_a_conversation_that_does_not_come_back_is_not_waited_for_forever() -> None:
    cancelled = trio.Event()

    async def talk(socket: WebSocket) -> None:
        await socket.receive()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with talking(talk, serve=OFTEN, options=SOON) as server, opened(server) as client:
        began = time.monotonic()
        await client.send(text("hello") + close(1000))
        assert (await client.frame()).code == 1000
        assert time.monotonic() - began >= 0.2
        with trio.fail_after(10):
            await cancelled.wait()
        assert await client.rest() == b""


async def test_the_loop_over_messages_ends_where_all_is_well_and_raises_elsewhere() -> None:
    ends: list[int] = []

    async def talk(socket: WebSocket) -> None:
        try:
            async for _ in socket:
                pass
        except ConnectionClosed as closed:
            ends.append(-closed.code)
        else:
            assert socket.close_code is not None
            ends.append(socket.close_code)

    async with talking(talk) as server:
        for last in (close(1000), close(1001), close(), close(4000), b""):
            async with opened(server) as client:
                if last:
                    await client.send(last)
                    await client.frame()
        await eventually(lambda: len(ends) == 5)
    assert ends == [1000, 1001, -1005, -4000, -1006]


async def test_close_waits_for_the_peers_close_and_throws_away_what_comes_before_it() -> None:
    codes: list[int | None] = []

    async def talk(socket: WebSocket) -> None:
        await socket.close(4001, "that will do")
        codes.append(socket.close_code)
        with pytest.raises(ConnectionClosed):
            await socket.send("more")
        with pytest.raises(ConnectionClosed):
            await socket.receive()

    async with talking(talk, options=Options(receive_queue=2)) as server, opened(server) as client:
        assert await client.frame() == Frame(CLOSE, b"\x0f\xa1that will do", 0x88)
        await client.send(b"".join(text("more") for _ in range(100)))
        await client.send(close(4001))
        assert await client.rest() == b""
    assert codes == [4001]


@pytest.mark.spec("rfc6455-7.1.1-1b")
async def test_a_peer_that_does_not_close_is_let_go() -> None:
    codes: list[int | None] = []

    async def talk(socket: WebSocket) -> None:
        await socket.close()
        codes.append(socket.close_code)

    async with talking(talk, serve=OFTEN, options=SOON) as server, opened(server) as client:
        assert (await client.frame()).code == 1000
        await eventually(lambda: not server.connections)
    assert codes == [1006]


async def test_both_sides_may_close_at_once() -> None:
    async def talk(socket: WebSocket) -> None:
        await trio.testing.wait_all_tasks_blocked()
        await socket.close(4001)
        assert (socket.close_code, socket.close_reason) == (4002, "mine")

    async with talking(talk) as server, opened(server) as client:
        await client.send(close(4002, "mine"))
        assert (await client.frame()).code in (4001, 4002)
        assert await client.rest() == b""


async def test_a_peer_that_vanishes_is_1006() -> None:
    ends: list[ConnectionClosed] = []

    async def talk(socket: WebSocket) -> None:
        try:
            await socket.receive()
        except ConnectionClosed as closed:
            ends.append(closed)

    async with talking(talk) as server:
        async with opened(server) as client:
            client.reset()
        async with opened(server):
            pass
        await eventually(lambda: len(ends) == 2)
    assert [(end.code, end.ok, end.error) for end in ends] == [(1006, False, None)] * 2


async def test_what_a_peer_said_before_it_vanished_is_heard() -> None:
    heard: list[str | bytes] = []

    async def talk(socket: WebSocket) -> None:
        while True:
            heard.append(await socket.receive())
            await socket.send("received")

    async with talking(talk) as server:
        async with opened(server) as client:
            await client.send(text("one") + text("two"))
        await eventually(lambda: len(heard) == 2)
    assert heard == ["one", "two"]
