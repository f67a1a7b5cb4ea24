"""Servers that mean no good: each gets its error in time, and other connections of the same client go on."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import trio

from tests.net.scripted import Peer, Script, eventually, repeating, scripted, silent
from wire.errors import RemoteProtocolError
from wire.net.http1 import Client, ClientLimits, ConnectionLost, ResponseTooLarge, TimedOut, Timeouts

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
EVIL = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"


def saying(data: bytes) -> Script:
    """A server that says this and closes."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(data)

    return script


def endless(beginning: bytes, again: bytes) -> Script:
    """A server that begins, and then says the same for as long as anybody listens."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(beginning)
        while True:
            await peer.send(again)

    return script


def dripping(beginning: bytes, drop: bytes) -> Script:
    """A server that begins, and then says little, but often."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(beginning)
        while True:
            await peer.send(drop)
            await trio.sleep(0.02)

    return script


def resetting(beginning: bytes) -> Script:
    """A server that resets the connection in the middle of a response."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(beginning)
        await trio.sleep(0.05)
        assert isinstance(peer.stream, trio.SocketStream)
        peer.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))

    return script


@dataclass
class Attacked:
    """What became of a request to a hostile server."""

    error: BaseException
    seconds: float


async def attack(
    *scripts: Script, timeouts: Timeouts | None = None, limits: ClientLimits | None = None, **request: Any
) -> Attacked:
    """Ask a hostile server while a good one is being asked by the same client."""
    timeouts = timeouts or Timeouts(read=5.0)
    async with (
        scripted(*scripts) as server,
        scripted(repeating()) as good,
        Client(limits=limits) as client,
    ):
        async with client.stream("GET", good.url) as before:
            began = trio.current_time()
            try:
                await client.request(request.pop("method", "GET"), server.url, timeouts=timeouts, **request)
            except Exception as error:
                attacked = Attacked(error, trio.current_time() - began)
            assert await before.read(9) == b"ok"
        assert (await client.request("GET", good.url)).body == b"ok"
        assert good.connections == 1
        await eventually(lambda: server.closed == server.connections)
    return attacked


@pytest.mark.parametrize(
    ("script", "rule"),
    [
        pytest.param(saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "http1.status-line.version", id="not-http"),
        pytest.param(saying(b"HTTP/2.0 200 OK\r\n\r\n"), "http1.version.unsupported", id="another-version"),
        pytest.param(saying(b"HTTP/1.1 099 Low\r\n\r\n"), "http1.status-line.status", id="no-status"),
        pytest.param(
            endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "http1.response.too-many-interim", id="endless-1xx"
        ),
        pytest.param(endless(b"HTTP/1.1 200 ", b"O" * 1000), "http1.status-line.too-long", id="endless-status-line"),
        pytest.param(endless(HEAD + b"x: ", b"y" * 1000), "http1.field-line.too-long", id="endless-field-line"),
        pytest.param(endless(HEAD, b"x: y\r\n"), "http1.field-section.too-many-lines", id="endless-field-lines"),
        pytest.param(endless(HEAD, b"x: %b\r\n" % (b"y" * 9000)), "http1.field-section.too-large", id="endless-head"),
        pytest.param(endless(HEAD + b"x: y", b"\r\n y"), "http1.field-section.too-many-lines", id="endless-obs-fold"),
        pytest.param(saying(HEAD + b"x: y"), "http1.eof.in-head", id="closes-in-head"),
        pytest.param(saying(b""), "http1.eof.no-response", id="closes-at-once"),
        pytest.param(
            saying(HEAD + b"content-length: 9\r\n\r\nhalf"),
            "http1.eof.in-body",
            id="truncated-body",
            marks=pytest.mark.spec("rfc9112-6.3-9", "rfc9112-8-2"),
        ),
        pytest.param(
            saying(CHUNKED + b"9\r\nhalf"),
            "http1.eof.in-body",
            id="closes-in-chunk",
            marks=pytest.mark.spec("rfc9112-8-2"),
        ),
        pytest.param(saying(CHUNKED + b"4\r\nhalf\r\n"), "http1.eof.in-body", id="closes-between-chunks"),
        pytest.param(saying(CHUNKED + b"0\r\n"), "http1.eof.in-body", id="closes-before-trailers-end"),
        pytest.param(saying(CHUNKED + b"-1\r\n"), "http1.chunk-size.malformed", id="negative-chunk"),
        pytest.param(saying(CHUNKED + b"1" * 17 + b"\r\n"), "http1.chunk-size.overflow", id="huge-chunk"),
        pytest.param(saying(CHUNKED + b"1\r\nab\r\n"), "http1.chunk-data.no-crlf", id="chunk-too-long"),
        pytest.param(endless(CHUNKED + b"1;", b"x" * 1000), "http1.chunk-line.too-long", id="endless-chunk-extension"),
        pytest.param(
            endless(CHUNKED, b"1;%b\r\nx\r\n" % (b"y" * 1000)),
            "http1.chunk-ext.too-many",
            id="endless-chunk-extensions",
        ),
        pytest.param(
            endless(CHUNKED + b"0\r\n", b"x: y\r\n"), "http1.field-section.too-many-lines", id="endless-trailers"
        ),
        pytest.param(
            saying(CHUNKED + b"0\r\nset-cookie: evil\r\n\r\n"), "http1.trailer.forbidden", id="forbidden-trailer"
        ),
        pytest.param(saying(HEAD + b"x: a\r" + EVIL), "http1.line.bare-cr", id="response-splitting-by-bare-cr"),
        pytest.param(saying(HEAD + b"x: a\n\n" + EVIL), "http1.line.bare-lf", id="response-splitting-by-bare-lf"),
        pytest.param(
            saying(HEAD + b"content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + EVIL),
            "http1.transfer-encoding.with-content-length",
            id="response-splitting-by-two-lengths",
        ),
        pytest.param(
            saying(HEAD + b"content-length: 0\r\ncontent-length: 42\r\n\r\n" + EVIL),
            "http1.content-length.conflict",
            id="response-splitting-by-two-content-lengths",
            marks=pytest.mark.spec("rfc9112-6.3-8d"),
        ),
        pytest.param(
            saying(HEAD + b"content-length: +4\r\n\r\nevil"), "http1.content-length.malformed", id="signed-length"
        ),
        pytest.param(
            saying(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: evil\r\n\r\n"),
            "http1.switch.unasked",
            id="unasked-switch",
        ),
    ],
)
async def test_a_server_that_breaks_the_protocol(script: Script, rule: str) -> None:
    attacked = await attack(script)
    assert isinstance(attacked.error, RemoteProtocolError), repr(attacked.error)
    assert attacked.error.rule == rule


async def test_a_response_that_was_injected_behind_the_answer_answers_nothing() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(HEAD + b"content-length: 4\r\n\r\ngood" + EVIL)
        await peer.closed()

    async with scripted(script) as server, Client() as client:
        bodies = [(await client.request("GET", server.url)).body for _ in range(3)]
    assert bodies == [b"good"] * 3
    assert server.connections == 3


async def test_a_server_that_resets_the_connection() -> None:
    attacked = await attack(resetting(HEAD + b"content-length: 9\r\n\r\nhalf"))
    assert isinstance(attacked.error, ConnectionLost)


@pytest.mark.parametrize(
    ("script", "timeouts", "phase"),
    [
        pytest.param(silent, Timeouts(read=0.2), "read", id="never-answers"),
        pytest.param(dripping(b"", b"H"), Timeouts(read=0.2), "read", id="head-drips"),
        pytest.param(dripping(HEAD + b"x: ", b"y"), Timeouts(read=0.2), "read", id="field-line-drips"),
        pytest.param(dripping(CHUNKED + b"1;x=", b"y"), Timeouts(read=0.2), "read", id="chunk-extension-drips"),
        pytest.param(dripping(HEAD + b"\r\n", b"y"), Timeouts(read=0.1, total=0.3), "total", id="body-drips"),
        pytest.param(saying(b"HTTP/1.1 100 Continue\r\n\r\n"), Timeouts(total=0.2), "", id="only-promises"),
    ],
)
async def test_a_server_that_takes_its_time(script: Script, timeouts: Timeouts, phase: str) -> None:
    attacked = await attack(script, timeouts=timeouts)
    if not phase:
        assert isinstance(attacked.error, RemoteProtocolError)
        return
    assert isinstance(attacked.error, TimedOut), repr(attacked.error)
    assert attacked.error.phase == phase
    assert attacked.seconds < 2


async def test_a_server_that_never_reads() -> None:
    async def script(peer: Peer) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            await trio.sleep(1)

    attacked = await attack(script, timeouts=Timeouts(write=0.2), method="POST", body=bytes(64 << 20))
    assert isinstance(attacked.error, TimedOut)
    assert attacked.error.phase == "write"


async def test_an_upload_that_waits_for_its_source_is_not_blamed_on_the_server() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"a"
        await trio.sleep(0.3)
        yield b"b"

    async with (
        scripted(repeating_after(b"0\r\n\r\n")) as server,
        Client(timeouts=Timeouts(write=0.1, read=0.1)) as client,
    ):
        assert (await client.request("POST", server.url, body=body())).status == 200


def repeating_after(end: bytes) -> Script:
    """A server that answers when it has heard the end of a body."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.until(end)
        await peer.send(HEAD + b"content-length: 0\r\n\r\n")

    return script


async def test_a_server_that_accepts_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as stack:
        for _ in range(2):  # which fill the backlog
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        async with Client(timeouts=Timeouts(connect=0.2)) as client:
            with pytest.raises(TimedOut) as late:
                await client.request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert late.value.phase == "connect"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(endless(HEAD + b"\r\n", bytes(65536)), id="until-close"),
        pytest.param(endless(CHUNKED, b"4\r\nmore\r\n" * 4096), id="chunked"),
        pytest.param(endless(HEAD + b"content-length: 99999999999999\r\n\r\n", bytes(65536)), id="content-length"),
    ],
)
async def test_a_body_without_end(script: Script) -> None:
    attacked = await attack(script, limits=ClientLimits(body=1 << 20))
    assert isinstance(attacked.error, ResponseTooLarge)
