"""What is done to payloads: text that is not UTF-8, close frames (RFC 6455 §8.1, §7.4), compression (RFC 7692)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from random import Random

from wire.fuzz.websocket.draft import Frame, FrameMutation, Stream, close, fragments
from wire.websocket.deflate import TAIL
from wire.websocket.frames import RSV1, Opcode

_UTF_8, _CLOSE, _CODE, _DEFLATE = "RFC 6455 §8.1", "RFC 6455 §5.5.1", "RFC 6455 §7.4", "RFC 7692 §7.2.2"

IMPOSSIBLE = {
    "continuation-first": b"\x80",
    "invalid-byte": b"\xff",
    "overlong-2": b"\xc0\xaf",
    "overlong-3": b"\xe0\x80\xaf",
    "overlong-4": b"\xf0\x80\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "too-high": b"\xf4\x90\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "cut-short": b"\xe2\x82",
    "cut-by-ascii": b"\xe2\x82a",
    "cut-by-character": b"\xf0\x9d\x84\xc3\xa4",
}
"""Bytes by name that are not UTF-8 (RFC 3629 §3, §4)."""


def _put(name: str, section: str, about: str, make: Callable[[Random], list[Frame]]) -> FrameMutation:
    """Messages put in between two others."""
    return FrameMutation(name, section, about, lambda stream, c: stream.put(stream.begins(c), *make(c)).wire())


def _ends(name: str, section: str, about: str, make: Callable[[Random], Frame]) -> FrameMutation:
    """Another close frame in place of the last."""

    def apply(stream: Stream, chance: Random) -> bytes:
        return stream.put(len(stream.frames) - 1, make(chance), instead=1).wire()

    return FrameMutation(name, section, about, apply)


def _cut(chance: Random, payload: bytes) -> list[bytes]:
    """A payload in one piece or in two."""
    at = chance.randint(0, len(payload))
    return [payload] if chance.randrange(2) else [payload[:at], payload[at:]]


def _not_utf_8(name: str, what: bytes) -> FrameMutation:
    def make(chance: Random) -> list[Frame]:
        before = chance.choice((b"", b"a", "ä€𝄞".encode()))
        return fragments(Opcode.TEXT, _cut(chance, before + what + chance.choice((b"", b"a"))))

    return _put(f"utf-8.{name}", _UTF_8, "a text with bytes that no text has", make)


def deflated(
    data: bytes, *, wbits: int = 15, mode: int = zlib.Z_SYNC_FLUSH, level: int = 6, zdict: bytes = b""
) -> bytes:
    """Compressed as RFC 7692 §7.2.1 says, up to its last step: the tail is still there, if there is one."""
    machine = zlib.compressobj(level, zlib.DEFLATED, -wbits, zdict=zdict)
    return machine.compress(data) + machine.flush(mode)


def _compressed(
    name: str, about: str, payload: Callable[[Random], bytes], section: str = _DEFLATE, opcode: int = Opcode.TEXT
) -> FrameMutation:
    """A compressed message whose payload is this."""
    return _put(name, section, about, lambda c: fragments(opcode, _cut(c, payload(c)), rsv=RSV1))


def _messages(name: str, about: str, section: str, payloads: Sequence[bytes]) -> FrameMutation:
    """Several compressed messages."""
    return _put(name, section, about, lambda c: [Frame(Opcode.BINARY, payload, rsv=RSV1) for payload in payloads])


def _flip(chance: Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


_HELLO = deflated(b"Hello").removesuffix(TAIL)
_TEXT = deflated("hällö, wörld; ".encode() * 5).removesuffix(TAIL)

PAYLOADS = [
    *(_not_utf_8(name, what) for name, what in IMPOSSIBLE.items()),
    _put("utf-8.noncharacters", _UTF_8, "what Unicode sets aside, which is valid", lambda c:
         [Frame(Opcode.TEXT, c.choice(("\0", "\ufeff", "\ufffe", "\uffff", "\U0010ffff")).encode())]),
    _ends("close.empty", _CLOSE, "no code and no reason", lambda c: close()),
    _ends("close.one-byte", _CLOSE, "half a code", lambda c: Frame(Opcode.CLOSE, b"\x03")),
    _ends("close.reserved-code", _CODE, "a code that must not be sent", lambda c:
          close(c.choice((0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)))),
    _ends("close.registered-code", _CODE, "a code that IANA knows since", lambda c:
          close(c.choice((1007, 1010, 1011, 1012, 1013, 1014)))),
    _ends("close.private-code", _CODE, "a code of libraries and applications", lambda c:
          close(c.choice((3000, 3999, 4000, 4999)), b"why not")),
    _ends("close.long-reason", _CLOSE, "123 bytes of reason", lambda c: close(1000, b"x" * 123)),
    _ends("close.reason-not-utf-8", _UTF_8, "a reason that is no text", lambda c:
          close(1000, c.choice(list(IMPOSSIBLE.values())))),
    _compressed("deflate.plain", "a compressed text", lambda c: _TEXT),
    _compressed("deflate.tail-kept", "with the four bytes that must be dropped", lambda c: _HELLO + TAIL,
                "RFC 7692 §7.2.1"),
    _compressed("deflate.stored", "blocks without compression", lambda c:
                deflated(b"Hello", level=0).removesuffix(TAIL), "RFC 7692 §7.2.3.3"),
    _compressed("deflate.final-block", "a block with BFINAL", lambda c: deflated(b"Hello", mode=zlib.Z_FINISH) + b"\0",
                "RFC 7692 §7.2.3.4"),
    _compressed("deflate.final-block-and-more", "blocks behind one with BFINAL", lambda c:
                deflated(b"Hello", mode=zlib.Z_FINISH) + _HELLO, "RFC 7692 §7.2.3.4"),
    _compressed("deflate.two-blocks", "several blocks", lambda c:
                deflated(b"Hel") + deflated(b"lo").removesuffix(TAIL), "RFC 7692 §7.2.3.5"),
    _compressed("deflate.empty", "an empty message", lambda c: b"\0", "RFC 7692 §7.2.3.6"),
    _compressed("deflate.nothing", "no payload at all", lambda c: b""),
    _compressed("deflate.not-utf-8", "compressed bytes that are no text", lambda c:
                deflated(c.choice(list(IMPOSSIBLE.values()))).removesuffix(TAIL), _UTF_8),
    _compressed("deflate.cut-short", "not all of the data", lambda c: _TEXT[: c.randrange(1, len(_TEXT))]),
    _compressed("deflate.bit-flipped", "one bit the other way", lambda c: _flip(c, _TEXT), opcode=Opcode.BINARY),
    _compressed("deflate.no-deflate", "bytes that are no DEFLATE data", lambda c:
                c.choice((b"\xff" * 4, b"\x07", b"x"))),
    _compressed("deflate.too-far-back", "a reference to before the beginning", lambda c:
                deflated(b"Hello, Hello", zdict=b"Hello, Hello").removesuffix(TAIL)),
    _compressed("deflate.bomb", "a hundred bytes that become a hundred thousand", lambda c:
                deflated(bytes(100_000)).removesuffix(TAIL), "RFC 7692 §8", Opcode.BINARY),
    _messages("deflate.takeover", "a message that refers to the one before", "RFC 7692 §7.2.3.2",
              [_HELLO, deflated(b"Hello, Hello", zdict=b"Hello").removesuffix(TAIL)]),
    _put("deflate.rsv1-on-continuation", "RFC 7692 §6", "RSV1 on each fragment", lambda c:
         [Frame(Opcode.TEXT, _HELLO[:3], fin=False, rsv=RSV1), Frame(Opcode.CONTINUATION, _HELLO[3:], rsv=RSV1)]),
    _put("deflate.not-compressed", "RFC 7692 §6", "a message without RSV1 between compressed ones", lambda c:
         [Frame(Opcode.TEXT, _HELLO, rsv=RSV1), Frame(Opcode.TEXT, b"plain"),
          Frame(Opcode.TEXT, b"\xf2\x00\x11\x00\x00", rsv=RSV1)]),
    _put("deflate.control-between", "RFC 7692 §6", "a ping, never compressed, between the fragments", lambda c:
         fragments(Opcode.TEXT, [_TEXT[:5], b"", _TEXT[5:]], rsv=RSV1, between=[[Frame(Opcode.PING, b"!")]] * 2)),
]  # fmt: skip
