"""Whatever bytes come, each connection gets answers or an end, nothing is logged as a fault, and others are served."""

from __future__ import annotations

import random
import re

import pytest
import trio

from tests.net.handlers import app
from tests.net.raw import PATIENCE, connected, eventually
from wire.net import ServerLimits, serving
from wire.net.tls import development_authority

WHOLE = (
    b"GET /hello HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nabcde\r\n0\r\nx-a: b\r\n\r\n",
    b"POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)
PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b":",
    b",",
    b"0",
    b"-1",
    b"ffffffffffffffff",
    b"chunked",
    b"close",
    b"\xff",
)


def mutated(chance: random.Random) -> bytes:
    """A few requests, some of their bytes cut out, doubled or replaced."""
    data = bytearray(b"".join(chance.choices(WHOLE, k=chance.randint(1, 4))))
    for _ in range(chance.randint(0, 4)):
        start = chance.randrange(len(data))
        end = min(len(data), start + chance.randint(0, 8))
        data[start:end] = chance.choice((b"", bytes(data[start:end]) * 2, chance.choice(PIECES), chance.randbytes(3)))
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("seed", range(8))
async def test_any_bytes(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    async with serving(app, limits=ServerLimits(close=1)) as server, connected(server) as other:

        async def say(data: bytes, cut: int) -> None:
            async with connected(server) as client:
                try:
                    await client.send(data[:cut])
                    await trio.sleep(0.005)
                    await client.send(data[cut:])
                    await client.stream.send_eof()
                    said = await client.rest()
                except trio.BrokenResourceError:
                    return  # it has been closed before all of it was said
                assert not said or re.match(rb"HTTP/1\.1 [1-5]\d\d [A-Za-z]", said), said

        with trio.fail_after(PATIENCE):
            async with trio.open_nursery() as nursery:
                for _ in range(25):
                    data = mutated(chance)
                    nursery.start_soon(say, data, chance.randint(0, len(data)))
            assert (await other.get()).status == 200
        await eventually(lambda: server.connections == 1)
    assert caplog.text == ""


async def test_who_speaks_tls_to_a_plain_port_hears_at_once_that_it_is_wrong() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # how a ClientHello begins
        assert (await client.reply()).status == 400


async def test_who_speaks_plain_http_to_a_tls_port_is_told_to_ask_with_https() -> None:
    async with serving(app, tls=development_authority().server_context) as server, connected(server) as client:
        reply = await client.get()
        assert (reply.status, reply.fields["connection"]) == (400, "close")
        assert b"https://" in reply.body
        assert await client.rest() == b""
