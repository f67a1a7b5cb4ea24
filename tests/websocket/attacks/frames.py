"""Headers: reserved bits and opcodes, masks, lengths (RFC 6455 §5.1, §5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.websocket.attacks.case import BINARY, CLOSE, CONTINUATION, KEEPING, PING, PONG, TEXT, Case
from wire.fuzz.websocket.draft import Frame
from wire.websocket import Role

_BITS = "websocket.frame.reserved-bits"
_OPCODE = "websocket.frame.opcode"
_COMPRESSED = "websocket.frame.compressed-continuation"
_MINIMAL = "websocket.frame.length-not-minimal"
_TOO_LARGE = "websocket.frame.length-too-large"
_SERVER, _CLIENT = Role.SERVER, Role.CLIENT
_BITS_SPEC = ("rfc6455-5.2-6b", "rfc6455-5.2-32", "rfc6455-5.2-33", "rfc6455-5.2-34", "rfc6455-5.8-1")
_RSV1_SPEC = ("rfc7692-6-4",)


def _reserved() -> Iterator[Case]:
    for role in Role:
        for opcode in (TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG):
            for rsv in range(0x10, 0x80, 0x10):
                yield Case(f"reserved bits {rsv:#04x} on opcode {opcode}, {role.value}", (Frame(opcode, b"", rsv=rsv),),
                           _BITS, role=role, spec=_BITS_SPEC)  # fmt: skip
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
            yield Case(f"reserved opcode {opcode}, {role.value}", (Frame(opcode, b"a"),), _OPCODE, role=role,
                       spec=("rfc6455-5.2-8",))  # fmt: skip


def _masks() -> Iterator[Case]:
    for opcode in (TEXT, BINARY, CLOSE, PING, PONG):
        for payload in (b"", b"\x03\xe8"):
            name = f"opcode {opcode}, {len(payload)} bytes"
            yield Case(f"unmasked client frame: {name}", (Frame(opcode, payload, masked=False),),
                       "websocket.frame.not-masked", 1, spec=("rfc6455-5.1-1b", "rfc6455-5.1-1c"))  # fmt: skip
            yield Case(f"masked server frame: {name}", (Frame(opcode, payload, masked=True),),
                       "websocket.frame.masked", 1, role=_CLIENT,
                       spec=("rfc6455-5.1-1e", "rfc6455-5.1-1f"))  # fmt: skip


def _lengths() -> Iterator[Case]:
    for role in Role:
        for opcode in (TEXT, BINARY, PING, CLOSE):
            for form, length in ((16, 0), (16, 1), (16, 124), (16, 125), (64, 0), (64, 125), (64, 126), (64, 65535)):
                name = f"length {length} in {form} bits, opcode {opcode}, {role.value}"
                yield Case(name, (Frame(opcode, form=form, length=length),), _MINIMAL, 1, role=role,
                           spec=("rfc6455-5.2-20b",))  # fmt: skip
        for length in (1 << 63, (1 << 63) + 1, (1 << 64) - 1):
            yield Case(f"length {length:#x}, {role.value}", (Frame(BINARY, length=length),), _TOO_LARGE, 2, role=role,
                       spec=("rfc6455-5.2-20a",))  # fmt: skip


def _good_lengths() -> Iterator[Case]:
    for role in Role:
        for length in (0, 1, 124, 125, 126, 127, 255, 256, 65534, 65535, 65536, 65537):
            payload = b"\xff" * length
            yield Case(f"length {length}, {role.value}", (Frame(BINARY, payload),), means=((b"binary", payload),),
                       role=role, section="RFC 6455 §5.2", spec=("rfc6455-5.2-20b", "rfc6455-6.2-1a"))  # fmt: skip


CASES = [
    *_reserved(),
    *_masks(),
    *_lengths(),
    *_good_lengths(),
    Case("RSV1 on a continuation", (Frame(TEXT, b"\xf2\x48", False, 0x40), Frame(CONTINUATION, b"", rsv=0x40)),
         _COMPRESSED, 8, deflate=KEEPING, spec=_RSV1_SPEC),
    Case("RSV1 on the continuation of a message that is not compressed",
         (Frame(TEXT, b"ab", False), Frame(CONTINUATION, b"", rsv=0x40)), _COMPRESSED, 8, deflate=KEEPING),
    Case("RSV1 on a continuation of nothing", (Frame(CONTINUATION, b"", rsv=0x40),), _COMPRESSED, deflate=KEEPING,
         spec=_RSV1_SPEC),
    *(Case(f"RSV1 on control frame {opcode}", (Frame(opcode, b"", rsv=0x40),), _COMPRESSED, deflate=KEEPING,
           spec=_RSV1_SPEC)
      for opcode in (CLOSE, PING, PONG)),
    *(Case(f"reserved bits {rsv:#04x} beside compression", (Frame(TEXT, b"", rsv=rsv),), _BITS, deflate=KEEPING,
           spec=_BITS_SPEC) for rsv in (0x60, 0x50, 0x70, 0x20, 0x10, 0x30)),
    Case("bytes of HTTP for a frame", raw=b"GET / HTTP/1.1\r\n", rule=_BITS),
    Case("bytes of TLS for a frame", raw=b"\x16\x03\x01\x02\x00\x01", rule=_BITS, role=_CLIENT),
    Case("a key of zeros", (Frame(TEXT, b"a", key=bytes(4)),), means=((b"text", b"a"),), section="RFC 6455 §5.3",
         spec=("rfc6455-5.3-1",)),
    Case("a final first frame", (Frame(TEXT, b"Hello"),), means=((b"text", b"Hello"),), section="RFC 6455 §5.2",
         role=_CLIENT, spec=("rfc6455-5.2-4", "rfc6455-5.1-3")),
]  # fmt: skip
