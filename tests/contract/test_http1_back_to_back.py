"""A client and a server wired back to back: whatever they say and however it arrives, they never disagree (rule 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wire.http1 import (
    Connection,
    ConnectionClosed,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Request,
    Response,
    Role,
    State,
    SwitchedData,
)

_ADDED = (b"connection", b"transfer-encoding")
"""Fields that the codec adds by itself."""


def _items(event: Event) -> list[object]:
    """An event as the other side hears it, in items that do not depend on where data was cut."""
    if isinstance(event, (Data, SwitchedData)):
        return [(type(event), byte) for byte in event.data]
    if isinstance(event, Request):
        return [(event.method, event.target, event.version, _fields(event.fields))]
    if isinstance(event, (Response, InformationalResponse)):
        return [(type(event), event.status, event.reason, _fields(event.fields))]
    if isinstance(event, EndOfMessage):
        return [(EndOfMessage, _fields(event.trailers))]
    return [type(event)]


def _fields(fields: Any) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower(), value) for name, value in fields if name.lower() not in _ADDED)


class Side:
    """One connection, what it has said and heard, and the bytes that are on their way to it."""

    def __init__(self, role: Role) -> None:
        self.connection = Connection(role)
        self.said: list[object] = []
        self.heard: list[object] = []
        self.events: list[Event] = []
        self.coming = bytearray()
        self.end_is_coming = False
        self.left = 0  # bytes that a body still needs; -1 where it ends when its end is said

    @property
    def state(self) -> State:
        return self.connection.our_state

    def settled(self) -> bool:
        """Whether nothing is on its way here."""
        return not self.coming and not self.end_is_coming


def _named(state: State, *others: State) -> Callable[[Any], bool]:
    """A precondition on the server's state."""
    return lambda machine: machine.server.state in (state, *others)


