"""WebSocket under rules 4 and 5 of the contract: what is sent is heard, and nothing else can be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.support import whole_messages
from wire.fuzz.contract import check_send, transcript
from wire.fuzz.strategies import cuts
from wire.fuzz.websocket import strategies
from wire.fuzz.websocket.draft import KEY
from wire.fuzz.websocket.subjects import subject
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Deflate, Event, Ping, Pong, Role, Text

MAYBE_DEFLATE = st.none() | strategies.agreements()


def other(role: Role) -> Role:
    return Role.CLIENT if role is Role.SERVER else Role.SERVER


@pytest.mark.spec(
    "rfc6455-5.1-1a", "rfc6455-5.1-1c", "rfc6455-5.4-10", "rfc6455-6.1-1", "rfc6455-6.1-3a", "rfc6455-6.1-6"
)
@given(sender=st.sampled_from(Role), events=strategies.conversations(), deflate=MAYBE_DEFLATE, draw=st.data())
def test_what_one_side_says_the_other_hears(
    sender: Role, events: list[Event], deflate: Deflate | None, draw: st.DataObject
) -> None:
    said, written = check_send(Connection(sender, deflate=deflate, masking_key=lambda: KEY), events)
    assert said == events, "a valid event was refused"
    heard = transcript(subject(other(sender), deflate=deflate), draw.draw(cuts(written)))
    assert heard.error is None
    assert list(heard.events) == events


ANY_TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "a\udfff", "\x00", "ö" * 63, "x" * 124, "x" * 123])
ANY_EVENT = st.one_of(
    st.builds(Text, ANY_TEXT, st.booleans()),
    st.builds(Binary, st.binary(max_size=8), st.booleans()),
    st.builds(Ping, st.binary(max_size=4) | st.sampled_from([b"x" * 125, b"x" * 126, b"x" * 70_000])),
    st.builds(Pong, st.binary(max_size=4) | st.just(b"x" * 126)),
    st.builds(Close, st.none() | st.integers(-1, 5001) | st.just(1 << 16), ANY_TEXT),
    st.builds(ConnectionClosed, st.just(1006)),
)


@given(sender=st.sampled_from(Role), events=st.lists(ANY_EVENT, max_size=8), deflate=MAYBE_DEFLATE)
def test_nothing_that_a_side_is_told_to_send_can_break_a_rule(
    sender: Role, events: list[Event], deflate: Deflate | None
) -> None:
    said, written = check_send(Connection(sender, deflate=deflate), events)
    heard = transcript(subject(other(sender), deflate=deflate), [written] if written else [])
    assert heard.error is None, written
    assert list(heard.events) == [event for event in said if not isinstance(event, ConnectionClosed)]


@given(sender=st.sampled_from(Role), payload=st.binary(max_size=300), deflate=st.booleans())
def test_a_message_carries_anything(sender: Role, payload: bytes, deflate: bool) -> None:
    """Bytes that look like frames are a payload all the same."""
    agreed = Deflate() if deflate else None
    inside = Connection(sender, deflate=agreed)
    inside.send(Binary(payload))
    frame = inside.bytes_to_send()
    outside = Connection(sender, deflate=agreed)
    outside.send(Binary(frame))
    heard = transcript(subject(other(sender), deflate=agreed), [outside.bytes_to_send()])
    assert whole_messages(heard.events) == [(b"binary", frame)]
