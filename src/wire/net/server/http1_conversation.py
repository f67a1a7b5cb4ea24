"""An HTTP/1.1 connection on the server's side: read a request, ask the handler, write its response, again.

The codec knows what may follow what; this module adds when: nothing of a body is read before the handler pulls it,
nothing of the next request before this one is answered, and each answer leaves in one write where it can.

What a request costs was measured with ``/hello`` over 16 connections: half of the processor's time goes to the socket
(the wait, ``recv``, ``send``), a quarter to the codec, and the rest to the steps below and the handler. So the path
that nearly every request takes makes no scope, timeout, task or nursery, and has a coroutine of its own only for the
answer.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import AsyncIterable, Awaitable, Iterator

import trio

from wire.errors import LocalProtocolError, RemoteProtocolError
from wire.http1 import Connection as Codec
from wire.http1 import Data, EndOfMessage, Event, Fields, InformationalResponse, Role, State, SwitchedData
from wire.http1 import Request as RequestHead
from wire.http1 import Response as ResponseHead
from wire.net.fields import encode_fields
from wire.net.messages import ContentTooLarge, Disconnected, Problem, Request, Response, Takeover
from wire.net.server.access_log import Entry
from wire.net.server.connection import Connection
from wire.net.server.heads import REASONS, refusal, response_fields
from wire.net.server.http1_exchange import Http1Exchange

logger = logging.getLogger("wire.net")

_END = EndOfMessage()
_VERSIONS = {b"1.1": "1.1", b"1.0": "1.0"}


class Http1Conversation:
    """Everything that is said on one connection of HTTP/1.1 or HTTP/1.0.

    Attributes:
        connection: the socket, its deadline and what the server has to say about it.
        codec: the state of the protocol.
        events: those of the bytes that were read last; the head of a request is followed by its body here.
    """

    __slots__ = ("_answered", "_begun", "_sent", "_status", "codec", "connection", "events")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.codec = Codec(Role.SERVER, limits=connection.service.limits.http1)
        self.events: Iterator[Event] = iter(())
        self._answered = 0  # requests
        self._begun = False  # something of a request has come that isn't complete
        self._status = 0  # of the current response, once its head is on its way
        self._sent = 0  # bytes of its body

    async def run(self, data: bytes) -> None:
        """Answer requests until either side wants to close; ``data`` is what came first."""
        connection, codec = self.connection, self.codec
        service, transport = connection.service, connection.transport
        self.events = codec.receive(data)
        self._begun, connection.idle = True, False
        try:
            while True:
                head = next(self.events, None)
                if head is None and not self._begun:
                    connection.idle = True
                    connection.deadline = service.next_sweep + service.limits.idle
                    self.events = codec.receive(await transport.receive_some())
                    connection.idle = False
                    head = next(self.events, None)
                if head is None:
                    head = await self._rest_of_head()
                if type(head) is not RequestHead:
                    return  # the client has closed its side
                connection.deadline = math.inf
                self._begun = True
                exchange = Http1Exchange(self)
                try:
                    await self._answer(head, exchange)
                    self._begun = False
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
        if self._begun:
            with contextlib.suppress(Disconnected):
                await self._reject(Response.problem(408, "The request did not arrive in time."))

    def flush(self) -> Awaitable[None]:
        """Send what the codec has to say, in one system call if the socket takes it; to be awaited."""
        return self.connection.send_all(self.codec.bytes_to_send())

    async def _rest_of_head(self) -> Event:
        """Wait for the head of a request that has begun to come."""
        connection = self.connection
        self._begun = True
        # For the whole head: a client cannot win time by sending it bit by bit.
        connection.deadline = trio.current_time() + connection.service.limits.head
        event = None
        while event is None:
            self.events = self.codec.receive(await connection.transport.receive_some())
            event = next(self.events, None)
        return event

    async def _answer(self, head: RequestHead, exchange: Http1Exchange) -> None:
        """Let the handler answer one request, and send what it says."""
        service = self.connection.service
        began = time.perf_counter() if service.access_log is not None else 0.0
        request = Request(
            head.method.decode("ascii"),
            head.target.decode("latin-1"),
            head.fields,
            scheme=service.scheme,
            http_version=_VERSIONS.get(head.version, "1.1"),
            client=self.connection.client,
            body=exchange,
        )
        self._status = self._sent = 0
        try:
            response = refusal(request) or await service.handler(request)
            rest = self._send(response, request, exchange)
            if rest is not None:
                await rest
        except Disconnected:
            raise
        except Exception as error:
            instead = _instead(request, error)
            if self.codec.our_state is State.SEND_RESPONSE:  # else it is too late to say anything
                rest = self._send(instead, request, exchange)
                if rest is not None:
                    await rest
        finally:
            if self.codec.our_state is State.SEND_BODY:
                self._break_off()
            if service.access_log is not None:
                seconds = time.perf_counter() - began
                service.access_log(_entry(self.connection, request, self._status, self._sent, seconds))

    def _break_off(self) -> None:
        """Whatever happened, let the client not take what it has for a whole response.

        A reset says so always, but may cost the client what it has not read. One that broke a rule may still be
        sending, and sees by the missing end that there is more; in HTTP/1.0 there is no end but the close.
        """
        if self.codec.their_state is State.ERROR and self.codec.peer_version != b"1.0":
            self.connection.linger = True
        else:
            self.connection.abort()

    # What is sent.

    def _send(self, response: Response, request: Request, exchange: Http1Exchange) -> Awaitable[None] | None:
        """Send a response, whatever its body is; return what is left to be waited for, which is mostly nothing."""
        if not isinstance(response, Response):
            raise TypeError(f"the handler returned {response!r}, which is no Response")
        body = response.body
        if response.takeover is not None:
            return self._hand_over(response, response.takeover, request, exchange)
        if not isinstance(body, bytes):
            return self._send_stream(response, body, request, exchange)
        # Head and body together, in one system call if the socket takes it.
        close = not exchange.ended and not self._unread_is_small(exchange, request)
        self._send_head(response, request, close)
        if body and request.method != "HEAD":
            self.codec.send(Data(body))
            self._sent = len(body)
        self.codec.send(_END)
        data = self.codec.bytes_to_send()
        sent = self.connection.transport.send_now(data)
        return None if sent == len(data) else self.connection.send_rest(data, sent)

    def _send_head(self, response: Response, request: Request | None, close: bool) -> None:
        service = self.connection.service
        self._answered += 1
        fields = response_fields(response, service.date.line(), request)
        if close or service.closing or self._answered == service.limits.requests:
            fields.append((b"connection", b"close"))  # RFC 9112 §9.6
        self.codec.send(ResponseHead(response.status, fields, REASONS.get(response.status, b"")))
        self._status = response.status

    async def _send_stream(
        self, response: Response, body: AsyncIterable[bytes], request: Request, exchange: Http1Exchange
    ) -> None:
        """Send a response whose body comes bit by bit, each as it comes."""
        codec = self.codec
        chunks = aiter(body)
        silent = request.method == "HEAD"  # RFC 9110 §9.3.2
        try:
            first = b""
            if not silent and not exchange.has_ended():
                # Where this body is made from the request's, 100 has to go out before our own head; and a request whose
                # body is broken from the beginning still gets the status that says so.
                first = await anext(chunks, b"")
            self._send_head(response, request, codec.continue_expected)
            if not silent:
                await self._send_data(first)
                async for chunk in chunks:
                    await self._send_data(chunk)
                    await trio.lowlevel.checkpoint()  # a body that is always ready has to let others run
            trailers = self._trailers(response, request)
            codec.send(EndOfMessage(trailers))
            await self.flush()
        finally:
            aclose = getattr(chunks, "aclose", None)
            if aclose is not None:
                await aclose()

    def _trailers(self, response: Response, request: Request) -> Fields:
        if response.trailers is None or request.method == "HEAD" or self.codec.peer_version == b"1.0":
            return ()  # RFC 9112 §7.1.2: only a chunked message has room for them
        return encode_fields(response.trailers())

    async def _send_data(self, chunk: bytes) -> None:
        if chunk:
            self.codec.send(Data(chunk))
            self._sent += len(chunk)
        await self.flush()

    async def _hand_over(
        self, response: Response, takeover: Takeover, request: Request, exchange: Http1Exchange
    ) -> None:
        """Switch protocols and let the handler speak the new one (RFC 9110 §7.8, §9.3.6)."""
        tunnel = request.method == "CONNECT" and 200 <= response.status < 300
        if response.status != 101 and not tunnel:
            raise ValueError(f"a connection cannot be taken over after {request.method} and {response.status}")
        async for _ in exchange:  # RFC 9110 §7.8: the request comes to its end first, after a 100 if need be
            if exchange.received > self.connection.service.limits.unread:
                raise ContentTooLarge(self.connection.service.limits.unread)
        if response.status == 101:
            self.codec.send(InformationalResponse(101, encode_fields(response.fields), REASONS[101]))
            self._status = 101
        else:
            self._send_head(response, request, close=False)
        await self.flush()
        # The switch has taken place; the new protocol may have come along with the request.
        waiting = b"".join(event.data for event in self.codec.receive() if type(event) is SwitchedData)
        await takeover(self.connection.hand_over(waiting))

    async def _reject(self, response: Response) -> None:
        """Answer what never became a request, unless the answer to it has begun already, and close."""
        self.connection.linger = True
        if self.codec.our_state not in (State.IDLE, State.SEND_RESPONSE):
            return
        self._send_head(response, None, close=True)
        assert isinstance(response.body, bytes)
        self._sent = 0
        with contextlib.suppress(LocalProtocolError):  # a request that never ended may still have been a HEAD
            self.codec.send(Data(response.body))
            self._sent = len(response.body)
        self.codec.send(_END)
        await self.flush()
        if self.connection.service.access_log is not None:
            self.connection.service.access_log(_entry(self.connection, None, self._status, self._sent, 0.0))

    # Between two requests.

    def _unread_is_small(self, exchange: Http1Exchange, request: Request) -> bool:
        """Whether what the handler left of the body is worth reading to keep the connection (RFC 9112 §9.3)."""
        try:
            exchange.skip(self.events)
        except RemoteProtocolError:
            return False
        if exchange.ended:
            return True
        if self.codec.continue_expected:
            return False  # the client may send its body after this answer or not, so nobody knows what comes next
        length = request.content_length
        return length is None or length - exchange.received <= self.connection.service.limits.unread

    async def _may_go_on(self, exchange: Http1Exchange) -> bool:
        """Get ready for the next request; False where there will be none."""
        codec, connection = self.codec, self.connection
        if codec.our_state is State.SEND_BODY:
            return False  # the response broke off
        connection.linger = True
        if not codec.keep_alive or not (exchange.ended or await self._skip_rest(exchange)):
            return False
        connection.linger = False
        if connection.service.closing and not codec.waiting:
            return False  # the shutdown came when the head of this answer, without its close, was already out
        if codec.waiting:
            await trio.lowlevel.checkpoint()  # a client that pipelines without end has to let others run
            self.events = codec.receive()
            self._begun = True
        return True

    async def _skip_rest(self, exchange: Http1Exchange) -> bool:
        """Read the rest of a body that nobody wanted; False where it is too long."""
        connection = self.connection
        limits = connection.service.limits
        most = exchange.received + limits.unread
        connection.deadline = trio.current_time() + limits.close
        while True:
            exchange.skip(self.events)
            if exchange.ended:
                connection.deadline = math.inf
                return True
            if exchange.received > most:
                return False
            self.events = self.codec.receive(await connection.transport.receive_some())


def protocol_problem(error: RemoteProtocolError) -> Response:
    """What a client hears about the rule that it broke."""
    return Response.problem(
        error.status or 400, error.message, rule=error.rule, section=error.section, offset=error.offset
    )


def _instead(request: Request, error: Exception) -> Response:
    """The response in place of one that a handler could not give."""
    if isinstance(error, Problem):
        return error.response
    if isinstance(error, RemoteProtocolError):  # in the body that the handler was reading
        return protocol_problem(error)
    logger.error("%s %s could not be answered", request.method, request.target, exc_info=error)
    return Response.problem(500)  # RFC 9110 §15.6.1: what went wrong is nobody else's business


def _entry(connection: Connection, request: Request | None, status: int, size: int, seconds: float) -> Entry:
    client = connection.client[0] if connection.client is not None else "-"
    if request is None:
        return Entry(time.time(), client, "", "", "", status, size, seconds, "", "")
    referer, user_agent = request.field("referer") or "", request.field("user-agent") or ""
    line = (request.method, request.target, request.http_version)
    return Entry(time.time() - seconds, client, *line, status, size, seconds, referer, user_agent)
