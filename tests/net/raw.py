"""A client that says exactly the bytes that a test tells it to, and reads responses by the most naive rules."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import trio

PATIENCE = 10.0
"""Seconds after which a test gives up waiting for what should come at once."""


@dataclass
class Reply:
    """A response as a test sees it: field names in lower case, the last of each name."""

    status: int
    fields: dict[str, str]
    body: bytes


class Raw:
    """One TCP connection to the server."""

    def __init__(self, stream: trio.SocketStream | trio.SSLStream[trio.SocketStream]) -> None:
        self.stream = stream
        self._received = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def get(self, target: str = "/hello", *fields: str, method: str = "GET") -> Reply:
        """Ask and read the answer."""
        await self.send("\r\n".join((f"{method} {target} HTTP/1.1", "Host: test", *fields, "", "")).encode())
        return await self.reply(method)

    async def reply(self, method: str = "GET") -> Reply:
        """The next response; its body by Content-Length, or as it stands up to the last chunk."""
        head = await self.until(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(start.split(" ")[1])
        if method == "HEAD" or status < 200 or status in (204, 304):
            return Reply(status, fields, b"")
        if "content-length" in fields:
            return Reply(status, fields, await self.exactly(int(fields["content-length"])))
        if fields.get("transfer-encoding") == "chunked":
            return Reply(status, fields, await self.until(b"0\r\n\r\n"))
        return Reply(status, fields, await self.rest())

    async def until(self, end: bytes) -> bytes:
        with trio.fail_after(PATIENCE):
            while end not in self._received:
                await self._more()
        at = self._received.index(end) + len(end)
        return self._take(at)

    async def exactly(self, size: int) -> bytes:
        with trio.fail_after(PATIENCE):
            while len(self._received) < size:
                await self._more()
        return self._take(size)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        with trio.fail_after(PATIENCE):
            while data := await self.stream.receive_some():
                self._received += data
        return self._take(len(self._received))

    async def _more(self) -> None:
        data = await self.stream.receive_some()
        assert data, f"the connection ended after {self._received!r}"
        self._received += data

    def _take(self, size: int) -> bytes:
        data, self._received = self._received[:size], self._received[size:]
        return data

    def reset(self) -> None:
        """Close with a reset, as a process that is killed may."""
        assert isinstance(self.stream, trio.SocketStream)
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.socket.close()


class Listening(Protocol):
    """Whatever can be connected to."""

    @property
    def address(self) -> tuple[str, int]: ...


@contextlib.asynccontextmanager
async def connected(server: Listening, tls: ssl.SSLContext | None = None) -> AsyncIterator[Raw]:
    """A connection for as long as the block runs."""
    async with await trio.open_tcp_stream(*server.address) as stream:
        yield Raw(stream if tls is None else trio.SSLStream(stream, tls, server_hostname=server.address[0]))


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    with trio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what it looks at sets no event
            await trio.sleep(0.005)


def dechunked(body: bytes) -> bytes:
    """The content of a chunked body that has neither extensions nor trailers."""
    content = b""
    while size := int(re.match(rb"([0-9a-f]+)\r\n", body, re.I)[1], 16):  # type: ignore[index]
        start = body.index(b"\r\n") + 2
        content, body = content + body[start : start + size], body[start + size + 2 :]
    return content
