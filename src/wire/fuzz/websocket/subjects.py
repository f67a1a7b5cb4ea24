"""WebSocket connections as subjects of the contract: either side, with compression and without."""

from __future__ import annotations

from wire.fuzz.contract import Subject
from wire.websocket import Connection, Deflate, Limits, Role


def subject(role: Role, limits: Limits | None = None, deflate: Deflate | None = None) -> Subject:
    """A connection behind its handshake."""
    name = f"websocket {role.value}{', deflate' if deflate else ''}{', limited' if limits else ''}"
    return Subject(name, lambda: Connection(role, limits or Limits(), deflate=deflate))


def server(limits: Limits | None = None, deflate: Deflate | None = None) -> Subject:
    """A server, which reads masked frames."""
    return subject(Role.SERVER, limits, deflate)


def client(limits: Limits | None = None, deflate: Deflate | None = None) -> Subject:
    """A client, which reads frames that are not masked."""
    return subject(Role.CLIENT, limits, deflate)
