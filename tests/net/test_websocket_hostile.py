"""Peers that break the rules of frames, on either side: each hears its close code, and everybody else is served on."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable

import pytest
import trio

from tests.net.raw import eventually
from tests.net.scripted import Peer, scripted
from tests.net.websocket_raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    KEY,
    PING,
    PONG,
    TEXT,
    echo,
    frame,
    opened,
    talking,
    text,
)
from tests.net.websocket_scripted import heard, unmasked, url_of
from tests.net.websocket_scripted import opened as accept
from tests.net.witness import witnessed
from wire.net.websocket import ConnectionClosed, Options, WebSocket
from wire.net.websocket.client import connect
from wire.websocket import RULES, Limits

LIMITS = Limits(frame=1 << 16, message=1 << 17, frames=100)

Piece = Callable[[bytes | None], bytes]
"""Some bytes, as they are with a masking key and without."""


def part(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> Piece:
    return lambda key: frame(opcode, payload, fin=fin, rsv=rsv, key=key)


def header(first: int, length: int, form: str = "!Q") -> Piece:
    """A frame of which only the header comes."""
    short = 127 if form == "!Q" else 126
    return lambda key: bytes((first, (0x80 if key else 0) | short)) + struct.pack(form, length) + (key or b"")


def closing(code: int, reason: bytes = b"") -> Piece:
    return part(CLOSE, struct.pack("!H", code) + reason)


HOSTILE: dict[str, tuple[str, int, list[Piece]]] = {
    "a length of 2^63": ("frame.length-too-large", 1002, [header(0x82, 1 << 63)]),
    "a length of 2^64 - 1": ("frame.length-too-large", 1002, [header(0x82, (1 << 64) - 1)]),
    "a length of 2^63 - 1": ("frame.too-big", 1009, [header(0x82, (1 << 63) - 1)]),
    "a length in eight bytes that fits into two": ("frame.length-not-minimal", 1002, [header(0x82, 65535)]),
    "a length in two bytes that fits into one": ("frame.length-not-minimal", 1002, [header(0x82, 125, "!H")]),
    "a ping in fragments": ("control.fragmented", 1002, [part(PING, fin=False)]),
    "a pong in fragments": ("control.fragmented", 1002, [part(PONG, fin=False)]),
    "a close in fragments": ("control.fragmented", 1002, [part(CLOSE, fin=False)]),
    "a ping of 126 bytes": ("control.too-long", 1002, [part(PING, bytes(126))]),
    "a pong of 65,536 bytes": ("control.too-long", 1002, [part(PONG, bytes(1 << 16))]),
    "a close of 126 bytes": ("control.too-long", 1002, [closing(1000, b"x" * 124)]),
    "a ping that announces 2^62 bytes": ("control.too-long", 1002, [header(0x89, 1 << 62)]),
    "a reserved opcode": ("frame.opcode", 1002, [part(3)]),
    "a reserved control opcode": ("frame.opcode", 1002, [part(11)]),
    "RSV1 where nothing was agreed on": ("frame.reserved-bits", 1002, [part(TEXT, b"\x02\x00", rsv=0x40)]),
    "RSV2": ("frame.reserved-bits", 1002, [part(TEXT, rsv=0x20)]),
    "RSV3 on a ping": ("frame.reserved-bits", 1002, [part(PING, rsv=0x10)]),
    "a continuation of nothing": ("fragment.nothing-to-continue", 1002, [part(CONTINUATION, b"x")]),
    "a message inside of another": ("fragment.not-continued", 1002, [part(TEXT, b"a", fin=False), part(BINARY, b"b")]),
    "text that is no UTF-8": ("message.not-utf-8", 1007, [part(TEXT, b"\xff")]),
    "bad UTF-8 split across fragments": (
        "message.not-utf-8",
        1007,
        [part(TEXT, b"\xe2", fin=False), part(CONTINUATION, b"\x28", fin=False)],
    ),
    "a surrogate split across fragments": (
        "message.not-utf-8",
        1007,
        [part(TEXT, b"fine \xed", fin=False), part(CONTINUATION, b"\xa0", fin=False)],
    ),
    "text that ends inside of a character": (
        "message.not-utf-8",
        1007,
        [part(TEXT, b"\xf0\x9f", fin=False), part(CONTINUATION, b"\x98")],
    ),
    "a frame over the limit": ("frame.too-big", 1009, [header(0x82, LIMITS.frame + 1)]),
    "fragments over the limit": (
        "message.too-big",
        1009,
        [
            part(BINARY, bytes(1 << 16), fin=False),
            part(CONTINUATION, bytes(1 << 16), fin=False),
            part(CONTINUATION, b"x"),
        ],
    ),
    "fragments without end": (
        "message.too-many-frames",
        1009,
        [part(BINARY, fin=False)] + [part(CONTINUATION, fin=False)] * LIMITS.frames,
    ),
    "a close of one byte": ("close.one-byte", 1002, [part(CLOSE, b"\x03")]),
    "a close whose reason is no UTF-8": ("close.reason-not-utf-8", 1007, [closing(1000, b"\xff")]),
    **{
        f"a close with {code}": ("close.code", 1002, [closing(code)])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
}
"""What is done, the rule that it breaks, the close code for it, and the bytes."""


async def refused(rule: str, code: int, attack: bytes) -> None:
    """A client says this: it hears the answer to what it said before, the code, and nothing of what is behind."""
    ends: list[ConnectionClosed] = []

    async def talk(socket: WebSocket) -> None:
        try:
            await echo(socket)
        except ConnectionClosed as closed:
            ends.append(closed)
            raise

    async with talking(talk, limits=LIMITS) as server, witnessed(server), opened(server) as attacker:
        await attacker.send(text("before") + attack + text("behind"))
        assert await attacker.says("before")
        assert (await attacker.frame()).code == code
        assert await attacker.rest() == b""
        await eventually(lambda: ends)
    assert ends[0].code == code
    assert ends[0].error is not None
    assert ends[0].error.rule == f"websocket.{rule}"


async def refused_by_our_client(rule: str, code: int, attack: bytes) -> None:
    """The same for a client's server; the client's other connections go on."""
    codes: list[int] = []

    async def script(peer: Peer) -> None:
        await accept(peer)
        await peer.send(unmasked(TEXT, b"before") + attack + unmasked(TEXT, b"behind"))
        codes.append((await heard(peer)).code)

    async with (
        talking(echo) as honest,
        scripted(script) as attacker,
        connect(honest.url.replace("http", "ws")) as other,
        connect(url_of(attacker), limits=LIMITS) as socket,
    ):
        assert await socket.receive() == "before"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
        await eventually(lambda: codes)
        await other.send("still there?")
        assert await other.receive() == "still there?"
    assert codes == [code]
    assert closed.value.code == code
    assert closed.value.error is not None
    assert closed.value.error.rule == f"websocket.{rule}"


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_client_does(name: str) -> None:
    rule, code, pieces = HOSTILE[name]
    await refused(rule, code, b"".join(piece(KEY) for piece in pieces))


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_server_does(name: str) -> None:
    rule, code, pieces = HOSTILE[name]
    await refused_by_our_client(rule, code, b"".join(piece(None) for piece in pieces))


@pytest.mark.spec("rfc6455-5.1-1b", "rfc6455-5.1-1c")
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
async def test_a_client_does_not_mask(opcode: int) -> None:
    await refused("frame.not-masked", 1002, frame(opcode, key=None))


@pytest.mark.spec("rfc6455-5.1-1e", "rfc6455-5.1-1f")
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
async def test_a_server_masks(opcode: int) -> None:
    await refused_by_our_client("frame.masked", 1002, frame(opcode))


@pytest.mark.parametrize("size", [1, 7])
async def test_a_slow_sender_inside_a_frame_keeps_nobody_waiting(size: int) -> None:
    """Byte by byte, header, key and payload: each is taken as it comes, and the message comes back whole."""
    message = "byte by byte: " + "é" * 100
    async with talking(echo) as server, witnessed(server) as witness, opened(server) as slow:
        data = text(message)
        for at in range(0, len(data), size):
            await slow.send(data[at : at + size])
            before = witness.answers
            if at % 10 == 0:
                await eventually(lambda before=before: witness.answers > before)  # type: ignore[misc]
        assert await slow.says(message)


async def test_a_sender_that_stops_inside_a_frame_is_not_waited_for_when_we_close() -> None:
    """Nobody need be silent for ever (a WebSocket may be idle), but our goodbye has its deadline (RFC 6455 §7.1.1)."""

    async def talk(socket: WebSocket) -> None:
        assert await socket.receive() == "over"
        await socket.close(4000)

    options = Options(close_timeout=0.2)
    async with talking(echo) as other, witnessed(other), talking(talk, options=options) as server:
        async with opened(server) as slow:
            await slow.send(text("over") + header(0x82, 1 << 16)(KEY) + b"not all of it")
            assert (await slow.frame()).code == 4000
            with contextlib.suppress(trio.BrokenResourceError):
                assert await slow.rest() == b""
        await eventually(lambda: not server.connections)


def test_every_rule_for_frames_has_a_hostile_input() -> None:
    """Those of compression are in ``test_websocket_floods``, where it is agreed on."""
    kinds = ("frame.", "message.", "fragment.", "control.", "close.")
    named = {rule.removeprefix("websocket.") for rule in RULES if rule.removeprefix("websocket.").startswith(kinds)}
    compressed = {"frame.compressed-continuation", "message.inflates-too-big", "message.not-deflate"}
    assert named - compressed == {rule for rule, _, _ in HOSTILE.values()} | {"frame.masked", "frame.not-masked"}
