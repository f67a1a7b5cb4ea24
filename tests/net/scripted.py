"""Servers that say exactly the bytes that a test tells them to, and keep what they heard."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import trio

PATIENCE = 10.0
"""Seconds after which a test gives up waiting for what should come at once."""

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Peer:
    """The server's end of one connection."""

    def __init__(self, stream: trio.abc.Stream, number: int, heard: list[bytes]) -> None:
        self.stream = stream
        self.number = number
        self._heard = heard
        self._received = bytearray()

    @property
    def pending(self) -> bool:
        """Whether more has come than was asked for."""
        return bool(self._received)

    async def head(self) -> bytes:
        """The next request up to the end of its head; b"" if the client closes instead."""
        head = await self.until(b"\r\n\r\n")
        if head:
            self._heard.append(head)
        return head

    async def until(self, end: bytes) -> bytes:
        """Everything up to ``end``; b"" if the client closes before."""
        with trio.fail_after(PATIENCE):
            while end not in self._received:
                data = await self.stream.receive_some()
                if not data:
                    return b""
                self._received += data
        at = self._received.index(end) + len(end)
        return self._take(at)

    async def exactly(self, size: int) -> bytes:
        """The next ``size`` bytes, or fewer if the client closes before."""
        with trio.fail_after(PATIENCE):
            while len(self._received) < size and (data := await self.stream.receive_some()):
                self._received += data
        return self._take(size)

    async def readable(self) -> None:
        """Wait until something has come, and leave it where it is. Not under TLS."""
        assert isinstance(self.stream, trio.SocketStream)
        await trio.lowlevel.wait_readable(self.stream.socket)

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def closed(self) -> bytes:
        """What comes until the client closes."""
        with trio.fail_after(PATIENCE):
            while data := await self.stream.receive_some():
                self._received += data
        return self._take(len(self._received))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken


Script = Callable[[Peer], Awaitable[object]]
"""What a server does on a connection; when it returns, the connection is closed."""


@dataclass
class Scripted:
    """A running scripted server.

    Attributes:
        url: without a slash at its end.
        connections: how many there have been.
        heads: the heads of requests that ``Peer.head`` read, of all connections.
        closed: connections that have ended.
    """

    port: int
    scheme: str = "http"
    connections: int = 0
    closed: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def scripted(
    *scripts: Script, wrap: Callable[[trio.SocketStream], trio.abc.Stream] | None = None
) -> AsyncIterator[Scripted]:
    """Serve for as long as the block runs: each connection by the next script, the last one serves all that follow.

    ``wrap`` puts TLS around each connection.
    """
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    server = Scripted(listener.socket.getsockname()[1], "http" if wrap is None else "https")

    async def converse(stream: trio.SocketStream) -> None:
        server.connections += 1
        script = scripts[min(server.connections, len(scripts)) - 1]
        wrapped = stream if wrap is None else wrap(stream)
        with contextlib.suppress(trio.BrokenResourceError):
            async with wrapped:
                try:
                    await script(Peer(wrapped, server.connections, server.heads))
                finally:
                    server.closed += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(trio.serve_listeners, converse, [listener]))
        yield server
        nursery.cancel_scope.cancel()


def answering(*responses: bytes) -> Script:
    """A server that answers each request on a connection with the next of these bytes, then waits for the client."""

    async def script(peer: Peer) -> None:
        for response in responses:
            if not await peer.head():
                return
            await peer.send(response)
        await peer.closed()

    return script


def repeating(response: bytes = OK) -> Script:
    """A server that answers every request with the same bytes."""

    async def script(peer: Peer) -> None:
        while await peer.head():
            await peer.send(response)

    return script


async def silent(peer: Peer) -> None:
    """A server that never says anything."""
    await peer.closed()


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    with trio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what it looks at sets no event
            await trio.sleep(0.005)
