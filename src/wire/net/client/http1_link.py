"""One connection of an HTTP/1.1 client: the codec, the bytes that pass, and the signs that it can be used again."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import trio

from wire.errors import RemoteProtocolError
from wire.http1 import Connection, ConnectionClosed, Event, Limits, Role, State, SwitchedData
from wire.net.client.dial import ClientTransport
from wire.net.client.errors import ConnectionLost
from wire.net.client.timeouts import Timeouts, within
from wire.net.client.tls import ClientTLSTransport
from wire.net.client.url import Origin
from wire.net.messages import Disconnected
from wire.net.tap import Flow, Tap

GOODBYE = 0.5
"""Seconds that saying goodbye may take; the bytes of a closure alert nearly always fit into the socket at once."""


def is_closed(error: BaseException) -> bool:
    """Whether the server closed the connection: in good order where a response was due, or by breaking it at any time.

    A response that is cut off in good order is not meant: then the server had begun to answer.
    """
    no_response = isinstance(error, RemoteProtocolError) and error.rule == "http1.eof.no-response"
    return no_response or isinstance(error, ConnectionLost)


class Link:
    """A connection to an origin, with one exchange at a time.

    Attributes:
        origin: whom it connects to.
        codec: what is said and heard on it.
        sent: bytes that the system took since ``begin``.
        received: bytes that came since ``begin``.
        idle_since: when it was last of use, on trio's clock.
    """

    def __init__(
        self, origin: Origin, transport: ClientTransport, *, limits: Limits, timeouts: Timeouts, tap: Tap | None = None
    ) -> None:
        self.origin = origin
        self.codec = Connection(Role.CLIENT, limits)
        self.timeouts = timeouts
        self.sent = 0
        self.received = 0
        self.idle_since = 0.0
        self._transport = transport
        self._tap = tap
        self._cut = False  # something was begun to be sent, and was not sent to its end
        self._events: Iterator[Event] = iter(())
        self._last_read = b""

    def begin(self, timeouts: Timeouts) -> None:
        """A new exchange begins."""
        self.timeouts = timeouts
        self.sent = self.received = 0

    async def flush(self) -> None:
        """Send what the codec has to say.

        Raises:
            ConnectionLost: the server closed the connection. What it said before may still be read.
            TimedOut: in phase ``write``.
        """
        await self.send(self.codec.bytes_to_send())

    async def send(self, data: bytes) -> None:
        """Send these bytes; raises as ``flush`` does."""
        view = memoryview(data)
        self._cut = True
        try:
            sent = self._transport.send_now(data)
            self._passed(sent, view[:sent])
            while sent < len(data):
                with within("write", self.timeouts.write):
                    more = await self._transport.send_some(view[sent:])
                self._passed(more, view[sent : sent + more])
                sent += more
        except Disconnected as error:
            raise ConnectionLost(f"the connection to {self.origin} broke while a request was sent") from error
        self._cut = False

    def _passed(self, count: int, data: memoryview) -> None:
        self.sent += count
        if self._tap is not None and count:
            self._tap(Flow.SENT, bytes(data))

    async def receive_some(self) -> bytes:
        """Bytes of the server; ``b""`` once it has closed its side.

        Raises:
            ConnectionLost: the connection broke, or its end may have been forged (RFC 9112 §9.8).
        """
        try:
            data = await self._transport.receive_some()
        except Disconnected as error:
            raise ConnectionLost(f"the connection to {self.origin} broke before the response was complete") from error
        self.received += len(data)
        if self._tap is not None:
            self._tap(Flow.RECEIVED, data)
        return data

    async def next_event(self) -> Event:
        """What the server says next. Nothing is read from the socket while something waits to be said.

        Raises:
            RemoteProtocolError: it says something that it must not, or closed the connection too early.
            ConnectionLost: see ``receive_some``.
        """
        while (event := next(self._events, None)) is None:
            if self.codec.their_state is State.CLOSED:
                return ConnectionClosed()
            self._last_read = await self.receive_some()
            self._events = self.codec.receive(self._last_read)
        return event

    def hand_over(self, codec: Connection) -> None:
        """Go on with another codec, which gets what came behind the end of the response to this one's request."""
        if codec is not self.codec:
            # What ended a response was in what was read last, so what waits behind it is its rest.
            self._last_read = self._last_read[len(self._last_read) - self.codec.waiting :]
            self._events = codec.receive(self._last_read or None)
            self.codec = codec

    def detach(self) -> tuple[ClientTransport, bytes]:
        """The connection, for the protocol that it was switched to, and what has come of that behind the response."""
        events = self.codec.receive()
        return self._transport, b"".join(event.data for event in events if isinstance(event, SwitchedData))

    async def settle(self) -> bool:
        """Follow what has come, without waiting for more; return whether the connection is fit for another exchange.

        It is if this exchange is over, both sides mean to go on (RFC 9112 §9.3), and nothing came behind the response:
        that would be taken for the response to the next request (RFC 9112 §9.2).
        """
        try:
            for _event in self.codec.receive():
                pass
            while self.is_over and isinstance(self._transport, ClientTLSTransport):
                data = await self._transport.receive_waiting()
                if not data:
                    break
                for _event in self.codec.receive(data):
                    pass
        except (RemoteProtocolError, Disconnected):
            return False
        return self.is_over and not self.codec.waiting

    @property
    def is_over(self) -> bool:
        """Whether both sides have said all, and another exchange may follow."""
        return self.codec.our_state is State.IDLE and self.codec.their_state is State.IDLE and not self._cut

    def is_quiet(self) -> bool:
        """Whether nothing has come on an idle connection: neither the server's goodbye nor what nobody asked for."""
        try:
            self._transport.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    async def close(self) -> None:
        """Close the connection, with the goodbye that TLS asks for. It may be called again."""
        try:
            with (
                trio.CancelScope(shield=True, deadline=trio.current_time() + GOODBYE),
                contextlib.suppress(Disconnected),
            ):
                await self._transport.finish(unread=-1)
        finally:
            self._transport.close()
