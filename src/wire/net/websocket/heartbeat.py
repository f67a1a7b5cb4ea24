"""Pings that were sent and not answered yet, and how long those took that were (RFC 6455 §5.5.2, §5.5.3)."""

from __future__ import annotations

import time

import trio

MOST_OUTSTANDING = 1024
"""Pings without an answer that are remembered; the oldest are forgotten first."""


class SentPing:
    """A ping on its way."""

    __slots__ = ("answered", "at", "took")

    def __init__(self) -> None:
        self.at = time.perf_counter()
        self.took: float | None = None  # seconds, once answered
        self.answered: trio.Event | None = None  # where somebody waits for it


class Heartbeat:
    """The pings of one side.

    Attributes:
        latency: seconds that the last ping took which was answered, there and back; None before there was one.
    """

    __slots__ = ("_count", "_outstanding", "latency")

    def __init__(self) -> None:
        self.latency: float | None = None
        self._count = 0
        self._outstanding: dict[bytes, SentPing] | None = None

    def begin(self, payload: bytes | None = None) -> tuple[bytes, SentPing]:
        """A ping is about to be sent; what to put into it, by which its answer is known.

        Raises:
            ValueError: another one with this payload is on its way.
        """
        if self._outstanding is None:
            self._outstanding = {}
        if payload is None:
            self._count += 1
            payload = self._count.to_bytes(8, "big")
        if payload in self._outstanding:
            raise ValueError("a ping with this payload is still unanswered")
        if len(self._outstanding) >= MOST_OUTSTANDING:
            del self._outstanding[next(iter(self._outstanding))]
        sent = self._outstanding[payload] = SentPing()
        return payload, sent

    def answered(self, payload: bytes) -> None:
        """A pong came; it answers the ping with its payload and all before that. Others were not asked for."""
        outstanding = self._outstanding
        if outstanding is None or payload not in outstanding:
            return
        now = time.perf_counter()
        for known in list(outstanding):
            sent = outstanding.pop(known)
            sent.took = now - sent.at
            if sent.answered is not None:
                sent.answered.set()
            if known == payload:
                self.latency = sent.took
                break
        if not outstanding:
            self._outstanding = None

    def give_up(self) -> None:
        """No answer will come any more."""
        for sent in (self._outstanding or {}).values():
            if sent.answered is not None:
                sent.answered.set()
        self._outstanding = None
