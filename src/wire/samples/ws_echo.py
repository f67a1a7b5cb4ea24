"""The smallest WebSocket: each message comes back as it went."""

from __future__ import annotations

from wire.net.messages import Request, Response
from wire.net.websocket import Deflate, Limits, WebSocket

LIMITS = Limits(frame=16 << 20, message=16 << 20, frames=1 << 17)
"""Room for messages of 16 MiB, and for as many fragments as anybody cuts them into who means no harm."""


async def ws_echo(request: Request) -> Response:
    """Switch to a WebSocket, compressed if the client wants that; a page of another site may not (RFC 6455 §10.2)."""
    return await request.websocket(talk, deflate=Deflate(), limits=LIMITS)


async def talk(websocket: WebSocket) -> None:
    """Send every message back, text as text and bytes as bytes. The next is read when this one is on its way."""
    async for message in websocket:
        await websocket.send(message)
