"""An HTTP/1.1 connection on the server's side: read a request, ask the handler, send its response, again.

The codec knows what may follow what; this module adds when: nothing of a body is read before the handler pulls it,
nothing of the next request before this one is answered, and each answer leaves in one write where it can.

What a request costs was measured with ``/hello`` over 16 connections: half of the processor's time goes to the socket
(the wait, ``recv``, ``send``), a quarter to the codec, and the rest to the steps below and the handler. So the path
that nearly every request takes makes no scope, timeout, task or nursery, and has a coroutine of its own only for the
answer.
"""

from __future__ import annotations

import contextlib
import math
import time

import trio

from wire.errors import RemoteProtocolError
from wire.http1 import Event, State
from wire.http1 import Request as RequestHead
from wire.net.messages import Disconnected, Request, Response
from wire.net.server.access_log import entry
from wire.net.server.connection import Connection
from wire.net.server.http1_exchange import Http1Exchange
from wire.net.server.http1_link import Http1Link
from wire.net.server.http1_response import break_off, send
from wire.net.server.http1_unread import skip_rest
from wire.net.server.instead import NO_REQUEST, failure, protocol_problem, refusal

_VERSIONS = {b"1.1": "1.1", b"1.0": "1.0"}


class Http1Conversation:
    """Everything that is said on one connection of HTTP/1.1 or HTTP/1.0."""

    __slots__ = ("_link", "_pending")

    def __init__(self, connection: Connection) -> None:
        self._link = Http1Link(connection)
        # The request that has begun to come and has no answer yet, NO_REQUEST for as long as its head is incomplete.
        self._pending: Request | None = None

    async def run(self, data: bytes) -> None:
        """Answer requests until either side wants to close; ``data`` is what came first."""
        link = self._link
        connection, codec = link.connection, link.codec
        service, transport = connection.service, connection.transport
        link.events = codec.receive(data)
        self._pending, connection.idle = NO_REQUEST, False
        try:
            while True:
                head = next(link.events, None)
                if head is None and self._pending is None:
                    connection.idle = True
                    connection.deadline = service.next_sweep + service.limits.idle
                    link.events = codec.receive(await transport.receive_some())
                    connection.idle = False
                    head = next(link.events, None)
                if head is None:
                    head = await self._rest_of_head()
                if type(head) is not RequestHead:
                    return  # the client has closed its side
                connection.deadline = math.inf
                exchange = Http1Exchange(link)
                try:
                    await self._answer(head, exchange)
                    self._pending = None
                    # What nearly always holds is asked first.
                    ready = codec.our_state is State.IDLE and not codec.waiting and not service.closing
                    if not ready and not await self._may_go_on(exchange):
                        return
                finally:
                    exchange.detach()
        except RemoteProtocolError as error:
            await self._reject(protocol_problem(error))
        except Disconnected:
            connection.broken = True

    async def expired(self) -> None:
        """Tell the client that it was too slow, if it had begun a request and no answer has begun."""
        if self._pending is not None:
            with contextlib.suppress(Disconnected):
                await self._reject(Response.problem(408, "The request did not arrive in time."))

    async def _rest_of_head(self) -> Event:
        """Wait for the head of a request that has begun to come."""
        link, connection = self._link, self._link.connection
        self._pending = NO_REQUEST
        # For the whole head: a client cannot win time by sending it bit by bit.
        connection.deadline = trio.current_time() + connection.service.limits.head
        event = None
        while event is None:
            link.events = link.codec.receive(await connection.transport.receive_some())
            event = next(link.events, None)
        return event

    async def _answer(self, head: RequestHead, exchange: Http1Exchange) -> None:
        """Let the handler answer one request, and send what it says."""
        link, connection = self._link, self._link.connection
        service = connection.service
        began = time.perf_counter() if service.access_log is not None else 0.0
        request = self._pending = Request(
            head.method.decode("ascii"),
            head.target.decode("latin-1"),
            head.fields,
            scheme=service.scheme,
            http_version=_VERSIONS.get(head.version, "1.1"),
            client=connection.client,
            body=exchange,
        )
        try:
            response = refusal(request) or await service.handler(request)
            rest = send(link, exchange, request, response)
            if rest is not None:
                await rest
        except Disconnected:
            raise
        except Exception as error:
            instead = failure(request, error)
            if link.codec.our_state is State.SEND_RESPONSE:  # else it is too late to say anything
                rest = send(link, exchange, request, instead)
                if rest is not None:
                    await rest
        finally:
            if link.codec.our_state is State.SEND_BODY:
                break_off(link)
            # One that was cancelled for being late gets its answer from ``expired``, and its entry with it.
            late = connection.expired and link.codec.our_state is State.SEND_RESPONSE
            if service.access_log is not None and not late:
                seconds = time.perf_counter() - began
                service.access_log(entry(connection.client, request, exchange.status, exchange.sent, seconds))

    async def _reject(self, response: Response) -> None:
        """Answer what never became a whole request, unless its answer has begun already, and close."""
        link, connection = self._link, self._link.connection
        connection.linger = True
        if link.codec.our_state not in (State.IDLE, State.SEND_RESPONSE):
            return
        request, exchange = self._pending or NO_REQUEST, Http1Exchange(link)
        try:
            rest = send(link, exchange, request, response, last=True)
            if rest is not None:
                await rest
        finally:
            if connection.service.access_log is not None:
                connection.service.access_log(entry(connection.client, request, exchange.status, exchange.sent, 0.0))

    async def _may_go_on(self, exchange: Http1Exchange) -> bool:
        """Get ready for the next request; False where there will be none."""
        link, connection, codec = self._link, self._link.connection, self._link.codec
        if codec.our_state is State.SEND_BODY or connection.taken:
            return False  # the response broke off, or was the last of HTTP
        connection.linger = True
        if not codec.keep_alive or not (exchange.ended or await skip_rest(link, exchange)):
            return False
        connection.linger = False
        if connection.service.closing and not codec.waiting:
            return False  # the shutdown came when the head of this answer, without its close, was already out
        if codec.waiting:
            await trio.lowlevel.checkpoint()  # a client that pipelines without end has to let others run
            link.events = codec.receive()
            self._pending = NO_REQUEST
        return True
