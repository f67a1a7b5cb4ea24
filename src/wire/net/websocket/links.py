"""What a session needs of its connection, and the link that tasks keep going: it works with any transport.

A session never waits for its connection. It is fed by its link, and asks it to send, to read on, or to call again when
there is room or when it is time.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Protocol

import trio

from wire.net.client.helpers import helpers
from wire.net.messages import Disconnected

if TYPE_CHECKING:
    from wire.net.websocket.session import WebSocket


class Stream(Protocol):
    """The bytes of a connection: what ``wire.net.transport`` and the client's transports are.

    All but ``close`` may raise ``Disconnected``.
    """

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer; ``b""`` once it has closed its sending side."""

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits without waiting; return how much that was, 0 where nothing can be said (as with TLS)."""

    async def send_some(self, data: memoryview) -> int:
        """Wait until something could be sent; return how much that was."""

    async def finish(self, unread: int) -> None:
        """Close the sending side; then read until the peer has closed its own, or has sent ``unread`` bytes."""

    def close(self) -> None:
        """Close at once."""


class Link(Protocol):
    """What a session asks of whoever keeps its connection going. Nothing here blocks."""

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits; return how much that was.

        Raises:
            Disconnected: the connection broke.
        """

    def await_room(self) -> None:
        """Call ``WebSocket.flush`` once the socket takes more."""

    def go_on(self) -> None:
        """Read on: there is room for messages again."""

    def alarm(self, at: float) -> None:
        """Call ``WebSocket.late`` at this time of trio's, and no longer at the one that was asked for before."""

    def abandon(self) -> None:
        """The user had time enough to notice that it is over: cancel it, if it is this side's to cancel."""

    def abort(self) -> None:
        """The peer is beyond reach: the connection needs no goodbye when it is closed."""


class NoLink:
    """Stands for a connection that is not there any more."""

    def send_now(self, data: bytes | memoryview) -> int:
        """Nothing is taken."""
        raise Disconnected

    def await_room(self) -> None:
        """There will be none."""

    def go_on(self) -> None:
        """There is nothing to read."""

    def alarm(self, at: float) -> None:
        """Nothing can be late any more."""

    def abandon(self) -> None:
        """It has gone."""

    def abort(self) -> None:
        """It has gone."""


class TaskLink:
    """A link of tasks: one reads, one writes while something waits to be written.

    Args:
        session: whom it is for.
        stream: the connection.
        nursery: where the tasks run; whoever opened it cancels it when the session is over.
        cancel: called when the session is over and its user does not notice.

    Attributes:
        aborted: the peer was given up; it is not worth a goodbye.
    """

    def __init__(
        self, session: WebSocket, stream: Stream, nursery: trio.Nursery, cancel: Callable[[], None] | None = None
    ) -> None:
        self._cancel = cancel
        self._session = session
        self._stream = stream
        self._nursery = nursery
        self._writing = False
        self._room = trio.Event()
        self._deadline = math.inf
        self._clock: trio.CancelScope | None = None
        self.aborted = False

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits, unless the task is at it."""
        return 0 if self._writing else self._stream.send_now(data)

    def await_room(self) -> None:
        """Let a task send what waits."""
        if not self._writing:
            self._writing = True
            self._nursery.start_soon(self._write)

    def go_on(self) -> None:
        """Let the reading task read on."""
        self._room.set()

    def alarm(self, at: float) -> None:
        """Set the clock."""
        self._deadline = at
        if self._clock is not None:
            self._clock.deadline = at

    def abandon(self) -> None:
        """Cancel the user where that was asked for; any other hears of the end when it next uses the session."""
        if self._cancel is not None:
            self._cancel()

    def abort(self) -> None:
        """Remember that nobody is there to say goodbye to."""
        self.aborted = True

    async def read(self) -> None:
        """Feed the session until the peer has closed its side."""
        session = self._session
        try:
            while data := await self._stream.receive_some():
                session.feed(data)
                while session.is_full:
                    self._room = trio.Event()
                    await self._room.wait()
        except Disconnected:
            pass
        session.feed(b"")

    async def watch_clock(self) -> None:
        """Tell the session when it is late."""
        while True:
            with trio.CancelScope(deadline=self._deadline) as self._clock:
                await trio.sleep_forever()
            self._session.late(trio.current_time())

    async def _write(self) -> None:
        outbox = self._session.outbox
        try:
            while outbox.size:
                outbox.is_lent = True
                with memoryview(outbox.next_piece()) as piece:
                    sent = await self._stream.send_some(piece)
                outbox.is_lent = False
                if not self._session.is_cut:  # else nothing waits any more
                    self._session.taken(sent)
        except Disconnected:
            self._session.cut()
        finally:
            outbox.is_lent = False
            self._writing = False


@contextlib.asynccontextmanager
async def running(
    session: WebSocket, stream: Stream, waiting: bytes = b"", *, cancel: Callable[[], None] | None = None
) -> AsyncIterator[TaskLink]:
    """Keep a session going while the block runs; at its end the connection stands still, and is still open.

    What was sent goes out before that, unless the block was left by an exception.

    Args:
        session: a new one.
        stream: its connection, after the handshake.
        waiting: what the peer has said behind the handshake.
        cancel: called when the session has been over for a while and the block has not noticed; None leaves it alone.
    """
    async with helpers() as nursery:
        link = TaskLink(session, stream, nursery, cancel)
        session.begin(link, waiting)
        nursery.start_soon(link.read)
        nursery.start_soon(link.watch_clock)
        try:
            yield link
            await session.wait_sent()
        finally:
            session.end()
