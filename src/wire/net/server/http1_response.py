"""How a response goes out over HTTP/1.1: whole, bit by bit, or as the switch to another protocol."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable

import trio

from wire.http1 import Data, EndOfMessage, Fields, InformationalResponse, State, SwitchedData
from wire.http1 import Response as ResponseHead
from wire.net.fields import encode_fields
from wire.net.messages import ContentTooLarge, Request, Response, Takeover
from wire.net.server.http1_exchange import Http1Exchange
from wire.net.server.http1_link import Http1Link
from wire.net.server.http1_unread import rest_is_small
from wire.net.server.response_fields import REASONS, response_fields

_END = EndOfMessage()


def send(
    link: Http1Link, exchange: Http1Exchange, request: Request, response: Response, *, last: bool = False
) -> Awaitable[None] | None:
    """Send a response, whatever its body is; return what is left to be waited for, which is mostly nothing.

    Args:
        link: where it goes.
        exchange: knows how much of the request has come, and is told how much of the response goes out.
        request: what is answered.
        response: the answer.
        last: the connection closes after it, whatever the two are.

    Raises:
        TypeError, ValueError, LocalProtocolError: it is no response, or none that can be sent; what is waited for may
            raise them too.
        Disconnected: the client went away.
    """
    if not isinstance(response, Response):
        raise TypeError(f"the handler returned {response!r}, which is no Response")
    body = response.body
    if response.takeover is not None:
        return _hand_over(link, exchange, request, response, response.takeover)
    if not isinstance(body, bytes):
        return _send_stream(link, exchange, request, response, body, last)
    # Head and body together, in one system call if the socket takes it.
    last = last or not (exchange.ended or rest_is_small(link, exchange, request))
    _send_head(link, exchange, request, response, last)
    if body and request.method != "HEAD":  # RFC 9110 §9.3.2
        link.codec.send(Data(body))
        exchange.sent = len(body)
    link.codec.send(_END)
    data = link.codec.bytes_to_send()
    sent = link.connection.transport.send_now(data)
    return None if sent == len(data) else link.connection.send_rest(data, sent)


def break_off(link: Http1Link) -> None:
    """End a response in the middle, so that the client cannot take what it has for all of it.

    A reset says so always, but may cost the client what it has not read. One that broke a rule may still be sending,
    and sees by the missing end that there is more; in HTTP/1.0 there is no end but the close.
    """
    if link.codec.their_state is State.ERROR and link.codec.peer_version != b"1.0":
        link.connection.linger = True
    else:
        link.connection.abort()


def _send_head(link: Http1Link, exchange: Http1Exchange, request: Request, response: Response, last: bool) -> None:
    service = link.connection.service
    fields = response_fields(response, service.date.line(), request)
    if last or service.closing or link.answered + 1 == service.limits.requests:
        fields.append((b"connection", b"close"))  # RFC 9112 §9.6
    link.codec.send(ResponseHead(response.status, fields, REASONS.get(response.status, b"")))
    link.answered += 1
    exchange.status = response.status


async def _send_stream(
    link: Http1Link,
    exchange: Http1Exchange,
    request: Request,
    response: Response,
    body: AsyncIterable[bytes],
    last: bool,
) -> None:
    """Send a response whose body comes bit by bit, each as it comes."""
    codec = link.codec
    chunks = aiter(body)
    silent = request.method == "HEAD"  # RFC 9110 §9.3.2
    try:
        first = b""
        if not silent and not exchange.has_ended():
            # Where this body is made from the request's, 100 has to go out before our own head; and a request whose
            # body is broken from the beginning still gets the status that says so.
            first = await anext(chunks, b"")
        _send_head(link, exchange, request, response, last or codec.continue_expected)
        if not silent:
            await _send_data(link, exchange, first)
            async for chunk in chunks:
                await _send_data(link, exchange, chunk)
                await trio.lowlevel.checkpoint()  # a body that is always ready has to let others run
        codec.send(EndOfMessage(_trailers(link, request, response)))
        await link.flush()
    finally:
        aclose = getattr(chunks, "aclose", None)
        if aclose is not None:
            await aclose()


async def _send_data(link: Http1Link, exchange: Http1Exchange, chunk: bytes) -> None:
    if chunk:
        link.codec.send(Data(chunk))
        exchange.sent += len(chunk)
    await link.flush()


def _trailers(link: Http1Link, request: Request, response: Response) -> Fields:
    if response.trailers is None or request.method == "HEAD" or link.codec.peer_version == b"1.0":
        return ()  # RFC 9112 §7.1.2: only a chunked message has room for them
    return encode_fields(response.trailers())


async def _hand_over(
    link: Http1Link, exchange: Http1Exchange, request: Request, response: Response, takeover: Takeover
) -> None:
    """Switch protocols and let the handler speak the new one (RFC 9110 §7.8, §9.3.6)."""
    tunnel = request.method == "CONNECT" and 200 <= response.status < 300
    if response.status != 101 and not tunnel:
        raise ValueError(f"a connection cannot be taken over after {request.method} and {response.status}")
    unread = link.connection.service.limits.unread
    async for _ in exchange:  # RFC 9110 §7.8: the request comes to its end first, after a 100 if need be
        if exchange.received > unread:
            raise ContentTooLarge(unread)
    if response.status == 101:
        link.codec.send(InformationalResponse(101, encode_fields(response.fields), REASONS[101]))
        exchange.status = 101
    else:
        _send_head(link, exchange, request, response, last=False)
    await link.flush()
    # The switch has taken place; the new protocol may have come along with the request.
    waiting = b"".join(event.data for event in link.codec.receive() if type(event) is SwitchedData)
    await takeover(link.connection.hand_over(waiting))
