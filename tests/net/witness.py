"""Somebody who uses a server all the time while it is attacked, and must notice nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import trio

from tests.net.raw import Listening, eventually
from tests.net.websocket_raw import opened, text


@dataclass
class Witness:
    """Attributes: answers: how many echoes came back so far."""

    answers: int = 0


@contextlib.asynccontextmanager
async def witnessed(server: Listening, target: str = "/") -> AsyncIterator[Witness]:
    """Another connection to an echo, which is answered all the while that the block runs, and after that.

    An answer that takes longer than ``PATIENCE`` fails the test.
    """
    witness = Witness()

    async def ask() -> None:
        async with opened(server, target) as other:
            for number in count():
                await other.send(text(f"still there? {number}"))
                assert await other.says(f"still there? {number}")
                witness.answers += 1
                await trio.sleep(0.01)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await eventually(lambda: witness.answers)
        yield witness
        before = witness.answers
        await eventually(lambda: witness.answers > before + 1)
        nursery.cancel_scope.cancel()


class Memory:
    """The peak of a process's memory from here on, in bytes beyond what it had here (Linux)."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): forgets the peak
        self._before = self._peak()

    def _peak(self) -> int:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", self._status.read_text(), re.MULTILINE)
        assert found
        return int(found[1]) * 1024

    def grown(self) -> int:
        return self._peak() - self._before
