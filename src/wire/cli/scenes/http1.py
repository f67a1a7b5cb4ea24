"""HTTP/1.1 on tour: what a server and a client say to each other, from a plain GET to an attack."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Iterable

from wire.cli.scenes.stage import HOST, Part, Scene, Stage
from wire.explain.http1 import explain_both
from wire.net import Request, Response, Router
from wire.net.fields import FieldLine
from wire.net.http1 import OutgoingRequest
from wire.samples.echo import echo
from wire.samples.hello import hello

_HOST: FieldLine = ("host", HOST)


async def countdown(_request: Request) -> Response:
    """Count down in three chunks, and say behind them what they add up to."""
    digest = hashlib.sha256()

    async def body() -> AsyncIterator[bytes]:
        for line in (b"three\n", b"two\n", b"one\n"):
            digest.update(line)
            yield line

    def trailers() -> Iterable[FieldLine]:
        value = base64.b64encode(digest.digest()).decode("ascii")
        return [("content-digest", f"sha-256=:{value}:")]

    fields: list[FieldLine] = [("content-type", "text/plain"), ("trailer", "content-digest")]
    return Response(200, body(), fields, trailers=trailers)


async def get(stage: Stage) -> None:
    """One request, one response."""
    async with stage.client() as client:
        await client.request("GET", stage.url("/hello"), fields=[_HOST])


async def chunked(stage: Stage) -> None:
    """A response whose length nobody knows when it begins."""
    async with stage.client() as client:
        fields: list[FieldLine] = [_HOST, ("connection", "te"), ("te", "trailers")]
        await client.request("GET", stage.url("/countdown"), fields=fields)


async def keep_alive(stage: Stage) -> None:
    """Two exchanges, one after the other, over one connection."""
    async with stage.client() as client:
        await client.request("GET", stage.url("/hello"), fields=[_HOST])
        await client.request("HEAD", stage.url("/hello"), fields=[_HOST])


async def pipeline(stage: Stage) -> None:
    """Two requests before the first response."""
    async with stage.client() as client:
        paths = ("/hello", "/nowhere")
        await client.pipeline([OutgoingRequest("GET", stage.url(path), [_HOST]) for path in paths])


async def upload(stage: Stage) -> None:
    """A body that waits until it is wanted."""
    async with stage.client() as client:
        fields: list[FieldLine] = [_HOST, ("content-type", "text/plain")]
        await client.request("POST", stage.url("/echo"), fields=fields, body=b"Is this wanted?", expect_continue=True)


async def smuggling(stage: Stage) -> None:
    """One request that two servers would read as different ones. Our own client refuses to write it."""
    hidden = f"GET /admin HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    body = f"0\r\n\r\n{hidden}"
    head = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    await stage.raw(f"{head}{body}".encode("ascii"))


SCENE = Scene(
    title="HTTP/1.1",
    text="A real client and a real server talk over loopback. Every byte that they write stands on the left, what it "
    "means on the right, with the section that says so.",
    handler=Router([("GET", "/hello", hello), ("GET", "/countdown", countdown), ("POST", "/echo", echo)]),
    explainer=explain_both,
    parts=(
        Part(
            "get",
            "A GET",
            "The client opens a TCP connection and writes a head: a request-line, field lines, and an empty line that "
            "ends it. The server answers with a head of the same shape and a body. Content-Length says how many bytes "
            "the body has, for nothing marks its end.",
            get,
        ),
        Part(
            "chunked",
            "A response in chunks, with trailers",
            "The server begins to answer before it knows how long the answer will be. So it sends the body in chunks, "
            "each with its size before it in hexadecimal, and a chunk of size 0 ends it. What it knows only then, such "
            "as a checksum, follows in trailer fields, which the client has said it would keep (TE: trailers).",
            chunked,
        ),
        Part(
            "keep-alive",
            "A second request over the same connection",
            "Since both sides know where each message ends, the connection can stay open for the next one, and nobody "
            "pays for another handshake. The second request is a HEAD: its response says how long the content would "
            "be, but brings none of it.",
            keep_alive,
        ),
        Part(
            "pipeline",
            "Two requests at once",
            "A client may send the next request before it has seen the answer to the last. The server answers them in "
            "the order in which they came; that is the only thing that tells the answers apart. Here nothing is found "
            "for the second one.",
            pipeline,
        ),
        Part(
            "continue",
            "An upload that asks first",
            "The body of an upload may be large, and the server may not want it. With Expect: 100-continue the client "
            "sends the head alone and waits. The server says 100, then the body follows, and then comes the final "
            "response.",
            upload,
        ),
        Part(
            "smuggling",
            "A smuggling attempt, and its rejection",
            "This head says two things about where the body ends: Content-Length covers all that follows, while in "
            "chunks the body is empty, and a second request for /admin lies behind it. If a proxy went by the one and "
            "the server behind it by the other, that request would slip past the proxy's checks. So the server refuses "
            "to guess: it answers 400 and closes, and does not read on.",
            smuggling,
        ),
    ),
)
