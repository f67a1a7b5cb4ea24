"""Floods over WebSockets: what they cost a server, a process of its own, in memory, and that it goes on for others."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator

import pytest
import trio

from tests.net.raw import PATIENCE, eventually
from tests.net.websocket_raw import (
    BINARY,
    CONTINUATION,
    KEY,
    PING,
    PONG,
    TEXT,
    Frame,
    Kept,
    RawWebSocket,
    frame,
    opened,
    talking,
    text,
)
from tests.net.witness import Memory, witnessed
from tests.serving import Served, serving
from wire.net.websocket import Options, SlowConsumer, broadcast
from wire.samples.ws_echo import LIMITS

MIB = 1 << 20
ECHO = "/ws/echo"
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
RSV1 = 0x40


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--quiet") as running:
        yield running


async def pour(client: RawWebSocket, data: bytes, times: int) -> None:
    """Say this so many times, or as long as the server listens."""
    with contextlib.suppress(trio.BrokenResourceError):
        for _ in range(times):
            await client.send(data)


def bomb(size: int) -> bytes:
    """A compressed message of zeros, a thousandth of what it inflates to."""
    deflate = zlib.compressobj(wbits=-15)
    data = b"".join(deflate.compress(bytes(min(MIB, size - at))) for at in range(0, size, MIB))
    return (data + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


@pytest.mark.spec("rfc6455-10.4-1a", "rfc6455-10.4-1b")
async def test_a_million_empty_fragments(served: Served) -> None:
    memory = Memory(served.pid)
    async with witnessed(served, ECHO), opened(served, ECHO) as attacker, trio.open_nursery() as nursery:
        await attacker.send(frame(TEXT, fin=False))
        nursery.start_soon(pour, attacker, frame(CONTINUATION, fin=False) * 10_000, 100)
        assert (await attacker.frame()).code == 1009
        nursery.cancel_scope.cancel()
    assert memory.grown() < 8 * MIB


async def test_a_million_empty_messages(served: Served) -> None:
    """Each is an answer to be sent, to somebody who reads none: the server stops reading, and holds no more."""
    memory = Memory(served.pid)
    async with witnessed(served, ECHO) as witness, opened(served, ECHO) as attacker:
        before = witness.answers
        with trio.move_on_after(2):
            await pour(attacker, frame(TEXT) * 10_000, 100)
        await eventually(lambda: witness.answers > before + 10)
    assert memory.grown() < 8 * MIB


@pytest.mark.spec("rfc6455-5.5.3-4")
async def test_a_flood_of_pings_from_somebody_who_reads_no_pongs(served: Served) -> None:
    """While nothing can be sent only the last is remembered, and the server never stops reading: 26 MB of pings."""
    memory = Memory(served.pid)
    async with witnessed(served, ECHO) as witness, opened(served, ECHO) as attacker:
        before = witness.answers
        with trio.fail_after(PATIENCE * 3):
            await pour(attacker, frame(PING, bytes(125)) * 1000, 200)
        await attacker.send(frame(PING, b"the last"))
        assert witness.answers > before
        with trio.fail_after(PATIENCE):
            while (answer := await attacker.frame()) != Frame(PONG, b"the last", 0x8A):
                assert answer == Frame(PONG, bytes(125), 0x8A)
    assert memory.grown() < 8 * MIB


@pytest.mark.spec("rfc6455-10.4-1a")
async def test_a_deflate_bomb_costs_no_more_than_the_limit(served: Served) -> None:
    """A megabyte that inflates to a gigabyte; then one that inflates to a byte more than the limit."""
    memory = Memory(served.pid)
    async with witnessed(served, ECHO):
        for size in (1 << 30, LIMITS.message + 1):
            async with opened(served, ECHO, DEFLATE) as attacker:
                await attacker.send(frame(BINARY, bomb(size), rsv=RSV1))
                assert (await attacker.frame()).code == 1009
    assert memory.grown() < 2 * LIMITS.message


async def test_a_deflate_bomb_in_fragments(served: Served) -> None:
    memory = Memory(served.pid)
    data = bomb(1 << 28)
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    async with witnessed(served, ECHO), opened(served, ECHO, DEFLATE) as attacker, trio.open_nursery() as nursery:
        await attacker.send(frame(BINARY, pieces[0], fin=False, rsv=RSV1))
        continued = b"".join(frame(CONTINUATION, piece, fin=False) for piece in pieces[1:])
        nursery.start_soon(pour, attacker, continued, 1)
        assert (await attacker.frame()).code == 1009
        nursery.cancel_scope.cancel()
    assert memory.grown() < 2 * LIMITS.message


@pytest.mark.parametrize(
    ("code", "opcode", "payload", "rsv"),
    [
        (1007, BINARY, b"\xff\xff\xff\xff", RSV1),
        (1007, TEXT, b"\xfa\xff\x03\x00", RSV1),
        (1002, PING, b"\x02\x00", RSV1),
        (1002, BINARY, b"", 0x20),
    ],
    ids=["not DEFLATE", "DEFLATE of bytes that are no UTF-8", "a compressed ping", "RSV2"],
)
async def test_what_is_wrong_with_compression(served: Served, code: int, opcode: int, payload: bytes, rsv: int) -> None:
    async with witnessed(served, ECHO), opened(served, ECHO, DEFLATE) as attacker:
        await attacker.send(text("before") + frame(opcode, payload, rsv=rsv))
        assert (await attacker.frame()).opcode == TEXT
        assert (await attacker.frame()).code == code


async def test_a_compressed_continuation(served: Served) -> None:
    async with witnessed(served, ECHO), opened(served, ECHO, DEFLATE) as attacker:
        await attacker.send(frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b", rsv=RSV1))
        assert (await attacker.frame()).code == 1002


async def test_frames_that_are_announced_and_never_come_cost_nothing(served: Served) -> None:
    """A hundred connections that each announce 16 MiB, and send a byte of it."""
    announced = bytes((0x80 | BINARY, 0xFF)) + struct.pack("!Q", LIMITS.frame) + KEY + b"x"
    async with contextlib.AsyncExitStack() as attackers, witnessed(served, ECHO) as witness:
        memory = Memory(served.pid)
        for _ in range(100):
            attacker = await attackers.enter_async_context(opened(served, ECHO))
            await attacker.send(announced)
        before = witness.answers
        await eventually(lambda: witness.answers > before + 5)
        assert memory.grown() < 8 * MIB


@pytest.mark.parametrize("policy", SlowConsumer)
async def test_a_slow_reader_during_a_broadcast(policy: SlowConsumer) -> None:
    """It is closed (1008, or 1013) with no more than its queue waiting for it; the others hear all that was said."""
    kept, options = Kept(), Options(send_queue=MIB, slow_consumer=policy)
    message, times, heard = bytes(MIB // 16), 200, 0

    async def listen(member: RawWebSocket) -> None:
        nonlocal heard
        for _ in range(times):
            assert await member.says(message)
            heard += 1

    async with (
        talking(kept, options=options) as server,
        opened(server) as slow,
        opened(server) as one,
        opened(server) as other,
        trio.open_nursery() as nursery,
    ):
        sockets = [await kept.next() for _ in range(3)]
        nursery.start_soon(listen, one)
        nursery.start_soon(listen, other)
        for number in range(1, times + 1):
            broadcast(sockets, message)
            assert max(socket.outbox.size for socket in sockets) <= MIB + len(message) + 200
            await eventually(lambda number=number: heard == 2 * number)  # type: ignore[misc]
        assert [socket.is_open for socket in sockets].count(False) == 1
        while (last := await slow.frame()).opcode == BINARY:
            assert last.payload == message
        assert last.code == (policy.value or 1013)
        kept.let_go.set()
