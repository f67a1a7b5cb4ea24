"""The books of two nodes: whatever is cut and whoever starts again, they come to the same account."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wire.samples.peers.ledger import Ledger
from wire.samples.peers.messages import Violation, read, write


class Side:
    """One of two nodes: its books, what it said, and what came out of it."""

    def __init__(self, name: str) -> None:
        self.ledger = Ledger(name)
        self.said: list[str] = []
        self.printed: list[str] = []


class TwoNodes(RuleBasedStateMachine):
    """Links come and go, messages and acknowledgements get lost with them; nothing is restarted."""

    @initialize()
    def begin(self) -> None:
        self.sides = [Side("a"), Side("b")]
        self.sent = [0, 0]
        self.count = 0
        self.link()

    @rule()
    def link(self) -> None:
        """A new link, whatever became of the one before."""
        hellos = [side.ledger.hello() for side in self.sides]
        for number, side in enumerate(self.sides):
            side.ledger.meet(hellos[1 - number])
        self.sent = [side.ledger.acknowledged for side in self.sides]
        self.linked = True

    @rule(who=st.integers(0, 1))
    def only_one_hears_the_hello(self, who: int) -> None:
        """A link that is cut before it is one."""
        self.sides[who].ledger.meet(self.sides[1 - who].ledger.hello())
        self.linked = False

    @rule(who=st.integers(0, 1))
    def say(self, who: int) -> None:
        self.count += 1
        text = f"{self.count}"
        self.sides[who].ledger.say(text)
        self.sides[who].said.append(text)

    @rule(who=st.integers(0, 1))
    def carry_a_message(self, who: int) -> None:
        message = self.sides[who].ledger.after(self.sent[who]) if self.linked else None
        if message is not None:
            self.sent[who], text = message
            self.sides[1 - who].ledger.hear(self.sent[who], text)

    @rule(who=st.integers(0, 1))
    def carry_an_acknowledgement(self, who: int) -> None:
        if self.linked:
            self.sides[1 - who].ledger.acknowledge(self.sides[who].ledger.done)

    @rule(who=st.integers(0, 1))
    def take(self, who: int) -> None:
        side = self.sides[who]
        side.ledger.finish()
        if side.ledger.inbox:
            side.printed.append(side.ledger.take())

    @invariant()
    def what_came_out_is_what_was_said_in_order_and_once(self) -> None:
        for one, other in (self.sides, self.sides[::-1]):
            assert other.printed == one.said[: len(other.printed)]

    @invariant()
    def what_was_acknowledged_came_out(self) -> None:
        for one, other in (self.sides, self.sides[::-1]):
            assert one.ledger.acknowledged <= len(other.printed)

    def teardown(self) -> None:
        """Once nothing is cut any more, all comes out."""
        if hasattr(self, "sides"):
            self.link()
            for who in (0, 1):
                while self.sides[who].ledger.after(self.sent[who]):
                    self.carry_a_message(who)
                while self.sides[1 - who].ledger.inbox:
                    self.take(1 - who)
                assert self.sides[1 - who].printed == self.sides[who].said


TestTwoNodes = TwoNodes.TestCase


def pair() -> tuple[Ledger, Ledger]:
    a, b = Ledger("a"), Ledger("b")
    meet(a, b)
    return a, b


def meet(a: Ledger, b: Ledger) -> None:
    to_a, to_b = b.hello(), a.hello()
    a.meet(to_a)
    b.meet(to_b)


def test_a_new_run_hears_again_what_the_old_one_was_not_done_with_and_nothing_else() -> None:
    a, b = pair()
    for text in ("one", "two", "three"):
        b.hear(a.say(text), text)
    assert b.take() == "one"
    b.finish()
    a.acknowledge(b.done)
    assert b.take() == "two"
    b = Ledger("b")
    meet(a, b)
    assert a.after(a.acknowledged) == (2, "two")
    b.hear(2, "two")
    b.hear(3, "three")
    assert [b.take(), b.take()] == ["two", "three"]


def test_a_new_run_counts_from_one_again_and_is_heard() -> None:
    a, b = pair()
    a.hear(b.say("old"), "old")
    assert a.take() == "old"
    b = Ledger("b")
    meet(a, b)
    a.hear(b.say("new"), "new")
    a.finish()  # with what the old run said
    assert a.done == 0
    assert a.take() == "new"
    a.finish()
    assert a.done == 1


def test_a_run_that_another_has_followed_is_over() -> None:
    a, b = pair()
    meet(a, Ledger("b"))
    with pytest.raises(Violation, match="this run is over"):
        a.meet(b.hello())


@pytest.mark.parametrize(("name", "why"), [("a", "the same name"), ("c", "another pair")])
def test_no_third_node_and_no_mirror(name: str, why: str) -> None:
    a, _ = pair()
    with pytest.raises(Violation, match=why):
        a.meet(Ledger(name).hello())


def test_a_gap_is_refused() -> None:
    a, _ = pair()
    with pytest.raises(Violation, match="number 2 follows 0"):
        a.hear(2, "two")


def test_an_acknowledgement_of_what_was_never_said_is_refused() -> None:
    a, _ = pair()
    with pytest.raises(Violation, match="number 2 was never said"):
        a.acknowledge(a.say("one") + 1)


@pytest.mark.parametrize("kind", ["hello", "use", "message", "ack"])
def test_each_message_is_read_as_it_was_written(kind: str) -> None:
    members: dict[str, dict[str, Any]] = {
        "hello": Ledger("a").hello(),
        "use": {"link": 1},
        "message": {"number": 1, "text": "ü\n\0"},
        "ack": {"number": 1},
    }
    assert read(write(kind, **members[kind]), kind) == {"type": kind, **members[kind]}


@pytest.mark.parametrize(
    "message",
    [
        b"{}", "", "null", "[]", '"ack"', "{", "[" * 100_000, '{"type": "ack"}', '{"type": ["ack"], "number": 1}',
        '{"type": "ack", "number": "1"}', '{"type": "ack", "number": true}', '{"type": "ack", "number": 1.0}',
        '{"type": "use", "link": 1}', '{"type": "ack", "number": %s}' % ("1" * 5000),
    ],
)  # fmt: skip
def test_what_is_no_such_message_is_refused(message: str | bytes) -> None:
    with pytest.raises(Violation):
        read(message, "ack")
