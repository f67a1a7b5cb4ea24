"""Hypothesis strategies for WebSocket: conversations as events, streams as others write them, spoilt bytes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wire.fuzz.contract import cut
from wire.fuzz.strategies import Spoilt, edited, mutated
from wire.fuzz.websocket.draft import Frame, Meaning, Stream, close, fragments, meaning
from wire.fuzz.websocket.mutations import FRAME_MUTATIONS
from wire.fuzz.websocket.payloads import deflated
from wire.websocket import Binary, Close, Deflate, Event, Ping, Pong, Text
from wire.websocket.close_codes import SENDABLE
from wire.websocket.deflate import LEAST_WINDOW_BITS, MOST_WINDOW_BITS, TAIL
from wire.websocket.frames import RSV1, Opcode

_LONG = [124, 125, 126, 127, 300]


def texts(max_size: int = 20) -> SearchStrategy[str]:
    """Text that has a form in UTF-8, now and then longer than a short frame."""
    characters = st.characters(exclude_categories=["Cs"])
    return st.text(characters, max_size=max_size) | st.sampled_from(_LONG).map(lambda size: "ö" + "x" * (size - 2))


def payloads(max_size: int = 30) -> SearchStrategy[bytes]:
    """Bytes, now and then more than a short frame holds, and sometimes well to compress."""
    return st.binary(max_size=max_size) | st.sampled_from(_LONG).map(lambda size: b"x" * size)


def close_codes() -> SearchStrategy[int]:
    """Codes that may stand in a close frame (RFC 6455 §7.4)."""
    return st.sampled_from(sorted(code for code in SENDABLE if code < 3002 or code in (3999, 4000, 4999)))


def reasons() -> SearchStrategy[str]:
    """Reasons of at most 123 bytes."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["ö" * 61 + "x", "x" * 123])


def control_events() -> SearchStrategy[Event]:
    """A ping or a pong."""
    return st.builds(Ping, st.binary(max_size=125)) | st.builds(Pong, st.binary(max_size=6))


def close_events() -> SearchStrategy[Event]:
    """A close frame with a code and perhaps a reason, or without."""
    return st.just(Close()) | st.builds(Close, close_codes(), st.just("") | reasons())


@st.composite
def messages(draw: st.DrawFn) -> list[Event]:
    """A message of one to four pieces, control frames between them."""
    kind = draw(st.sampled_from([Text, Binary]))
    pieces = draw(st.lists(texts() if kind is Text else payloads(), min_size=1, max_size=4))
    events: list[Event] = []
    for number, piece in enumerate(pieces, 1):
        events.append(kind(piece, number == len(pieces)))
        if number < len(pieces):
            events += draw(st.lists(control_events(), max_size=2))
    return events


@st.composite
def conversations(draw: st.DrawFn) -> list[Event]:
    """What one side may say from beginning to end; often with a close frame."""
    groups = draw(st.lists(messages() | control_events().map(lambda event: [event]), max_size=5))
    events = [event for group in groups for event in group]
    return events + draw(st.just([]) | close_events().map(lambda event: [event]))


def agreements() -> SearchStrategy[Deflate]:
    """Everything that two sides can agree on about compression (RFC 7692 §7.1)."""
    bits = st.integers(LEAST_WINDOW_BITS, MOST_WINDOW_BITS)
    return st.builds(Deflate, st.booleans(), st.booleans(), bits, bits)


