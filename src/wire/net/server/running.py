"""A running server: it accepts connections, watches over their deadlines, and shuts down gently.

    async with trio.open_nursery() as nursery:
        server = await nursery.start(partial(serve, handler, port=8080))
        print(server.url)

What becomes of a connection that was accepted is told in ``lifetime``.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import trio

from wire.net.messages import Handler
from wire.net.server.access_log import AccessLog
from wire.net.server.binding import bind
from wire.net.server.connection import Connection, Service
from wire.net.server.dates import Clock, DateField
from wire.net.server.lifetime import live
from wire.net.server.limits import ServerLimits
from wire.net.server.readiness import WatchedTransport
from wire.net.tap import Tap
from wire.net.transport import TappedTransport, TLSTransport, Transport

logger = logging.getLogger("wire.net")

_CONNECTION_LOST = {errno.ECONNABORTED, errno.EPERM, errno.EPROTO}
"""What ``accept`` may say about a connection that is gone already."""


async def serve(
    handler: Handler,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    tls: ssl.SSLContext | None = None,
    limits: ServerLimits | None = None,
    access_log: AccessLog | None = None,
    tap: Tap | None = None,
    sockets: Iterable[socket.socket] | None = None,
    reuse_port: bool = False,
    clock: Clock = time.time,
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer HTTP until the server is shut down; cancelling it closes everything at once.

    Args:
        handler: called for each request, many at a time.
        host: a name or address to listen at; a name may have several.
        port: a TCP port, 0 for any that is free.
        tls: speak TLS, with the certificate of this context (see ``wire.net.tls``).
        limits: deadlines and caps.
        access_log: called with each answered request.
        tap: called with the bytes of every connection.
        sockets: sockets that are bound already, instead of ``host`` and ``port``.
        reuse_port: let other processes listen at the same port, each taking a share of the connections.
        clock: the time for ``Date``.
        task_status: ``nursery.start`` gets the ``Server`` when it is listening.

    Raises:
        OSError: it cannot listen there.
    """
    limits = limits or ServerLimits()
    listeners = list(sockets) if sockets is not None else await bind(host, port, reuse_port=reuse_port)
    service = Service(handler, limits, "http" if tls is None else "https", access_log, DateField(clock))
    server = Server(service, listeners, tls, tap)
    try:
        for listener in listeners:
            listener.setblocking(False)
            listener.listen(limits.backlog)
        task_status.started(server)
        await server.run()
    finally:
        server.close_listeners()
        service.readiness.close()


@contextlib.asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[Server]:
    """Serve for as long as the block runs, then close everything at once. It takes what ``serve`` takes."""
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(partial(serve, handler, **options))
        yield server
        nursery.cancel_scope.cancel()


class Server:
    """A running server, as ``serve`` hands it out.

    Attributes:
        address: host and port of the first socket that it listens at.
        url: the same as a URL, without a slash at its end.
    """

    def __init__(
        self, service: Service, listeners: list[socket.socket], tls: ssl.SSLContext | None, tap: Tap | None
    ) -> None:
        self._service = service
        self._listeners = listeners
        self._tls = tls
        self._tap = tap
        self._connections: set[Connection] = set()
        self._room = trio.Event()  # set when a connection ends, for an accept loop that waits for that
        self._accepting = trio.CancelScope()
        self._grace = trio.CancelScope()
        self.address: tuple[str, int] = listeners[0].getsockname()[:2]
        host = f"[{self.address[0]}]" if ":" in self.address[0] else self.address[0]
        self.url = f"{service.scheme}://{host}:{self.address[1]}"

    @property
    def port(self) -> int:
        """The TCP port."""
        return self.address[1]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def shutdown(self, grace: float = math.inf) -> None:
        """Shut down gently; ``serve`` returns when it is done.

        Nothing new is accepted, idle connections are closed, and each other one is told by ``Connection: close`` that
        its next response is its last (RFC 9112 §9.6).

        Args:
            grace: seconds after which what is still open is cancelled.
        """
        self._grace.deadline = min(self._grace.deadline, trio.current_time() + grace)
        self._service.closing = True
        self._service.draining.set()
        self._accepting.cancel()
        for connection in list(self._connections):
            connection.drain()

    async def run(self) -> None:
        """Serve until ``shutdown``."""
        async with trio.open_nursery() as helpers:
            helpers.start_soon(self._sweep)
            helpers.start_soon(self._service.readiness.run)
            with self._grace:
                async with trio.open_nursery() as connections:
                    with self._accepting:
                        async with trio.open_nursery() as accepting:
                            for listener in self._listeners:
                                accepting.start_soon(self._accept, listener, connections)
                    self.close_listeners()
            helpers.cancel_scope.cancel()

    def close_listeners(self) -> None:
        """Let nobody connect any more."""
        for listener in self._listeners:
            listener.close()

    async def _accept(self, listener: socket.socket, connections: trio.Nursery) -> None:
        """Take connections for as long as there is room; the rest waits in the kernel's backlog."""
        limits = self._service.limits
        starved = False  # and said so
        while True:
            await trio.lowlevel.wait_readable(listener)
            while len(self._connections) >= limits.connections:
                if self._room.is_set():
                    self._room = trio.Event()
                await self._room.wait()
            try:
                sock, address = listener.accept()
            except BlockingIOError:
                continue  # another process was faster
            except OSError as error:
                if error.errno in _CONNECTION_LOST:
                    continue
                # No file descriptors, no memory: the connections that are open go on, and free some in time.
                if not starved:
                    logger.error("no connection can be accepted for now: %s", error)
                starved = True
                await trio.sleep(0.1)
                continue
            starved = False
            self._take(sock, address, connections)

    def _take(self, sock: socket.socket, address: Any, connections: trio.Nursery) -> None:
        sock.setblocking(False)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a response leaves in one write anyway
            connection = self._connection(sock, address)
        except OSError as error:
            logger.error("a connection had to be closed at once: %s", error)
            sock.close()
        else:
            connections.start_soon(live, connection, self._ended)

    def _connection(self, sock: socket.socket, address: Any) -> Connection:
        """What is known of a connection from now on, until it ends."""
        client = (address[0], address[1]) if isinstance(address, tuple) else None
        plain = self._service.readiness.transport(sock)
        transport: Transport = plain if self._tls is None else TLSTransport(plain, self._tls)
        if self._tap is not None:
            transport = TappedTransport(transport, self._tap)
        connection = Connection(self._service, transport, client)
        if isinstance(plain, WatchedTransport):
            plain.hangup = connection.hung_up
            connection.stop_waiting = plain.stop_waiting
        self._connections.add(connection)
        return connection

    def _ended(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._room.set()

    async def _sweep(self) -> None:
        """Look at every connection's deadline, a few times a second."""
        limits = self._service.limits
        deadlines = (limits.handshake, limits.head, limits.idle, limits.body, limits.write, limits.half_closed)
        interval = min(limits.sweep, min(deadlines) / 4)
        while True:
            self._sweep_all(trio.current_time())
            self._service.next_sweep = trio.current_time() + interval
            await trio.sleep(interval)

    def _sweep_all(self, now: float) -> None:
        # Apart, since a frame that sleeps would keep the connection that it saw last.
        for connection in self._connections:
            connection.sweep(now)
