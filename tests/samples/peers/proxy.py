"""A TCP proxy that cuts the connections through it: at any byte, in the middle of a frame or of the handshake."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator

import trio

_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Where connections come in, and where they go to.

    Attributes:
        target: the port that new connections go to.
        port: where the proxy listens.
        longest: the most bytes that a connection may carry both ways before it is cut; None lets it live.
        cuts: how many were cut.
        gate: what comes over new connections waits here until it is set.
    """

    def __init__(self, target: int, port: int, chance: random.Random, longest: int | None) -> None:
        self.target = target
        self.port = port
        self.chance = chance
        self.longest = longest
        self.cuts = 0
        self.gate = trio.Event()
        self.gate.set()
        self._open: dict[trio.CancelScope, Budget] = {}

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def cut(self) -> None:
        """Cut all connections."""
        for scope in self._open:
            self.cuts += 1
            scope.cancel()

    def freeze(self) -> None:
        """Carry nothing more over the connections that are open, and tell nobody."""
        for budget in self._open.values():
            budget.frozen = True

    async def _carry(self, client: trio.SocketStream) -> None:
        with trio.CancelScope() as scope, contextlib.suppress(OSError, trio.BrokenResourceError):
            budget = self._open[scope] = Budget(None if self.longest is None else self.chance.randint(0, self.longest))
            try:
                async with client, await trio.open_tcp_stream("127.0.0.1", self.target) as server:
                    try:
                        async with trio.open_nursery() as nursery:
                            nursery.start_soon(self._pump, client, server, budget, scope)
                            nursery.start_soon(self._pump, server, client, budget, scope)
                    finally:
                        if scope.cancel_called and self.chance.random() < 0.5:
                            for stream in (client, server):
                                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            finally:
                del self._open[scope]

    async def _pump(
        self, source: trio.SocketStream, sink: trio.SocketStream, budget: Budget, scope: trio.CancelScope
    ) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            await self.gate.wait()
            async for data in source:
                if budget.frozen:
                    await trio.sleep_forever()
                await sink.send_all(data[: budget.take(len(data))])
                if budget.left == 0:
                    self.cuts += 1
                    break
        scope.cancel()


class Budget:
    """How many bytes a connection may still carry; None for any number."""

    def __init__(self, left: int | None) -> None:
        self.left = left
        self.frozen = False

    def take(self, count: int) -> int:
        """How many of ``count`` bytes may pass."""
        if self.left is None:
            return count
        taken = min(count, self.left)
        self.left -= taken
        return taken


@contextlib.asynccontextmanager
async def cutting(target: int, chance: random.Random, longest: int | None = None) -> AsyncIterator[Proxy]:
    """A proxy to a port of this machine, while the block runs."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    proxy = Proxy(target, listener.socket.getsockname()[1], chance, longest)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, proxy._carry, [listener])
        yield proxy
        nursery.cancel_scope.cancel()
