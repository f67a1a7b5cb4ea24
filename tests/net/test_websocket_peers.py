"""WebSockets with those that nobody here wrote: websockets (its command, clients and servers), trio-websocket, curl.

Both sides of each conversation are asked what they heard, what was agreed on, and how it ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial

import pytest
import trio

from tests.net.raw import PATIENCE, eventually
from tests.net.websocket_peers import (
    BYE,
    BYE_CODE,
    BYE_REASON,
    CLIENTS,
    MOST,
    SERVERS,
    Message,
    Outcome,
    Wanted,
    trio_websocket_client,
)
from tests.net.websocket_raw import HANDSHAKE, talking
from wire.net import Server
from wire.net.websocket import ConnectionClosed, Options, WebSocket
from wire.net.websocket.client import connect
from wire.websocket import Deflate, Limits
from wire.websocket.extensions import DeflateOffer

LIMITS = Limits(frame=MOST, message=MOST)

MESSAGES: list[Message] = [
    "grüße, 🐍",
    b"\x00\xff",
    "",
    b"",
    "x" * 125,
    "x" * 126,
    b"y" * 65535,
    b"y" * 65536,
    "the same again and again. " * 50_000,
    "the same again and again. " * 50_000,
    bytes(range(256)) * 8192,
]


@contextlib.asynccontextmanager
async def echoing(ends: list[ConnectionClosed], *, deflate: Deflate | None = None) -> AsyncIterator[Server]:
    """Our server: it echoes, closes where it is asked to, and notes how its peers leave."""

    async def talk(socket: WebSocket) -> None:
        try:
            while (message := await socket.receive()) != BYE:
                await socket.send(message)
        except ConnectionClosed as closed:
            ends.append(closed)
        else:
            await socket.close(BYE_CODE, BYE_REASON)

    async with talking(talk, deflate=deflate, limits=LIMITS) as server:
        yield server


def url_of(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/"


def check(outcome: Outcome, wanted: Wanted, ends: list[ConnectionClosed]) -> None:
    """Both sides know how it ended."""
    if wanted.code is None:
        assert (outcome.code, outcome.reason) == (BYE_CODE, BYE_REASON)
        assert ends == []
    else:
        assert outcome.code == wanted.code
        assert [(end.code, end.reason) for end in ends] == [(wanted.code, "done")]


@pytest.mark.parametrize("code", [None, 1000, 3999])
@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_of_websockets(name: str, deflate: bool, code: int | None) -> None:
    ends: list[ConnectionClosed] = []
    wanted = Wanted(MESSAGES, deflate, code)
    async with echoing(ends, deflate=Deflate()) as server:
        outcome = await trio.to_thread.run_sync(CLIENTS[name], url_of(server), wanted)
        await eventually(lambda: not server.connections)
    assert outcome.echoes == [*MESSAGES, "in three fragments"]
    assert outcome.extensions.startswith("permessage-deflate") == deflate
    check(outcome, wanted, ends)


@pytest.mark.parametrize("code", [None, 1000, 3999])
async def test_a_client_of_trio_websocket(code: int | None) -> None:
    ends: list[ConnectionClosed] = []
    wanted = Wanted(MESSAGES, deflate=False, code=code)
    async with echoing(ends, deflate=Deflate()) as server:
        outcome = await trio_websocket_client(url_of(server), wanted)
        await eventually(lambda: not server.connections)
    assert outcome.echoes == MESSAGES
    check(outcome, wanted, ends)


@pytest.mark.parametrize("asked", [True, False], ids=["they close", "we close"])
@pytest.mark.parametrize(
    "offer",
    [None, DeflateOffer(), DeflateOffer(server_no_context_takeover=True, client_no_context_takeover=True)],
    ids=["no deflate", "deflate", "deflate without context"],
)
@pytest.mark.parametrize("name", SERVERS)
async def test_a_server(name: str, offer: DeflateOffer | None, asked: bool) -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ("in ", "three ", "fragments"):
            yield piece

    async with SERVERS[name](offer is not None) as url, connect(url, deflate=offer, limits=LIMITS) as socket:
        assert (socket.deflate is not None) == (offer is not None and name != "trio-websocket")
        with trio.fail_after(PATIENCE * 3):
            for message in MESSAGES:
                await socket.send(message)
                assert await socket.receive() == message
            assert await socket.ping() >= 0
            await socket.send_pieces(pieces())
            assert await socket.receive() == "in three fragments"
            if asked:
                await socket.send(BYE)
                with pytest.raises(ConnectionClosed) as closed:
                    await socket.receive()
                assert (closed.value.code, closed.value.reason) == (BYE_CODE, BYE_REASON)
            else:
                await socket.close(3999, "done")
                assert socket.close_code == 3999


async def test_the_command_of_websockets() -> None:
    """Lines that are typed come back; the end of its input closes."""
    ends: list[ConnectionClosed] = []
    async with echoing(ends, deflate=Deflate()) as server:
        command = [sys.executable, "-m", "websockets", url_of(server)]
        async with trio.open_nursery() as nursery:
            run = partial(trio.run_process, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=no_proxy())
            process: trio.Process = await nursery.start(run)
            assert process.stdin is not None
            assert process.stdout is not None
            said = b""
            with trio.fail_after(PATIENCE * 3):
                for line in ("hello", "grüße"):
                    await process.stdin.send_all(f"{line}\n".encode())
                    while f"< {line}".encode() not in said:
                        said += await process.stdout.receive_some()
                await process.stdin.aclose()
                async for more in process.stdout:
                    said += more
    assert f"Connected to {url_of(server)}".encode() in said
    assert b"Connection closed: 1000" in said
    assert [end.code for end in ends] == [1000]


def no_proxy() -> dict[str, str]:
    return {**os.environ, "NO_PROXY": "*", "PYTHONIOENCODING": "utf-8"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (apt install curl)")
async def test_curl_shows_the_handshake_and_the_frames() -> None:
    """As people try it by hand, with the fields of RFC 6455 §1.3."""

    async def talk(socket: WebSocket) -> None:
        await socket.send("hello")

    async with talking(talk, options=Options(close_timeout=0.2)) as server:
        fields = [part for line in HANDSHAKE for part in ("-H", line)]
        command = ["curl", "-sS", "-i", "-N", "--noproxy", "*", "--max-time", "20", *fields, server.url]
        done = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)
    assert done.stdout.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in done.stdout
    assert done.stdout.endswith(b"\r\n\r\n\x81\x05hello\x88\x02\x03\xe8")
