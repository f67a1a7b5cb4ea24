"""Messages in fragments, and what stands between those (RFC 6455 §5.4)."""

from __future__ import annotations

from tests.websocket.attacks.case import BINARY, CONTINUATION, PING, PONG, TEXT, Case
from wire.fuzz.websocket.draft import Frame, close
from wire.fuzz.websocket.draft import fragments as fragmented
from wire.websocket import Role

_NOTHING = "websocket.fragment.nothing-to-continue"
_NOT_CONTINUED = "websocket.fragment.not-continued"
_ALLOWED = "RFC 6455 §5.4"
_PING = Frame(PING, b"!")


def _nothing(name: str, *before: Frame, role: Role = Role.SERVER, means: tuple[tuple[bytes, bytes], ...] = ()) -> Case:
    at = sum(len(frame.wire(masked=role is Role.SERVER)) for frame in before)
    return Case(name, (*before, Frame(CONTINUATION, b"a"), Frame(TEXT, b"never")), _NOTHING, at, means, role,
                spec=("rfc6455-6.2-2",))  # fmt: skip


def _inside(name: str, first: int, second: int, *between: Frame, fin: bool = True, role: Role = Role.SERVER) -> Case:
    before = (Frame(first, b"ab", fin=False), *between)
    at = sum(len(frame.wire(masked=role is Role.SERVER)) for frame in before)
    means = tuple((b"ping", frame.payload) for frame in between if frame.control)
    return Case(name, (*before, Frame(second, b"c", fin), Frame(CONTINUATION, b"d")), _NOT_CONTINUED, at, means, role,
                spec=("rfc6455-5.4-11", "rfc6455-5.4-18"))  # fmt: skip


def _good(name: str, *frames: Frame, means: tuple[tuple[bytes, bytes], ...], spec: tuple[str, ...] = ()) -> Case:
    return Case(name, frames, means=means, section=_ALLOWED, spec=("rfc6455-5.4-14", *spec))


_EURO = "€".encode()
CASES = [
    _nothing("a continuation first of all"),
    _nothing("a continuation first of all, for a client", role=Role.CLIENT),
    _nothing("a continuation behind a whole message", Frame(TEXT, b"Hello"), means=((b"text", b"Hello"),)),
    _nothing("a continuation behind the last fragment", *fragmented(BINARY, [b"He", b"llo"]),
             means=((b"binary", b"Hello"),)),
    _nothing("a continuation behind a ping", _PING, means=((b"ping", b"!"),)),
    Case("a continuation that is not final, of nothing", (Frame(CONTINUATION, b"a", fin=False),), _NOTHING),
    _inside("a text inside of a text", TEXT, TEXT),
    _inside("a binary message inside of a text", TEXT, BINARY),
    _inside("a text inside of a binary message", BINARY, TEXT),
    _inside("a fragment inside of a message", BINARY, BINARY, fin=False),
    _inside("a text inside of a text, behind a fragment", TEXT, TEXT, Frame(CONTINUATION, b"x", fin=False)),
    _inside("a text inside of a text, behind a ping", TEXT, TEXT, _PING),
    _inside("a text inside of a text, for a client", TEXT, TEXT, role=Role.CLIENT),
    _good("two fragments", *fragmented(TEXT, [b"Hel", b"lo"]), means=((b"text", b"Hello"),),
          spec=("rfc6455-5.4-13", "rfc6455-5.4-10", "rfc6455-6.2-1c")),
    _good("empty fragments", *fragmented(TEXT, [b"", b"Hel", b"", b"lo", b""]), means=((b"text", b"Hello"),)),
    _good("nothing but empty fragments", *fragmented(BINARY, [b""] * 4), means=((b"binary", b""),)),
    _good("a fragment for each byte of a character", *fragmented(TEXT, [b"\xe2", b"\x82", b"\xac"]),
          means=((b"text", _EURO),), spec=("rfc6455-5.6-4",)),
    _good("bytes that are no text in a binary message", *fragmented(BINARY, [b"\xe2", b"\xff"]),
          means=((b"binary", b"\xe2\xff"),)),
    _good("control frames inside of a character",
          *fragmented(TEXT, [b"\xe2", b"\x82\xac"], between=[[_PING, Frame(PONG, b"\xff")]]),
          means=((b"ping", b"!"), (b"pong", b"\xff"), (b"text", _EURO)), spec=("rfc6455-5.4-9a", "rfc6455-5.4-12")),
    _good("a close frame inside of a message", Frame(TEXT, b"Hel", fin=False), close(1001),
          means=((b"close 1001", b""),), spec=("rfc6455-5.4-12",)),
    _good("two messages of fragments", *fragmented(TEXT, [b"a", b"b"]), *fragmented(BINARY, [b"c", b"d"]),
          means=((b"text", b"ab"), (b"binary", b"cd")), spec=("rfc6455-6.2-2",)),
]  # fmt: skip
