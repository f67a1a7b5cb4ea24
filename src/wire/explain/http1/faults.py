"""Where a fault lies: how much had been read when it was found, and which bytes are to blame.

Most rules are judged byte by byte, and the first wrong byte is to blame. The tables name the others.
"""

from __future__ import annotations

import re

from wire.http1.grammar import TARGET

AT_THE_END = ("http1.connection.", "http1.content-length.", "http1.host.", "http1.trailer.", "http1.transfer-encoding.")
"""Judged when the section is complete: the line at fault and all behind it has been read."""

BEHIND_THE_HEAD = frozenset(
    ("http1.host.missing", "http1.switch.unasked", "http1.switch.too-early", "http1.response.too-many-interim")
)
"""Found behind a head: what is there is wrong as a whole, and no byte of what follows."""

WHOLE_TARGET = frozenset(("http1.request-line.target-form", "http1.request-line.target-authority"))
"""Each character of the target may stand there; together they are no target."""

_TARGET = re.compile(TARGET)


def read_until(data: bytes, rule: str, offset: int, in_body: bool) -> int:
    """How far the codec had read when it found that ``rule`` was broken at ``offset``."""
    announced = rule == "http1.body.too-large" and not in_body
    if rule in BEHIND_THE_HEAD or not (announced or rule.startswith(AT_THE_END)):
        return min(offset, len(data))
    end = data.find(b"\r\n\r\n", offset)
    return len(data) if end < 0 else end + 4


def blamed(data: bytes, rule: str, offset: int, read: int) -> int:
    """Index behind the bytes to blame for breaking ``rule`` at ``offset``; ``offset`` where there are none."""
    if rule in BEHIND_THE_HEAD or offset >= len(data):
        return offset
    if offset < read:
        return data.index(b"\n", offset) + 1
    if rule in WHOLE_TARGET:
        match = _TARGET.match(data, offset)
        return match.end() if match else offset + 1
    return offset + 1
