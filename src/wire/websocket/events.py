"""What a WebSocket connection says: pieces of messages, control frames, and the end, as plain data.

A message is one or more ``Text`` or ``Binary``, the last of which has ``end`` set: a piece for each frame. The pieces
of a text are whole characters, wherever the frames were cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(slots=True)
class Text:
    """A text message, or a piece of it (RFC 6455 §5.6)."""

    data: str
    end: bool = True


@dataclass(slots=True)
class Binary:
    """A binary message, or a piece of it (RFC 6455 §5.6)."""

    data: bytes
    end: bool = True


@dataclass(slots=True)
class Ping:
    """Asks for a ``Pong`` with the same payload of 125 bytes at most (RFC 6455 §5.5.2)."""

    payload: bytes = b""


@dataclass(slots=True)
class Pong:
    """Answers a ``Ping``, or just says that this side is alive (RFC 6455 §5.5.3)."""

    payload: bytes = b""


@dataclass(slots=True)
class Close:
    """The sender will send nothing more (RFC 6455 §5.5.1); no code is what users know as 1005."""

    code: int | None = None
    reason: str = ""


@dataclass(slots=True)
class ConnectionClosed:
    """The peer closed the TCP connection; what the user hears of why (RFC 6455 §7.1.5).

    ``code`` is that of the peer's ``Close``, 1005 if it had none, 1006 if there was no ``Close``. Never on the wire.
    """

    code: int
    reason: str = ""


Event: TypeAlias = Text | Binary | Ping | Pong | Close | ConnectionClosed
