"""A client and a server wired back to back: whatever they say and however it arrives, they never disagree (rule 4)."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wire.fuzz.websocket import strategies
from wire.websocket import Binary, Close, Connection, ConnectionClosed, Deflate, Event, Role, State, Text


class Side:
    """One connection, what it has said and heard, and the bytes that are on their way to it."""

    def __init__(self, role: Role, deflate: Deflate | None) -> None:
        self.connection = Connection(role, deflate=deflate)
        self.said: list[Event] = []
        self.heard: list[Event] = []
        self.coming = bytearray()
        self.end_is_coming = False
        self.message: type[Text] | type[Binary] | None = None  # what was begun and not ended

    @property
    def state(self) -> State:
        return self.connection.our_state

    def settled(self) -> bool:
        """Whether nothing is on its way here."""
        return not self.coming and not self.end_is_coming


ROLES = st.sampled_from(Role)


class BackToBack(RuleBasedStateMachine):
    """The rules are what either user may do, and what the network may do."""

    @initialize(deflate=st.none() | strategies.agreements())
    def connect(self, deflate: Deflate | None) -> None:
        self.sides = {role: Side(role, deflate) for role in Role}
        self.client, self.server = self.sides[Role.CLIENT], self.sides[Role.SERVER]

    def other(self, side: Side) -> Side:
        return self.server if side is self.client else self.client

    def say(self, role: Role, make: Callable[[Side], Event], *allowed: State) -> None:
        """Let a side say something, if its state is one of those in which it may be said."""
        side = self.sides[role]
        if side.state not in (allowed or (State.OPEN,)):
            return
        event = make(side)
        side.connection.send(event)
        side.said.append(event)
        self.other(side).coming += side.connection.bytes_to_send()
        self.other(side).end_is_coming |= isinstance(event, ConnectionClosed)

    @precondition(lambda self: State.OPEN in (self.client.state, self.server.state))
    @rule(role=ROLES, text=strategies.texts(6), data=strategies.payloads(8), kind=st.booleans(), end=st.booleans())
    def message(self, role: Role, text: str, data: bytes, kind: bool, end: bool) -> None:
        def make(side: Side) -> Event:
            of_text = side.message is Text if side.message else kind
            side.message = None if end else Text if of_text else Binary
            return Text(text, end) if of_text else Binary(data, end)

        self.say(role, make)

    @precondition(lambda self: State.OPEN in (self.client.state, self.server.state))
    @rule(role=ROLES, event=strategies.control_events())
    def control(self, role: Role, event: Event) -> None:
        self.say(role, lambda side: event)

    @precondition(lambda self: State.OPEN in (self.client.state, self.server.state))
    @precondition(lambda self: len(self.client.said) + len(self.server.said) > 6)
    @rule(role=ROLES, event=strategies.close_events())
    def close(self, role: Role, event: Event) -> None:
        self.say(role, lambda side: event)

    @precondition(lambda self: State.CLOSING in (self.client.state, self.server.state))
    @rule(role=ROLES)
    def leave(self, role: Role) -> None:
        self.say(role, lambda side: ConnectionClosed(1000), State.CLOSING)

    @precondition(lambda self: len(self.client.said) + len(self.server.said) > 10)
    @rule(role=ROLES)
    def break_off(self, role: Role) -> None:
        self.say(role, lambda side: ConnectionClosed(1006), State.OPEN, State.CLOSING)

    @precondition(lambda self: not (self.client.settled() and self.server.settled()))
    @rule(role=ROLES, count=st.just(100_000) | st.integers(1, 80))
    def deliver(self, role: Role, count: int) -> None:
        side = self.sides[role]
        if side.coming:
            side.heard += side.connection.receive(bytes(side.coming[:count]))
            del side.coming[:count]
        elif side.end_is_coming:
            side.end_is_coming = False
            side.heard += side.connection.receive(b"")

    @precondition(lambda self: self.client.settled() and self.server.settled())
    @precondition(lambda self: self.client.state is self.server.state is State.CLOSED)
    @rule(deflate=st.none() | strategies.agreements())
    def connect_again(self, deflate: Deflate | None) -> None:
        """The only thing to do when both have left; that there always is something to do is proved on the way."""
        self.connect(deflate)

    @invariant()
    def what_was_said_is_heard(self) -> None:
        for side in self.sides.values():
            said = self.other(side).said
            if not side.settled():
                assert side.heard == said[: len(side.heard)]
            elif said and isinstance(said[-1], ConnectionClosed):
                assert side.heard == [*said[:-1], self.end_of(said)]
            else:
                assert side.heard == said

    def end_of(self, said: list[Event]) -> ConnectionClosed:
        """What is heard of the end (RFC 6455 §7.1.5)."""
        last = said[-2] if len(said) > 1 else None
        return ConnectionClosed(last.code or 1005, last.reason) if isinstance(last, Close) else ConnectionClosed(1006)

    @invariant()
    def both_see_the_same_states(self) -> None:
        for side in self.sides.values():
            if side.settled():
                assert side.connection.their_state is self.other(side).state


TestBackToBack = BackToBack.TestCase
TestBackToBack.settings = settings(stateful_step_count=40)
