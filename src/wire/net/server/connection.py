"""One accepted connection, as the server and every version of HTTP see it: its bytes, its deadline, its scope.

A connection is one task in one cancel scope. There is no scope for each wait: the connection writes the time by which
something must have happened into ``deadline``, which costs an assignment, and one task of the server looks at all of
them now and then, and cancels the scopes of those that are late.
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import trio

from wire.net.messages import Handler
from wire.net.server.access_log import AccessLog
from wire.net.server.dates import DateField
from wire.net.server.limits import ServerLimits
from wire.net.server.readiness import Readiness
from wire.net.transport import Transport, reset_on_close

logger = logging.getLogger("wire.net")


@dataclass(slots=True)
class Service:
    """What all connections of a server share.

    Attributes:
        closing: the server is shutting down, so each response is the last of its connection.
        draining: the same, for those who wait for it.
        next_sweep: trio's time when the server looks at the deadlines next: never far off, and cheaper than a clock.
    """

    handler: Handler
    limits: ServerLimits
    scheme: str
    access_log: AccessLog | None = None
    date: DateField = field(default_factory=DateField)
    readiness: Readiness = field(default_factory=Readiness)
    closing: bool = False
    next_sweep: float = 0.0
    draining: trio.Event = field(default_factory=trio.Event)


class Conversation(Protocol):
    """A version of HTTP on one connection."""

    async def run(self, data: bytes) -> None:
        """Answer requests until the connection is to be closed; ``data`` is what has been read of it."""

    async def expired(self) -> None:
        """The deadline passed and ``run`` was cancelled: say so to the client, if there is something to say."""


class Session(Protocol):
    """What a handler runs on a connection that it took over, and what is told of things that it doesn't wait for."""

    def late(self, now: float) -> None:
        """The deadline of the connection has passed, which is the session's own."""

    def drain(self) -> None:
        """The server is shutting down."""


class Connection:
    """One accepted socket.

    Attributes:
        deadline: trio's time at which the connection is cancelled, infinite while it waits for its own handler.
        last_call: the same for an answer whose client has gone.
        gone: the client has closed its sending side, at least.
        idle: no request has begun: a server that shuts down closes such a connection without ado.
        broken: the connection is lost or given up, so it is closed without a goodbye.
        linger: the client's own close is worth waiting for, as it may still be sending (RFC 9112 §9.6).
        expired: it was cancelled for being late.
        taken: a handler has the bare connection, and looks out for its peer itself.
        session: what the handler runs on it, if that wants to be told about deadlines and shutdowns.
        stop_waiting: ends a read that waits, but not one for which something has come; None where nothing can tell.
    """

    __slots__ = (
        "_departure", "broken", "client", "conversation", "deadline", "expired", "gone", "idle", "last_call", "linger",
        "scope", "service", "session", "stop_waiting", "taken", "transport",
    )  # fmt: skip

    def __init__(self, service: Service, transport: Transport, client: tuple[str, int] | None) -> None:
        self.service = service
        self.transport = transport
        self.client = client
        self.scope = trio.CancelScope()
        self.conversation: Conversation | None = None
        self.deadline = math.inf
        self.last_call = math.inf
        self.idle = True
        self.broken = False
        self.linger = False
        self.expired = False
        self.gone = False
        self.taken = False
        self.session: Session | None = None
        self.stop_waiting: Callable[[], None] | None = None
        self._departure: trio.Event | None = None

    async def send_all(self, data: bytes) -> None:
        """Send all of the bytes; the deadline moves on whenever the peer takes some.

        Raises:
            Disconnected: the connection broke.
        """
        sent = self.transport.send_now(data)
        if sent:
            self.last_call = math.inf
        if sent < len(data):
            await self.send_rest(data, sent)

    async def send_rest(self, data: bytes, sent: int) -> None:
        """Send what is left behind the first ``sent`` bytes, as ``send_all`` does."""
        with memoryview(data) as view:
            while sent < len(data):
                self.deadline = trio.current_time() + self.service.limits.write
                sent += await self.transport.send_some(view[sent:])
                self.last_call = math.inf  # a client that takes what it is sent has not gone: it is set anew
        self.deadline = math.inf

    def sweep(self, now: float) -> None:
        """The server looks whether the connection is late."""
        if self.session is not None:
            if now > self.deadline:
                with self._by_itself():
                    self.session.late(now)
        elif now > self.deadline or now > self.last_call:
            self.expired = now > self.deadline
            self.stop()
        elif self.gone and self.last_call == math.inf and not (self.idle or self.taken):
            self.last_call = now + self.service.limits.half_closed

    def drain(self) -> None:
        """The server is shutting down: nothing new is begun here."""
        if self.session is not None:
            with self._by_itself():
                self.session.drain()
        elif self.idle:
            self.stop()

    @contextlib.contextmanager
    def _by_itself(self) -> Iterator[None]:
        """A mistake in here is the end of this connection, and of no other: the server's own task calls it."""
        try:
            yield
        except Exception:
            logger.exception("a connection failed")
            self.abort()
            self.scope.cancel()

    def stop(self) -> None:
        """Cancel the connection; if it is idle, let it end by itself, for a request may have come this very moment.

        One that does not end by itself, since it waits for something else, is cancelled the next time.
        """
        if self.idle and self.stop_waiting is not None:
            self.stop_waiting()
            self.stop_waiting = None
        else:
            self.scope.cancel()

    async def disconnected(self) -> None:
        """Return when the client has gone, or has closed its sending side."""
        if self._departure is None:
            self._departure = trio.Event()
            if self.gone:
                self._departure.set()
        await self._departure.wait()

    def hung_up(self, dead: bool) -> None:
        """The client has closed its sending side; ``dead``: or both, and nobody here is reading."""
        self.gone = True
        if self._departure is not None:
            self._departure.set()
        if dead:
            self.broken = True
            self.scope.cancel()

    def hand_over(self, waiting: bytes) -> TakenStream:
        """Let a handler have the bare connection; ``waiting`` is what the peer has said to it already."""
        self.last_call = math.inf
        self.taken = self.linger = True
        return TakenStream(self, waiting)

    def abort(self) -> None:
        """Let the close that follows be a reset."""
        self.broken = True
        reset_on_close(self.transport.socket)


class TakenStream:
    """A connection that a handler took over (RFC 9110 §7.8): the ``Stream`` of ``Response.takeover``."""

    __slots__ = ("_connection", "_waiting")

    def __init__(self, connection: Connection, waiting: bytes) -> None:
        self._connection = connection
        self._waiting = waiting

    @property
    def socket(self) -> socket.socket:
        """The socket below, for its options."""
        return self._connection.transport.socket

    def detach(self) -> tuple[Connection, bytes]:
        """The connection itself, and what the peer has said to it already, for a protocol that is the server's own."""
        waiting, self._waiting = self._waiting, b""
        return self._connection, waiting

    async def receive_some(self) -> bytes:
        """Bytes of the peer, those that came along with its request first; ``b""`` at their end.

        Raises:
            Disconnected: the connection broke.
        """
        if self._waiting:
            waiting, self._waiting = self._waiting, b""
            await trio.lowlevel.checkpoint()
            return waiting
        return await self._connection.transport.receive_some()

    async def send_all(self, data: bytes) -> None:
        """Send all of the bytes, within the server's deadline for a peer that doesn't read.

        Raises:
            Disconnected: the connection broke.
        """
        await self._connection.send_all(data)

    async def draining(self) -> None:
        """Return when the server is shutting down."""
        await self._connection.service.draining.wait()
