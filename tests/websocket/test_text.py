"""Text fails at its first impossible byte, however it is cut into frames and reads (RFC 6455 §8.1)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.support import listen, whole_messages, wire
from wire.fuzz.contract import bytewise, cut
from wire.fuzz.strategies import cuts
from wire.fuzz.websocket.draft import Frame, fragments
from wire.fuzz.websocket.payloads import IMPOSSIBLE, deflated
from wire.websocket import Connection, Deflate, Event, Role, Text
from wire.websocket.deflate import TAIL
from wire.websocket.frames import RSV1, Opcode

# The grammar of RFC 3629 §4, and what is left over at the end of a text that goes on.
_TAIL = rb"[\x80-\xbf]"
_CHARACTERS = re.compile(
    rb"(?:[\x00-\x7f]|[\xc2-\xdf]%(t)b|\xe0[\xa0-\xbf]%(t)b|[\xe1-\xec\xee\xef]%(t)b{2}|\xed[\x80-\x9f]%(t)b"
    rb"|\xf0[\x90-\xbf]%(t)b{2}|[\xf1-\xf3]%(t)b{3}|\xf4[\x80-\x8f]%(t)b{2})*" % {b"t": _TAIL}
)
_BEGUN = re.compile(
    rb"(?:[\xc2-\xdf]|\xe0[\xa0-\xbf]?|[\xe1-\xec\xee\xef]%(t)b?|\xed[\x80-\x9f]?|\xf0(?:[\x90-\xbf]%(t)b?)?"
    rb"|[\xf1-\xf3]%(t)b{0,2}|\xf4(?:[\x80-\x8f]%(t)b?)?)?" % {b"t": _TAIL}
)


def first_impossible(data: bytes) -> int | None:
    """Index of the first byte that no text has there; its length where it ends too early; None where it is a text."""
    characters = _CHARACTERS.match(data)
    assert characters is not None
    begun = _BEGUN.match(data, characters.end())
    assert begun is not None
    return None if characters.end() == len(data) else begun.end()


BYTES = st.lists(
    st.sampled_from([b"a", "ä".encode(), "€".encode(), "𝄞".encode(), *IMPOSSIBLE.values()]) | st.binary(max_size=2),
    max_size=6,
).map(b"".join)


@pytest.mark.spec("rfc6455-8.1-1", "rfc6455-5.6-4")
@given(role=st.sampled_from(Role), data=BYTES, draw=st.data())
def test_a_text_fails_where_the_grammar_says(role: Role, data: bytes, draw: st.DataObject) -> None:
    pieces = draw.draw(cuts(data)) or [b""]
    stream = wire(*fragments(Opcode.TEXT, pieces), role=role)
    at = first_impossible(data)
    heard = listen(Connection(role), draw.draw(cuts(stream)))
    if at is None:
        assert heard.means == [(b"text", data)]
        return
    header = 6 if role is Role.SERVER else 2
    frames_before = next((n for n in range(len(pieces)) if at < sum(map(len, pieces[: n + 1]))), len(pieces) - 1)
    assert heard.error is not None
    assert heard.error.rule == "websocket.message.not-utf-8"
    assert heard.error.offset == at + header * (frames_before + 1)


@pytest.mark.spec("rfc6455-8.1-1")
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize("name", [name for name in IMPOSSIBLE if name != "cut-short"])  # which is known at its end
def test_it_fails_as_soon_as_that_byte_has_come(role: Role, name: str) -> None:
    """Not when the frame is complete, nor the message: of this one, neither ever is."""
    text = "ä€".encode() + IMPOSSIBLE[name]
    at = first_impossible(text)
    assert at is not None
    for places in ([], [1], [3], [at], range(1, at + 1)):
        *whole, last = cut(text, places)
        frames = [*fragments(Opcode.TEXT, [*whole, b""])[:-1]]
        opcode = Opcode.CONTINUATION if whole else Opcode.TEXT
        stream = wire(*frames, Frame(opcode, last, fin=False, length=100), role=role)
        offset = len(stream) - (len(text) - at)
        connection = Connection(role)
        assert listen(connection, bytewise(stream[:offset])).error is None
        verdict = listen(connection, [stream[offset : offset + 1]]).error
        assert verdict is not None
        assert (verdict.rule, verdict.offset) == ("websocket.message.not-utf-8", offset)


@pytest.mark.spec("rfc6455-5.6-4", "rfc6455-5.4-10")
@given(text=st.text(), draw=st.data(), deflate=st.booleans())
def test_pieces_of_a_text_are_whole_characters(text: str, draw: st.DataObject, deflate: bool) -> None:
    data = text.encode()
    wired = deflated(data).removesuffix(TAIL) if deflate else data
    frames = fragments(Opcode.TEXT, draw.draw(cuts(wired)) or [b""], rsv=RSV1 if deflate else 0)
    events: list[Event] = listen(Connection(Role.SERVER, deflate=Deflate()), [wire(*frames)]).events
    assert len(events) == len(frames)
    assert whole_messages(events) == [(b"text", data)]
    assert "".join(event.data for event in events if isinstance(event, Text)) == text
