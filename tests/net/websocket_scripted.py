"""Servers of WebSockets that say exactly the frames that a test tells them to: what a script of ``scripted`` needs."""

from __future__ import annotations

from tests.net.scripted import Peer, Scripted
from tests.net.websocket_raw import Frame, frame
from wire.websocket.handshake import accept_key


def url_of(server: Scripted, target: str = "/") -> str:
    return f"{server.url.replace('http', 'ws', 1)}{target}"


def accepting(head: bytes, *fields: str) -> bytes:
    """The 101 that answers a request."""
    (key,) = [line.partition(b": ")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")]
    accept = f"Sec-WebSocket-Accept: {accept_key(key).decode()}"
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", accept, *fields, "", "")
    return "\r\n".join(lines).encode()


async def opened(peer: Peer, *fields: str) -> None:
    """The server's side of a handshake."""
    await peer.send(accepting(await peer.head(), *fields))


async def heard(peer: Peer) -> Frame:
    """The next frame of the client, which is short."""
    first, second = await peer.exactly(2)
    assert second & 0x80, "a client's frame is masked"
    key = await peer.exactly(4)
    payload = await peer.exactly(second & 0x7F)
    return Frame(first & 15, bytes(octet ^ key[at % 4] for at, octet in enumerate(payload)), first)


def unmasked(opcode: int, payload: bytes = b"") -> bytes:
    return frame(opcode, payload, key=None)
