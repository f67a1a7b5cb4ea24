"""Requests that two servers would read differently are refused over the socket, while other clients go on.

The codec's tests have every class of them; here it counts that nothing hidden behind one is ever answered.
"""

from __future__ import annotations

import pytest

from tests.net.handlers import app
from tests.net.raw import connected
from wire.net import Request, Response, serving

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

POST = b"POST /length HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"

ATTACKS = {
    "CL.TE": (400, POST + b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "TE.CL": (400, CHUNKED + b"Content-Length: 4\r\n\r\n5c\r\n"),
    "TE.TE": (501, POST + b"Transfer-Encoding: xchunked, chunked\r\n\r\n0\r\n\r\n"),
    "TE.TE by a space": (400, POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 3\r\nContent-Length: 0\r\n\r\n"),
    "signed length": (400, POST + b"Content-Length: +3\r\n\r\n"),
    "bare LF": (400, POST + b"X: y\nContent-Length: 3\r\n\r\n"),
    "folded length": (400, POST + b"X: y\r\n Content-Length: 3\r\n\r\n"),
    "two hosts": (400, POST + b"Host: b\r\n\r\n"),
    "no host": (400, b"GET /length HTTP/1.1\r\n\r\n"),
    "chunk-size 0x": (400, CHUNKED + b"\r\n0x3\r\nabc\r\n0\r\n\r\n"),
    "no CRLF after a chunk": (400, CHUNKED + b"\r\n3\r\nabcd\r\n0\r\n\r\n"),
    "chunked in HTTP/1.0": (400, CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.spec("rfc9112-2.2-9", "rfc9112-6.1-15b", "rfc9112-6.3-8b", "rfc9112-6.3-7", "rfc9112-6.1-16")
async def test_what_is_hidden_behind_it_is_not_answered(name: str) -> None:
    status, attack = ATTACKS[name]
    served: list[str] = []

    async def handler(request: Request) -> Response:
        served.append(request.path)
        return await app(request)

    async with serving(handler) as server, connected(server) as other, connected(server) as attacker:
        assert (await other.get()).status == 200
        await attacker.send(attack + HIDDEN)
        reply = await attacker.reply()
        assert (reply.status, reply.fields["connection"]) == (status, "close")
        assert await attacker.rest() == b""
        assert (await other.get()).status == 200
    assert "/hidden" not in served


async def test_cl_0() -> None:
    """CL.0: a body sent to a handler that expects none stays a body, and is never taken for the next request."""
    served: list[str] = []

    async def handler(request: Request) -> Response:
        served.append(request.path)
        return Response.text("no body wanted")

    async with serving(handler) as server, connected(server) as client:
        await client.send(b"GET /first HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
        assert (await client.reply()).status == 200
        assert (await client.get("/second")).status == 200
    assert served == ["/first", "/second"]
