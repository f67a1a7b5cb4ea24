"""What two nodes have told each other, as one of them knows it: numbers and queues, without a socket.

A message that is said waits in the outbox until it is acknowledged. One that is heard waits in the inbox until the
application takes it, and counts as done when that asks for the next.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import Any

from wire.samples.peers.messages import Violation


class Ledger:
    """The books of one run of a node.

    Attributes:
        node: its name.
        run: tells this run from those before and after it.
        peer: the name of the other node, once it is known.
        peer_run: its run.
        outbox: what was said and is not acknowledged yet.
        acknowledged: the number of the last message that is.
        inbox: what was heard and waits for the application: run, number, text.
        heard: the number of the last message of the other that came in.
        done: the number of the last that the application is done with.
    """

    def __init__(self, node: str) -> None:
        self.node = node
        self.run = secrets.token_hex(8)
        self.peer: str | None = None
        self.peer_run: str | None = None
        self.outbox: deque[str] = deque()
        self.acknowledged = 0
        self.inbox: deque[tuple[str, int, str]] = deque()
        self.heard = 0
        self.done = 0
        self._past_runs: set[str] = set()  # of the other
        self._taken: tuple[str, int] | None = None  # run and number of what the application has in hand

    def hello(self) -> dict[str, Any]:
        """What the other has to know to go on where both are."""
        return {
            "node": self.node,
            "run": self.run,
            "first": self.acknowledged + 1,
            "knows": self.peer_run,
            "done": self.done,
        }

    def meet(self, hello: dict[str, Any]) -> bool:
        """Take in the hello of the other; whether this is a run of it that was not known before.

        Raises:
            Violation: it is a third one, this one itself, or a run that another has followed.
        """
        node, run = hello["node"], hello["run"]
        if node == self.node:
            raise Violation("both have the same name")
        if self.peer not in (None, node):
            raise Violation("this node belongs to another pair")
        if run in self._past_runs:
            raise Violation("this run is over")
        self.peer = node
        new: bool = run != self.peer_run
        if new:
            if self.peer_run is not None:
                self._past_runs.add(self.peer_run)
            self.peer_run = run
            self.heard = self.done = hello["first"] - 1
        if hello["knows"] == self.run:
            self.acknowledge(hello["done"])
        return new

    def say(self, text: str) -> int:
        """Put a message into the outbox; its number."""
        self.outbox.append(text)
        return self.acknowledged + len(self.outbox)

    def after(self, number: int) -> tuple[int, str] | None:
        """The message to send after the one of this number, which may be acknowledged by now; None if there is none."""
        index = max(number - self.acknowledged, 0)
        return (self.acknowledged + index + 1, self.outbox[index]) if index < len(self.outbox) else None

    def acknowledge(self, number: int) -> None:
        """Forget what the other is done with.

        Raises:
            Violation: it cannot be done with what was never said.
        """
        if number > self.acknowledged + len(self.outbox):
            raise Violation(f"number {number} was never said")
        while self.acknowledged < number:
            self.outbox.popleft()
            self.acknowledged += 1

    def hear(self, number: int, text: str) -> None:
        """Put a message of the other into the inbox, unless it came before.

        Raises:
            Violation: one before it is missing.
        """
        if number > self.heard + 1:
            raise Violation(f"number {number} follows {self.heard}")
        if number == self.heard + 1 and self.peer_run is not None:
            self.inbox.append((self.peer_run, number, text))
            self.heard = number

    def finish(self) -> None:
        """The application is done with what it took last."""
        if self._taken is not None and self._taken[0] == self.peer_run:
            self.done = self._taken[1]
        self._taken = None

    def take(self) -> str:
        """Hand the oldest message in the inbox to the application."""
        run, number, text = self.inbox.popleft()
        self._taken = (run, number)
        return text
