"""One message for many connections: the same bytes, whatever each connection has agreed on and said before."""

from __future__ import annotations

import pytest

from tests.websocket.support import pair
from wire.errors import LocalProtocolError
from wire.websocket import Binary, Close, Connection, Deflate, Event, Role, SharedMessage, Text

LONG = "a long message, which is worth compressing, and compressing, and compressing"
ANSWERS = [
    None,
    Deflate(),
    Deflate(server_no_context_takeover=True),
    Deflate(server_max_window_bits=9),
    Deflate(server_max_window_bits=8),
]


def heard(client: Connection, server: Connection) -> list[Event]:
    return list(client.receive(server.bytes_to_send()))


@pytest.mark.parametrize("deflate", ANSWERS)
@pytest.mark.parametrize("message", [Text(LONG), Binary(bytes(1000)), Text(""), Text("ä")])
def test_it_is_understood_between_messages_of_the_connections_own(
    deflate: Deflate | None, message: Text | Binary
) -> None:
    client, server = pair(deflate)
    for _ in range(2):
        for own in (Text(LONG), Text(LONG + LONG)):
            server.send(own)
        server.send_shared(SharedMessage(message))
        server.send(Text(LONG))
        assert heard(client, server) == [Text(LONG), Text(LONG + LONG), message, Text(LONG)]


def test_connections_get_the_very_same_bytes() -> None:
    shared = SharedMessage(Text(LONG))
    for deflate in (None, Deflate()):
        servers = [pair(deflate)[1] for _ in range(2)]
        servers[0].send(Text("said to one of them only"))
        servers[0].bytes_to_send()
        for server in servers:
            server.send_shared(shared)
        assert servers[0].bytes_to_send() is servers[1].bytes_to_send()


def test_what_gains_nothing_is_not_compressed_and_leaves_the_window_alone() -> None:
    shared = SharedMessage(Text("short"))
    with_deflate, without = pair(Deflate())[1], pair()[1]
    with_deflate.send(Text(LONG))
    with_deflate.send(Text(LONG))
    twice = len(with_deflate.bytes_to_send())
    with_deflate.send_shared(shared)
    without.send_shared(shared)
    assert with_deflate.bytes_to_send() == without.bytes_to_send()
    with_deflate.send(Text(LONG))
    once_more = len(with_deflate.bytes_to_send())
    assert once_more < twice / 4, "the third time it is a reference to the second"


def test_a_client_masks_it_with_a_key_of_its_own() -> None:
    client, server = pair(Deflate())
    shared = SharedMessage(Text(LONG))
    client.send_shared(shared)
    client.send_shared(shared)
    data = client.bytes_to_send()
    assert LONG.encode() not in data
    assert list(server.receive(data)) == [Text(LONG), Text(LONG)]


@pytest.mark.parametrize("role", Role)
def test_it_may_not_stand_inside_another_message(role: Role) -> None:
    connection = Connection(role)
    connection.send(Text("half", end=False))
    with pytest.raises(LocalProtocolError, match="not-continued"):
        connection.send_shared(SharedMessage(Text("whole")))


def test_it_may_not_follow_a_close_frame() -> None:
    connection = Connection(Role.SERVER)
    connection.send(Close(1000))
    with pytest.raises(LocalProtocolError, match=r"send\.state"):
        connection.send_shared(SharedMessage(Text("too late")))


def test_what_is_no_unicode_is_refused_before_anybody_gets_it() -> None:
    with pytest.raises(LocalProtocolError, match="not-unicode"):
        SharedMessage(Text("\ud800"))
