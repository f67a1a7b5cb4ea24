"""Servers that mean no good to a WebSocket client: each gets its error in time, and other connections go on."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
import trio

from tests.net.raw import eventually
from tests.net.scripted import PATIENCE, Peer, Script, scripted, silent
from tests.net.websocket_raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame
from tests.net.websocket_scripted import accepting, heard, opened, unmasked, url_of
from wire.errors import RemoteProtocolError
from wire.net.client.errors import ClientError, ConnectionLost, TimedOut
from wire.net.client.timeouts import Timeouts
from wire.net.websocket import ConnectionClosed, Options, Refused, WebSocket, connect
from wire.net.websocket.links import NoLink
from wire.websocket import Close, Connection, Limits, Pong, Role, Text

HURRIED = Options(close_timeout=0.3)
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


async def echo(peer: Peer) -> None:
    await opened(peer)
    while (said := await heard(peer)).opcode != CLOSE:
        await peer.send(unmasked(said.opcode, said.payload))
    await peer.send(unmasked(CLOSE, said.payload))


async def attack(script: Script, **how: Any) -> Exception:
    """What a user hears who connects to a hostile server and listens, while a good one is talked to."""
    heard_of: list[Exception] = []
    async with scripted(script) as server, scripted(echo) as good, connect(url_of(good)) as before:
        with trio.fail_after(PATIENCE):
            try:
                async with connect(url_of(server), **{"options": HURRIED, **how}) as socket:
                    while True:
                        await socket.receive()
            except (ClientError, RemoteProtocolError, ConnectionClosed) as error:
                heard_of.append(error)
        await before.send("still there")
        assert await before.receive() == "still there"
        await eventually(lambda: server.closed == server.connections)
    return heard_of[0]


def saying(data: bytes) -> Script:
    """A server that answers a request so, whatever it asks."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(data)
        await peer.closed()

    return script


