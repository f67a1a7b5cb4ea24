"""Control frames: their size, their wholeness, and what a close frame says (RFC 6455 §5.5, §7.4)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.websocket.attacks.case import BINARY, CLOSE, HEADER, PING, PONG, TEXT, Case
from wire.fuzz.websocket.draft import Frame, close
from wire.fuzz.websocket.payloads import IMPOSSIBLE
from wire.websocket import Role

_FRAGMENTED, _LONG = "websocket.control.fragmented", "websocket.control.too-long"
_ONE_BYTE, _CODE, _REASON = "websocket.close.one-byte", "websocket.close.code", "websocket.close.reason-not-utf-8"
_NAMES = {CLOSE: "close", PING: "ping", PONG: "pong"}
_WITH_CODE = b"\x03\xe8"


def _bad() -> Iterator[Case]:
    for role in Role:
        for opcode, name in _NAMES.items():
            spec = ("rfc6455-5.4-9b", "rfc6455-5.5-3b")
            for payload in (b"", _WITH_CODE):
                yield Case(f"fragmented {name} of {len(payload)} bytes, {role.value}",
                           (Frame(opcode, payload, fin=False),), _FRAGMENTED, role=role, spec=spec)  # fmt: skip
            for length in (126, 127, 1000, 65535, 65536, 1 << 63):
                frame = Frame(opcode, _WITH_CODE, length=length)
                yield Case(f"{name} of {length} bytes, {role.value}", (frame,), _LONG, 1, role=role,
                           spec=("rfc6455-5.5-3a",))  # fmt: skip


RESERVED = {
    1004: "rfc6455-10.7-1a", 1005: "rfc6455-7.4.1-13", 1006: "rfc6455-7.4.1-15", 1015: "rfc6455-7.4.1-28",
}  # fmt: skip
"""Codes that have a name and must not be sent."""


def _closes() -> Iterator[Case]:
    for role in Role:
        header = HEADER[role]
        yield Case(f"close with one byte, {role.value}", (Frame(CLOSE, b"\x03"),), _ONE_BYTE, header, role=role,
                   spec=("rfc6455-5.5.1-2b",))  # fmt: skip
        for code, spec in RESERVED.items():
            yield Case(f"close with {code} on the wire, {role.value}", (close(code, b"why"),), _CODE, header, role=role,
                       spec=(spec,))  # fmt: skip
        for name, what in IMPOSSIBLE.items():
            yield Case(f"close with a reason that is no text: {name}, {role.value}", (close(1000, b"ab" + what),),
                       _REASON, header + 2, role=role, spec=("rfc6455-8.1-1",))  # fmt: skip


def _good() -> Iterator[Case]:
    for opcode, name in ((PING, "ping"), (PONG, "pong")):
        for payload in (b"", b"\xff\x00\x80", b"x" * 125):
            kind = name.encode()
            yield Case(f"{name} of {len(payload)} bytes", (Frame(opcode, payload),), means=((kind, payload),),
                       section="RFC 6455 §5.5.2",
                       spec=("rfc6455-5.5-3a", "rfc6455-5.5.2-2", "rfc6455-6.2-1b"))  # fmt: skip
    for code, reason in ((None, b""), (1000, b""), (1000, "tschüß".encode()), (3000, b"x" * 123), (4999, b"\0")):
        yield Case(f"close with {code} and {len(reason)} bytes of reason", (close(code, reason),),
                   means=((b"close %d" % (code or 1005), reason),), section="RFC 6455 §5.5.1",
                   spec=("rfc6455-5.5.1-2a", "rfc6455-5.5.1-2b", "rfc6455-5.5.1-2c", "rfc6455-7.4-1"))  # fmt: skip


_BYE = (b"close 1000", b"bye")
CASES = [
    *_bad(),
    *_closes(),
    *_good(),
    Case("a ping flood", (Frame(PING, b"!"),) * 200, means=((b"ping", b"!"),) * 200, section="RFC 6455 §5.5.2"),
    Case("pongs that nobody asked for", (Frame(PONG, b"1"), Frame(PONG, b"2")),
         means=((b"pong", b"1"), (b"pong", b"2")), section="RFC 6455 §5.5.3", spec=("rfc6455-5.5.3-5",)),
    Case("a message behind the close frame", (close(1000, b"bye"), Frame(TEXT, b"ignored")), means=(_BYE,),
         section="RFC 6455 §5.5.1"),
    Case("a close frame behind the close frame", (close(1000, b"bye"), close(1002)), means=(_BYE,),
         section="RFC 6455 §5.5.1"),
    Case("a broken frame behind the close frame", (close(1000, b"bye"), Frame(15, b"", rsv=0x70)), means=(_BYE,),
         section="RFC 6455 §5.5.1"),
    Case("half a frame behind the close frame", (close(1000, b"bye"), Frame(BINARY, b"x", length=99)), means=(_BYE,),
         section="RFC 6455 §5.5.1"),
]  # fmt: skip
