"""``wire.websocket`` beside wsproto and websockets, both ways, as client and as server, with and without compression.

A difference is a bug, or an entry of ``wire.fuzz.websocket.known``, which names the section that makes our side right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode as PeerOpcode
from wsproto import events as wsproto_events
from wsproto.frame_protocol import CloseReason

from tests.websocket.support import listen, whole_messages
from wire.fuzz.adapters import HANDSHAKE_READERS, by_websockets, by_wsproto, load, ours_websocket
from wire.fuzz.contract import check_send, cut
from wire.fuzz.known import Known, known_difference
from wire.fuzz.readings import Disagreement, Message, Reading, disagreement
from wire.fuzz.strategies import Spoilt, cuts
from wire.fuzz.websocket import handshakes, strategies
from wire.fuzz.websocket.draft import Frame, Meaning, Stream, close, fragments
from wire.fuzz.websocket.known import KNOWN_OF_FRAMES, KNOWN_OF_HANDSHAKES
from wire.fuzz.websocket.mutations import FRAME_MUTATIONS
from wire.fuzz.websocket.payloads import deflated
from wire.fuzz.websocket.reading import AGREED
from wire.websocket import Binary, Close, Connection, Deflate, Event, Ping, Pong, Role, Text
from wire.websocket.deflate import TAIL

PEERS = {"wsproto": by_wsproto, "websockets": by_websockets}
AGREEMENTS = st.sampled_from(
    [None, Deflate(), Deflate(True, True), Deflate(False, True, 9, 10), Deflate(True, False, 15, 12)]
)


def differences(pieces: Sequence[bytes], deflate: Deflate | None) -> Iterator[tuple[Disagreement, Known | None]]:
    """How each peer reads the frames otherwise than we do, and the entry that explains it."""
    ours = ours_websocket.read_frames(pieces, deflate)
    for name, peer in PEERS.items():
        found = disagreement("wire", ours, name, peer.read_frames(pieces, deflate))
        if found is not None:
            yield found, known_difference(name, found, b"".join(pieces), KNOWN_OF_FRAMES)


def unexplained(pieces: Sequence[bytes], deflate: Deflate | None = AGREED) -> list[Disagreement]:
    return [found for found, entry in differences(pieces, deflate) if entry is None]


@given(spoilt=strategies.inputs(), deflate=st.sampled_from([None, Deflate()]), draw=st.data())
def test_frames_are_read_as_the_peers_read_them(spoilt: Spoilt, deflate: Deflate | None, draw: st.DataObject) -> None:
    assert unexplained(draw.draw(cuts(spoilt.data)), deflate) == []


PLAIN = (*fragments(1, ["häl".encode(), b"lo"], between=[[Frame(9, b"!")]]), Frame(2, b"\xff\x00"), close(1000, b"bye"))


def mutants(name: str) -> list[bytes]:
    """What a mutation makes of a stream for either side, with several throws of the dice."""
    streams = [Stream(PLAIN), Stream(PLAIN, masked=False)]
    return sorted({FRAME_MUTATIONS[name].apply(stream, Random(seed)) for stream in streams for seed in range(15)})


@pytest.mark.parametrize("name", FRAME_MUTATIONS)
def test_each_mutation(name: str) -> None:
    assert [found for data in mutants(name) for found in unexplained([data])] == []


# Inputs that only chance would bring together: a fault in two places, or something in front of another fault.
_NOT_TEXT = Frame(1, b"\xff", fin=False)
RARE = [
    (_NOT_TEXT, Frame(11)),
    (replace(close(1014), payload=b"\x03\xf6\xff"),),
    (Frame(8, b"\x00\x01\xff"),),
    (close(1014),),
    (Frame(1, deflated(b"a"), fin=False, rsv=0x40), Frame(1, b"\x07")),
    (Frame(2, deflated(bytes(2 << 20)).removesuffix(TAIL), rsv=0x40),),
    (Frame(1, _NOT_TEXT.payload, fin=False, length=1 << 40),),
    (_NOT_TEXT, Frame(9)),
]


def test_no_known_difference_is_out_of_date() -> None:
    """Each entry explains something; one that does not has been repaired by the peer, and goes."""
    streams = [data for name in FRAME_MUTATIONS for data in mutants(name)]
    streams += [Stream((*frames, close(1000)), masked).wire() for frames in RARE for masked in (True, False)]
    used = {id(entry) for data in streams for _found, entry in differences([data], Deflate())}
    assert [entry for entry in KNOWN_OF_FRAMES if id(entry) not in used] == []


def test_no_known_difference_of_handshakes_is_out_of_date() -> None:
    """And there is none beside them on any mutation of a plain handshake."""
    readers = {name: load(place) for name, place in HANDSHAKE_READERS.items()}
    used, missing = set(), []
    for mutation in handshakes.MUTATIONS.values():
        for plain in [handshakes.REQUEST] * mutation.requests + [handshakes.RESPONSE] * mutation.responses:
            for data in sorted({mutation.apply(plain, Random(seed)) for seed in range(25)}):
                ours = readers["wire"]([data])
                for name in PEERS:
                    found = disagreement("wire", ours, name, readers[name]([data]))
                    entry = known_difference(name, found, data, KNOWN_OF_HANDSHAKES) if found else None
                    used.add(id(entry))
                    missing += [(mutation.name, found)] if found and not entry else []
    assert missing == []
    assert [entry for entry in KNOWN_OF_HANDSHAKES if id(entry) not in used] == []


def as_reading(means: Sequence[Meaning]) -> Reading:
    """Messages as a reader of frames would tell them."""
    reading = Reading()
    for kind, payload in means:
        kind, _, code = kind.partition(b" ")
        start = {"kind": kind, "code": code} if code else {"kind": kind}
        reading.messages.append(Message(start, body=payload))
    return reading


def without_pings_inside(events: Sequence[Event]) -> list[Event]:
    """What wsproto cannot read left out: control frames inside of messages: see ``known``."""
    kept: list[Event] = []
    inside = False
    for event in events:
        if isinstance(event, (Text, Binary)):
            inside = not event.end
        if not inside or isinstance(event, (Text, Binary)):
            kept.append(event)
    return kept


@pytest.mark.parametrize("name", PEERS)
@given(role=st.sampled_from(Role), events=strategies.conversations(), deflate=AGREEMENTS)
def test_peers_hear_what_we_say(name: str, role: Role, events: list[Event], deflate: Deflate | None) -> None:
    if name == "wsproto" and deflate:
        events = without_pings_inside(events)
    events = [*(event for event in events if not isinstance(event, Close)), Close(1001, "bye")]
    _said, written = check_send(Connection(role, deflate=deflate), events)
    heard = PEERS[name].read_frames([written], deflate)
    assert disagreement("said", as_reading(whole_messages(events)), name, heard) is None


def by_wsproto_sent(role: Role, deflate: Deflate | None, events: Sequence[Event]) -> bytes:
    """The same events sent by wsproto."""
    connection = by_wsproto.connection(role, deflate)
    written = b""
    for event in events:
        sent: Any
        if isinstance(event, Text):
            sent = wsproto_events.TextMessage(event.data, message_finished=event.end)
        elif isinstance(event, Binary):
            sent = wsproto_events.BytesMessage(event.data, message_finished=event.end)
        elif isinstance(event, Ping):
            sent = wsproto_events.Ping(event.payload)
        elif isinstance(event, Pong):
            sent = wsproto_events.Pong(event.payload)
        else:
            assert isinstance(event, Close)
            sent = wsproto_events.CloseConnection(event.code or CloseReason.NO_STATUS_RCVD, event.reason)
        written += connection.send(sent)
    return written


def by_websockets_sent(role: Role, deflate: Deflate | None, events: Sequence[Event]) -> bytes:
    """The same events sent by websockets."""
    protocol = by_websockets.connection(role, deflate)
    inside = False
    for event in events:
        if isinstance(event, (Text, Binary)):
            data = event.data.encode() if isinstance(event, Text) else event.data
            opcode = PeerOpcode.CONT if inside else PeerOpcode.TEXT if isinstance(event, Text) else PeerOpcode.BINARY
            inside = not event.end
            protocol.send_frame(PeerFrame(opcode, data, event.end))
        elif isinstance(event, Ping):
            protocol.send_ping(event.payload)
        elif isinstance(event, Pong):
            protocol.send_pong(event.payload)
        else:
            assert isinstance(event, Close)
            protocol.send_close(event.code, event.reason)
    return b"".join(protocol.data_to_send())


@pytest.mark.parametrize("send", [by_wsproto_sent, by_websockets_sent], ids=["wsproto", "websockets"])
@given(
    role=st.sampled_from(Role),
    events=strategies.conversations(),
    deflate=AGREEMENTS,
    places=st.lists(st.integers(0, 500)),
)
def test_we_hear_what_peers_say(
    send: Any, role: Role, events: list[Event], deflate: Deflate | None, places: list[int]
) -> None:
    written = send(role, deflate, events)
    other = Role.CLIENT if role is Role.SERVER else Role.SERVER
    heard = listen(Connection(other, deflate=deflate), cut(written, places))
    assert heard.error is None
    assert heard.means == whole_messages(events)
