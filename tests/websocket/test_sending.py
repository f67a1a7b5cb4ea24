"""What leaves: frames in their shortest form, as RFC 6455 §5.7 has them, and every way to be refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.http1.support import refused_by
from tests.websocket.support import listen, pair, said
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Deflate, Event, Ping, Pong, Role, State, Text
from wire.websocket.frames import read_frame_header
from wire.websocket.rules import LOCAL_RULES

KEY = b"\x37\xfa\x21\x3d"


def server() -> Connection:
    return Connection(Role.SERVER)


def client() -> Connection:
    return Connection(Role.CLIENT, masking_key=lambda: KEY)


@pytest.mark.spec("rfc6455-2.1-10")
@pytest.mark.spec(
    "rfc6455-5.1-1a", "rfc6455-5.1-1d", "rfc6455-5.3-1", "rfc6455-6.1-4", "rfc6455-6.1-5", "rfc6455-6.1-6"
)
@pytest.mark.spec("rfc6455-6.1-3a", "rfc6455-6.1-3b", "rfc6455-6.1-8", "rfc6455-5.2-4")
@pytest.mark.parametrize(
    ("connection", "events", "bytes_of_the_rfc"),
    [
        (server(), [Text("Hello")], "81 05 48 65 6c 6c 6f"),
        (client(), [Text("Hello")], "81 85 37 fa 21 3d 7f 9f 4d 51 58"),
        (server(), [Text("Hel", end=False), Text("lo")], "01 03 48 65 6c 80 02 6c 6f"),
        (server(), [Ping(b"Hello")], "89 05 48 65 6c 6c 6f"),
        (client(), [Pong(b"Hello")], "8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
        (server(), [Binary(bytes(256))], "82 7e 01 00" + "00" * 256),
        (server(), [Binary(bytes(65536))], "82 7f 00 00 00 00 00 01 00 00" + "00" * 65536),
    ],
    ids=["text", "masked text", "fragments", "ping", "masked pong", "256 bytes", "64 KiB"],
)
def test_frames_are_those_of_the_rfc(connection: Connection, events: list[Event], bytes_of_the_rfc: str) -> None:
    assert said(connection, *events) == bytes.fromhex(bytes_of_the_rfc)


@pytest.mark.spec("rfc6455-5.2-20a", "rfc6455-5.2-20b")
@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 70_000])
@pytest.mark.parametrize("make", [server, client])
def test_lengths_take_as_little_room_as_they_can(make: object, length: int) -> None:
    connection = client() if make is client else server()
    data = said(connection, Binary(bytes(length)))
    header = read_frame_header(data, 0)
    assert header is not None
    assert header.minimal
    assert (header.length, header.masked) == (length, make is client)
    assert len(data) == header.size + length


@pytest.mark.spec("rfc6455-5.4-9a", "rfc6455-5.4-18", "rfc6455-5.5.2-4", "rfc6455-5.5.3-5")
def test_control_frames_go_between_the_pieces_of_a_message() -> None:
    events: list[Event] = [Text("a", end=False), Ping(b"1"), Text("", end=False), Pong(b"2"), Text("b"), Binary(b"c")]
    out = said(server(), *events)
    assert out == b"\x01\x01a" + b"\x89\x011" + b"\x00\x00" + b"\x8a\x012" + b"\x80\x01b" + b"\x82\x01c"
    assert listen(client(), [out]).events == events


@pytest.mark.spec("rfc6455-5.2-6a", "rfc6455-5.5-3b", "rfc7692-6-3")
@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
def test_reserved_bits_are_only_where_compression_puts_them(deflate: Deflate | None) -> None:
    connection = Connection(Role.SERVER, deflate=deflate)
    first = 0x41 if deflate else 0x01
    events: list[Event] = [Text("a", end=False), Ping(), Text("b", end=False), Text("c"), Pong(), Binary(b""), Close()]
    assert [said(connection, event)[0] for event in events] == [first, 0x89, 0x00, 0x80, 0x8A, first + 0x81, 0x88]


REFUSED: list[tuple[str, tuple[Event, ...], Event]] = [
    ("websocket.send.state", (Close(1000),), Text("a")),
    ("websocket.send.state", (ConnectionClosed(1006),), Close(1000)),
    ("websocket.send.not-continued", (Text("a", end=False),), Binary(b"b")),
    ("websocket.send.not-continued", (Binary(b"a", end=False),), Text("b")),
    ("websocket.send.not-continued", (Binary(b"a", end=False), Ping(), Binary(b"", end=False)), Text("")),
    ("websocket.send.control-too-long", (), Ping(b"x" * 126)),
    ("websocket.send.control-too-long", (Text("a", end=False),), Pong(b"x" * 126)),
    ("websocket.send.control-too-long", (), Close(1000, "x" * 124)),
    ("websocket.send.close-code", (), Close(1005)),
    ("websocket.send.close-code", (), Close(1006)),
    ("websocket.send.close-code", (), Close(1015)),
    ("websocket.send.close-code", (), Close(0)),
    ("websocket.send.close-code", (), Close(-1)),
    ("websocket.send.close-code", (), Close(70_000)),
    ("websocket.send.close-code", (), Close(None, "a reason")),
    ("websocket.send.not-unicode", (), Text("\ud800")),
    ("websocket.send.not-unicode", (Text("a", end=False),), Text("b\udfff")),
    ("websocket.send.not-unicode", (), Close(1000, "\ud800")),
]


@pytest.mark.spec("rfc6455-5.4-11", "rfc6455-5.5-3a", "rfc6455-5.5.1-4", "rfc6455-7.4.1-13", "rfc6455-7.4.1-15")
@pytest.mark.spec("rfc6455-7.4.1-28", "rfc6455-5.4-18")
@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize(
    ("rule", "before", "event"), REFUSED, ids=[f"{rule}: {event!r:.40}" for rule, _, event in REFUSED]
)
def test_what_must_not_be_sent_is_refused_and_changes_nothing(
    rule: str, before: tuple[Event, ...], event: Event, role: Role, deflate: Deflate | None
) -> None:
    connection = Connection(role, deflate=deflate)
    begun = said(connection, *before)
    state = connection.our_state
    with refused_by(rule):
        connection.send(event)
    assert (connection.bytes_to_send(), connection.our_state) == (b"", state)
    if state is State.OPEN:
        rest = [*_end_of(before), Text("more"), Close(1000)]
        peer = Connection(Role.CLIENT if role is Role.SERVER else Role.SERVER, deflate=deflate)
        assert listen(peer, [begun + said(connection, *rest)]).events == [*before, *rest]


def _end_of(events: tuple[Event, ...]) -> list[Event]:
    """What ends the message that these begin, if they do."""
    last = events[-1] if events else None
    return [replace(last, end=True)] if isinstance(last, (Text, Binary)) else []


def test_every_way_to_be_refused_is_shown() -> None:
    elsewhere = {"websocket.receive.after-close", "websocket.send.handshake"}
    assert {rule for rule, _, _ in REFUSED} | elsewhere == set(LOCAL_RULES)


def test_what_waits_to_be_sent_leaves_once_and_in_order() -> None:
    sender, receiver = pair()
    events: list[Event] = [Text("a"), Ping(b"b"), Binary(b"c")]
    for event in events:
        sender.send(event)
    out = sender.bytes_to_send()
    assert sender.bytes_to_send() == b""
    assert list(receiver.receive(out)) == events
