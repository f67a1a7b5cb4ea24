"""Conversations to be drawn: one of each kind of thing that a page or a terminal has to show."""

from __future__ import annotations

from wire.explain.conversation import Conversation, Direction
from wire.fuzz.websocket.draft import Frame, close
from wire.websocket.frames import RSV1, Opcode

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT

REQUEST = b"GET /search?q=wire HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n"
SMUGGLING = (
    b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET /admin HTTP/1.1\r\n\r\n"
)
SPACE_BEFORE_COLON = b"GET / HTTP/1.1\r\nHost : example.org\r\n\r\n"
INCOMPLETE = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"All work and no play. " * 20
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"
OPENING = (
    b"GET /chat HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: chat, superchat\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10\r\n\r\n"
)
HANDSHAKE = (OPENING, ANSWER)
"""The example of RFC 6455 §1.3, with compression."""


def conversation(*segments: tuple[Direction, bytes]) -> Conversation:
    """A conversation whose segments are a millisecond apart."""
    result = Conversation()
    for number, (direction, data) in enumerate(segments):
        result.add(number / 1000, direction, data)
    return result


UPLOAD = conversation(
    (UP, b"PUT /a HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"),
    (DOWN, b"HTTP/1.1 100 Continue\r\n\r\n"),
    (UP, b"hello"),
    (DOWN, b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nO"),
    (DOWN, b"K!\r\n0\r\nX-Sum: 1\r\n\r\n"),
    (UP, b"GET /b HTTP/1.1\r\nHost: example.org\r\n\r\nHEAD /c HTTP/1.1\r\nHost: example.org\r\n\r\n"),
    (DOWN, b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"),
    (DOWN, b""),
)

WEBSOCKET = conversation(
    (UP, OPENING),
    (DOWN, ANSWER),
    (UP, Frame(Opcode.TEXT, b"K\xc3", fin=False).wire(masked=True)),
    (UP, Frame(Opcode.PING, b"!").wire(masked=True)),
    (DOWN, Frame(Opcode.PONG, b"!").wire(masked=False)),
    (UP, Frame(Opcode.CONTINUATION, b"\xa4se").wire(masked=True)),
    (DOWN, Frame(Opcode.TEXT, bytes.fromhex("f248cdc9c90700"), rsv=RSV1).wire(masked=False)),
    (UP, Frame(Opcode.BINARY, bytes(range(200))).wire(masked=True)),
    (UP, Frame(Opcode.TEXT, bytes.fromhex("f248cdc9c90700"), rsv=RSV1).wire(masked=True)),
    (DOWN, Frame(Opcode.TEXT, b"\xff\xfe").wire(masked=False)),
    (UP, close(1007, b"not UTF-8").wire(masked=True)),
    (DOWN, b""),
)
"""Frames that share a character, with a ping between them; compressed messages, and at last one that breaks a rule."""
