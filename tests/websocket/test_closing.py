"""The closing handshake: its codes and reasons, who may say what until when, and what is heard of the end (§7)."""

from __future__ import annotations

import pytest

from tests.http1.support import refused_by
from tests.websocket.support import (
    CLOSE,
    PING,
    PONG,
    client_hears,
    hears,
    listen,
    pair,
    said,
    server_hears,
    wire,
)
from wire.errors import LocalProtocolError
from wire.fuzz.websocket.draft import Frame, close
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Role, State, Text
from wire.websocket.close_codes import SENDABLE
from wire.websocket.frames import Opcode

# RFC 6455 §7.4.1 and §7.4.2, and what the registry that it founded has added: 1012 to 1014.
MAY_BE_SENT = [
    *(1000, 1001, 1002, 1003), *(1007, 1008, 1009, 1010, 1011), *(1012, 1013, 1014), *range(3000, 5000),
]  # fmt: skip
EVENTS = [Text("a"), Text("a", end=False), Binary(b"a"), PING, PONG, Close(1000)]


def names(events: list[object]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.mark.spec("rfc6455-7.4.1-1", "rfc6455-7.4.1-9", "rfc6455-7.4.1-13", "rfc6455-7.4.1-15", "rfc6455-7.4.1-28")
@pytest.mark.spec("rfc6455-7.4-1", "rfc6455-5.5.1-2b")
def test_each_code_is_sent_and_heard_or_neither() -> None:
    for code in [*range(5200), 9999, 65535]:
        arriving = listen(Connection(Role.CLIENT), [wire(close(code), role=Role.CLIENT)])
        leaving = Connection(Role.SERVER)
        if code in MAY_BE_SENT:
            assert arriving.events == [Close(code)]
            assert said(leaving, Close(code)) == bytes([0x88, 2]) + code.to_bytes(2, "big")
        else:
            assert arriving.verdict == ("websocket.close.code", 1002, "RFC 6455 §7.4", 2)
            with refused_by("websocket.send.close-code"):
                leaving.send(Close(code))
            assert leaving.our_state is State.OPEN
    assert frozenset(MAY_BE_SENT) == SENDABLE


@pytest.mark.spec("rfc6455-5.5.1-2a", "rfc6455-5.5.1-2c", "rfc6455-5.5-3a", "rfc6455-7.1.2-1a")
@pytest.mark.parametrize("reason", ["", "bye", "tschüß", "x" * 123, "ö" * 61 + "x", "𝄞" * 30], ids=len)
def test_a_reason_takes_up_to_123_bytes(reason: str) -> None:
    client, server = pair()
    assert list(server.receive(said(client, Close(1000, reason)))) == [Close(1000, reason)]


@pytest.mark.parametrize("reason", ["x" * 124, "ö" * 62, "𝄞" * 31], ids=len)
def test_a_longer_reason_is_refused_not_cut(reason: str) -> None:
    client, _server = pair()
    with refused_by("websocket.send.control-too-long"):
        client.send(Close(1000, reason))
    assert client.bytes_to_send() == b""
    assert client.our_state is State.OPEN


def test_a_reason_needs_a_code() -> None:
    with refused_by("websocket.send.close-code"):
        Connection(Role.SERVER).send(Close(None, "bye"))


@pytest.mark.spec("rfc6455-5.5.1-4", "rfc6455-6.1-2a", "rfc6455-6.1-2b", "rfc6455-5.1-3")
@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_nothing_is_sent_behind_a_close_frame(event: Text | Binary | Close) -> None:
    connection = Connection(Role.SERVER)
    said(connection, Text("begun", end=False), Close(1001))
    with refused_by("websocket.send.state"):
        connection.send(event)
    assert connection.bytes_to_send() == b""
    connection.send(ConnectionClosed(1001))
    with refused_by("websocket.send.state"):
        connection.send(event)
    assert connection.our_state is State.CLOSED


@pytest.mark.spec("rfc6455-5.5.1-5a", "rfc6455-5.5.1-5c", "rfc6455-5.5.1-5d", "rfc6455-7.1.2-1b")
def test_who_hears_a_close_frame_may_end_the_message_first() -> None:
    client, server = pair()
    list(client.receive(said(server, Text("half of ", end=False))))
    assert list(server.receive(said(client, Close(1000)))) == [Close(1000)]
    assert (server.our_state, server.their_state) == (State.OPEN, State.CLOSING)
    rest = said(server, Text("it"), Close(1000), ConnectionClosed(1000)) + said(client)
    assert list(client.receive(rest)) == [Text("it"), Close(1000)]
    assert (client.our_state, client.their_state) == (State.CLOSING, State.CLOSING)
    assert list(client.receive(CLOSE)) == [ConnectionClosed(1000)]


@pytest.mark.spec("rfc6455-7.1.2-1b", "rfc6455-5.5.1-5a")
def test_both_close_at_once() -> None:
    client, server = pair()
    from_client, from_server = said(client, Close(1000, "I go")), said(server, Close(1001, "so do I"))
    assert list(client.receive(from_server)) == [Close(1001, "so do I")]
    assert list(server.receive(from_client)) == [Close(1000, "I go")]
    for side in (client, server):
        assert (side.our_state, side.their_state) == (State.CLOSING, State.CLOSING)
        with refused_by("websocket.send.state"):
            side.send(Close(1000))
    assert list(client.receive(CLOSE)) == [ConnectionClosed(1001, "so do I")]
    assert list(server.receive(CLOSE)) == [ConnectionClosed(1000, "I go")]
    assert (client.their_state, server.their_state) == (State.CLOSED, State.CLOSED)


@pytest.mark.spec("rfc6455-7.4.1-13", "rfc6455-7.4.1-15", "rfc6455-7.2.1-2")
@pytest.mark.parametrize(
    ("before", "end"),
    [
        ((), ConnectionClosed(1006)),
        ((Frame(Opcode.TEXT, b"a"),), ConnectionClosed(1006)),
        ((Frame(Opcode.TEXT, b"a", fin=False),), ConnectionClosed(1006)),
        ((Frame(Opcode.TEXT, b"a", length=9),), ConnectionClosed(1006)),
        ((Frame(Opcode.CLOSE, b"\x03\xe8", length=20),), ConnectionClosed(1006)),
        ((close(),), ConnectionClosed(1005)),
        ((close(1000),), ConnectionClosed(1000)),
        ((close(4000, b"why not"),), ConnectionClosed(4000, "why not")),
        ((close(1000), close(1011)), ConnectionClosed(1000)),
    ],
    ids=["nothing", "message", "in a message", "in a frame", "in a close frame", "no code", "1000", "reason", "two"],
)
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_what_is_heard_of_the_end(role: Role, before: tuple[Frame, ...], end: ConnectionClosed) -> None:
    heard = hears(role, [*([wire(*before, role=role)] if before else []), CLOSE])
    assert heard.error is None
    assert heard.events[-1] == end


def test_the_header_of_a_frame_that_breaks_off_is_no_error() -> None:
    for count in range(1, 6):
        assert server_hears([wire(Frame(Opcode.TEXT, b"a"))[:count], CLOSE]).events == [ConnectionClosed(1006)]


@pytest.mark.spec("rfc6455-7.4.1-13", "rfc6455-7.4.1-15")
def test_the_codes_that_stand_for_no_code_are_never_sent() -> None:
    """An application that echoes what it heard of the end cannot put it on the wire."""
    for broken_off in ([], [close()]):
        connection = Connection(Role.SERVER)
        heard = listen(connection, [*([wire(*broken_off)] if broken_off else []), CLOSE])
        (end,) = heard.events[-1:]
        assert isinstance(end, ConnectionClosed)
        with refused_by("websocket.send.close-code"):
            connection.send(Close(end.code))


@pytest.mark.spec("rfc6455-7.1.1-1a")
def test_what_follows_a_close_frame_is_thrown_away() -> None:
    connection = Connection(Role.SERVER)
    list(connection.receive(wire(close(1000), Frame(Opcode.TEXT, b"more"), Frame(15, b"", rsv=0x70))))
    for more in (b"\xff" * 100, wire(Frame(Opcode.PING)), wire(close(1000))):
        assert list(connection.receive(more)) == []
    assert list(connection.receive(CLOSE)) == [ConnectionClosed(1000)]
    assert list(connection.receive()) == []


def test_bytes_after_the_end_are_the_callers_mistake() -> None:
    connection = Connection(Role.CLIENT)
    list(connection.receive(CLOSE))
    with refused_by("websocket.receive.after-close"):
        connection.receive(b"x")
    assert connection.their_state is State.CLOSED


@pytest.mark.spec("rfc6455-7.1.7-2a", "rfc6455-7.1.7-2c")
def test_after_an_error_the_other_direction_goes_on_up_to_its_close_frame() -> None:
    connection = Connection(Role.SERVER)
    error = listen(connection, [wire(Frame(Opcode.TEXT, b"\xff"))]).error
    assert error is not None
    assert (connection.our_state, connection.their_state) == (State.OPEN, State.ERROR)
    said(connection, Text("an answer to what was said before"))
    assert said(connection, Close(error.code)) == b"\x88\x02\x03\xef"
    with pytest.raises(LocalProtocolError):
        connection.send(Text("more"))
    assert listen(connection, [CLOSE]).verdict == (error.rule, error.code, error.section, error.offset)


@pytest.mark.spec("rfc6455-5.5.1-5a")
def test_a_client_and_a_server_hear_the_same_close_frame() -> None:
    assert server_hears(wire(close(1001, b"x"))).events == [Close(1001, "x")]
    assert client_hears(wire(close(1001, b"x"), role=Role.CLIENT)).events == [Close(1001, "x")]
