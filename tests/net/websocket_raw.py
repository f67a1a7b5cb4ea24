"""A client that says exactly the frames that a test tells it to, and reads frames by the most naive rules."""

from __future__ import annotations

import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import trio

from tests.net.raw import Listening, Raw, connected
from wire.net import Request, Response, Server, serving
from wire.net.websocket import WebSocket

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = b"\x11\x22\x33\x44"
HANDSHAKE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
"""The request of RFC 6455 §1.3."""


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, key: bytes | None = KEY) -> bytes:
    """A frame, masked unless ``key`` is None."""
    length = len(payload)
    short = length if length < 126 else 126 if length < 1 << 16 else 127
    header = bytes(((0x80 if fin else 0) | rsv | opcode, (0x80 if key else 0) | short))
    header += {126: struct.pack("!H", length & 0xFFFF), 127: struct.pack("!Q", length)}.get(short, b"")
    return header + (key + bytes(a ^ b for a, b in zip(payload, cycle(key), strict=False)) if key else payload)


def text(data: str) -> bytes:
    return frame(TEXT, data.encode())


def close(code: int | None = None, reason: str = "") -> bytes:
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason.encode())


@dataclass
class Frame:
    """A frame as it came."""

    opcode: int
    payload: bytes
    first: int

    @property
    def code(self) -> int:
        """That of a close frame."""
        assert self.opcode == CLOSE, self
        return int.from_bytes(self.payload[:2], "big")


class RawWebSocket(Raw):
    """One WebSocket connection to the server."""

    async def frame(self) -> Frame:
        """The next frame of the server."""
        first, length = await self.exactly(2)
        assert length < 128, "a server's frame is not masked"
        if length > 125:
            length = int.from_bytes(await self.exactly(2 if length == 126 else 8), "big")
        return Frame(first & 15, await self.exactly(length), first)

    async def says(self, message: str | bytes) -> bool:
        """Whether the next frame is this message."""
        opcode, payload = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, message)
        return await self.frame() == Frame(opcode, payload, 0x80 | opcode)


@contextlib.asynccontextmanager
async def opened(
    server: Listening, target: str = "/", *fields: str, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawWebSocket]:
    """A WebSocket to the server for as long as the block runs."""
    async with connected(server, tls) as raw:
        client = RawWebSocket(raw.stream)
        reply = await client.get(target, *HANDSHAKE, *fields)
        assert reply.status == 101, reply
        yield client


Talk = Callable[[WebSocket], Awaitable[None]]


@contextlib.asynccontextmanager
async def talking(talk: Talk, *, serve: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[Server]:
    """A server that has this conversation with everybody.

    ``serve`` are arguments of ``serving``, all others are those of ``Request.websocket``.
    """

    async def handler(request: Request) -> Response:
        return await request.websocket(talk, **options)

    async with serving(handler, **(serve or {})) as server:
        yield server


async def echo(socket: WebSocket) -> None:
    """Say again what is said."""
    async for message in socket:
        await socket.send(message)


class Kept:
    """A conversation that a test has in hand: it waits until the test lets it end."""

    def __init__(self) -> None:
        self.let_go = trio.Event()
        self._send, self._receive = trio.open_memory_channel[WebSocket](100)

    async def __call__(self, socket: WebSocket) -> None:
        await self._send.send(socket)
        await self.let_go.wait()

    async def next(self) -> WebSocket:
        """The session of the connection that was opened next."""
        with trio.fail_after(10):
            return await self._receive.receive()
