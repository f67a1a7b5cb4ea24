"""A handler that takes a WebSocket: the opening handshake as a server answers it, limits, the log, and wss."""

from __future__ import annotations

import json

import pytest
from websockets.trio.client import connect

from tests.net.raw import connected, eventually
from tests.net.websocket_raw import (
    BINARY,
    HANDSHAKE,
    close,
    echo,
    frame,
    opened,
    talking,
    text,
)
from wire.net import Request, Response, Router, serving
from wire.net.server.access_log import Entry
from wire.net.tls import client_context, development_authority
from wire.websocket import Deflate, Limits


def without(name: str, *instead: str) -> list[str]:
    return [line for line in HANDSHAKE if not line.startswith(name)] + list(instead)


REFUSED = {
    "no upgrade": (without("Upgrade"), 426),
    "another upgrade": (without("Upgrade", "Upgrade: h2c"), 426),
    "no connection option": (without("Connection"), 400),
    "no version": (without("Sec-WebSocket-Version"), 426),
    "version 8": (without("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), 426),
    "no key": (without("Sec-WebSocket-Key"), 400),
    "short key": (without("Sec-WebSocket-Key", "Sec-WebSocket-Key: c2hvcnQ="), 400),
    "foreign origin": ([*HANDSHAKE, "Origin: http://elsewhere.example"], 403),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_handshake_that_is_none_is_refused_with_the_status_that_says_why(name: str) -> None:
    fields, status = REFUSED[name]
    async with talking(echo) as server, connected(server) as client:
        reply = await client.get("/", *fields)
        assert reply.status == status
        assert json.loads(reply.body)["rule"].startswith("websocket.handshake.")
        if status == 426:
            assert reply.fields["sec-websocket-version"] == "13"
            assert reply.fields["upgrade"] == "websocket"
            assert reply.fields["connection"].lower().split(", ")[0] == "upgrade"


async def test_the_answer_proves_that_the_key_was_read() -> None:
    async with talking(echo, fields=[("x-room", "7")]) as server, connected(server) as client:
        reply = await client.get("/", *HANDSHAKE)
        assert reply.status == 101
        assert reply.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert reply.fields["x-room"] == "7"


@pytest.mark.parametrize(
    ("origins", "origin", "status"),
    [
        (None, "http://test", 101),
        (None, "https://test", 403),
        (("https://a.example",), "https://a.example", 101),
        (("https://a.example",), "http://test", 403),
        (("*",), "http://anywhere", 101),
    ],
)
async def test_pages_may_connect_from_where_the_handler_says(
    origins: tuple[str, ...] | None, origin: str, status: int
) -> None:
    async with talking(echo, origins=origins) as server, connected(server) as client:
        assert (await client.get("/", *HANDSHAKE, f"Origin: {origin}")).status == status


@pytest.mark.spec("rfc6455-5.5.1-5b", "rfc6455-5.5.1-6b", "rfc6455-7.1.1-2a", "rfc6455-7.1.1-2c")
async def test_a_websocket_stands_beside_other_routes_and_frames_may_come_with_the_request() -> None:
    async def handler(request: Request) -> Response:
        return await request.websocket(echo)

    async def hello(request: Request) -> Response:
        return Response.text("hello")

    app = Router([("GET", "/ws", handler), ("GET", "/hello", hello)])
    async with serving(app) as server:
        async with connected(server) as client:
            assert (await client.get("/hello")).body == b"hello"
            head = "\r\n".join(("GET /ws HTTP/1.1", "Host: test", *HANDSHAKE, "", "")).encode()
            await client.send(head + text("at once") + close(1000))
            assert (await client.reply()).status == 101
            assert await client.rest() == b"\x81\x07at once\x88\x02\x03\xe8"
        async with connected(server) as client:
            assert (await client.get("/ws", method="HEAD")).status == 400


async def test_an_entry_of_the_access_log_tells_of_the_whole_session() -> None:
    entries: list[Entry] = []
    async with talking(echo, serve={"access_log": entries.append}) as server, opened(server, "/x") as client:
        await client.send(text("a"))
        assert await client.says("a")
        assert not entries
        await client.send(close(1000))
        await eventually(lambda: entries)
    assert [(entry.status, entry.target) for entry in entries] == [(101, "/x")]


@pytest.mark.spec("rfc6455-10.6-1a", "rfc6455-4.2.2-2")
@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_wss(compression: str | None) -> None:
    authority = development_authority()
    messages: list[str | bytes] = ["text", b"binary" * 1000, "x" * 300_000, ""]
    async with talking(echo, deflate=Deflate(), serve={"tls": authority.server_context}) as server:
        url = f"wss://localhost:{server.port}/"
        async with connect(url, ssl=client_context(ca_pem=authority.ca_pem), compression=compression) as client:
            for message in messages:
                await client.send(message)
            for message in messages:
                assert await client.recv() == message
            await client.aclose(4000, "done")
        assert client.close_code == 4000
        await eventually(lambda: not server.connections)


async def test_a_message_that_is_too_large_is_1009() -> None:
    async with talking(echo, limits=Limits(message=1000)) as server, opened(server) as client:
        await client.send(frame(BINARY, bytes(1000)) + frame(BINARY, bytes(1001)))
        assert await client.says(bytes(1000))
        assert (await client.frame()).code == 1009
