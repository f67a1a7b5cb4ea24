"""Handshakes that mean no good, against a server and against our client, while others are served.

What stands behind a refused one is never taken for frames, and what stands in a request's body is neither.
"""

from __future__ import annotations

import contextlib

import pytest
import trio

from tests.net.raw import Raw, connected, eventually
from tests.net.scripted import Peer, scripted
from tests.net.websocket_raw import HANDSHAKE, RawWebSocket, close, echo, talking, text
from tests.net.websocket_scripted import accepting, url_of
from tests.net.witness import witnessed
from wire.errors import RemoteProtocolError
from wire.net import ServerLimits
from wire.net.websocket.client import connect
from wire.net.websocket.opening import Refused

BEHIND = text("behind") + close(1000)


def opening(*fields: str, line: str = "GET / HTTP/1.1") -> bytes:
    return "\r\n".join((line, "Host: test", *fields, "", "")).encode()


def instead(name: str, *lines: str) -> bytes:
    """The handshake with these lines where it has the field ``name``."""
    return opening(*(line for line in HANDSHAKE if not line.startswith(name)), *lines)


KEY_LINE = next(line for line in HANDSHAKE if line.startswith("Sec-WebSocket-Key"))

REFUSED: dict[str, tuple[int, str, bytes]] = {
    "HTTP/1.0": (400, "http-version", opening(*HANDSHAKE, line="GET / HTTP/1.0")),
    "POST": (400, "method", opening(*HANDSHAKE, "Content-Length: 0", line="POST / HTTP/1.1")),
    "POST with a body": (400, "method", opening(*HANDSHAKE, "Content-Length: 5", line="POST / HTTP/1.1") + b"hello"),
    "Upgrade without Connection": (400, "connection", instead("Connection")),
    "Connection without Upgrade": (426, "upgrade", instead("Upgrade")),
    "another protocol": (426, "upgrade", instead("Upgrade", "Upgrade: websocket2, h2c")),
    "no key": (400, "key", instead("Sec-WebSocket-Key")),
    "an empty key": (400, "key", instead("Sec-WebSocket-Key", "Sec-WebSocket-Key:")),
    "a key of 15 bytes": (400, "key", instead("Sec-WebSocket-Key", "Sec-WebSocket-Key: " + "A" * 20)),
    "a key of 17 bytes": (400, "key", instead("Sec-WebSocket-Key", "Sec-WebSocket-Key: " + "A" * 22 + "A=")),
    "a key that is no base64": (400, "key", instead("Sec-WebSocket-Key", "Sec-WebSocket-Key: " + "!" * 22 + "==")),
    "two keys": (400, "key", opening(*HANDSHAKE, KEY_LINE)),
    "no version": (426, "version", instead("Sec-WebSocket-Version")),
    "version 8": (426, "version", instead("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8")),
    "version 013": (426, "version", instead("Sec-WebSocket-Version", "Sec-WebSocket-Version: 013")),
    "two versions": (426, "version", opening(*HANDSHAKE, "Sec-WebSocket-Version: 8")),
    "another site's page": (403, "origin", opening(*HANDSHAKE, "Origin: http://evil.example")),
    "a page without a site": (403, "origin", opening(*HANDSHAKE, "Origin: null")),
    "a page of two sites": (403, "origin", opening(*HANDSHAKE, "Origin: http://test", "Origin: http://evil.example")),
    "the same site's other port": (403, "origin", opening(*HANDSHAKE, "Origin: http://test:81")),
    "extensions that cannot be read": (400, "extensions", opening(*HANDSHAKE, "Sec-WebSocket-Extensions: ;=")),
    "one subprotocol twice": (400, "subprotocol", opening(*HANDSHAKE, "Sec-WebSocket-Protocol: a, a")),
}
"""What is wrong, the status that says so, the rule's name, and the request."""


@pytest.mark.parametrize("name", REFUSED)
async def test_a_handshake_is_refused_and_nothing_behind_it_is_a_frame(name: str) -> None:
    status, rule, attack = REFUSED[name]
    async with talking(echo) as server, witnessed(server), connected(server) as attacker:
        await attacker.send(attack + BEHIND)
        reply = await attacker.reply()
        assert reply.status == status
        assert f'"websocket.handshake.{rule}"'.encode() in reply.body
        if status == 426:
            assert reply.fields["sec-websocket-version"] == "13"
        rest = await attacker.rest()
        assert b"behind" not in rest
        assert b" 101 " not in rest


