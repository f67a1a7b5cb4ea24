"""The handler's end of an HTTP/1.1 connection for one request: the body as it is pulled, and interim responses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import trio

from wire.http1 import Data, EndOfMessage, Event, InformationalResponse, State
from wire.net.fields import FieldLine, encode_fields
from wire.net.messages import Exchange
from wire.net.server.heads import REASONS

if TYPE_CHECKING:
    from wire.net.server.http1_conversation import Http1Conversation


class Http1Exchange(Exchange):
    """A request's body and what else its handler may want of the connection, until the request is answered.

    Attributes:
        ended: the whole body has come.
        received: bytes of it that have come.
    """

    __slots__ = ("_conversation", "_waited", "ended", "received")

    def __init__(self, conversation: Http1Conversation) -> None:
        self._conversation: Http1Conversation | None = conversation
        self.received = 0
        self._waited = 0.0  # seconds
        self.trailers = ()
        self.ended = False

    async def __anext__(self) -> bytes:
        while not self.ended:
            conversation = self._current()
            event = next(conversation.events, None)
            if type(event) is Data:
                self.received += len(event.data)
                self.has_ended()  # what is wrong in the same read is heard before any of it is answered
                return event.data
            if type(event) is EndOfMessage:
                self.end(event)
            elif event is None:
                await self._read(conversation)
        raise StopAsyncIteration

    def has_ended(self) -> bool:
        """Whether nothing of the body is still to come, as far as can be told without reading from the socket.

        Raises:
            RemoteProtocolError: what comes next is broken.
        """
        if not self.ended:
            conversation = self._current()
            event = next(conversation.events, None)
            if type(event) is EndOfMessage:
                self.end(event)
            elif event is not None:
                conversation.events = chain((event,), conversation.events)
        return self.ended

    def end(self, event: EndOfMessage) -> None:
        """The body is complete."""
        self.ended = True
        self.trailers = event.trailers

    def detach(self) -> None:
        """The request is answered: what follows on the connection isn't its body."""
        self._conversation = None

    def skip(self, events: Iterator[Event]) -> None:
        """Throw away what has come of the body."""
        for event in events:
            if type(event) is EndOfMessage:
                self.end(event)
                return
            if type(event) is Data:
                self.received += len(event.data)

    async def disconnected(self) -> None:
        """Return when the client has gone."""
        await self._current().connection.disconnected()

    async def inform(self, status: int, fields: Iterable[FieldLine] = ()) -> None:
        """Send an interim response to a client that knows them."""
        conversation = self._current()
        if conversation.codec.peer_version != b"1.0":  # RFC 9110 §15.2
            conversation.codec.send(InformationalResponse(status, encode_fields(fields), REASONS.get(status, b"")))
            await conversation.flush()

    def _current(self) -> Http1Conversation:
        if self._conversation is None:
            raise RuntimeError("this request has been answered, and what it left of its body is gone")
        return self._conversation

    async def _read(self, conversation: Http1Conversation) -> None:
        """Read once more from the socket, after asking a client that waits for it to go on."""
        codec, connection = conversation.codec, conversation.connection
        if codec.their_state is State.ERROR:
            conversation.events = codec.receive()  # which says again what was wrong
            return
        if codec.continue_expected:  # RFC 9110 §10.1.1
            codec.send(InformationalResponse(100, reason=REASONS[100]))
            await conversation.flush()
        limits = connection.service.limits
        began = trio.current_time()
        patience = limits.body
        if limits.body_rate:
            patience = min(patience, limits.body + self.received / limits.body_rate - self._waited)
        connection.deadline = began + patience
        data = await connection.transport.receive_some()
        connection.deadline = math.inf
        self._waited += trio.current_time() - began
        conversation.events = codec.receive(data)
