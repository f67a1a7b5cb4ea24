"""One message for many: framed and compressed once, the same bytes for all."""

from __future__ import annotations

from collections.abc import Iterable

from wire.net.websocket.session import WebSocket


def broadcast(sockets: Iterable[WebSocket], message: str | bytes) -> None:
    """Send a message to many."""
    for socket in sockets:
        socket.push(message)