def endless(beginning: bytes, again: bytes) -> Script:
    """A server that goes on and on instead of switching."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(beginning)
        while True:
            await peer.send(again)

    return script


@pytest.mark.parametrize(
    ("script", "rule"),
    [
        pytest.param(saying(SWITCH + b"\r\n"), "websocket.response.accept", id="no-accept"),
        pytest.param(
            saying(SWITCH + b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
            "websocket.response.accept",
            id="accept-of-another-key",
        ),
        pytest.param(
            saying(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n"),
            "websocket.response.upgrade",
            id="no-upgrade",
        ),
        pytest.param(
            saying(b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
            "websocket.response.upgrade",
            id="another-protocol",
        ),
        pytest.param(
            saying(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"), "websocket.response.connection", id="no-connection"
        ),
        pytest.param(saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "http1.status-line.version", id="not-http"),
        pytest.param(saying(unmasked(TEXT, b"hi\r\n\r\n")), "http1.status-line.version", id="frames-at-once"),
        pytest.param(
            endless(b"HTTP/1.1 101 ", b"x" * 1000), "http1.status-line.too-long", id="endless-status-line"
        ),
        pytest.param(endless(SWITCH, b"x: y\r\n"), "http1.field-section.too-many-lines", id="endless-field-lines"),
        pytest.param(endless(SWITCH, b"x: %b\r\n" % (b"y" * 9000)), "http1.field-section.too-large", id="huge-head"),
        pytest.param(
            endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "http1.response.too-many-interim", id="endless-1xx"
        ),
    ],
)  # fmt: skip
async def test_a_handshake_that_is_none(script: Script, rule: str) -> None:
    error = await attack(script)
    assert isinstance(error, RemoteProtocolError)
    assert error.rule == rule


async def test_a_server_that_closes_instead_of_answering() -> None:
    error = await attack(Peer.head)
    assert isinstance(error, RemoteProtocolError)
    assert error.rule == "http1.eof.no-response"


async def test_a_server_that_resets_instead_of_answering() -> None:
    async def reset(peer: Peer) -> None:
        await peer.head()
        assert isinstance(peer.stream, trio.SocketStream)
        peer.stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert isinstance(await attack(reset), ConnectionLost)


async def test_a_server_that_says_nothing() -> None:
    error = await attack(silent, timeouts=Timeouts(read=0.2))
    assert isinstance(error, TimedOut)


async def test_a_head_that_comes_byte_by_byte_gains_no_time_by_it() -> None:
    async def drip(peer: Peer) -> None:
        for byte in accepting(await peer.head(), "X: " + "y" * 5000):
            await peer.send(bytes([byte]))
            await trio.sleep(0.02)

    error = await attack(drip, timeouts=Timeouts(read=0.3))
    assert isinstance(error, TimedOut)


async def test_a_page_instead_of_a_websocket() -> None:
    error = await attack(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"))
    assert isinstance(error, Refused)
    assert error.response.body == b"<html>"


def switching(data: bytes, *fields: str) -> Script:
    """A server that switches and says this in the same write."""

    async def script(peer: Peer) -> None:
        await peer.send(accepting(await peer.head(), *fields) + data)
        await peer.closed()

    return script


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
LONG = struct.pack("!BBQ", 0x82, 127, 1 << 62)
TOO_LONG = struct.pack("!BBQ", 0x82, 127, 1 << 63)


def bomb() -> bytes:
    """64 MiB of nothing, compressed (RFC 7692 §7.2.1)."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(bytes(64 << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return frame(BINARY, data[:-4], rsv=0x40, key=None)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(switching(frame(TEXT, b"masked")), 1002, id="masked-frame"),
        pytest.param(switching(b"HTTP/1.1 200 OK\r\n\r\n"), 1002, id="garbage-behind-101"),
        pytest.param(switching(unmasked(0xB)), 1002, id="unknown-opcode"),
        pytest.param(switching(frame(TEXT, b"x", rsv=0x40, key=None)), 1002, id="compressed-though-not-agreed-on"),
        pytest.param(switching(unmasked(CONTINUATION, b"of what")), 1002, id="continuation-of-nothing"),
        pytest.param(switching(frame(PING, b"", fin=False, key=None)), 1002, id="fragmented-ping"),
        pytest.param(switching(b"\x89\x7e\x00\x7e" + bytes(126)), 1002, id="long-ping"),
        pytest.param(switching(TOO_LONG), 1002, id="length-2-to-63"),
        pytest.param(switching(LONG), 1009, id="length-2-to-62"),
        pytest.param(switching(b"\x82\x7e\x00\x01x"), 1002, id="length-not-minimal"),
        pytest.param(switching(unmasked(TEXT, b"\xce\xba\xed\xa0\x80")), 1007, id="invalid-utf-8"),
        pytest.param(switching(frame(TEXT, b"\xf4\x90", fin=False, key=None)), 1007, id="utf-8-that-cannot-be"),
        pytest.param(switching(unmasked(CLOSE, b"\x03\xed")), 1002, id="close-1005-on-the-wire"),
        pytest.param(switching(unmasked(CLOSE, b"\x03\xee")), 1002, id="close-1006-on-the-wire"),
        pytest.param(switching(unmasked(CLOSE, b"\x03\xf7")), 1002, id="close-1015-on-the-wire"),
        pytest.param(switching(unmasked(CLOSE, b"\x03")), 1002, id="half-a-code"),
        pytest.param(switching(unmasked(CLOSE, b"\x03\xe8\xff")), 1007, id="reason-not-utf-8"),
        pytest.param(
            switching(frame(TEXT, b"", fin=False, key=None) + frame(CONTINUATION, b"", fin=False, key=None) * 5000),
            1009,
            id="empty-fragments",
        ),
        pytest.param(switching(bomb(), DEFLATE), 1009, id="deflate-bomb"),
        pytest.param(switching(frame(TEXT, b"\xff" * 8, rsv=0x40, key=None), DEFLATE), 1007, id="no-deflate-data"),
    ],
)  # fmt: skip
async def test_frames_that_break_a_rule(script: Script, code: int) -> None:
    error = await attack(script)
    assert isinstance(error, ConnectionClosed)
    assert error.code == code
    assert error.error is not None


async def test_the_server_is_told_which_rule_it_broke() -> None:
    codes: list[int] = []

    async def script(peer: Peer) -> None:
        await opened(peer)
        await peer.send(frame(TEXT, b"masked"))
        codes.append((await heard(peer)).code)
        await peer.closed()

    await attack(script)
    assert codes == [1002]