class BackToBack(RuleBasedStateMachine):
    """The rules are what either user may do, and what the network may do."""

    @initialize(patience=st.integers(0, 4))
    def connect(self, patience: int) -> None:
        self.begin(patience)

    def begin(self, patience: int) -> None:
        self.client = Side(Role.CLIENT)
        self.server = Side(Role.SERVER)
        self.asked = Request(b"GET", b"/", ())
        self.patience = patience  # number of requests before anybody leaves

    def say(self, sender: Side, *events: Event) -> None:
        receiver = self.server if sender is self.client else self.client
        for event in events:
            sender.connection.send(event)
            sender.said += _items(event)
            receiver.end_is_coming |= isinstance(event, ConnectionClosed)
        receiver.coming += sender.connection.bytes_to_send()

    def say_body(self, sender: Side, data: bytes) -> None:
        """Some of the body; one with a length ends by itself."""
        if sender.left >= 0:
            data = data[: sender.left]
            sender.left -= len(data)
        self.say(sender, Data(data))
        if sender.left == 0:
            self.say(sender, EndOfMessage())

    @precondition(lambda self: self.client.state is State.IDLE and self.client.settled())
    @rule(
        method=st.sampled_from([b"GET", b"HEAD", b"POST", b"CONNECT"]),
        version=st.sampled_from([b"1.1", b"1.1", b"1.0"]),
        option=st.sampled_from([b"", b"", b"close", b"keep-alive", b"upgrade"]),
        length=st.sampled_from([None, 0, 5, -1]),
        expect=st.booleans(),
    )
    def ask(self, method: bytes, version: bytes, option: bytes, length: int | None, expect: bool) -> None:
        fields = [(b"Host", b"a")]
        if option:
            fields.append((b"Connection", option))
        if option == b"upgrade":
            fields.append((b"Upgrade", b"x"))
        if method == b"CONNECT" or (length == -1 and self._speaks_1_0(version)):
            length = None
        if length == -1:
            fields.append((b"Transfer-Encoding", b"chunked"))
        elif length is not None:
            fields.append((b"Content-Length", b"%d" % length))
        if expect and length:
            fields.append((b"Expect", b"100-continue"))
        self.patience -= 1
        self.asked = Request(method, b"a:1" if method == b"CONNECT" else b"/", fields, version)
        self.say(self.client, self.asked)
        self.client.left = length or 0
        if not length:
            self.say(self.client, EndOfMessage())

    def _speaks_1_0(self, version: bytes) -> bool:
        return b"1.0" in (version, self.client.connection.peer_version)

    @precondition(lambda self: self.client.state is State.SEND_BODY)
    @rule(data=st.binary(max_size=6))
    def upload(self, data: bytes) -> None:
        self.say_body(self.client, data)

    @precondition(lambda self: self.client.state is State.SEND_BODY and self.client.left < 0)
    @rule(trailers=st.sampled_from([[], [(b"X", b"y")]]))
    def end_upload(self, trailers: list[tuple[bytes, bytes]]) -> None:
        self.say(self.client, EndOfMessage(trailers))

    @precondition(_named(State.SEND_RESPONSE))
    @precondition(lambda self: self.asked.version == b"1.1")
    @rule(status=st.sampled_from([100, 103]))
    def hint(self, status: int) -> None:
        self.say(self.server, InformationalResponse(status, [(b"Link", b"<a>")]))

    @precondition(_named(State.SEND_RESPONSE))
    @rule(
        status=st.sampled_from([200, 204, 304, 404]),
        length=st.sampled_from([None, 0, 5]),
        close=st.booleans(),
        reason=st.sampled_from([b"", b"Why not"]),
    )
    def answer(self, status: int, length: int | None, close: bool, reason: bytes) -> None:
        tunnel = self.asked.method == b"CONNECT" and status < 300
        if tunnel and self.server.connection.their_state is not State.DONE:
            return
        fields = [(b"Connection", b"close")] if close and not tunnel else []
        if length is not None and status != 204 and not tunnel:
            fields.append((b"Content-Length", b"%d" % length))
        self.say(self.server, Response(status, fields, reason))
        if tunnel:
            return
        no_body = self.asked.method == b"HEAD" or status in (204, 304) or length == 0
        self.server.left = 0 if no_body else -1 if length is None else length
        if no_body:
            self.say(self.server, EndOfMessage())

    @precondition(_named(State.SEND_RESPONSE))
    @precondition(lambda self: (b"Upgrade", b"x") in self.asked.fields and self.asked.version == b"1.1")
    @precondition(lambda self: self.server.connection.their_state is State.DONE)
    @rule()
    def switch(self) -> None:
        self.say(self.server, InformationalResponse(101, [(b"Connection", b"upgrade"), (b"Upgrade", b"x")]))

    @precondition(_named(State.SEND_BODY))
    @rule(data=st.binary(max_size=6))
    def download(self, data: bytes) -> None:
        self.say_body(self.server, data)

    @precondition(_named(State.SEND_BODY))
    @precondition(lambda self: self.server.left < 0)
    @rule()
    def end_download(self) -> None:
        self.say(self.server, EndOfMessage())
        if self._speaks_1_0(self.asked.version):
            self.say(self.server, ConnectionClosed())  # the only end that such a body has

    @precondition(lambda self: State.SWITCHED in (self.client.state, self.server.state))
    @rule(data=st.binary(max_size=6))
    def tunnel(self, data: bytes) -> None:
        for side in (self.client, self.server):
            if side.state is State.SWITCHED:
                self.say(side, SwitchedData(data))

    @precondition(lambda self: self.patience <= 0 or not self.client.connection.keep_alive)
    @precondition(lambda self: self.client.state in (State.DONE, State.MUST_CLOSE, State.SWITCHED, State.IDLE))
    @rule()
    def client_leaves(self) -> None:
        self.say(self.client, ConnectionClosed())

    @precondition(_named(State.MUST_CLOSE, State.SWITCHED, State.IDLE))
    @precondition(lambda self: self.server.settled() and (self.patience <= 0 or not self.server.connection.keep_alive))
    @rule()
    def server_leaves(self) -> None:
        self.say(self.server, ConnectionClosed())

    @precondition(lambda self: not self.client.settled())
    @rule(count=st.just(10_000) | st.integers(1, 80))
    def deliver_to_client(self, count: int) -> None:
        self._deliver(self.client, count)

    @precondition(lambda self: not self.server.settled())
    @rule(count=st.just(10_000) | st.integers(1, 80))
    def deliver_to_server(self, count: int) -> None:
        self._deliver(self.server, count)

    def _deliver(self, side: Side, count: int) -> None:
        if side.coming:
            self._hear(side, bytes(side.coming[:count]))
            del side.coming[:count]
        elif side.end_is_coming:
            side.end_is_coming = False
            self._hear(side, b"")

    def _hear(self, side: Side, data: bytes) -> None:
        for event in side.connection.receive(data):
            side.heard += _items(event)

    @precondition(lambda self: self.client.settled() and self.server.settled())
    @precondition(lambda self: self.client.state is self.server.state is State.CLOSED)
    @rule(patience=st.integers(0, 4))
    def connect_again(self, patience: int) -> None:
        """The only thing to do when both have left; that there always is something to do is proved on the way."""
        self.begin(patience)

    @invariant()
    def what_was_said_is_heard(self) -> None:
        for sender, receiver in ((self.client, self.server), (self.server, self.client)):
            waiting = receiver.connection.our_state is State.SEND_RESPONSE  # a pipelined request, or the end
            if receiver.settled() and not waiting:
                assert receiver.heard == sender.said
            else:
                assert receiver.heard == sender.said[: len(receiver.heard)]

    @invariant()
    def both_see_the_same_states(self) -> None:
        if self.client.settled() and self.server.settled():
            client, server = self.client.connection, self.server.connection
            assert (client.our_state, client.their_state) == (server.their_state, server.our_state)
            assert client.keep_alive == server.keep_alive


TestBackToBack = BackToBack.TestCase
TestBackToBack.settings = settings(stateful_step_count=40)
