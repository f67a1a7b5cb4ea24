"""A conversation: what both sides of a connection sent, write by write as it passed, and what it means."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wire.explain.explanation import Explanation


class Direction(enum.Enum):
    """Who speaks to whom."""

    TO_SERVER = "client to server"
    TO_CLIENT = "server to client"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of bytes that passed at once.

    Attributes:
        time: seconds since the conversation began.
        direction: who sent it.
        start: its place in what that side sent.
        data: the bytes; empty where the side closed.
    """

    time: float
    direction: Direction
    start: int
    data: bytes

    @property
    def end(self) -> int:
        """Place behind the last byte."""
        return self.start + len(self.data)


@dataclass(slots=True)
class Conversation:
    """What both sides of one connection sent, in order.

    Attributes:
        segments: the runs of bytes as they passed.
        closed: the sides that have closed.
        first_shown: index of the segment with which a reader begins; those before it only give it its meaning.
    """

    segments: list[Segment] = field(default_factory=list)
    closed: set[Direction] = field(default_factory=set)
    first_shown: int = 0
    _length: dict[Direction, int] = field(default_factory=lambda: dict.fromkeys(Direction, 0))

    def add(self, time: float, direction: Direction, data: bytes) -> None:
        """Record that ``data`` passed at ``time`` (seconds); no bytes say that the side closed."""
        if not data:
            if direction in self.closed:
                return
            self.closed.add(direction)
        self.segments.append(Segment(time, direction, self._length[direction], data))
        self._length[direction] += len(data)

    @property
    def shown(self) -> list[Segment]:
        """The segments for a reader."""
        return self.segments[self.first_shown :]

    def stream(self, direction: Direction) -> bytes:
        """All that one side sent."""
        return b"".join(segment.data for segment in self.segments if segment.direction is direction)


@dataclass(frozen=True, slots=True)
class Annotated:
    """A conversation and what each side's bytes mean.

    Attributes:
        conversation: the bytes as they passed.
        explanations: what they mean, for each direction; positions are those of the segments.
    """

    conversation: Conversation
    explanations: dict[Direction, Explanation]

    def to_json(self) -> dict[str, Any]:
        """The conversation as JSON has it."""
        return {
            "segments": [
                {
                    "time": round(segment.time, 6),
                    "direction": segment.direction.value,
                    "start": segment.start,
                    "end": segment.end,
                    "closed": not segment.data,
                    "shown": number >= self.conversation.first_shown,
                }
                for number, segment in enumerate(self.conversation.segments)
            ],
            "explanations": {
                direction.value: explanation.to_json() for direction, explanation in self.explanations.items()
            },
        }


Explainer = Callable[[bytes, bytes, bool, bool], tuple[Explanation, Explanation]]
"""Takes what the client and what the server sent, and whether each has closed; explains both."""


def annotate(conversation: Conversation, explainer: Explainer) -> Annotated:
    """Say what the bytes of a conversation mean: ``explainer`` is the ``explain_both`` of its protocol."""
    both = explainer(
        conversation.stream(Direction.TO_SERVER),
        conversation.stream(Direction.TO_CLIENT),
        Direction.TO_SERVER in conversation.closed,
        Direction.TO_CLIENT in conversation.closed,
    )
    return Annotated(conversation, dict(zip(Direction, both, strict=True)))
