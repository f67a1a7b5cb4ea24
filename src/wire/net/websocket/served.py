"""A session on a server's connection, where no task reads, writes or watches the clock for it.

The server's one epoll tells when there is something to read or room to write, and its sweep tells the time; both call
the session. So a connection that waits costs one task, that of its handler, and a message costs one switch to it.

Where the bytes pass through something that has to wait (TLS, a tap), the tasks of ``links`` are used.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from wire.net.messages import Disconnected, Stream
from wire.net.server.connection import Connection, TakenStream
from wire.net.server.readiness import WatchedTransport
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.links import running
from wire.net.websocket.session import WebSocket
from wire.websocket.close_codes import GOING_AWAY, INTERNAL_ERROR, NORMAL

logger = logging.getLogger("wire.net")

Talk: TypeAlias = Callable[[WebSocket], Awaitable[None]]
"""A conversation: when it returns, the connection is closed with 1000; when it raises, with 1011."""

_READS_A_TURN = 4
"""Reads from one connection before others have theirs."""


class ServedLink:
    """A link without tasks, for a connection that the server watches."""

    __slots__ = ("_connection", "_session", "_transport", "send_now")

    def __init__(self, session: WebSocket, connection: Connection, transport: WatchedTransport) -> None:
        self._session = session
        self._connection = connection
        self._transport = transport
        self.send_now = transport.send_now

    def readable(self) -> None:
        """Something has come: feed the session with it."""
        session, transport = self._session, self._transport
        try:
            for _ in range(_READS_A_TURN):
                if session.is_full or session.has_ended:
                    return
                try:
                    data = transport.receive_now()
                except Disconnected:
                    data = b""
                if data is None:
                    return
                session.feed(data)
                if not transport.is_ready:
                    return
            transport.tell_again()
        except Exception:
            self._fail()

    def writable(self) -> None:
        """The socket takes something again."""
        try:
            if self._session.outbox.size:
                self._session.flush()
        except Exception:
            self._fail()

    def await_room(self) -> None:
        """Have it told when there is room."""
        self._transport.tell_of_room()

    def go_on(self) -> None:
        """Read what has come meanwhile."""
        self.readable()

    def alarm(self, at: float) -> None:
        """Let the server's sweep look."""
        self._connection.deadline = at

    def abandon(self) -> None:
        """Cancel the handler."""
        self._connection.scope.cancel()

    def abort(self) -> None:
        """Let the close be a reset."""
        self._connection.abort()

    def _fail(self) -> None:
        """A mistake in here is the end of this connection, and of no other."""
        logger.exception("a WebSocket failed")
        self._connection.abort()
        self._connection.scope.cancel()


async def converse(session: WebSocket, talk: Talk, stream: Stream) -> None:
    """Let ``talk`` have the connection that a handler has taken over."""
    if not isinstance(stream, TakenStream):
        raise TypeError(f"{stream!r} is no connection of this server")
    connection, waiting = stream.detach()
    transport = connection.transport
    try:
        if isinstance(transport, WatchedTransport):
            link = ServedLink(session, connection, transport)
            transport.watcher = link
            session.begin(link, waiting)
            link.readable()
            _enlist(session, connection)
            try:
                await _talk(session, talk)
            finally:
                transport.watcher = None
                session.end()
        else:
            async with running(session, transport, waiting, cancel=connection.scope.cancel) as tasks:
                _enlist(session, connection)
                await _talk(session, talk)
            if tasks.aborted:
                connection.abort()
    finally:
        connection.session = None
        connection.linger = not session.peer_has_finished


def _enlist(session: WebSocket, connection: Connection) -> None:
    """Let the server tell the session what it tells all, now that it can say something to its peer."""
    connection.session = session
    if connection.service.closing:
        session.drain()


async def _talk(session: WebSocket, talk: Talk) -> None:
    """Run the conversation, and close as its outcome says."""
    try:
        await talk(session)
    except Exception as error:
        if not _is_end_of(session, error):
            logger.error("%r failed", session, exc_info=error)
            await session.close(INTERNAL_ERROR)
    except BaseException:
        session.leave(GOING_AWAY)
        raise
    await session.close(NORMAL)


def _is_end_of(session: WebSocket, error: Exception) -> bool:
    """Whether a conversation only raises that it has ended, in whatever tasks it heard of that."""
    if isinstance(error, ExceptionGroup):
        return all(_is_end_of(session, inner) for inner in error.exceptions)
    return isinstance(error, ConnectionClosed) and not session.is_open
