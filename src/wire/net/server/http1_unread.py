"""What a handler leaves unread of a request's body, and whether that is worth reading (RFC 9112 §9.3).

The next request begins behind it: a server that will not read so far has to close the connection.
"""

from __future__ import annotations

import math

import trio

from wire.errors import RemoteProtocolError
from wire.http1 import Data, EndOfMessage
from wire.net.messages import Request
from wire.net.server.http1_exchange import Http1Exchange
from wire.net.server.http1_link import Http1Link


def rest_is_small(link: Http1Link, exchange: Http1Exchange, request: Request) -> bool:
    """Whether the rest, as far as it has not come already, should be read to keep the connection."""
    try:
        _skip(link, exchange)
    except RemoteProtocolError:
        return False
    if exchange.ended:
        return True
    if link.codec.continue_expected:
        return False  # the client may send its body after this answer or not, so nobody knows what comes next
    length = request.content_length
    return length is None or length - exchange.received <= link.connection.service.limits.unread


async def skip_rest(link: Http1Link, exchange: Http1Exchange) -> bool:
    """Read the rest and throw it away; False where it is too long.

    Raises:
        RemoteProtocolError: it is broken.
        Disconnected: the client went away.
    """
    connection = link.connection
    limits = connection.service.limits
    most = exchange.received + limits.unread
    connection.deadline = trio.current_time() + limits.close
    while True:
        _skip(link, exchange)
        if exchange.ended:
            connection.deadline = math.inf
            return True
        if exchange.received > most:
            return False
        link.events = link.codec.receive(await connection.transport.receive_some())


def _skip(link: Http1Link, exchange: Http1Exchange) -> None:
    """Throw away what has come."""
    for event in link.events:
        if type(event) is EndOfMessage:
            exchange.end(event)
            return
        if type(event) is Data:
            exchange.received += len(event.data)
