"""Text that is not UTF-8: refused at the first impossible byte (RFC 6455 §5.6, §8.1; RFC 3629 §4)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.websocket.attacks.case import CONTINUATION, HEADER, KEEPING, PING, TEXT, Case
from wire.fuzz.websocket.draft import Frame, fragments
from wire.fuzz.websocket.payloads import IMPOSSIBLE, deflated
from wire.websocket import Role
from wire.websocket.deflate import TAIL

_RULE = "websocket.message.not-utf-8"
_SPEC = ("rfc6455-8.1-1", "rfc6455-5.6-4")

FIRST_IMPOSSIBLE = {
    "continuation-first": 0, "invalid-byte": 0, "overlong-2": 0, "overlong-3": 1, "overlong-4": 1, "surrogate": 1,
    "too-high": 1, "five-bytes": 0, "cut-short": 2, "cut-by-ascii": 2, "cut-by-character": 3,
}  # fmt: skip
"""Which byte of ``IMPOSSIBLE`` no text can have at its place; for a text that ends too early, the one behind it."""


def _everywhere() -> Iterator[Case]:
    """Each kind of bad bytes in one frame, in two that are cut at each place, with a ping between, and compressed."""
    for role in Role:
        header = HEADER[role]
        for name, what in IMPOSSIBLE.items():
            payload = "ä".encode() + what
            at = 2 + FIRST_IMPOSSIBLE[name]
            yield Case(f"{name}, {role.value}", (Frame(TEXT, payload),), _RULE, header + at, role=role, spec=_SPEC)
            for cut in range(1, len(payload)):
                first, rest = payload[:cut], payload[cut:]
                place = (header if at < cut else 2 * header) + at
                yield Case(f"{name}, split after {cut} bytes, {role.value}", tuple(fragments(TEXT, [first, rest])),
                           _RULE, place, role=role, spec=_SPEC)  # fmt: skip
            packed = deflated(payload).removesuffix(TAIL)
            yield Case(f"{name}, compressed, {role.value}", (Frame(TEXT, packed, rsv=0x40),), _RULE, header, role=role,
                       deflate=KEEPING, spec=_SPEC)  # fmt: skip


CASES = [
    *_everywhere(),
    Case("impossible in a frame that never ends", (Frame(TEXT, b"ab\xff", length=1000),), _RULE, 8 + 2, spec=_SPEC),
    Case("impossible in a message that never ends", (Frame(TEXT, b"ab\xc3", False), Frame(CONTINUATION, b"a", False)),
         _RULE, 9 + 6, spec=_SPEC),
    Case("impossible behind a ping",
         tuple(fragments(TEXT, [b"\xf0\x90", b"\x80\x41"], between=[[Frame(PING, b"!")]])), _RULE, 8 + 7 + 6 + 1,
         ((b"ping", b"!"),), spec=_SPEC),
    Case("impossible across three fragments", tuple(fragments(TEXT, [b"\xf4", b"\x8f", b"\xc0"])), _RULE, 7 + 7 + 6,
         spec=_SPEC),
    Case("impossible behind empty fragments", tuple(fragments(TEXT, [b"\xf4", b"", b"", b"\x90"])), _RULE,
         7 + 6 + 6 + 6, spec=_SPEC),
    Case("a text that ends inside of a character, in an empty fragment", tuple(fragments(TEXT, [b"\xe2\x82", b""])),
         _RULE, 8 + 6, spec=_SPEC),
    *(Case(f"U+{ord(character):04X}", (Frame(TEXT, character.encode()),), means=((b"text", character.encode()),),
           section="RFC 3629 §3", spec=("rfc6455-5.6-4",))
      for character in "\0\x7f\x80\u07ff\u0800\ud7ff\ue000\ufeff\ufffe\uffff\U00010000\U0010ffff"),
]  # fmt: skip
