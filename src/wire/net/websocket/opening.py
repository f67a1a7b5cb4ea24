"""From a URL to a session: the client's side of the opening handshake (RFC 6455 §4.1).

A server that answers with anything but 101 has refused, and ``Refused`` tells with what: a password is wanted (401), an
origin is not welcome (403), another version of the protocol is spoken (426). Redirections are refusals too: a client
need not follow them (RFC 6455 §4.1), and this one does not, since its fields may not be for whoever is over there.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypedDict

import trio

from wire.errors import RemoteProtocolError
from wire.http1 import Connection as HttpConnection
from wire.http1 import Data, EndOfMessage, InformationalResponse, Request, Response
from wire.http1 import Limits as HttpLimits
from wire.http1 import Role as HttpRole
from wire.http1.rules import refused
from wire.net.client.dial import dial
from wire.net.client.errors import ClientError, ConnectionLost
from wire.net.client.http1_link import Link as HttpLink
from wire.net.client.received import ReceivedResponse
from wire.net.client.timeouts import Timeouts, within
from wire.net.client.url import Origin, Url
from wire.net.fields import FieldLine, encode_fields
from wire.net.messages import PHRASES, Disconnected
from wire.net.tap import Tap
from wire.net.tls import client_context
from wire.net.transport import TappedTransport
from wire.net.websocket.links import running
from wire.net.websocket.options import Options
from wire.net.websocket.session import WebSocket
from wire.websocket import Connection, Limits, Role
from wire.websocket.close_codes import GOING_AWAY, INTERNAL_ERROR, NORMAL
from wire.websocket.extensions import DeflateOffer
from wire.websocket.handshake import Agreement, Offer, new_key, opening_request, read_answer

REFUSAL_BODY = 65536
"""Bytes of a refusal's body that are read: a server says why in fewer, or goes on for ever."""

REFUSAL_PATIENCE = 5.0
"""Seconds in which they have to come."""


class Refused(ClientError):
    """The server answered the opening handshake, and not with 101.

    Attributes:
        response: what it answered; of its body what came soon, 64 KiB at most.
    """

    def __init__(self, response: ReceivedResponse) -> None:
        answer = f"{response.status} {PHRASES.get(response.status, '')}".rstrip()
        location = response.field("location") if 300 <= response.status < 400 else None
        elsewhere = "" if location is None else f" and names {location[:200]!r}, which is not followed"
        super().__init__(f"the server refused the WebSocket: it answered {answer}{elsewhere}")
        self.response = response

    @property
    def status(self) -> int:
        """That of the response."""
        return self.response.status


OnConnect: TypeAlias = Callable[[WebSocket], Awaitable[None]]
"""What must be said on each new connection."""


class How(TypedDict, total=False):
    """The arguments of ``connect`` that make an ``Opening``; they are described there."""

    subprotocols: Sequence[str]
    fields: Sequence[FieldLine]
    origin: str | None
    deflate: DeflateOffer | None
    tls: ssl.SSLContext | None
    timeouts: Timeouts
    limits: Limits
    options: Options
    tap: Tap | None
    tap_for: Callable[[Origin], Tap] | None


