"""The part of a session that never waits: it hears what comes in, notices what is late, and knows when all is over.

Whoever reads from the socket calls ``feed``, which answers pings on the spot and queues messages; whoever watches the
clock calls ``late``. ``links`` are those who do.

What ends the peer's side (its close frame, a broken rule, the end of TCP) stands in line behind its messages: it is
dealt with (``_settle``) when the user has received all of them and comes for more, having answered them, or when the
time for that is up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import trio

from wire.errors import RemoteProtocolError
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.heartbeat import Heartbeat
from wire.net.websocket.links import Link
from wire.net.websocket.options import Options
from wire.net.websocket.sender import Sender
from wire.websocket import Binary, Close, Connection, Event, Ping, Pong, State, Text
from wire.websocket import ConnectionClosed as EndOfConnection
from wire.websocket.close_codes import ABNORMAL, GOING_AWAY, NO_STATUS

_MOST_REASON = 123
"""Bytes of a reason that a close frame has room for (RFC 6455 §5.5)."""


class Engine(Sender):
    """One side of a connection, after the handshake.

    Attributes:
        is_full: as many messages wait as may; nothing more should be fed.
        has_ended: the peer has closed TCP.
        close_code: why it is over, as in ``ConnectionClosed.code``; None while it isn't.
        close_reason: what was said about it.
    """

    __slots__ = (
        "_at_once", "_discards", "_events", "_farewell", "_fault", "_handed", "_heard", "_heartbeat", "_inbox",
        "_inbox_size", "_most_bytes", "_most_messages", "_our_close", "_parts", "_receiver", "_their_end", "close_code",
        "close_reason", "has_ended", "is_full",
    )  # fmt: skip

    def __init__(self, codec: Connection, options: Options) -> None:
        super().__init__(codec, options)
        self._heartbeat = Heartbeat()
        self._heard = True  # anything, since the ping whose answer is due
        self._events: Iterator[Event] | None = None  # what has been read and waits until there is room
        self._parts: list[str | bytes] | None = None  # of a message whose end is still to come
        self._inbox: list[str | bytes] = []
        self._inbox_size = 0
        self._most_messages, self._most_bytes = options.receive_queue, options.receive_bytes
        self.is_full = False
        self._receiver: trio.lowlevel.Task | None = None
        self._handed = False  # the user has a message and has not come back for another
        self._discards = False  # nobody will receive any more
        self._at_once = False  # the peer's end does not wait until its messages are answered
        self._their_end: Close | RemoteProtocolError | EndOfConnection | None = None
        self._our_close: Close | None = None
        self._farewell: Close | None = None  # to be sent when the user has answered what came before
        self._fault: RemoteProtocolError | None = None  # by which the peer ended it
        self.has_ended = False
        self.close_code: int | None = None
        self.close_reason = ""

    def begin(self, link: Link, waiting: bytes = b"") -> None:
        """The connection stands; ``waiting`` is what has come of it already."""
        self._link = link
        if self.options.ping_interval < math.inf:
            self._deadlines.ping = trio.current_time() + self.options.ping_interval
        self._rearm()
        if waiting:
            self.feed(waiting)

    def end(self) -> None:
        """The connection is gone, or about to be closed."""
        self._unlink()
        self._events = None
        if not self.is_over:
            self._finish(ABNORMAL, "the connection was closed")

    def feed(self, data: bytes) -> None:
        """Take what the peer said; ``b""`` once it has closed TCP."""
        self._heard = True
        if not data:
            self.has_ended = True
            self._wake()
        if self._fault is None and not isinstance(self._their_end, RemoteProtocolError):
            self._events = self._codec.receive(data)
            self._pull()

    def drain(self) -> None:
        """This side is about to go away: say so, once the user has answered what has come (RFC 6455 §7.4.1)."""
        if self.is_open and self._their_end is None:
            self._farewell = Close(GOING_AWAY)
            self._settle_soon()

    def end_at_once(self) -> None:
        """From now on, be over as soon as the peer's end is heard: the user has where to send the answers instead."""
        self._at_once = True
        if self._their_end is not None:
            self._settle()

    def late(self, now: float) -> None:
        """Do what is due at ``now``, a time of trio's."""
        deadlines = self._deadlines
        if now >= deadlines.answer:
            self._settle()
        if now >= deadlines.pong:
            deadlines.pong = math.inf
            if not (self._heard or self.is_full):  # what is not read may be the answer
                self._give_up("the peer does not answer")
        if now >= deadlines.write:
            self._give_up("the peer does not read")
        if now >= deadlines.close:
            self._give_up("the peer does not close")
        if now >= deadlines.leave:
            if self.outbox.size:  # whoever has noticed may be waiting for that, in ``wait_sent``
                deadlines.leave = now + self.options.close_timeout
            else:
                deadlines.leave = math.inf
                self._link.abandon()
        if now >= deadlines.ping:
            deadlines.ping = now + self.options.ping_interval
            if self.is_open:
                if self._heard:
                    self._heard = False
                    deadlines.pong = now + self.options.ping_timeout
                self._say(Ping(self._heartbeat.begin()[0]))
        self._rearm()

    @property
    def peer_has_finished(self) -> bool:
        """Whether the peer has said all that it may: it has closed the connection, or said that it will not go on."""
        return self.has_ended or self._codec.their_state in (State.CLOSING, State.CLOSED)

    def _pull(self) -> None:
        """Deal with the events that have been read, as far as there is room for the messages in them."""
        assert self._events is not None
        inbox, parts = self._inbox, self._parts
        pongs = False
        try:
            for event in self._events:
                if isinstance(event, (Text, Binary)):
                    message: str | bytes = event.data
                    if parts is not None or not event.end:
                        parts = self._parts = parts or []
                        parts.append(message)
                        if not event.end:
                            continue
                        message = message[:0].join(parts)  # type: ignore[arg-type] # all of them are of one kind
                        parts = self._parts = None
                    if self._discards:
                        continue
                    inbox.append(message)
                    self._inbox_size += len(message)
                    if len(inbox) >= self._most_messages or self._inbox_size >= self._most_bytes:
                        self.is_full = True
                        break
                elif isinstance(event, Ping):
                    pongs = self._answer_ping(event) or pongs
                elif isinstance(event, Pong):
                    self._heartbeat.answered(event.payload)
                else:
                    self._hear_end(event)
            else:
                self._events = None
        except RemoteProtocolError as error:
            self._events = None
            self._hear_end(error.again())
        if pongs:
            self._put(self._codec.bytes_to_send())
        if self._receiver is not None and inbox:
            trio.lowlevel.reschedule(self._receiver)
            self._receiver = None

    def _make_room(self) -> None:
        """Read on, once half of the queue is free."""
        if 2 * len(self._inbox) <= self._most_messages and 2 * self._inbox_size <= self._most_bytes:
            self.is_full = False
            if self._events is not None:
                self._pull()
            if not self.is_full:
                self._link.go_on()

    def _discard(self) -> None:
        """Nobody will receive any more."""
        self._discards = True
        self._handed = False
        self._inbox.clear()
        self._inbox_size = 0
        if self.is_full:
            self._make_room()

    def _hear_end(self, end: Close | RemoteProtocolError | EndOfConnection) -> None:
        """Nothing more will come of the peer."""
        if self._their_end is None:  # else TCP ends behind a close frame
            self._their_end = end
            if not self.is_over:
                self._settle_soon()

    def _settle_soon(self) -> None:
        """Settle when the user has answered what came before; in time, even if it never does."""
        if (self._inbox or self._handed) and not self._at_once:
            self._deadlines.answer = trio.current_time() + self.options.close_timeout
            self._rearm()
        else:
            self._settle()

    def _settle(self) -> None:
        """Deal with the peer's end, or say our farewell: the user has answered all that came before."""
        self._deadlines.answer = math.inf
        end = self._their_end
        if self.is_over:
            return
        if end is None:
            if self._farewell is not None:
                self._begin_close(self._farewell)
        elif type(end) is Close:  # RFC 6455 §5.5.1: a close frame is answered with its own code
            self._reply(Close(end.code))
            self._finish(end.code or NO_STATUS, end.reason)
        elif isinstance(end, RemoteProtocolError):  # RFC 6455 §7.1.7: fail the connection
            self._reply(Close(end.code, _shortened(end.message)))
            self._finish(end.code or ABNORMAL, end.message, end)
        elif type(end) is EndOfConnection:
            self._finish(end.code, end.reason)

    def _reply(self, close: Close) -> None:
        if self.is_open:
            self._say(close)

    def _begin_close(self, close: Close) -> None:
        """Say goodbye first, unless the peer has done so.

        Raises:
            LocalProtocolError: it cannot be said so.
        """
        if self._their_end is not None:
            self._settle()
        elif self.is_open:
            self._pay()
            self._say(close)
            self._our_close = close
            self._deadlines.close = trio.current_time() + self.options.close_timeout
            self._rearm()
            self._wake()
        self._farewell = None

    def _too_slow(self, code: int) -> None:
        """Close since the peer does not read: what waits for it is thrown away, but for a frame that has been begun."""
        self.outbox.drop(whole=True)
        self._begin_close(Close(code, "too slow to read what it is sent"))

    def _give_up(self, reason: str) -> None:
        """The peer is beyond reach."""
        self._link.abort()
        self.cut()
        if not self.is_over:
            self._finish(ABNORMAL, reason)

    def _finish(self, code: int, reason: str, fault: RemoteProtocolError | None = None) -> None:
        """It is over, and this is why."""
        self.is_over = True
        self.close_code, self.close_reason, self._fault = code, reason, fault
        deadlines = self._deadlines
        deadlines.ping = deadlines.pong = deadlines.answer = deadlines.close = math.inf
        deadlines.leave = trio.current_time() + self.options.close_timeout
        self._rearm()
        self._heartbeat.give_up()
        self._wake()

    def _closed(self) -> ConnectionClosed:
        """What the user hears who still wants something."""
        if self.close_code is not None:
            error = None if self._fault is None else self._fault.again()
            return ConnectionClosed(self.close_code, self.close_reason, error)
        if self._our_close is not None:
            return ConnectionClosed(self._our_close.code or NO_STATUS, self._our_close.reason)
        return ConnectionClosed(ABNORMAL, "the connection broke")

    def _wake(self) -> None:
        """Let all who wait look again."""
        if self._receiver is not None:
            trio.lowlevel.reschedule(self._receiver)
            self._receiver = None
        super()._wake()


def _shortened(reason: str) -> str:
    """As much of a reason as fits into a close frame, in whole characters."""
    return reason.encode()[:_MOST_REASON].decode(errors="ignore")
