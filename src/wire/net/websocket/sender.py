"""The part of a session that sends: frames go out at once where the socket takes them, and else wait their turn."""

from __future__ import annotations

import math

import trio

from wire.net.messages import Disconnected
from wire.net.websocket.deadlines import Deadlines
from wire.net.websocket.links import Link, NoLink
from wire.net.websocket.options import Options
from wire.net.websocket.outbox import Outbox
from wire.websocket import Connection, Event, Ping, Pong, State

_NO_LINK = NoLink()


class Sender:
    """What a session needs to say something.

    Attributes:
        options: the patience and the budget.
        outbox: frames that the socket has not taken yet.
        is_cut: the connection broke, so that nothing can be sent any more.
        is_over: nothing more can be received, or sent.
    """

    __slots__ = ("_codec", "_deadlines", "_link", "_lot", "_owed", "is_cut", "is_over", "options", "outbox")

    def __init__(self, codec: Connection, options: Options) -> None:
        self.options = options
        self.outbox = Outbox()
        self.is_cut = False
        self.is_over = False
        self._codec = codec
        self._deadlines = Deadlines()
        self._link: Link = _NO_LINK
        self._lot: trio.lowlevel.ParkingLot | None = None  # tasks that wait for room, for their turn or for the end
        self._owed: bytes | None = None  # the last ping, whose pong waits until the socket takes something

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self._codec.our_state is State.OPEN and not (self.is_over or self.is_cut)

    def flush(self) -> None:
        """Send what waits, as far as the socket takes it."""
        try:
            progress = self.outbox.flush(self._link.send_now)
        except Disconnected:
            self.cut()
        else:
            self._after_write(progress)

    def taken(self, count: int) -> None:
        """The socket has taken so much of the outbox."""
        self.outbox.taken(count)
        self._after_write(count > 0)

    def cut(self) -> None:
        """The connection broke: nothing can be sent any more. What has come can still be received."""
        self.is_cut = True
        self._owed = None
        self._deadlines.write = math.inf
        self.outbox.drop(whole=False)
        self._wake()

    def _unlink(self) -> None:
        """The connection is gone, or about to be closed."""
        self._link = _NO_LINK
        self.is_cut = True
        self.outbox.drop(whole=False)

    def _say(self, event: Event) -> None:
        """Send an event, or queue it.

        Raises:
            LocalProtocolError: it may not be said.
        """
        codec = self._codec
        codec.send(event)
        self._put(codec.bytes_to_send())

    def _put(self, data: bytes) -> None:
        outbox = self.outbox
        if outbox.size:
            outbox.put(data)
            return
        try:
            sent = self._link.send_now(data)
        except Disconnected:
            self.cut()
            return
        if sent < len(data):
            outbox.put(data)
            if sent:
                outbox.taken(sent)
            self._await_room()

    def _await_room(self) -> None:
        self._deadlines.write = trio.current_time() + self.options.write_timeout
        self._rearm()
        self._link.await_room()

    def _after_write(self, progress: bool) -> None:
        outbox = self.outbox
        if not outbox.size:
            self._deadlines.write = math.inf
            self._pay()
        elif progress:
            self._await_room()
        else:
            self._link.await_room()
        if self._lot is not None and outbox.size <= self.options.send_queue:
            self._lot.unpark_all()

    def _answer_ping(self, ping: Ping) -> bool:
        """Say the pong; whether that is for the codec to send now (RFC 6455 §5.5.3).

        While the socket takes nothing, only the last ping is remembered: an answer to it answers all of them.
        """
        if not self.is_open:
            return False
        if self.outbox.size:
            self._owed = ping.payload
            return False
        self._codec.send(Pong(ping.payload))
        return True

    def _pay(self) -> None:
        """Say the pong that is owed."""
        payload, self._owed = self._owed, None
        if payload is not None and self.is_open:
            self._say(Pong(payload))

    def _wake(self) -> None:
        """Let all who wait look again."""
        if self._lot is not None:
            self._lot.unpark_all()

    def _rearm(self) -> None:
        self._link.alarm(self._deadlines.next())