@dataclass(frozen=True)
class Opening:
    """What is asked for, and how, each time that a connection is made."""

    url: Url
    subprotocols: Sequence[str] = ()
    fields: Sequence[FieldLine] = ()
    origin: str | None = None
    deflate: DeflateOffer | None = field(default_factory=DeflateOffer)
    tls: ssl.SSLContext | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    tap: Tap | None = None
    tap_for: Callable[[Origin], Tap] | None = None

    def request(self) -> tuple[Offer, Request]:
        """A new offer, and the request that makes it.

        Raises:
            LocalProtocolError: it may not be made.
        """
        deflate = () if self.deflate is None else (self.deflate,)
        offer = Offer(new_key(), tuple(self.subprotocols), deflate, self.origin)
        host, target = self.url.authority.encode("ascii"), self.url.target.encode("ascii")
        request = opening_request(target, host, offer, _encoded(self.fields))
        HttpConnection(HttpRole.CLIENT).send(request)  # which may refuse it, before anybody is called
        return offer, request

    @contextlib.asynccontextmanager
    async def session(self, on_connect: OnConnect | None = None) -> AsyncIterator[WebSocket]:
        """Connect, keep the session going while the block runs, and say goodbye at its end.

        Raises:
            ClientError, RemoteProtocolError, LocalProtocolError: as ``connect``.
        """
        with within("total", self.timeouts.total):
            link, tap, agreement = await self._shake_hands()
        try:
            session = WebSocket(
                Connection(Role.CLIENT, self.limits, deflate=agreement.deflate),
                self.options,
                subprotocol=agreement.subprotocol,
                deflate=agreement.deflate,
            )
            transport, waiting = link.detach()
            stream = transport if tap is None else TappedTransport(transport, tap)
            async with running(session, stream, waiting), goodbye(session):
                if on_connect is not None:
                    await on_connect(session)
                yield session
            if session.peer_has_finished and not session.has_ended:
                # RFC 6455 §7.1.1: the server closes first, so that it is the one to remember the connection.
                with trio.move_on_after(self.options.close_timeout), contextlib.suppress(Disconnected):
                    while await stream.receive_some():
                        pass
        finally:
            await link.close()

    async def _shake_hands(self) -> tuple[HttpLink, Tap | None, Agreement]:
        offer, request = self.request()
        origin = self.url.origin
        tls = (self.tls or client_context()) if origin.is_secure else None
        transport = await dial(origin, tls, self.timeouts)
        tap = self.tap if self.tap_for is None else self.tap_for(origin)
        link = HttpLink(origin, transport, limits=HttpLimits(), timeouts=self.timeouts, tap=tap)
        try:
            answer, interim = await _ask(link, request)
            if isinstance(answer, Response):
                body = await _reason(link)
                raise Refused(ReceivedResponse(self.url, answer, interim, body, ()))
            return link, tap, read_answer(answer, offer)
        except BaseException:
            await link.close()
            raise


class Leaving(Protocol):
    """What one can say goodbye with."""

    @property
    def is_over(self) -> bool:
        """Whether all has been said."""

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say goodbye, and wait for the peer's."""

    def leave(self, code: int) -> None:
        """Say goodbye without waiting."""


@contextlib.asynccontextmanager
async def goodbye(socket: Leaving) -> AsyncIterator[None]:
    """Close as the outcome of the block says."""
    try:
        yield
    except Exception:
        await socket.close(INTERNAL_ERROR)
        raise
    except BaseException:  # cancelled: there is no time to wait
        socket.leave(GOING_AWAY)
        raise
    if not socket.is_over:  # what came before the end may be received still
        await socket.close()


async def _ask(
    link: HttpLink, request: Request
) -> tuple[Response | InformationalResponse, list[InformationalResponse]]:
    """Send the request; the final response or 101, and those before it."""
    link.codec.send(request)
    link.codec.send(EndOfMessage())
    with contextlib.suppress(ConnectionLost):  # the server may have said why
        await link.flush()
    interim: list[InformationalResponse] = []
    with within("read", link.timeouts.read):
        while True:
            event = await link.next_event()
            if isinstance(event, Response):
                return event, interim
            assert isinstance(event, InformationalResponse), event
            if event.status == 101:
                return event, interim
            interim.append(event)


async def _reason(link: HttpLink) -> bytes:
    """The body of a refusal, as far as it comes."""
    body = b""
    with (
        trio.move_on_after(min(REFUSAL_PATIENCE, link.timeouts.read)),
        contextlib.suppress(ConnectionLost, RemoteProtocolError),
    ):
        while len(body) < REFUSAL_BODY and isinstance(event := await link.next_event(), Data):
            body += event.data
    return body[:REFUSAL_BODY]


def _encoded(fields: Iterable[FieldLine]) -> list[tuple[bytes, bytes]]:
    """Field lines as bytes, and who is asking unless they say so."""
    try:
        encoded = encode_fields(fields)
    except UnicodeEncodeError as error:
        raise refused("http1.send.field", f"{error.object[:80]!r} cannot be sent as {error.encoding}") from None
    if not any(name.lower() == b"user-agent" for name, _value in encoded):
        encoded.append((b"user-agent", b"wire"))  # RFC 9110 §10.1.5
    return encoded