async def test_a_server_that_vanishes_inside_a_frame() -> None:
    async def script(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"half")[:4])

    error = await attack(script)
    assert isinstance(error, ConnectionClosed)
    assert error.code == 1006


async def test_a_server_that_falls_silent_is_noticed_by_its_missing_pong() -> None:
    async def script(peer: Peer) -> None:
        await opened(peer)
        await peer.closed()

    error = await attack(script, options=Options(ping_interval=0.1, ping_timeout=0.2, close_timeout=0.3))
    assert isinstance(error, ConnectionClosed)
    assert (error.code, error.reason) == (1006, "the peer does not answer")


async def test_pings_without_end_are_answered_and_cost_nothing() -> None:
    pongs: list[bytes] = []

    async def flood(peer: Peer) -> None:
        await opened(peer)
        await peer.send(b"".join(unmasked(PING, b"%d" % number) for number in range(20_000)))
        await peer.send(unmasked(TEXT, b"done"))
        while (said := await heard(peer)).opcode == PONG:
            pongs.append(said.payload)
        assert (said.opcode, said.code) == (CLOSE, 1000)
        await peer.send(unmasked(CLOSE, said.payload))

    async with scripted(flood) as server, connect(url_of(server), options=Options(close_timeout=PATIENCE)) as socket:
        assert await socket.receive() == "done"
    assert pongs[-1] == b"19999"
    assert pongs == sorted(pongs, key=int)


async def test_a_server_that_goes_on_talking_after_its_close_does_not_hold_the_client() -> None:
    async def script(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(CLOSE, b"\x03\xe8"))
        while True:
            await peer.send(unmasked(BINARY, bytes(60_000)))

    error = await attack(script)
    assert isinstance(error, ConnectionClosed)
    assert error.code == 1000


async def send_on_and_on(socket: WebSocket) -> None:
    while True:
        await socket.send(bytes(1 << 20))


async def test_a_server_that_does_not_read_does_not_hold_the_client() -> None:
    async def script(peer: Peer) -> None:
        await opened(peer)
        await trio.sleep_forever()

    options = Options(write_timeout=0.3, close_timeout=0.3, send_queue=1000)
    async with scripted(script) as server:
        with trio.fail_after(PATIENCE):
            async with connect(url_of(server), options=options, deflate=None) as socket:
                with pytest.raises(ConnectionClosed) as closed:
                    await send_on_and_on(socket)
    assert (closed.value.code, closed.value.reason) == (1006, "the peer does not read")


async def test_messages_that_nobody_receives_hold_up_the_server() -> None:
    sent = 0

    async def flood(peer: Peer) -> None:
        nonlocal sent
        await opened(peer)
        while True:
            await peer.send(unmasked(BINARY, bytes(60_000)))
            sent += 1

    options = Options(receive_queue=4, close_timeout=0.3)
    async with scripted(flood) as server:
        with trio.fail_after(PATIENCE):
            async with connect(url_of(server), options=options, limits=Limits()) as socket:
                await socket.receive()
                before = -1
                while before < sent:  # until the buffers of the kernel are full
                    before = sent
                    await trio.sleep(0.3)
                assert sent < 2000


class Full(NoLink):
    """A connection whose socket takes nothing."""

    def send_now(self, data: bytes | memoryview) -> int:
        return 0


@pytest.mark.spec("rfc6455-5.5.2-3a")
async def test_a_pong_that_is_owed_comes_before_the_close() -> None:
    session = WebSocket(Connection(Role.CLIENT), Options())
    session.begin(Full())
    await session.send("in the way")
    session.feed(unmasked(PING, b"1") + unmasked(PING, b"2"))
    with trio.move_on_after(0):
        await session.close()
    waiting = b""
    while session.outbox.size:
        piece = bytes(session.outbox.next_piece())
        session.outbox.taken(len(piece))
        waiting += piece
    said = list(Connection(Role.SERVER).receive(waiting))
    assert said == [Text("in the way"), Pong(b"2"), Close(1000)]
