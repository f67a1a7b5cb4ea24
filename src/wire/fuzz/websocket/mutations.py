"""What is done to the frames of a valid stream, by name: headers, lengths, masks, fragments (RFC 6455 §5).

Some leave the stream valid (an empty fragment, a key of zeros): parsers disagree about those, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from wire.fuzz.websocket.draft import Frame, FrameMutation, Stream, close, fragments
from wire.fuzz.websocket.payloads import PAYLOADS
from wire.websocket.frames import Opcode

_HEADER, _MASK, _FRAGMENT, _CONTROL = "RFC 6455 §5.2", "RFC 6455 §5.1", "RFC 6455 §5.4", "RFC 6455 §5.5"
_PING = Frame(Opcode.PING, b"!")


def _data(frame: Frame) -> bool:
    return not frame.control


def _control(frame: Frame) -> bool:
    return frame.control


def _any(_frame: Frame) -> bool:
    return True


def _frame(
    name: str, section: str, about: str, change: Callable[[Frame, Random], Frame], fits: Callable[[Frame], bool] = _any
) -> FrameMutation:
    """A mutation of one frame, any that fits."""

    def apply(stream: Stream, chance: Random) -> bytes:
        at = stream.place(chance, fits)
        return stream.put(at, change(stream.frames[at], chance), instead=1).wire()

    return FrameMutation(name, section, about, apply)


def _put(name: str, section: str, about: str, make: Callable[[Random], list[Frame]]) -> FrameMutation:
    """Frames put in between two messages."""
    return FrameMutation(
        name, section, about, lambda stream, c: stream.put(stream.begins(c), *make(c)).wire()
    )  # fmt: skip


def _behind(name: str, section: str, about: str, make: Callable[[Random], list[Frame]]) -> FrameMutation:
    """Frames behind the last one, which is a close frame."""
    return FrameMutation(name, section, about, lambda stream, c: stream.put(len(stream.frames), *make(c)).wire())


def _bytes(name: str, section: str, about: str, change: Callable[[bytes, Random], bytes]) -> FrameMutation:
    """A mutation of the bytes of the whole stream."""
    return FrameMutation(name, section, about, lambda stream, chance: change(stream.wire(), chance))


def _message(chance: Random, opcode: int | None = None) -> Frame:
    if opcode is None:
        opcode = chance.choice((Opcode.TEXT, Opcode.BINARY))
    return Frame(opcode, chance.choice((b"", b"a", b"hello", b"x" * 126)))


def _pieces(chance: Random, payload: bytes) -> list[bytes]:
    """A payload in two to five pieces, some of them empty."""
    places = sorted(chance.randint(0, len(payload)) for _ in range(chance.randint(1, 4)))
    return [payload[start:stop] for start, stop in zip([0, *places], [*places, len(payload)], strict=True)]


def _split(chance: Random, *, between: int = 0) -> list[Frame]:
    pieces = _pieces(chance, "zwölf Boxkämpfer".encode())
    opcode = chance.choice((Opcode.TEXT, Opcode.BINARY))
    return fragments(opcode, pieces, between=[[_PING] * between] * (len(pieces) - 1))


def _without_end(chance: Random) -> list[Frame]:
    first, *_rest = _split(chance)
    return [first]


_FRAMES = [
    _frame("reserved.rsv1", _HEADER, "RSV1, which means compressed where that was agreed on",
           lambda f, c: replace(f, rsv=f.rsv ^ 0x40)),
    _frame("reserved.rsv1-on-control", "RFC 7692 §6", "RSV1 on a control frame", lambda f, c: replace(f, rsv=0x40),
           _control),
    _frame("reserved.rsv2", _HEADER, "RSV2, which means nothing", lambda f, c: replace(f, rsv=f.rsv | 0x20)),
    _frame("reserved.rsv3", _HEADER, "RSV3, which means nothing", lambda f, c: replace(f, rsv=f.rsv | 0x10)),
    _frame("opcode.reserved-data", _HEADER, "a data frame of a kind that does not exist",
           lambda f, c: replace(f, opcode=c.randint(3, 7)), _data),
    _frame("opcode.reserved-control", _HEADER, "a control frame of a kind that does not exist",
           lambda f, c: replace(f, opcode=c.randint(11, 15)), _control),
    _frame("opcode.other", _HEADER, "another kind of frame with the same payload",
           lambda f, c: replace(f, opcode=c.choice((0, 1, 2, 8, 9, 10)))),
    _frame("mask.other-side", _MASK, "masked where it must not be, or the other way",
           lambda f, c: replace(f, masked=c.choice((True, False)))),
    _frame("mask.zeros", "RFC 6455 §5.3", "a key that changes nothing, which is valid",
           lambda f, c: replace(f, key=bytes(4))),
    _frame("mask.random", "RFC 6455 §5.3", "any key, which is valid", lambda f, c: replace(f, key=c.randbytes(4))),
    _frame("length.16-bits", _HEADER, "16 bits for a length, of which 7 would do for most",
           lambda f, c: replace(f, form=16)),
    _frame("length.64-bits", _HEADER, "64 bits for a length, of which 7 would do for most",
           lambda f, c: replace(f, form=64)),
    _frame("length.most-significant-bit", _HEADER, "two to the power of 63 bytes and more",
           lambda f, c: replace(f, length=c.choice((1 << 63, (1 << 64) - 1, (1 << 63) + 5)))),
    _frame("length.huge", "RFC 6455 §10.4", "more than anybody reads",
           lambda f, c: replace(f, length=c.choice(((1 << 63) - 1, 1 << 40, 1 << 32))), _data),
    _frame("length.too-small", _HEADER, "less than what follows: the rest is taken for frames",
           lambda f, c: replace(f, length=max(len(f.payload) - c.randint(1, 3), 0))),
    _frame("length.too-large", _HEADER, "more than what follows: the next frame is taken for payload",
           lambda f, c: replace(f, length=len(f.payload) + c.randint(1, 8))),
    _put("length.125", _HEADER, "the longest that 7 bits hold",
         lambda c: [Frame(Opcode.BINARY, b"x" * 125), Frame(Opcode.PING, b"x" * 125)]),
    _put("length.126", _HEADER, "the shortest for 16 bits", lambda c: [Frame(Opcode.BINARY, b"x" * 126)]),
    _put("length.65535", _HEADER, "the longest that 16 bits hold, and one byte more",
         lambda c: [Frame(Opcode.BINARY, b"x" * c.choice((65535, 65536)))]),
    _put("fragment.split", _FRAGMENT, "a message in fragments, some of them empty, characters cut", _split),
    _put("fragment.bytewise", _FRAGMENT, "a fragment for each byte",
         lambda c: fragments(c.choice((Opcode.TEXT, Opcode.BINARY)), [bytes([byte]) for byte in "Ä€𝄞".encode()])),
    _put("fragment.control-between", _FRAGMENT, "pings between the fragments of a message",
         lambda c: _split(c, between=c.randint(1, 3))),
    _put("fragment.close-between", "RFC 6455 §5.5.1", "a close frame inside of a message",
         lambda c: [*_without_end(c), close(1000)]),
    _put("fragment.never-ended", _FRAGMENT, "a message that never ends", _without_end),
    _put("fragment.never-begun", _FRAGMENT, "a continuation of nothing",
         lambda c: [Frame(Opcode.CONTINUATION, b"a", c.choice((True, False)))]),
    _put("fragment.message-inside", _FRAGMENT, "a message inside of another",
         lambda c: [*_without_end(c), _message(c), Frame(Opcode.CONTINUATION, b"")]),
    _put("fragment.one-too-many", _FRAGMENT, "a continuation behind the end",
         lambda c: [*_split(c), Frame(Opcode.CONTINUATION, b"a")]),
    _frame("fragment.fin", _FRAGMENT, "the FIN bit the other way", lambda f, c: replace(f, fin=not f.fin), _data),
    _frame("control.fragmented", _CONTROL, "a control frame that is not all", lambda f, c: replace(f, fin=False),
           _control),
    _put("control.continued", _CONTROL, "a control frame in two fragments",
         lambda c: fragments(c.choice((Opcode.PING, Opcode.PONG, Opcode.CLOSE)), [b"a", b"b"])),
    _put("control.too-long", _CONTROL, "126 bytes and more in a control frame", lambda c:
         [Frame(c.choice((Opcode.PING, Opcode.PONG, Opcode.CLOSE)), b"\x03\xe8" + b"x" * c.choice((124, 300)))]),
    _put("control.not-utf-8", "RFC 6455 §5.5.2", "bytes in a ping or pong, which are valid", lambda c:
         [Frame(c.choice((Opcode.PING, Opcode.PONG)), b"\xff\x00\x80")]),
    _put("control.flood", _CONTROL, "many pings", lambda c: [_PING] * 40),
    _behind("close.twice", "RFC 6455 §5.5.1", "a close frame behind the close frame", lambda c: [close(1000)]),
    _behind("close.data-behind", "RFC 6455 §5.5.1", "a message behind the close frame", lambda c: [_message(c)]),
    _bytes("stream.cut-off", "RFC 6455 §7.1.5", "an end in the middle", lambda data, c: data[: c.randrange(len(data))]),
    _bytes("stream.byte-missing", _HEADER, "a byte dropped: what follows is out of step", lambda data, c:
           (lambda at: data[:at] + data[at + 1 :])(c.randrange(len(data)))),
    _bytes("stream.bit-flipped", _HEADER, "one bit the other way", lambda data, c: (lambda at:
           data[:at] + bytes([data[at] ^ 1 << c.randrange(8)]) + data[at + 1 :])(c.randrange(len(data)))),
]  # fmt: skip

FRAME_MUTATIONS: dict[str, FrameMutation] = {mutation.name: mutation for mutation in [*_FRAMES, *PAYLOADS]}
"""Mutations of streams of frames by name."""
