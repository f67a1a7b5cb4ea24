"""What is explained of frames tiles the input down to the bit and says what the codec says, whatever the input is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.explain import Derived, Explanation, Span, check_tiling
from wire.explain.outline import traced
from wire.explain.websocket import begins_like_frames, explain, sender_of
from wire.explain.websocket.follow import GENEROUS
from wire.fuzz.contract import transcript
from wire.fuzz.strategies import Spoilt
from wire.fuzz.websocket import strategies
from wire.fuzz.websocket.draft import Frame, Stream, close, fragments
from wire.fuzz.websocket.subjects import subject
from wire.websocket import (
    RULES,
    Binary,
    Close,
    Connection,
    Deflate,
    Event,
    Limits,
    Ping,
    Pong,
    Role,
    Text,
)
from wire.websocket.frames import RSV1, Opcode

TIGHT = Limits(frame=30, message=40, frames=3)
MASK_OF_RFC = b"\x37\xfa\x21\x3d"
OTHER_SIDE = {Role.CLIENT: Role.SERVER, Role.SERVER: Role.CLIENT}
ROLES = pytest.mark.parametrize("sender", Role, ids=lambda role: role.value)
ENDS = st.none() | st.integers(0, 120)
"""Where an input is cut off."""


def units(explanation: Explanation, name: str) -> list[Span]:
    return [span for top in explanation.spans for span in top.walk() if span.name == name]


def value(group: Span, name: str) -> object:
    return next((span.value for span in group.walk() if span.name == name), None)


def spelled(explanation: Explanation) -> list[Event]:
    """The events that the spans tell of: those of the frames that are complete and break no rule."""
    frames = [span for span in explanation.spans if span.name.endswith(" frame") or span.name == "frame"]
    cut = explanation.awaiting.startswith("the rest of the frame header") or "of the payload" in explanation.awaiting
    events: list[Event] = []
    kind: type[Text] | type[Binary] = Binary
    if frames and (cut or explanation.fault):
        assert frames.pop().value is None, "what is not complete says nothing yet"
    for frame in frames:
        said, opcode = frame.value, value(frame, "opcode")
        if opcode in (Opcode.TEXT, Opcode.BINARY):
            kind = Text if opcode == Opcode.TEXT else Binary
        if opcode == Opcode.CLOSE:
            reason = value(frame, "reason") or ""
            assert isinstance(said, int | None)
            assert isinstance(reason, str)
            events.append(Close(said, reason))
        elif opcode in (Opcode.PING, Opcode.PONG):
            assert isinstance(said, bytes)
            events.append(Ping(said) if opcode == Opcode.PING else Pong(said))
        else:
            events.append(kind(said, value(frame, "FIN") == 1))  # type: ignore[arg-type] # equality finds what is not
        assert next((unit.value for unit in frame.children if unit.kind.value == "content"), said) == said
    return events


def derivations(explanation: Explanation) -> Iterator[tuple[Span, Derived, list[list[int]]]]:
    for top in explanation.spans:
        for span in top.walk():
            for derived, origins in traced(span.derived):
                yield span, derived, origins


def check_bits(explanation: Explanation) -> None:
    """Each field of a header has the value that its bits have, and the fields are all of them."""
    number = int.from_bytes(explanation.data, "big")
    behind = len(explanation.data) * 8
    for header in units(explanation, "frame header"):
        for leaf in header.leaves():
            first, end = leaf.bits
            if isinstance(leaf.value, int):
                assert leaf.value == number >> (behind - end) & ((1 << (end - first)) - 1), leaf.name


def hold(explanation: Explanation, limits: Limits, deflate: Deflate | None, sender: Role) -> None:
    """Check an explanation against what the codec makes of the same bytes."""
    data = explanation.data
    check_tiling(data, explanation.spans)
    check_bits(explanation)
    said = transcript(subject(OTHER_SIDE[sender], limits, deflate), [data] if data else [])
    fault = explanation.fault
    assert (fault and (fault.rule, fault.offset)) == said.error
    assert spelled(explanation) == list(said.events)
    if fault is not None:
        assert (fault.allowed, fault.code) == (RULES[fault.rule].allowed, RULES[fault.rule].answer)
        assert fault.offset <= fault.end <= len(data)
        assert all(span.start >= fault.end for span in explanation.spans if span.name == "not read")
    for span, derived, origins in derivations(explanation):
        for piece, starts in zip(derived.pieces, origins, strict=True):
            assert all(span.start <= start < span.end for start in starts), "it leads back to the wire"
            assert piece.end <= len(derived.data)


@ROLES
@pytest.mark.parametrize("limits", [GENEROUS, TIGHT], ids=["limits", "tight limits"])
@given(data=st.data(), deflate=st.booleans(), end=ENDS)
def test_explained_frames_are_what_the_codec_hears(
    sender: Role, limits: Limits, data: st.DataObject, deflate: bool, end: int | None
) -> None:
    spoilt: Spoilt = data.draw(strategies.inputs(masked=sender is Role.CLIENT))
    agreed = Deflate() if deflate else None
    hold(explain(spoilt.data[:end], sender, deflate=agreed, limits=limits), limits, agreed, sender)


@ROLES
@given(events=strategies.conversations(), deflate=st.none() | strategies.agreements(), cut=st.integers(0, 400))
def test_whatever_one_side_says_is_explained(
    sender: Role, events: list[Event], deflate: Deflate | None, cut: int
) -> None:
    speaker = Connection(sender, deflate=deflate)
    for event in events:
        speaker.send(event)
    data = speaker.bytes_to_send()
    whole = explain(data, sender, deflate=deflate)
    assert whole.fault is None
    assert spelled(whole) == events
    hold(explain(data[:cut], sender, deflate=deflate), GENEROUS, deflate, sender)


@given(stream=strategies.streams(deflate=True), begin=st.binary(max_size=40))
def test_frames_may_begin_anywhere_in_what_a_side_sent(stream: Stream, begin: bytes) -> None:
    """Behind a handshake everything is as it would be without it, so many bytes further on."""
    data = stream.wire()
    alone = explain(data, Role.CLIENT, deflate=Deflate())
    behind = explain(begin + data, Role.CLIENT, deflate=Deflate(), start=len(begin))
    assert spelled(behind) == spelled(alone)
    assert [span.start - len(begin) for span in behind.spans] == [span.start for span in alone.spans]
    if behind.spans:
        assert behind.spans[0].start == len(begin)
        check_bits(behind)


@given(stream=strategies.streams(deflate=True))
def test_the_state_goes_on_from_frame_to_frame(stream: Stream) -> None:
    changes = [
        change
        for top in explain(stream.wire(), Role.CLIENT, deflate=Deflate()).spans
        for span in top.walk()
        for change in span.state
    ]
    for name, first in (("message in progress", "none"), ("compression window", "0 bytes")):
        known = [change for change in changes if change.name == name]
        assert [change.before for change in known] == [first, *[change.after for change in known]][: len(known)]


def test_the_examples_of_the_rfc() -> None:
    """RFC 6455 §5.7: a masked hello, shown masked and unmasked."""
    data = bytes.fromhex("818537fa213d7f9f4d5158")
    explanation = explain(data, Role.CLIENT)
    (payload,) = units(explanation, "payload, masked")
    assert data[payload.start : payload.end].hex() == "7f9f4d5158"
    assert payload.value == "Hello"
    assert payload.derived is not None
    assert payload.derived.data == b"Hello"
    assert [(piece.origin_start, piece.origin_end) for piece in payload.derived.pieces] == [(6, 11)]
    assert value(explanation.spans[0], "masking-key") == "37 fa 21 3d"


def test_a_compressed_message_is_traced_through_both_layers() -> None:
    """RFC 7692 §7.2.3.1, from a client: inflated comes from unmasked, and that from the wire."""
    data = Frame(Opcode.TEXT, bytes.fromhex("f248cdc9c90700"), rsv=RSV1).wire(masked=True)
    explanation = explain(data, Role.CLIENT, deflate=Deflate())
    found = [(derived.how, derived.data, origins) for _span, derived, origins in derivations(explanation)]
    assert found == [("unmasked", bytes.fromhex("f248cdc9c90700"), [[6]]), ("inflated", b"Hello", [[6]])]


def test_a_character_that_two_frames_share() -> None:
    first, second = "Kä".encode()[:2], "Kä".encode()[2:] + "se 🧀".encode()
    data = b"".join(frame.wire(masked=True) for frame in fragments(Opcode.TEXT, [first, second]))
    explanation = explain(data, Role.CLIENT)
    assert [unit.value for unit in units(explanation, "payload, masked")] == ["K", "äse 🧀"]
    assert [units(explanation, name)[0].value for name in ("beginning of a character", "end of a character")] == [
        b"\xc3",
        "ä",
    ]
    assert [change.after for top in explanation.spans for span in top.walk() for change in span.state] == [
        "text, 2 bytes, the last 1 of an unfinished character",
        "none",
    ]


def test_a_close_code_and_its_reason_are_parts_of_the_masked_payload() -> None:
    explanation = explain(close(1001, b"bye").wire(masked=True), Role.CLIENT)
    code, reason = units(explanation, "status code")[0], units(explanation, "reason")[0]
    assert (code.value, reason.value) == (1001, "bye")
    assert "goes away" in code.note
    assert (code.end - code.start, reason.end - reason.start) == (2, 3)


@pytest.mark.parametrize(
    ("data", "blamed", "fields"),
    [
        (b"\xb1\x00", b"\xb1", ["RSV2", "RSV3"]),
        (b"\x83\x00", b"\x83", ["opcode"]),
        (b"\x09\x00", b"\x09", ["FIN"]),
        (b"\x80\x00", b"\x80", ["opcode"]),
        (b"\x81\x80" + MASK_OF_RFC, b"\x80", ["MASK"]),
        (b"\x81\x7e\x00\x05Hello", b"\x7e\x00\x05", ["payload length", "extended payload length"]),
        (b"\x81\x7f" + b"\x80" + bytes(7), b"\x80" + bytes(7), ["extended payload length"]),
        (b"\x89\x7e\x00\x7e" + bytes(126), b"\x7e\x00\x7e", ["payload length", "extended payload length"]),
        (b"\x81\x02\xc3\x28", b"\x28", []),
        (b"\x81\x01\xc3", b"", []),
        (b"\x88\x01\x03", b"\x03", []),
        (b"\x88\x04\x03\xedxx", b"\x03\xed", []),
        (b"\x88\x05\x03\xe8a\xffb", b"a\xffb", []),
    ],
    ids=lambda part: part.hex() if isinstance(part, bytes) else None,
)
def test_the_bytes_and_fields_to_blame(data: bytes, blamed: bytes, fields: list[str]) -> None:
    explanation = explain(data, Role.SERVER)
    assert explanation.fault is not None
    assert data[explanation.fault.offset : explanation.fault.end] == blamed
    at_fault = units(explanation, "at fault")
    assert len(at_fault) == bool(blamed)
    assert [part.name for span in at_fault for part in span.children if part.kind.value == "fault"] == fields


@pytest.mark.parametrize(
    ("data", "awaiting"),
    [
        (b"\x81", "the rest of the frame header: MASK, payload length"),
        (b"\x81\x7e\x01", "the rest of the frame header: extended payload length"),
        (b"\x81\x05Hel", "2 bytes of the payload"),
        (b"\x01\x02Hi", "a continuation frame, for the text message is not at its end"),
        (b"\x81\x02Hi", "a close frame: to end without one is abnormal, 1006 (RFC 6455 §7.1.5)"),
        (b"\x88\x00", ""),
        (b"\x88\x00\x81\x02Hi", ""),
    ],
    ids=lambda part: part.hex() if isinstance(part, bytes) else None,
)
def test_what_is_still_to_come(data: bytes, awaiting: str) -> None:
    explanation = explain(data, Role.SERVER, closed=True)
    assert explanation.fault is None
    assert explanation.awaiting == awaiting
    assert explain(data, Role.SERVER).awaiting == ("" if awaiting.startswith("a close frame") else awaiting)


def test_a_reserved_bit_that_compression_gave_a_meaning_is_not_to_blame() -> None:
    explanation = explain(b"\xe1\x00", Role.SERVER, deflate=Deflate())
    (span,) = units(explanation, "at fault")
    assert [part.name for part in span.children if part.kind.value == "fault"] == ["RSV2"]


def test_what_follows_a_close_frame_is_discarded() -> None:
    assert [span.name for span in explain(b"\x88\x00\x81\x02Hi", Role.SERVER).spans] == ["close frame", "discarded"]


@pytest.mark.parametrize(
    ("data", "frames", "sender"),
    [
        (b"", False, Role.SERVER),
        (b"\x81\x85", True, Role.CLIENT),
        (b"\x81\x05", True, Role.SERVER),
        (b"\x01", True, Role.SERVER),
        (b"GET /", False, Role.SERVER),
        (b"\r\nGET", False, Role.SERVER),
        (b"\x00\x01", False, Role.SERVER),
        (b"\x83", False, Role.SERVER),
    ],
)
def test_what_it_is_and_who_sent_it(data: bytes, frames: bool, sender: Role) -> None:
    assert begins_like_frames(data) is frames
    assert sender_of(data) is sender


def test_a_long_input_takes_linear_time() -> None:
    """A quadratic walk over these 30,000 fragments would take minutes."""
    many = b"".join(frame.wire(masked=False) for frame in fragments(Opcode.TEXT, [b"x"] * 30_000))
    assert len(explain(many, Role.SERVER).spans) == 30_000
