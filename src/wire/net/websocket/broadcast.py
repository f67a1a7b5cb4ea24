"""One message for many: framed once and compressed once, the same bytes for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from wire.net.websocket.session import WebSocket, as_event
from wire.websocket import SharedMessage


def broadcast(sockets: Iterable[WebSocket], message: str | bytes) -> None:
    """Send a message to many without waiting for any.

    Where the socket takes it, it is sent at once; otherwise it is queued. One whose queue (``Options.send_queue``) is
    full is closed, with 1008 or 1013 as its ``Options.slow_consumer`` says, and with 1013 where that says to wait,
    since nobody here can. Those that are closing or closed are passed over.

    Compressed, the message stands for itself, so that all who agreed on the same size of window get the same bytes; a
    connection's own messages begin with an empty window after it (see ``wire.websocket.shared``).

    Raises:
        LocalProtocolError: the text has no UTF-8 form (RFC 6455 §8.1); nobody was sent anything.
        TypeError: it is neither text nor bytes; likewise.
    """
    shared = SharedMessage(as_event(message))
    for socket in sockets:
        socket.post(shared)
