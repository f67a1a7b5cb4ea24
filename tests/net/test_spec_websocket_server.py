"""What RFC 6455 asks of a server around the frames: who gets no WebSocket, TLS, and what a close frame ends."""

from __future__ import annotations

import pytest
import trio

from tests.net.raw import connected, eventually
from tests.net.websocket_raw import HANDSHAKE, PING, close, echo, frame, opened, talking, text
from wire.net import Request, Response, Router, serving
from wire.net.tls import client_context, development_authority


async def chat(request: Request) -> Response:
    return await request.websocket(echo)


async def moved(request: Request) -> Response:
    return Response(308, fields=[("location", "/chat")])


@pytest.mark.spec("rfc6455-4-4", "rfc6455-4.2.2-4")
@pytest.mark.parametrize(("target", "status"), [("/nowhere", 404), ("/old", 308), ("/chat", 101)])
async def test_a_handshake_is_a_request_and_goes_where_its_target_leads(target: str, status: int) -> None:
    app = Router([("GET", "/chat", chat), ("GET", "/old", moved)])
    async with serving(app) as server, connected(server) as client:
        reply = await client.get(target, *HANDSHAKE)
        assert reply.status == status
        assert ("sec-websocket-accept" in reply.fields) == (status == 101)


@pytest.mark.spec("rfc6455-4.2.2-2")
async def test_on_a_tls_port_no_handshake_goes_around_tls() -> None:
    authority = development_authority()
    async with talking(echo, serve={"tls": authority.server_context}) as server:
        async with connected(server) as client:
            await client.send("\r\n".join(("GET / HTTP/1.1", "Host: test", *HANDSHAKE, "", "")).encode())
            assert b"101" not in await client.rest()
        with pytest.raises(trio.BrokenResourceError):
            async with opened(server, tls=client_context()):
                pytest.fail("the client does not know this authority")
        await eventually(lambda: not server.connections)
        async with opened(server, tls=client_context(ca_pem=authority.ca_pem)) as client:
            await client.send(text("inside"))
            assert await client.says("inside")


@pytest.mark.spec("rfc6455-5.5.2-3a", "rfc6455-5.5.1-6b")
async def test_a_ping_behind_a_close_frame_gets_no_answer() -> None:
    async with talking(echo) as server, opened(server) as client:
        await client.send(close(1000) + frame(PING, b"?") + text("!"))
        assert (await client.frame()).code == 1000
        assert await client.rest() == b""


@pytest.mark.spec("rfc6455-7.1.7-1c", "rfc6455-7.1.7-2c")
async def test_behind_a_broken_rule_even_a_close_frame_is_not_heard() -> None:
    async with talking(echo) as server, opened(server) as client:
        await client.send(frame(3) + text("!") + close(4000))
        assert (await client.frame()).code == 1002
        assert await client.rest() == b""
