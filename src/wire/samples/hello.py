"""The smallest handler: a request comes in, a response goes out."""

from __future__ import annotations

from wire.net.messages import Request, Response


async def hello(request: Request) -> Response:
    """Greet in text/plain; a body of bytes is sent with its Content-Length."""
    return Response.text("Hello, world!")
