"""The WebSocket echo over a real socket: what it takes, up to its limits, and what it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import trio

from tests.serving import PATIENCE
from wire.net.messages import Problem, Request
from wire.net.server import Server
from wire.net.server.running import serving
from wire.net.websocket import ConnectionClosed, WebSocket, connect
from wire.samples.app import app
from wire.samples.ws_echo import LIMITS
from wire.websocket import Limits

MIB = 1 << 20


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(app) as running:
        yield running


def talking(server: Server, limits: Limits = LIMITS) -> AbstractAsyncContextManager[WebSocket]:
    return connect(f"ws://127.0.0.1:{server.port}/ws/echo", limits=limits)


@pytest.mark.parametrize(
    "message",
    ["", "ü€😀", b"", b"\x00\xff", "x" * (16 * MIB), b"\x80" * (16 * MIB)],
    ids=lambda m: f"{type(m)} {len(m)}",
)
async def test_a_message_comes_back_as_it_went(server: Server, message: str | bytes) -> None:
    async with talking(server) as websocket:
        with trio.fail_after(PATIENCE):
            await websocket.send(message)
            assert await websocket.receive() == message


async def test_many_small_fragments_are_one_message(server: Server) -> None:
    async def fragments() -> AsyncIterator[bytes]:
        for _ in range(4 * MIB // 64):
            yield b"." * 64

    async with talking(server) as websocket:
        with trio.fail_after(PATIENCE):
            await websocket.send_pieces(fragments())
            assert await websocket.receive() == b"." * (4 * MIB)


async def test_what_is_too_long_is_refused_and_what_came_before_is_answered(server: Server) -> None:
    async with talking(server) as websocket:
        with trio.fail_after(PATIENCE):
            await websocket.send("first")
            await websocket.send(bytes(LIMITS.message + 1))
            assert await websocket.receive() == "first"
            with pytest.raises(ConnectionClosed) as closed:
                await websocket.receive()
    assert closed.value.code == 1009


async def test_who_does_not_ask_for_a_websocket_is_told_to(server: Server) -> None:
    with pytest.raises(Problem) as refused:
        await app(Request("GET", "/ws/echo", [(b"host", b"a")]))
    assert refused.value.status == 426
    assert (b"upgrade", b"websocket") in [(name, value) for name, value in refused.value.response.fields]
