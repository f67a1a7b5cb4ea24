"""Compressed messages: what is DEFLATE data and what is not (RFC 7692 §6, §7.2)."""

from __future__ import annotations

import zlib

from tests.websocket.attacks.case import BINARY, KEEPING, PING, TEXT, Case
from wire.fuzz.websocket.draft import Frame, Meaning, fragments
from wire.fuzz.websocket.payloads import deflated
from wire.websocket import Deflate, Role
from wire.websocket.deflate import TAIL

_NOT_DEFLATE = "websocket.message.not-deflate"
_HELLO: Meaning = (b"text", b"Hello")
_RAW = deflated(b"Hello").removesuffix(TAIL)
_FINAL = deflated(b"Hello", mode=zlib.Z_FINISH)


def _bad(name: str, payload: bytes, deflate: Deflate = KEEPING) -> Case:
    return Case(name, (Frame(BINARY, payload, rsv=0x40),), _NOT_DEFLATE, 6, deflate=deflate)


def _good(
    name: str, section: str, *payloads: bytes, means: tuple[Meaning, ...] = (_HELLO,), deflate: Deflate = KEEPING,
    role: Role = Role.SERVER,
) -> Case:  # fmt: skip
    frames = tuple(Frame(TEXT, payload, rsv=0x40) for payload in payloads)
    return Case(name, frames, means=means, role=role, section=section, deflate=deflate)


_FORGETFUL = Deflate(client_no_context_takeover=True)
_ALPHABETS = bytes(range(33, 127)) * 6
_FAR = deflated(_ALPHABETS, level=0).removesuffix(TAIL)
_PAST_IT = deflated(_ALPHABETS[5:20], zdict=_ALPHABETS[:100] + bytes(464)).removesuffix(TAIL)
_TAKEOVER = deflated(b"Hello, Hello", zdict=b"Hello").removesuffix(TAIL)

CASES = [
    _bad("a block of a type that does not exist", b"\x07"),
    _bad("bytes without order", b"\xff\xff\xff\xff"),
    _bad("a stored block whose lengths contradict", b"\x00\x05\x00\x05\x00Hello"),
    _bad("a reference to before the beginning", deflated(b"Hello, Hello", zdict=b"Hello, Hello").removesuffix(TAIL)),
    Case("a reference past the window of 256 bytes", (Frame(TEXT, _FAR, rsv=0x40), Frame(TEXT, _PAST_IT, rsv=0x40)),
         _NOT_DEFLATE, 8 + len(_FAR) + 6, ((b"text", _ALPHABETS),), deflate=Deflate(client_max_window_bits=8)),
    Case("final blocks without end", (Frame(BINARY, _FINAL * 40, rsv=0x40),), _NOT_DEFLATE, 8, deflate=KEEPING),
    _bad("a gzip file", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
    Case("a reference to a message that was to be forgotten",
         (Frame(TEXT, _RAW, rsv=0x40), Frame(TEXT, _TAKEOVER, rsv=0x40)), _NOT_DEFLATE, 6 + len(_RAW) + 6, (_HELLO,),
         deflate=_FORGETFUL),
    Case("a fault in the second fragment", tuple(fragments(BINARY, [_RAW + TAIL, b"\x07"], rsv=0x40)),
         _NOT_DEFLATE, 6 + len(_RAW + TAIL) + 6, deflate=KEEPING),
    _good("Hello, as the RFC compresses it", "RFC 7692 §7.2.3.1", b"\xf2\x48\xcd\xc9\xc9\x07\x00"),
    _good("Hello twice, with a reference", "RFC 7692 §7.2.3.2", b"\xf2\x48\xcd\xc9\xc9\x07\x00",
          b"\xf2\x00\x11\x00\x00", means=(_HELLO, _HELLO)),
    _good("a stored block", "RFC 7692 §7.2.3.3", b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
    _good("a block with BFINAL", "RFC 7692 §7.2.3.4", b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
    _good("a block with BFINAL, and then a message", "RFC 7692 §7.2.3.4", b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", _RAW,
          means=(_HELLO, _HELLO)),
    _good("a block with BFINAL in the middle", "RFC 7692 §7.2.3.4", deflated(b"He", mode=zlib.Z_FINISH)
          + deflated(b"llo").removesuffix(TAIL)),
    _good("a reference across a block with BFINAL", "RFC 7692 §7.2.3.4", _FINAL + _TAKEOVER,
          means=((b"text", b"HelloHello, Hello"),)),
    _good("two blocks", "RFC 7692 §7.2.3.5", b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
    _good("an empty message", "RFC 7692 §7.2.3.6", b"\x00", means=((b"text", b""),)),
    _good("an empty message between two that share a window", "RFC 7692 §7.2.3.6", _RAW, b"\x00", _TAKEOVER,
          means=(_HELLO, (b"text", b""), (b"text", b"Hello, Hello"))),
    _good("for a client", "RFC 7692 §7.2.2", _RAW, _TAKEOVER, means=(_HELLO, (b"text", b"Hello, Hello")),
          role=Role.CLIENT),
    _good("messages of one who forgets", "RFC 7692 §7.1.1.2", _RAW, _RAW, means=(_HELLO, _HELLO), deflate=_FORGETFUL),
    Case("fragments as the RFC cuts them", tuple(fragments(TEXT, [b"\xf2\x48\xcd", b"\xc9\xc9\x07\x00"], rsv=0x40)),
         means=(_HELLO,), section="RFC 7692 §7.2.3.1", deflate=KEEPING),
    Case("fragments for each byte, pings between",
         tuple(fragments(TEXT, [_RAW[at : at + 1] for at in range(len(_RAW))], rsv=0x40,
                         between=[[Frame(PING, b"!")]] * len(_RAW))),
         means=((b"ping", b"!"),) * (len(_RAW) - 1) + (_HELLO,), section="RFC 7692 §6", deflate=KEEPING),
    Case("a last fragment without anything in it", tuple(fragments(TEXT, [_RAW, b""], rsv=0x40)), means=(_HELLO,),
         section="RFC 7692 §6", deflate=KEEPING),
    Case("a message that is not compressed between two that are",
         (Frame(TEXT, _RAW, rsv=0x40), Frame(TEXT, b"plain"), Frame(TEXT, _TAKEOVER, rsv=0x40)),
         means=(_HELLO, (b"text", b"plain"), (b"text", b"Hello, Hello")), section="RFC 7692 §6", deflate=KEEPING),
]  # fmt: skip
