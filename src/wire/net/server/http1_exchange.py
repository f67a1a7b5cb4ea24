"""The handler's end of an HTTP/1.1 connection for one request: the body as it is pulled, and interim responses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain

import trio

from wire.http1 import Data, EndOfMessage, InformationalResponse, State
from wire.net.fields import FieldLine, encode_fields
from wire.net.messages import Exchange
from wire.net.server.http1_link import Http1Link
from wire.net.server.response_fields import REASONS


class Http1Exchange(Exchange):
    """A request's body and what else its handler may want of the connection, until the request is answered.

    Attributes:
        ended: the whole body has come.
        received: bytes of it that have come.
        status: of the response, once its head is on its way; 0 before.
        sent: bytes of the response's body that are on their way.
    """

    __slots__ = ("_link", "_waited", "ended", "received", "sent", "status")

    def __init__(self, link: Http1Link) -> None:
        self._link: Http1Link | None = link
        self.received = 0
        self._waited = 0.0  # seconds
        self.trailers = ()
        self.ended = False
        self.status = self.sent = 0

    async def __anext__(self) -> bytes:
        while not self.ended:
            link = self._current()
            event = next(link.events, None)
            if type(event) is Data:
                self.received += len(event.data)
                self.has_ended()  # what is wrong in the same read is heard before any of it is answered
                return event.data
            if type(event) is EndOfMessage:
                self.end(event)
            elif event is None:
                await self._read(link)
        raise StopAsyncIteration

    async def disconnected(self) -> None:
        """Return when the client has gone."""
        await self._current().connection.disconnected()

    async def inform(self, status: int, fields: Iterable[FieldLine] = ()) -> None:
        """Send an interim response to a client that knows them."""
        link = self._current()
        if link.codec.peer_version != b"1.0":  # RFC 9110 §15.2
            link.codec.send(InformationalResponse(status, encode_fields(fields), REASONS.get(status, b"")))
            await link.flush()

    def has_ended(self) -> bool:
        """Whether nothing of the body is still to come, as far as can be told without reading from the socket.

        Raises:
            RemoteProtocolError: what comes next is broken.
        """
        if not self.ended:
            link = self._current()
            event = next(link.events, None)
            if type(event) is EndOfMessage:
                self.end(event)
            elif event is not None:
                link.events = chain((event,), link.events)
        return self.ended

    def end(self, event: EndOfMessage) -> None:
        """The body is complete."""
        self.ended = True
        self.trailers = event.trailers

    def detach(self) -> None:
        """The request is answered: what follows on the connection isn't its body."""
        self._link = None

    def _current(self) -> Http1Link:
        if self._link is None:
            raise RuntimeError("this request has been answered, and what it left of its body is gone")
        return self._link

    async def _read(self, link: Http1Link) -> None:
        """Read once more from the socket, after asking a client that waits for it to go on."""
        codec, connection = link.codec, link.connection
        if codec.their_state is State.ERROR:
            link.events = codec.receive()  # which says again what was wrong
            return
        if codec.continue_expected:  # RFC 9110 §10.1.1
            codec.send(InformationalResponse(100, reason=REASONS[100]))
            await link.flush()
        limits = connection.service.limits
        began = trio.current_time()
        patience = limits.body
        if limits.body_rate:
            patience = min(patience, limits.body + self.received / limits.body_rate - self._waited)
        connection.deadline = began + patience
        data = await connection.transport.receive_some()
        connection.deadline = math.inf
        self._waited += trio.current_time() - began
        link.events = codec.receive(data)