@pytest.mark.parametrize(
    "body",
    [
        (["Content-Length: 0"], b""),
        (["Content-Length: 5"], b"hello"),
        ([f"Content-Length: {len(text('smuggled'))}"], text("smuggled")),
        (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n"),
    ],
    ids=["empty", "text", "a frame", "chunked"],
)
async def test_a_body_is_read_before_the_protocols_are_switched(body: tuple[list[str], bytes]) -> None:
    """RFC 9110 §7.8: nothing of the new protocol comes before the end of the request."""
    fields, content = body
    async with talking(echo) as server, witnessed(server), connected(server) as client:
        await client.send(opening(*HANDSHAKE, *fields) + content + BEHIND)
        assert (await client.reply()).status == 101
        assert await client.rest() == b"\x81\x06behind\x88\x02\x03\xe8"


async def test_a_body_that_never_comes_has_its_deadline() -> None:
    limits = ServerLimits(body=0.2, sweep=0.02)
    async with talking(echo, serve={"limits": limits}) as server, witnessed(server), connected(server) as attacker:
        await attacker.send(opening(*HANDSHAKE, "Content-Length: 500") + b"not all of it")
        reply = await attacker.reply()
        assert reply.status == 408
        assert await attacker.rest() == b""


async def test_frames_in_the_same_packet_as_the_handshake_are_served() -> None:
    async with talking(echo) as server, witnessed(server), connected(server) as raw:
        client = RawWebSocket(raw.stream)
        await client.send(opening(*HANDSHAKE) + text("at once") + text("half of one")[:5])
        assert (await client.reply()).status == 101
        assert await client.says("at once")
        await client.send(text("half of one")[5:])
        assert await client.says("half of one")


async def test_slowloris() -> None:
    """A handshake that comes a byte at a time is given up; others go on."""

    async def drip(client: Raw) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            for octet in opening(*HANDSHAKE, *("X-Padding: x" for _ in range(1000))):
                await client.send(bytes([octet]))
                await trio.sleep(0.005)

    limits = ServerLimits(head=0.3, sweep=0.02, close=0.1)
    async with (
        talking(echo, serve={"limits": limits}) as server,
        witnessed(server),
        connected(server) as slow,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(drip, slow)
        assert (await slow.reply()).status == 408
        nursery.cancel_scope.cancel()


async def test_after_a_refusal_the_handshake_can_be_made_better() -> None:
    """A client that was told the version may go on with that one, on the same connection (RFC 6455 §4.4)."""
    async with talking(echo) as server, witnessed(server), connected(server) as client:
        await client.send(instead("Sec-WebSocket-Version", "Sec-WebSocket-Version: 25"))
        assert (await client.reply()).status == 426
        await client.send(opening(*HANDSHAKE) + BEHIND)
        assert (await client.reply()).status == 101
        assert await client.rest() == b"\x81\x06behind\x88\x02\x03\xe8"


ANSWERS: dict[str, tuple[str, str, list[str]]] = {
    "the accept of another key": ("accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept: " + "A" * 27 + "="]),
    "no accept": ("accept", "Sec-WebSocket-Accept", []),
    "no Upgrade": ("upgrade", "Upgrade", []),
    "another protocol": ("upgrade", "Upgrade", ["Upgrade: h2c"]),
    "no Connection": ("connection", "Connection", []),
    "a subprotocol that was not offered": ("subprotocol", "", ["Sec-WebSocket-Protocol: x"]),
    "an extension that was not offered": ("extensions", "", ["Sec-WebSocket-Extensions: x"]),
    "a window of 16 bits": (
        "extensions",
        "",
        ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16"],
    ),
    "compression twice": ("extensions", "", ["Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"]),
}
"""What is wrong with a server's answer, the rule's name, the field that is left out, and those that come to it."""


@pytest.mark.parametrize("name", ANSWERS)
async def test_our_client_refuses_an_answer_and_its_other_connections_go_on(name: str) -> None:
    rule, left_out, more = ANSWERS[name]
    said: list[bytes] = []

    async def script(peer: Peer) -> None:
        lines = accepting(await peer.head()).decode().removesuffix("\r\n\r\n").split("\r\n")
        kept = [line for line in lines if line.partition(":")[0] != left_out]
        await peer.send("\r\n".join((*kept, *more, "", "")).encode() + b"\x81\x06behind")
        said.append(await peer.closed())

    async with (
        talking(echo) as honest,
        connect(honest.url.replace("http", "ws")) as other,
        scripted(script) as attacker,
    ):
        with pytest.raises(RemoteProtocolError) as failed:
            async with connect(url_of(attacker)):
                pytest.fail("this is no WebSocket")
        await eventually(lambda: said)
        await other.send("still there?")
        assert await other.receive() == "still there?"
    assert failed.value.rule == f"websocket.response.{rule}"
    assert said == [b""]


async def test_our_client_takes_a_200_with_frames_behind_it_for_a_refusal() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\x81\x06behind")
        await peer.closed()

    async with scripted(script) as attacker:
        with pytest.raises(Refused, match="200"):
            async with connect(url_of(attacker)):
                pytest.fail("this is no WebSocket")
