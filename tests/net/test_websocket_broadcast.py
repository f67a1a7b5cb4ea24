"""One message to many, over real sockets."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import AsyncIterator

import pytest
import trio

from tests.net.raw import eventually
from tests.net.websocket_raw import BINARY, CONTINUATION, TEXT, Frame, Kept, RawWebSocket, close, opened, talking
from wire.errors import LocalProtocolError
from wire.net import Server
from wire.net.tls import client_context, development_authority
from wire.net.websocket import Options, SlowConsumer, WebSocket, broadcast
from wire.websocket import Deflate

LONG = "a message that is worth compressing " * 10


@contextlib.asynccontextmanager
async def many(server: Server, count: int, *fields: str) -> AsyncIterator[list[RawWebSocket]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(opened(server, "/", *fields)) for _ in range(count)]


async def test_all_who_are_open_get_it_and_the_others_are_passed_over() -> None:
    kept = Kept()
    async with talking(kept) as server, many(server, 5) as clients:
        sockets = [await kept.next() for _ in clients]
        await clients[0].send(close(1000))
        assert (await clients[0].frame()).code == 1000
        clients[1].reset()
        await eventually(lambda: sockets[0].is_over and sockets[1].is_over)
        broadcast(sockets, "to whom it may concern")
        broadcast(sockets, b"\x00")
        for client in clients[2:]:
            assert await client.says("to whom it may concern")
            assert await client.says(b"\x00")
        kept.let_go.set()
        assert await clients[0].rest() == b""


async def test_what_cannot_be_sent_is_sent_to_nobody() -> None:
    kept = Kept()
    async with talking(kept) as server, opened(server) as client:
        socket = await kept.next()
        with pytest.raises(LocalProtocolError):
            broadcast([socket], "\ud800")
        await socket.send("nothing before this")
        assert await client.says("nothing before this")
        kept.let_go.set()


@pytest.mark.parametrize("offer", ["", "; server_no_context_takeover", "; server_max_window_bits=9"])
async def test_it_can_be_inflated_whatever_was_said_before(offer: str) -> None:
    kept = Kept()
    field = f"Sec-WebSocket-Extensions: permessage-deflate{offer}"
    async with talking(kept, deflate=Deflate()) as server, many(server, 2, field) as clients:
        sockets = [await kept.next() for _ in clients]
        await sockets[0].send(LONG)
        broadcast(sockets, LONG)
        await sockets[0].send(LONG)
        first, shared, last = [await clients[0].frame() for _ in range(3)]
        assert await clients[1].frame() == shared
        assert (shared.first, len(shared.payload) < len(LONG)) == (0xC1, True)
        inflate = zlib.decompressobj(wbits=-15)
        for compressed in (first, shared, last):
            if "takeover" in offer:
                inflate = zlib.decompressobj(wbits=-15)
            assert inflate.decompress(compressed.payload + b"\x00\x00\xff\xff") == LONG.encode()
        kept.let_go.set()


async def test_it_waits_for_the_end_of_a_message_in_pieces() -> None:
    goes_on = trio.Event()
    kept = Kept()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"
        await goes_on.wait()

    async with talking(kept) as server, opened(server) as client, trio.open_nursery() as nursery:
        socket = await kept.next()
        nursery.start_soon(socket.send_pieces, pieces())
        assert await client.frame() == Frame(BINARY, b"a", BINARY)
        broadcast([socket], "between")
        goes_on.set()
        assert await client.frame() == Frame(CONTINUATION, b"b", 0x80)
        assert await client.frame() == Frame(TEXT, b"between", 0x81)
        kept.let_go.set()


@pytest.mark.parametrize(
    ("policy", "code"),
    [(SlowConsumer.WAIT, 1013), (SlowConsumer.CLOSE_1008, 1008), (SlowConsumer.CLOSE_1013, 1013)],
)
@pytest.mark.parametrize("size", [50_000, 100_000])
@pytest.mark.parametrize("tls", [False, True])
async def test_who_does_not_read_is_closed_and_the_others_go_on(
    policy: SlowConsumer, code: int, tls: bool, size: int
) -> None:
    kept, message = Kept(), bytes(size)
    options = Options(send_queue=300_000, slow_consumer=policy)
    authority = development_authority(["127.0.0.1"])
    serve = {"tls": authority.server_context} if tls else {}
    context = client_context(ca_pem=authority.ca_pem) if tls else None
    async with talking(kept, options=options, serve=serve) as server, opened(server, tls=context) as slow:
        slow_socket = await kept.next()
        async with opened(server, tls=context) as quick:
            sockets: list[WebSocket] = [slow_socket, await kept.next()]
            for _ in range(200):
                broadcast(sockets, message)
                assert await quick.says(message)
            assert slow_socket.outbox.size < 200 * len(message)
            while (last := await slow.frame()) == Frame(BINARY, message, 0x82):
                pass
            assert last.code == code
            broadcast(sockets, "after that")
            assert await quick.says("after that")
            kept.let_go.set()