@st.composite
def streams(draw: st.DrawFn, *, masked: bool = True, deflate: bool = False) -> Stream:
    """A valid stream as somebody else might write it, up to its close frame.

    Fragments are cut anywhere, also inside characters, and may be empty. With ``deflate``, some of the messages are
    compressed in one of the many ways that RFC 7692 §7.2.3 leaves; with the default parameters, any receiver that
    agreed on compression at all understands them.
    """
    frames: list[Frame] = []
    means: list[Meaning] = []
    machine = _Compressing()
    for _ in range(draw(st.integers(0, 3))):
        opcode = draw(st.sampled_from([Opcode.TEXT, Opcode.BINARY]))
        payload = draw(texts()).encode() if opcode == Opcode.TEXT else draw(payloads())
        squeezed = deflate and draw(st.booleans())
        wire = draw(machine.ways(payload)) if squeezed else payload
        pieces = cut(wire, draw(st.lists(st.integers(0, max(len(wire), 1)), max_size=4))) or [b""]
        pieces[draw(st.integers(0, len(pieces))) : 0] = [b""] * draw(st.integers(0, 1))
        controls = st.lists(
            st.builds(Frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=5)), max_size=2
        )
        between = [draw(controls) for _ in pieces[1:]]
        frames += fragments(opcode, pieces, rsv=RSV1 if squeezed else 0, between=between)
        means += [meaning(frame.opcode, frame.payload) for group in between for frame in group]
        means.append(meaning(opcode, payload))
    last = close(draw(close_codes()), draw(reasons()).encode()) if draw(st.booleans()) else close()
    keys = draw(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=4))
    keyed = [replace(frame, key=keys[at % len(keys)]) for at, frame in enumerate([*frames, last])]
    return Stream(tuple(keyed), masked, (*means, meaning(last.opcode, last.payload)))


class _Compressing:
    """A compressor that keeps its window, used in every way that there is (RFC 7692 §7.2.3)."""

    def __init__(self) -> None:
        self._machine = zlib.compressobj(wbits=-MOST_WINDOW_BITS)

    def ways(self, data: bytes) -> SearchStrategy[bytes]:
        return st.sampled_from([self._plain, self._stored, self._full, self._blocks]).map(lambda way: way(data))

    def _plain(self, data: bytes) -> bytes:
        return (self._machine.compress(data) + self._machine.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL) or b"\0"

    def _full(self, data: bytes) -> bytes:
        return (self._machine.compress(data) + self._machine.flush(zlib.Z_FULL_FLUSH)).removesuffix(TAIL) or b"\0"

    def _blocks(self, data: bytes) -> bytes:
        first = self._machine.compress(data[:3]) + self._machine.flush(zlib.Z_SYNC_FLUSH)
        return first + self._plain(data[3:])

    def _stored(self, data: bytes) -> bytes:
        """By a compressor of its own; since the window does not know of this, it begins anew."""
        self._machine = zlib.compressobj(wbits=-MOST_WINDOW_BITS)
        return deflated(data, level=0).removesuffix(TAIL) or b"\0"


def mutated_streams(*, masked: bool = True, deflate: bool = True) -> SearchStrategy[Spoilt]:
    """A stream spoilt by one of ``FRAME_MUTATIONS``."""
    return mutated(streams(masked=masked, deflate=deflate), FRAME_MUTATIONS)


_FAMILIAR: Sequence[bytes] = [
    b"\x81", b"\x01", b"\x82", b"\x80", b"\x00", b"\x88", b"\x89", b"\x8a", b"\xc1", b"\x85Hello", b"\x05Hello",
    b"\x7e", b"\xfe", b"\x7f", b"\xff", b"\x00\x7e", b"\x03\xe8", b"\x80\x00\x00\x00\x00",
    b"\x81\x85\x37\xfa\x21\x3d", bytes(8), b"\xf2\x48\xcd\xc9\xc9\x07\x00", TAIL,
]  # fmt: skip


def noise() -> SearchStrategy[bytes]:
    """Bytes without any order, and familiar pieces in an unfamiliar one."""
    return st.binary(max_size=60) | st.lists(st.sampled_from(_FAMILIAR) | st.binary(max_size=3), max_size=25).map(
        b"".join
    )


def inputs(*, masked: bool | None = None, deflate: bool = True) -> SearchStrategy[Spoilt]:
    """What a fuzzer feeds: mostly spoilt streams, some valid ones, some noise; None for those of either side."""
    if masked is None:
        return inputs(masked=True, deflate=deflate) | inputs(masked=False, deflate=deflate)
    valid = streams(masked=masked, deflate=deflate).map(Stream.wire)
    spoilt = mutated_streams(masked=masked, deflate=deflate)
    return st.one_of(
        spoilt,
        spoilt,
        valid.map(lambda data: Spoilt("valid", data)),
        edited(valid, _FAMILIAR).map(lambda data: Spoilt("edited", data)),
        noise().map(lambda data: Spoilt("noise", data)),
    )
