"""A WebSocket as its user has it in hand, on either side of the connection: messages in and out, pings, the end.

A server's handler is given one by ``Request.websocket``, a client gets one from ``connect``. Below that it is made and
kept going like this, whatever the transport is (``running`` is in ``links``; ``served`` does the same for a server):

    session = WebSocket(codec, options, subprotocol=…, deflate=…)
    async with running(session, stream, waiting):
        await session.send("hello")
        await session.close()
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from wire.errors import LocalProtocolError
from wire.net.websocket.engine import Engine
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.options import Options, SlowConsumer
from wire.websocket import Binary, Close, Connection, Deflate, Ping, SharedMessage, State, Text
from wire.websocket.close_codes import INTERNAL_ERROR, NORMAL

if TYPE_CHECKING:
    from wire.net.messages import Request

_TURN = 64
"""Messages after which a user who never has to wait lets others run."""


class WebSocket(Engine):
    """One connection, whose messages are ``str`` for text and ``bytes`` for binary.

    One task at a time may receive; any number may send. ``is_open`` tells whether that makes sense, and once it is over
    (``is_over``), ``close_code`` and ``close_reason`` tell why. The rest of what ``Engine`` and ``Sender`` have is for
    those who keep the connection going.

    Attributes:
        request: what opened it, on a server; None on a client.
        subprotocol: what both sides agreed to speak inside; None for nothing in particular.
        deflate: how messages are compressed; None for not at all.
    """

    __slots__ = ("__weakref__", "_held", "_most_queued", "_speaking", "_streak", "deflate", "request", "subprotocol")

    def __init__(
        self,
        codec: Connection,
        options: Options,
        *,
        subprotocol: str | None = None,
        deflate: Deflate | None = None,
        request: Request | None = None,
    ) -> None:
        super().__init__(codec, options)
        self.request = request
        self.subprotocol = subprotocol
        self.deflate = deflate
        self._speaking = False  # a message is being sent in pieces
        self._held: tuple[SharedMessage, ...] = ()  # to be sent when that has come to its end
        self._streak = 1  # messages since somebody waited for one, when the task could have been cancelled
        self._most_queued = options.send_queue

    def __repr__(self) -> str:
        target = "" if self.request is None else f" {self.request.target}"
        state = f"closed with {self.close_code}" if self.is_over else self._codec.our_state.name.lower()
        return f"<WebSocket{target} {state}>"

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    def __anext__(self) -> Awaitable[str | bytes]:
        """The next message; the end where the connection ended as it should (1000, 1001).

        Raises:
            ConnectionClosed: it ended otherwise.
            trio.BusyResourceError: another task is waiting for one.
        """
        return self._next(iterating=True)

    @property
    def latency(self) -> float | None:
        """Seconds that the last ping took, there and back; None before there was one."""
        return self._heartbeat.latency

    def receive(self) -> Awaitable[str | bytes]:
        """Wait for the next message.

        Raises:
            ConnectionClosed: there will be none.
            trio.BusyResourceError: another task is waiting for one.
        """
        return self._next(iterating=False)

    async def _next(self, *, iterating: bool) -> str | bytes:
        self._handed = False
        inbox = self._inbox
        if inbox:
            await self._let_others_run()
        while not inbox:
            if self._their_end is not None or self._farewell is not None:
                self._settle()
            if self.is_over:
                await trio.lowlevel.checkpoint()
                closed = self._closed()
                raise StopAsyncIteration if iterating and closed.ok else closed
            if self._receiver is not None:
                raise trio.BusyResourceError("another task is receiving from this WebSocket")
            self._receiver = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._stop_receiving)
            self._streak = 0
        message = inbox.pop(0)
        self._inbox_size -= len(message)
        self._handed = True
        if self.is_full:
            self._make_room()
        return message

    async def send(self, message: str | bytes | bytearray | memoryview) -> None:
        """Send a message. Cancelled, it has sent nothing; otherwise all of it goes out, now or when there is room.

        Raises:
            ConnectionClosed: it cannot be sent.
            LocalProtocolError: the text has no UTF-8 form (RFC 6455 §8.1).
            TypeError: it is neither text nor bytes.
        """
        event = Text(message) if type(message) is str else as_event(message)
        streak = self._streak
        self._streak = streak + 1
        if streak >= _TURN or self._speaking or self.outbox.size > self._most_queued:
            await self._my_turn()
        elif streak:  # else it follows such a wait, as the answer to what was waited for
            await trio.lowlevel.checkpoint_if_cancelled()
        if self._codec.our_state is not State.OPEN or self.is_cut or self.is_over:
            raise self._closed()
        self._say(event)

    async def send_pieces(self, pieces: AsyncIterable[str] | AsyncIterable[bytes]) -> None:
        """Send one message in as many frames as there are pieces, each as soon as the next is known (RFC 6455 §5.4).

        All pieces are text or all are binary. Other senders wait for the end of the message. If it doesn't get so far,
        since this is cancelled or ``pieces`` raises, then the connection is closed with 1011. An iterator is closed
        (``aclose``) at the end.

        Raises:
            ConnectionClosed, TypeError: as ``send``.
            LocalProtocolError: as ``send``; or a piece is of another kind than those before.
            ValueError: there are no pieces.
        """
        await self._my_turn()
        self._speaking = True
        begun = False
        try:
            last: str | bytes | None = None
            async for piece in pieces:
                await self._let_others_run()  # pieces may always be ready
                self._check_open()  # or never come, until it has ended
                if last is not None:
                    self._say(as_event(last, end=False))
                    begun = True
                    await self._room()
                last = piece
            if last is None:
                raise ValueError("a message has at least one piece")
            self._check_open()
            self._say(as_event(last))
            begun = False
        finally:
            self._speaking = False
            if begun:
                self._begin_close(Close(INTERNAL_ERROR, "a message broke off"))
            held, self._held = self._held, ()
            for message in held:
                self.post(message)
            self._wake()
            if hasattr(pieces, "aclose"):
                await pieces.aclose()

    async def ping(self, payload: bytes | None = None) -> float:
        """Ask the peer for a sign of life and wait for it; return the seconds that took.

        Args:
            payload: 125 bytes at most, different from those of pings that are under way; None for some that are.

        Raises:
            ConnectionClosed: there will be no answer.
            LocalProtocolError: the payload is too long (RFC 6455 §5.5).
            ValueError: it is under way already.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        self._check_open()
        payload, sent = self._heartbeat.begin(payload)
        sent.answered = trio.Event()
        try:
            self._say(Ping(payload))
        except LocalProtocolError:
            self._heartbeat.forget(payload)
            raise
        try:
            await sent.answered.wait()
        finally:
            sent.answered = None
        if sent.took is None:
            raise self._closed()
        return sent.took

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say goodbye and wait, within ``Options.close_timeout``, until the peer has said it too (RFC 6455 §7.1.2).

        What the peer has said before that and nobody has received is thrown away.

        Args:
            code: 1000 to 1003, 1007 to 1014, 3000 to 4999.
            reason: at most 123 bytes of UTF-8.

        Raises:
            LocalProtocolError: there is no such code, or the reason is too long.
        """
        self._begin_close(Close(code, reason))
        self._discard()
        await trio.lowlevel.checkpoint_if_cancelled()
        await self._until(lambda: False)
        await self.wait_sent()

    async def wait_sent(self) -> None:
        """Wait until the socket has taken all that was sent, or the connection broke.

        A peer that has said its last may still be reading what was said to it before, and waits for our close frame.
        """
        while self.outbox.size and not self.is_cut:
            await self._until_changed()

    async def wait_closed(self) -> ConnectionClosed:
        """Wait until it is over; return why. What came before that may still be received."""
        while not self.is_over:
            await self._until_changed()
        return self._closed()

    def leave(self, code: int) -> None:
        """Say goodbye without waiting, as far as the socket takes it, since the user is cancelled."""
        if not self.outbox.size:
            self._begin_close(Close(code))

    def post(self, message: SharedMessage) -> None:
        """Send without waiting, as ``broadcast`` does; nothing is sent where nothing can be."""
        if not self.is_open:
            return
        held = sum(len(earlier.plain) for earlier in self._held)
        if self.outbox.size + held > self.options.send_queue:
            policy = self.options.slow_consumer
            self._too_slow((SlowConsumer.CLOSE_1013 if policy is SlowConsumer.WAIT else policy).value)
        elif self._speaking:
            self._held = (*self._held, message)
        else:
            self._codec.send_shared(message)
            self._put(self._codec.bytes_to_send())

    def _check_open(self) -> None:
        if not self.is_open:
            raise self._closed()

    async def _my_turn(self) -> None:
        """Wait until a message may be sent."""
        await self._let_others_run()
        if self._speaking:
            await self._until(lambda: not self._speaking)
        if self.outbox.size > self.options.send_queue:
            await self._room()
            if self._speaking:
                await self._my_turn()
        self._check_open()

    async def _room(self) -> None:
        """Wait until there is room for another message, or close the connection, as the policy says."""
        most, policy = self.options.send_queue, self.options.slow_consumer
        if self.outbox.size > most and policy is not SlowConsumer.WAIT:
            self._too_slow(policy.value)
        await self._until(lambda: self.outbox.size <= most)
        self._check_open()

    async def _let_others_run(self) -> None:
        self._streak += 1
        if self._streak >= _TURN:
            self._streak = 0
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.checkpoint_if_cancelled()

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds or it is all over."""
        while not (condition() or self.is_over or (self.is_cut and self.has_ended)):
            await self._until_changed()

    async def _until_changed(self) -> None:
        if self._lot is None:
            self._lot = trio.lowlevel.ParkingLot()
        await self._lot.park()

    def _stop_receiving(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._receiver = None
        return trio.lowlevel.Abort.SUCCEEDED


def as_event(message: str | bytes | bytearray | memoryview, *, end: bool = True) -> Text | Binary:
    """The message as the codec takes it."""
    if isinstance(message, str):
        return Text(message, end)
    if isinstance(message, bytes):
        return Binary(message, end)
    if isinstance(message, bytearray | memoryview):
        return Binary(bytes(message), end)
    raise TypeError(f"a message is str or bytes, not {type(message).__name__}")
