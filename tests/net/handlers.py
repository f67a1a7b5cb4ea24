"""Handlers that the server's tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

from wire.net import Request, Response, Router


async def hello(request: Request) -> Response:
    return Response.text("Hello, world!")


async def echo(request: Request) -> Response:
    return Response(body=request.body, fields=[("content-type", request.field("content-type") or "text/plain")])


async def length(request: Request) -> Response:
    """Read at most 1,000 bytes; answer how many there were."""
    return Response.text(str(len(await request.read(1000))))


async def ignore(request: Request) -> Response:
    """Answer without a look at the body."""
    return Response.text("ignored")


async def broken(request: Request) -> Response:
    raise RuntimeError("the secret of this house")


async def numbers() -> AsyncIterator[bytes]:
    for number in (b"one", b"two", b"three"):
        yield number


async def count(request: Request) -> Response:
    return Response(body=numbers(), fields=[("trailer", "x-count")], trailers=lambda: [("x-count", "3")])


async def half(request: Request) -> Response:
    """Begin to answer, and fail."""

    async def body() -> AsyncIterator[bytes]:
        yield b"half of it"
        raise RuntimeError("the other half")

    return Response(body=body())


app = Router(
    [
        ("GET", "/hello", hello),
        ("POST", "/echo", echo),
        ("POST", "/length", length),
        ("POST", "/ignore", ignore),
        ("GET", "/broken", broken),
        ("GET", "/count", count),
        ("GET", "/half", half),
    ]
)
