"""A WebSocket that goes on over a new connection when one is lost, after a pause that grows with each failure.

    async with connect(url, reconnect=Backoff(), on_connect=subscribe) as socket:
        async for message in socket:
            ...

``Backoff`` says what is worth another attempt.

What ``send`` took is sent once. If the connection is lost soon after, it may never have arrived, and nobody tells;
whoever must know lets the peer acknowledge it, and sends again in ``on_connect`` what was not acknowledged. What the
server said before a loss can be received until the connection after that is lost too.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable

import trio

from wire.errors import LocalProtocolError
from wire.net.client.helpers import helpers
from wire.net.websocket.backoff import Backoff
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.opening import OnConnect, Opening, goodbye
from wire.net.websocket.session import WebSocket
from wire.websocket import Deflate
from wire.websocket.close_codes import ABNORMAL, NORMAL

logger = logging.getLogger("wire.net.websocket")


class ReconnectingWebSocket:
    """What ``connect(…, reconnect=…)`` gives: a ``WebSocket`` over one connection after the other.

    Attributes:
        connections: how many there have been.
    """

    def __init__(self, opening: Opening, backoff: Backoff, on_connect: OnConnect | None = None) -> None:
        self.connections = 0
        self._opening = opening
        self._backoff = backoff
        self._on_connect = on_connect
        self._session: WebSocket | None = None  # the one to send over
        self._heard: deque[WebSocket] = deque(maxlen=2)  # those to receive from: the last, and the one before
        self._end: Exception | None = None  # why there will be no other
        self._closing = False
        self._changed = trio.Event()
        self._scope = trio.CancelScope()

    def __repr__(self) -> str:
        state = "closed" if self._end is not None else "disconnected" if self._session is None else "connected"
        return f"<ReconnectingWebSocket {self._opening.url} {state}>"

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    async def __anext__(self) -> str | bytes:
        """The next message; the end where the connection ended as it should.

        Raises: as ``receive``.
        """
        try:
            return await self.receive()
        except ConnectionClosed as closed:
            if closed.ok:
                raise StopAsyncIteration from None
            raise

    async def receive(self) -> str | bytes:
        """Wait for the next message, however many connections that takes.

        Raises:
            ConnectionClosed: there will be none.
            ClientError, RemoteProtocolError: there will be none, since no connection could be made any more.
            Exception: what ``on_connect`` raised.
            trio.BusyResourceError: another task is waiting for one.
        """
        while True:
            await self._until(lambda: self._heard)
            session = self._heard[0]
            try:
                return await session.receive()
            except ConnectionClosed:
                if session in self._heard:
                    self._heard.remove(session)

    async def send(self, message: str | bytes | bytearray | memoryview) -> None:
        """Send a message, as soon as there is a connection. Cancelled, it has sent nothing.

        Raises:
            ConnectionClosed, ClientError, RemoteProtocolError, Exception: as ``receive``.
            LocalProtocolError, TypeError: as ``WebSocket.send``.
        """
        session = None
        while True:
            session = await self._connection(other_than=session)
            with contextlib.suppress(ConnectionClosed):
                await session.send(message)
                return

    async def send_pieces(self, pieces: AsyncIterable[str] | AsyncIterable[bytes]) -> None:
        """Send one message in as many frames as there are pieces, all over one connection.

        Raises:
            ConnectionClosed: that was lost; pieces that were taken cannot be taken again.
            ClientError, RemoteProtocolError, Exception, LocalProtocolError: as ``send``.
            ValueError: there are no pieces.
        """
        await (await self._connection()).send_pieces(pieces)

    async def ping(self, payload: bytes | None = None) -> float:
        """Ask the peer for a sign of life; return the seconds that took, there and back.

        Raises: as ``WebSocket.ping``, and where there is no connection, as ``send``.
        """
        return await (await self._connection()).ping(payload)

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say goodbye, if there is a connection, and make no other. Arguments and errors are ``WebSocket.close``'s."""
        self._closing = True
        if self._session is None:
            self._scope.cancel()
            await trio.lowlevel.checkpoint_if_cancelled()
        else:
            try:
                await self._session.close(code, reason)
            except LocalProtocolError:
                self._closing = False
                raise
        while self._end is None:
            await self._changed.wait()

    def leave(self, code: int) -> None:
        """Say goodbye without waiting, and make no other connection."""
        self._closing = True
        if self._session is not None:
            self._session.leave(code)
        self._scope.cancel()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection; what is sent otherwise waits for one."""
        return self._session is not None

    @property
    def is_over(self) -> bool:
        """Whether there will be no other connection."""
        return self._end is not None

    @property
    def subprotocol(self) -> str | None:
        """What both sides agreed to speak inside of the connection that there is; None without one."""
        return None if self._session is None else self._session.subprotocol

    @property
    def deflate(self) -> Deflate | None:
        """How messages are compressed on the connection that there is; None for not at all, or without one."""
        return None if self._session is None else self._session.deflate

    @property
    def latency(self) -> float | None:
        """Seconds that the last ping took on the connection that there is; None before there was one."""
        return None if self._session is None else self._session.latency

    @property
    def close_code(self) -> int | None:
        """That of the last connection, once there will be no other; None before, and where the end has no code."""
        return self._end.code if isinstance(self._end, ConnectionClosed) else None

    @property
    def close_reason(self) -> str:
        """What was said about that."""
        return self._end.reason if isinstance(self._end, ConnectionClosed) else ""

    async def keep(self) -> None:
        """Connect, and connect anew, until there is a reason not to."""
        try:
            with self._scope:
                self._end = await self._connect_on_and_on()
        finally:
            self._session = None
            self._end = self._end or ConnectionClosed(ABNORMAL, "closed while there was no connection")
            self._change()

    async def _connect_on_and_on(self) -> Exception:
        """Why there will be no other connection."""
        pauses = self._backoff.pauses()
        while True:
            began = math.inf
            try:
                async with self._opening.session(self._on_connect) as session:
                    began = trio.current_time()
                    self._use(session)
                    end: Exception = await session.wait_closed()
                    self._session = None
            except Exception as error:  # which whoever uses this object gets to hear
                end = error
            if self._closing or not self._backoff.retries(end):
                return end
            if trio.current_time() - began >= self._backoff.steady:
                pauses = self._backoff.pauses()
            pause = next(pauses, None)
            if pause is None:
                return end
            logger.info("%s: %s; again in %.1f seconds", self._opening.url, end, pause)
            await trio.sleep(pause)

    def _use(self, session: WebSocket) -> None:
        session.end_at_once()  # what is sent from then on is for the next connection
        self._session = session
        self._heard.append(session)
        self.connections += 1
        self._change()

    async def connected(self) -> None:
        """Wait until there is a connection.

        Raises: as ``send``.
        """
        await self._connection()

    async def _connection(self, *, other_than: WebSocket | None = None) -> WebSocket:
        """Wait for a connection to send over; ``other_than`` is one that did not do."""
        await self._until(lambda: self._session not in (None, other_than))
        assert self._session is not None
        return self._session

    async def _until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition.

        Raises:
            Exception: it will not come about, since there will be no other connection.
        """
        while not condition():
            if self._end is not None:
                await trio.lowlevel.checkpoint()
                raise self._end.with_traceback(None)
            await self._changed.wait()

    def _change(self) -> None:
        self._changed.set()
        self._changed = trio.Event()


@contextlib.asynccontextmanager
async def reconnecting(
    opening: Opening, backoff: Backoff, on_connect: OnConnect | None = None
) -> AsyncIterator[ReconnectingWebSocket]:
    """Be connected for as long as the block runs, which begins with the first connection.

    Raises:
        Exception: the first connection could not be made, and ``backoff`` has no further attempt.
    """
    socket = ReconnectingWebSocket(opening, backoff, on_connect)
    async with helpers() as nursery:
        nursery.start_soon(socket.keep)
        async with goodbye(socket):
            await socket.connected()
            yield socket
