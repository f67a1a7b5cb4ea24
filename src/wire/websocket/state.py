"""What may follow what: each direction of a connection is open, or closing, or closed (RFC 6455 §7.1)."""

from __future__ import annotations

import enum

from wire.websocket.events import Binary, Close, ConnectionClosed, Ping, Pong, Text


class Role(enum.Enum):
    """Which side of the connection is meant: a client masks its frames, a server does not (RFC 6455 §5.1)."""

    CLIENT = "client"
    SERVER = "server"


class State(enum.Enum):
    """Where one direction of the connection is."""

    OPEN = "messages may follow"
    CLOSING = "a close frame was sent: only the end may follow"
    CLOSED = "the TCP connection is closed"
    ERROR = "broke a rule"

    __hash__ = object.__hash__  # members are singletons; Enum's own hash is a call into Python


TRANSITIONS: dict[State, dict[type, State]] = {
    State.OPEN: {
        Text: State.OPEN,
        Binary: State.OPEN,
        Ping: State.OPEN,
        Pong: State.OPEN,
        Close: State.CLOSING,
        ConnectionClosed: State.CLOSED,
    },
    State.CLOSING: {ConnectionClosed: State.CLOSED},
    State.CLOSED: {},
    State.ERROR: {},
}
"""For either side alike: after a close frame it sends nothing more (RFC 6455 §5.5.1)."""
