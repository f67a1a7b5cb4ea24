"""WebSocket as the benchmarks' own side of the wire speaks it: no more than they need, and nothing of any contender.

The frames are those of a client that masks each of them with a new key, as all clients must (RFC 6455 §5.3). Short
messages are texts, as those of chats and of JSON are, and ASCII; long ones are binary, random bytes.
"""

from __future__ import annotations

import random
import socket
import string

TEXT, BINARY = 0x81, 0x82
"""The first byte of a message that is one frame."""

OPENING = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""The handshake of a client that offers no extension, so nothing is compressed."""

CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
"""A client's close frame with code 1000; a mask of zeros is one too."""

_ACCEPTED = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
_LETTERS = string.ascii_letters + string.digits + ' .,:"{}'


def texts(size: int, count: int, seed: int = 4) -> list[str]:
    """Different ASCII texts of ``size`` characters."""
    rng = random.Random(seed)
    return ["".join(rng.choices(_LETTERS, k=size)) for _ in range(count)]


def binaries(size: int, count: int, seed: int = 5) -> list[bytes]:
    """Different messages of random bytes."""
    rng = random.Random(seed)
    return [rng.randbytes(size) for _ in range(count)]


def frame(message: str | bytes, masking_key: bytes = b"") -> bytes:
    """A message as one frame; masked where there is a key."""
    payload = message.encode("ascii") if isinstance(message, str) else message
    size, mask = len(payload), 0x80 if masking_key else 0
    if size < 126:
        length = bytes([mask | size])
    elif size < 1 << 16:
        length = bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask | 127]) + size.to_bytes(8, "big")
    first = bytes([TEXT if isinstance(message, str) else BINARY])
    return first + length + masking_key + (xor(payload, masking_key) if masking_key else payload)


def masked_frames(messages: list[str] | list[bytes], seed: int = 6) -> list[bytes]:
    """Each message as a client sends it, each with another key."""
    rng = random.Random(seed)
    return [frame(message, rng.randbytes(4)) for message in messages]


def unmasked(data: bytes) -> bytes:
    """A masked frame of less than 64 KiB as it is without its mask: what a test can compare."""
    header = 4 if data[1] & 0x7F == 126 else 2
    key, payload = data[header : header + 4], data[header + 4 :]
    return bytes([data[0], data[1] & 0x7F]) + data[2:header] + xor(payload, key)


def xor(payload: bytes, masking_key: bytes) -> bytes:
    """Mask, or unmask."""
    key = masking_key * (len(payload) // 4 + 1)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key[: len(payload)], "big")).to_bytes(len(payload), "big")


def connect(port: int) -> socket.socket:
    """A connection after its handshake.

    Raises:
        OSError: the server is not there, or does not shake hands.
    """
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(OPENING)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        more = connection.recv(4096)
        if not more:
            raise ConnectionError(f"the server ended the handshake: {answer!r}")
        answer += more
    if not answer.startswith(b"HTTP/1.1 101") or _ACCEPTED not in answer or b"-extensions" in answer.lower():
        raise ConnectionError(f"the server did not accept the handshake as it should: {answer!r}")
    return connection


def receive_exactly(connection: socket.socket, size: int) -> bytes:
    """The next ``size`` bytes.

    Raises:
        OSError: there are no more.
    """
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("the server closed the connection")
        data += more
    return data
