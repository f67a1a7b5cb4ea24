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


_CLOSING: dict[State, dict[type, State]] = {
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
    # A request gives the server something to answer.
    (State.SEND_BODY, State.IDLE, True): (State.SEND_BODY, State.SEND_RESPONSE),
    (State.SEND_BODY, State.IDLE, False): (State.SEND_BODY, State.SEND_RESPONSE),
    # Both have finished: the connection begins again, or has to close.
    (State.DONE, State.DONE, True): (State.IDLE, State.IDLE),
    (State.DONE, State.DONE, False): (State.MUST_CLOSE, State.MUST_CLOSE),
    # The server has answered what never became a request, and so leaves.
    (State.IDLE, State.DONE, False): (State.MUST_CLOSE, State.MUST_CLOSE),
    (State.ERROR, State.DONE, False): (State.ERROR, State.MUST_CLOSE),
    # The client has left, and its last request, if there was one, is answered.
    (State.CLOSED, State.DONE, False): (State.CLOSED, State.MUST_CLOSE),
    (State.CLOSED, State.IDLE, False): (State.CLOSED, State.MUST_CLOSE),
    # The server has left or broken a rule: nobody answers any more.
    (State.DONE, State.CLOSED, False): (State.MUST_CLOSE, State.CLOSED),
    (State.IDLE, State.CLOSED, False): (State.MUST_CLOSE, State.CLOSED),
    (State.DONE, State.ERROR, False): (State.MUST_CLOSE, State.ERROR),
    (State.IDLE, State.ERROR, False): (State.MUST_CLOSE, State.ERROR),
}


class Turn:
    """Both sides' states at one moment, as one side sees them, with the moments that can come next.

    The product of the tables above, computed once at import: where a connection stands is one object, and to move on is
    one look-up.

    Attributes:
        ours: this side's state.
        theirs: the peer's state.
        keep_alive: whether the connection may serve another request.
        send: the turn after this side has said an event of this type; missing where that is not allowed.
        receive: the turn after the peer has.
    """

    __slots__ = ("_make", "keep_alive", "ours", "receive", "send", "theirs")

    def __init__(self, role: Role, client: State, server: State, keep_alive: bool) -> None:
        self.ours, self.theirs = (client, server) if role is Role.CLIENT else (server, client)
        self.keep_alive = keep_alive
        self.send: dict[type, Turn] = {}
        self.receive: dict[type, Turn] = {}
        self._make = (role, client, server)

    def last(self) -> Turn:
        """The same with the connection not to be kept alive."""
        role, client, server = self._make
        return _turn(role, client, server, False)

    def failed(self) -> Turn:
        """The same once the peer has broken a rule."""
        role, client, server = self._make
        if role is Role.CLIENT:
            return _turn(role, client, State.ERROR, False)
        return _turn(role, State.ERROR, server, False)

    def switched(self) -> Turn:
        """Whoever has not left speaks another protocol from here on (RFC 9110 §7.8, §9.3.6)."""
        role, *sides = self._make
        client, server = (state if state is State.CLOSED else State.SWITCHED for state in sides)
        return _turn(role, client, server, False)


_turns: dict[tuple[Role, State, State, bool], Turn] = {}


def _turn(role: Role, client: State, server: State, keep_alive: bool) -> Turn:
    """The turn of these states, once what they mean together is applied."""
    client, server = JOINT.get((client, server, keep_alive), (client, server))
    key = (role, client, server, keep_alive)
    if key not in _turns:
        _turns[key] = turn = Turn(role, client, server, keep_alive)
        client_next = {
            kind: _turn(role, to, server, keep_alive) for kind, to in TRANSITIONS[Role.CLIENT][client].items()
        }
        server_next = {
            kind: _turn(role, client, to, keep_alive) for kind, to in TRANSITIONS[Role.SERVER][server].items()
        }
        turn.send.update(client_next if role is Role.CLIENT else server_next)
        turn.receive.update(server_next if role is Role.CLIENT else client_next)
    return _turns[key]


FIRST_TURN: dict[Role, Turn] = {role: _turn(role, State.IDLE, State.IDLE, True) for role in Role}
