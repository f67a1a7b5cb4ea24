"""Pings that were sent and not answered yet, and how long those took that were (RFC 6455 §5.5.2, §5.5.3)."""

from __future__ import annotations

import time
from collections.abc import Container

import trio

MOST_OUTSTANDING = 1024
"""Pings without an answer that are remembered; the oldest for which nobody waits are forgotten first."""


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
        outstanding = self._outstanding
        if payload is None:
            payload = self._another(outstanding)
        if payload in outstanding:
            raise ValueError("a ping with this payload is still unanswered")
        if len(outstanding) >= MOST_OUTSTANDING:
            oldest = next((known for known, sent in outstanding.items() if sent.answered is None), None)
            if oldest is not None:
                del outstanding[oldest]
        sent = outstanding[payload] = SentPing()
        return payload, sent

    def _another(self, outstanding: Container[bytes]) -> bytes:
        """A payload that is not on its way: the user's own pings may look like these."""
        while True:
            self._count += 1
            payload = self._count.to_bytes(8, "big")
            if payload not in outstanding:
                return payload

    def forget(self, payload: bytes) -> None:
        """The ping could not be sent."""
        if self._outstanding is not None:
            self._outstanding.pop(payload, None)

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
