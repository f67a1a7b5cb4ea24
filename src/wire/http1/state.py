"""What may follow what: the state of each side of a connection, as one table.

Each side of an HTTP/1.1 connection is a small machine. A row says: in this state, this event leads to that state; what
is not in the table is not allowed. The two machines then touch in a few places (``JOINT``): a request gives the server
something to answer, and when both have finished, the connection begins again or has to close.
"""

from __future__ import annotations

import enum

from wire.http1.events import (
    ConnectionClosed,
    Data,
    EndOfMessage,
    InformationalResponse,
    Request,
    Response,
    SwitchedData,
)


class Role(enum.Enum):
    """Which side of the connection is meant."""

    CLIENT = "client"
    SERVER = "server"

    __hash__ = object.__hash__  # members are singletons; Enum's own hash is a call into Python


class State(enum.Enum):
    """Where a side is in its message."""

    IDLE = "between messages"
    SEND_RESPONSE = "a response is awaited"
    SEND_BODY = "the head is out, the body is not finished"
    DONE = "the message is finished, the other side's is not"
    MUST_CLOSE = "nothing may be said any more but goodbye"
    CLOSED = "has closed its side"
    SWITCHED = "speaks another protocol"
    ERROR = "broke a rule"

    __hash__ = object.__hash__


_CLOSING = {
    State.DONE: {ConnectionClosed: State.CLOSED},
    State.MUST_CLOSE: {ConnectionClosed: State.CLOSED},
    State.CLOSED: {ConnectionClosed: State.CLOSED},
    State.SWITCHED: {SwitchedData: State.SWITCHED, ConnectionClosed: State.CLOSED},
    State.ERROR: {},
}

TRANSITIONS: dict[Role, dict[State, dict[type, State]]] = {
    Role.CLIENT: {
        State.IDLE: {Request: State.SEND_BODY, ConnectionClosed: State.CLOSED},
        State.SEND_BODY: {Data: State.SEND_BODY, EndOfMessage: State.DONE},
        **_CLOSING,
    },
    Role.SERVER: {
        # A response in IDLE answers what never became a request: it was malformed, or late (RFC 9110 §15.5.9).
        State.IDLE: {Response: State.SEND_BODY, ConnectionClosed: State.CLOSED},
        State.SEND_RESPONSE: {InformationalResponse: State.SEND_RESPONSE, Response: State.SEND_BODY},
        State.SEND_BODY: {Data: State.SEND_BODY, EndOfMessage: State.DONE},
        **_CLOSING,
    },
}

# (client, server, the connection may be kept alive) → (client, server); RFC 9112 §9.3, §9.6.
JOINT: dict[tuple[State, State, bool], tuple[State, State]] = {
    (State.SEND_BODY, State.IDLE, True): (State.SEND_BODY, State.SEND_RESPONSE),
    (State.SEND_BODY, State.IDLE, False): (State.SEND_BODY, State.SEND_RESPONSE),
    (State.DONE, State.DONE, True): (State.IDLE, State.IDLE),
    (State.DONE, State.DONE, False): (State.MUST_CLOSE, State.MUST_CLOSE),
    (State.IDLE, State.DONE, False): (State.MUST_CLOSE, State.MUST_CLOSE),
    (State.ERROR, State.DONE, False): (State.ERROR, State.MUST_CLOSE),
    (State.CLOSED, State.DONE, False): (State.CLOSED, State.MUST_CLOSE),
    (State.CLOSED, State.IDLE, False): (State.CLOSED, State.MUST_CLOSE),
    (State.DONE, State.CLOSED, False): (State.MUST_CLOSE, State.CLOSED),
    (State.IDLE, State.CLOSED, False): (State.MUST_CLOSE, State.CLOSED),
}
