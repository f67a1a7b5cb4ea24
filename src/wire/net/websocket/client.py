"""The client's door to WebSockets.

    async with connect("wss://example.org/chat", subprotocols=("chat",)) as socket:
        await socket.send("hello")
        async for message in socket:
            print(message)

``opening`` makes the connection, ``reconnect`` another one when it is lost, as ``backoff`` says.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Unpack, overload

from wire.net.client.url import Url, parse_websocket_url
from wire.net.websocket.backoff import Backoff
from wire.net.websocket.opening import How, OnConnect, Opening
from wire.net.websocket.reconnect import ReconnectingWebSocket, reconnecting
from wire.net.websocket.session import WebSocket


@overload
def connect(
    url: str | Url, *, reconnect: None = None, on_connect: OnConnect | None = None, **how: Unpack[How]
) -> AbstractAsyncContextManager[WebSocket]: ...


@overload
def connect(
    url: str | Url, *, reconnect: Backoff, on_connect: OnConnect | None = None, **how: Unpack[How]
) -> AbstractAsyncContextManager[ReconnectingWebSocket]: ...


def connect(
    url: str | Url, *, reconnect: Backoff | None = None, on_connect: OnConnect | None = None, **how: Unpack[How]
) -> AbstractAsyncContextManager[WebSocket] | AbstractAsyncContextManager[ReconnectingWebSocket]:
    """Open a WebSocket for as long as the block runs.

    The block's end closes the connection with 1000; an exception that leaves the block with 1011, and then goes on. In
    both cases the server has ``Options.close_timeout`` to answer. Where the block is cancelled nobody waits: 1001 is
    sent, unless something else still waits to be sent, and the connection is closed.

    Args:
        url: ws or wss, without a fragment (RFC 6455 §3).
        reconnect: when to connect anew after a loss, with the same object; see ``ReconnectingWebSocket``.
        on_connect: awaited with each new connection, before anything else can be sent over it: what must be said anew.
            It may send and receive. What it raises is raised here, or where the socket is used next.
        how: any of these:

            - ``subprotocols``: what can be spoken inside, the best first; the server may choose one, which is then the
              ``WebSocket.subprotocol``.
            - ``fields``: further field lines of the request, such as ``Authorization`` or ``Cookie``.
            - ``origin``: the page that asks, as a browser would tell it (RFC 6455 §10.2).
            - ``deflate``: what to offer for compression (RFC 7692), a ``DeflateOffer()`` by default; None for none.
            - ``tls``: what a wss server has to prove; the system's authorities by default (see ``wire.net.tls``).
            - ``timeouts``: for the way there: ``connect``, ``handshake`` (of TLS), ``write``, ``read`` (the answer),
              and ``total`` for all of these. What comes after that is the business of ``options``.
            - ``limits``: how much to take from the server.
            - ``options``: patience and budget of the session.
            - ``tap``: called with the bytes of the connection, as they pass.
            - ``tap_for``: called for each new connection, to give it a tap of its own instead.

    Raises:
        InvalidUrl: at once, not in the block: it is no URL of a WebSocket.
        Refused: the server answered with another status than 101. Redirections are not followed.
        ClientError: the server could not be reached, or not in time (see ``wire.net.client.errors``).
        RemoteProtocolError: its answer breaks a rule of HTTP or of the handshake.
        LocalProtocolError: a rule forbids what was to be asked for; nothing was sent.
    """
    opening = Opening(parse_websocket_url(url) if isinstance(url, str) else url, **how)
    return opening.session(on_connect) if reconnect is None else reconnecting(opening, reconnect, on_connect)
