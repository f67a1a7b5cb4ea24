"""A connection from its first byte to its last: find out what is spoken, let it be spoken, and say goodbye.

What is said is another module's business: ``CONVERSATIONS`` names them.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable

import trio

from wire.net.messages import Disconnected
from wire.net.server.connection import Connection, Conversation
from wire.net.server.http1_conversation import Http1Conversation
from wire.net.server.instead import SPEAK_TLS
from wire.net.transport import PlainHttp

logger = logging.getLogger("wire.net")

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client of HTTP/2 says first (RFC 9113 §3.4)."""

CONVERSATIONS: dict[str, Callable[[Connection], Conversation]] = {"http/1.1": Http1Conversation}
"""What can be spoken, by its ALPN name (RFC 7301). HTTP/1.1 stands in for what is missing, and answers 505."""


async def live(connection: Connection, ended: Callable[[Connection], None]) -> None:
    """Serve a connection until it is closed; then ``ended`` is told, whatever happened."""
    try:
        with connection.scope:
            data = await _begin(connection)
            if data and connection.conversation is not None:
                await connection.conversation.run(data)
        await _say_goodbye(connection)
    except Disconnected:
        pass  # there is nobody to tell
    except Exception:
        logger.exception("a connection failed")
    finally:
        connection.transport.close()
        connection.conversation = None  # each knows the other, and nobody else is left who knows either
        ended(connection)


async def _begin(connection: Connection) -> bytes:
    """Find out what is spoken, by ALPN or by the first bytes; return those that have been read for it."""
    transport, limits = connection.transport, connection.service.limits
    connection.deadline = trio.current_time() + limits.handshake
    try:
        protocol = await transport.handshake()
    except PlainHttp:
        with contextlib.suppress(OSError):
            transport.socket.send(SPEAK_TLS)
        raise
    connection.deadline = trio.current_time() + limits.head
    data = more = await transport.receive_some()
    while more and len(data) < len(HTTP2_PREFACE) and HTTP2_PREFACE.startswith(data):
        more = await transport.receive_some()
        data += more
    connection.deadline = math.inf
    if data.startswith(HTTP2_PREFACE):
        protocol = "h2"
    connection.conversation = CONVERSATIONS.get(protocol or "http/1.1", Http1Conversation)(connection)
    return data


async def _say_goodbye(connection: Connection) -> None:
    """Let the client know how it ended, within the time for that."""
    limits = connection.service.limits
    connection.deadline = math.inf
    with trio.move_on_after(limits.close):
        if connection.expired and connection.conversation is not None:
            await connection.conversation.expired()
        if not connection.broken:
            await connection.transport.finish(limits.unread if connection.linger else 0)
