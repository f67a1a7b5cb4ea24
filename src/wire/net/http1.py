"""A client of HTTP/1.1: requests and responses over connections that it keeps for the next ones.

async with Client() as client:
    response = await client.request("GET", "https://example.org/")
    print(response.status, response.field("content-type"), len(response.body))

    async with client.stream("POST", url, body=pieces()) as response:
        async for chunk in response.body:
            ...
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

import trio

from wire.http1 import InformationalResponse, Limits, Request, Response
from wire.http1.rules import refused
from wire.net.client.dial import dial
from wire.net.client.errors import (
    CertificateRefused,
    ClientError,
    ConnectFailed,
    ConnectionLost,
    HandshakeFailed,
    InvalidUrl,
    LengthNeeded,
    NameNotFound,
    ResponseTooLarge,
    TimedOut,
)
from wire.net.client.helpers import helpers
from wire.net.client.http1_call import Call
from wire.net.client.http1_link import Link, is_closed
from wire.net.client.http1_pipeline import check_pipeline, converse
from wire.net.client.http1_pool import Pool
from wire.net.client.outgoing import OutgoingRequest
from wire.net.client.received import ReceivedResponse, StreamedResponse
from wire.net.client.timeouts import Timeouts, within
from wire.net.client.url import Origin, Url
from wire.net.fields import FieldLine
from wire.net.tap import Tap
from wire.net.tls import client_context

__all__ = [
    "CertificateRefused",
    "Client",
    "ClientError",
    "ClientLimits",
    "ConnectFailed",
    "ConnectionLost",
    "HandshakeFailed",
    "InvalidUrl",
    "LengthNeeded",
    "NameNotFound",
    "OutgoingRequest",
    "ReceivedResponse",
    "ResponseTooLarge",
    "StreamedResponse",
    "TimedOut",
    "Timeouts",
]


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """How much a client holds, and how much it takes from servers.

    Attributes:
        body: bytes of a body that ``request`` reads into memory.
        idle_per_origin: idle connections kept for each origin; 0 keeps none.
        idle: idle connections kept in all.
        http1: what the HTTP/1.1 codec allows.
    """

    body: int = 64 << 20
    idle_per_origin: int = 4
    idle: int = 64
    http1: Limits = field(default_factory=Limits)


class Client:
    """Sends requests to any origin, any number at a time, and keeps connections for the next ones.

    Use it as an async context manager: its connections end with the block.

    Args:
        tls: what an https server has to prove; the system's authorities by default (see ``wire.net.tls``).
        timeouts: how long to wait for what; a call may have its own.
        limits: how much to hold and to take.
        tap: called with the bytes of all connections, as they pass.
        tap_for: called for each new connection, to give it a tap of its own instead.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: Timeouts | None = None,
        limits: ClientLimits | None = None,
        tap: Tap | None = None,
        tap_for: Callable[[Origin], Tap] | None = None,
    ) -> None:
        self._tls = tls
        self._timeouts = timeouts or Timeouts()
        self._limits = limits or ClientLimits()
        self._tap = tap
        self._tap_for = tap_for
        self._pool = Pool(self._limits.idle_per_origin, self._limits.idle, self._timeouts.idle)
        self._http10: dict[Origin, None] = {}
        self._open = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Client:
        nursery = await self._open.enter_async_context(helpers())
        nursery.start_soon(self._pool.tend)
        self._open.push_async_callback(self._pool.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, traceback)

    async def request(
        self,
        method: str,
        url: str | Url,
        *,
        fields: Iterable[FieldLine] = (),
        body: bytes | AsyncIterable[bytes] = b"",
        trailers: Callable[[], Iterable[FieldLine]] | None = None,
        expect_continue: bool = False,
        target: str | None = None,
        timeouts: Timeouts | None = None,
        limit: int | None = None,
    ) -> ReceivedResponse:
        """Send a request and read the whole response.

        The first arguments are those of ``OutgoingRequest``. ``timeouts`` are used instead of the client's, and the
        body may have ``limit`` bytes instead of what the client's limits say.

        Raises:
            ClientError: no response, or none that could be read to its end (see ``wire.net.client.errors``).
            RemoteProtocolError: the server said something that HTTP forbids, or closed in the middle of its response.
            LocalProtocolError: HTTP forbids this request; nothing was sent.
        """
        request = OutgoingRequest(method, url, tuple(fields), body, trailers, expect_continue, target)
        return await self.send(request, timeouts=timeouts, limit=limit)

    async def send(
        self, request: OutgoingRequest, *, timeouts: Timeouts | None = None, limit: int | None = None
    ) -> ReceivedResponse:
        """``request``, for one that has been put together already."""
        async with self.open(request, timeouts=timeouts) as response:
            body = await response.read(self._limits.body if limit is None else limit)
            await response.finish_upload()
            return ReceivedResponse(response.url, response.head, response.interim, body, response.trailers)

    def stream(
        self,
        method: str,
        url: str | Url,
        *,
        fields: Iterable[FieldLine] = (),
        body: bytes | AsyncIterable[bytes] = b"",
        trailers: Callable[[], Iterable[FieldLine]] | None = None,
        expect_continue: bool = False,
        target: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> contextlib.AbstractAsyncContextManager[StreamedResponse]:
        """Send a request; the block begins when the head of the response is there, and pulls its body.

        Nothing is read that is not pulled. A request body that is not complete by then goes on being sent beside the
        block, unless the status is 300 or more: then the server does not want it (RFC 9112 §9.5). Where the block ends
        before the response does, the connection is closed.

        Arguments and what is raised are those of ``request``; much of it while the body is pulled.
        """
        request = OutgoingRequest(method, url, tuple(fields), body, trailers, expect_continue, target)
        return self.open(request, timeouts=timeouts)

    @contextlib.asynccontextmanager
    async def open(
        self, request: OutgoingRequest, *, timeouts: Timeouts | None = None
    ) -> AsyncIterator[StreamedResponse]:
        """``stream``, for a request that has been put together already."""
        timeouts = timeouts or self._timeouts
        with within("total", timeouts.total):
            async with helpers() as nursery:
                call, head = await self._begin(request, timeouts, nursery)
                complete = False
                try:
                    yield StreamedResponse(
                        call.request.parsed_url, head, call.interim, call, call if call.is_switched else None
                    )
                    complete = True
                finally:
                    await call.stop_upload()
                    await (self._pool.put(call.link) if complete else call.link.close())

    async def pipeline(
        self, requests: Sequence[OutgoingRequest], *, timeouts: Timeouts | None = None
    ) -> list[ReceivedResponse]:
        """Send several requests to one origin in one write and read their responses (RFC 9112 §9.3.2).

        Requests that are left unanswered when the server closes are sent once more, one by one.

        Raises:
            ValueError: they cannot be pipelined: not all idempotent, of one origin, with bytes for a body.
            ClientError, RemoteProtocolError, LocalProtocolError: as ``request``; then no response is given out.
        """
        heads = [self._head(request, more=at < len(requests)) for at, request in enumerate(requests, 1)]
        check_pipeline(requests)
        timeouts = timeouts or self._timeouts
        with within("total", timeouts.total):
            origin = requests[0].parsed_url.origin
            link = await self._pool.take(origin) or await self._dial(origin, timeouts)
            link.begin(timeouts)
            complete = False
            try:
                responses = await converse(link, requests, heads, self._limits.http1, self._limits.body)
                complete = True
            finally:
                await (self._pool.put(link) if complete else link.close())
            for request in requests[len(responses) :]:
                responses.append(await self.send(request, timeouts=timeouts))
        return responses

    async def _begin(
        self, request: OutgoingRequest, timeouts: Timeouts, nursery: trio.Nursery
    ) -> tuple[Call, Response | InformationalResponse]:
        """Send the request over a connection that waits, or a new one, until there is an answer."""
        origin, head = request.parsed_url.origin, self._head(request)
        if request.is_chunked and origin in self._http10:
            raise LengthNeeded(f"{origin} knows HTTP/1.0 only: it needs to be told the length of the body beforehand")
        link = await self._pool.take(origin)
        while True:
            reused = link is not None
            link = link or await self._dial(origin, timeouts)
            call = Call(link, request, timeouts, nursery)
            try:
                answer = await call.open(head)
            except BaseException as error:
                await call.stop_upload()
                await link.close()
                if not (reused and _may_repeat(call, error)):
                    raise
                link = None
                continue
            self._remember_version(origin, answer.version)
            if answer.status != 417 or not (call.expects and call.is_repeatable):
                return call, answer
            # RFC 9110 §10.1.1: somebody on the way does not know expectations; once more without.
            await call.stop_upload()
            await link.close()
            request = replace(request, expect_continue=False)
            head, link = self._head(request), None

    def _head(self, request: OutgoingRequest, *, more: bool = False) -> Request:
        """The head to send; it asks for the connection to be closed if none is kept and no ``more`` follows."""
        try:
            return request.head(last=not (more or self._pool.keeps))
        except UnicodeEncodeError as error:
            raise refused("http1.send.field", f"{error.object[:80]!r} cannot be sent as {error.encoding}") from None

    async def _dial(self, origin: Origin, timeouts: Timeouts) -> Link:
        tls = None
        if origin.is_secure:
            tls = self._tls = self._tls or client_context()
        transport = await dial(origin, tls, timeouts)
        tap = self._tap if self._tap_for is None else self._tap_for(origin)
        return Link(origin, transport, limits=self._limits.http1, timeouts=timeouts, tap=tap)

    def _remember_version(self, origin: Origin, version: bytes) -> None:
        """Keep in mind who knows HTTP/1.0 only: chunked is not for them (RFC 9112 §6.3)."""
        self._http10.pop(origin, None)
        if version == b"1.0":
            self._http10[origin] = None
            if len(self._http10) > _REMEMBERED:
                del self._http10[next(iter(self._http10))]


_REMEMBERED = 1024
"""Origins whose version is kept in mind."""


def _may_repeat(call: Call, error: BaseException) -> bool:
    """Whether a request on a connection that had been idle may be sent once more, on a new one.

    Only if the server closed it without a byte of a response, as it may at any time (RFC 9112 §9.3.1), and either
    nothing can come of sending it twice or nothing of it was sent (RFC 9110 §9.2.2).
    """
    if not is_closed(error) or call.link.received:
        return False
    return call.is_repeatable and (call.request.is_idempotent or not call.link.sent)
