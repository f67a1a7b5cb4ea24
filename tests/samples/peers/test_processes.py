"""Two real processes that dial each other through proxies which cut their connections at any byte."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import pytest
import trio

from tests.samples.peers.proxy import Proxy, cutting
from tests.serving import PATIENCE

LINES = 1500


class Process:
    """``python -m wire.samples.peers`` as a process of its own.

    Attributes:
        printed: the lines that it printed.
        port: where it listens.
    """

    def __init__(self, name: str, process: trio.Process) -> None:
        self.name = name
        self.process = process
        self.printed: list[str] = []
        self.errors = ""
        self.changed = trio.Event()
        self.ended = trio.Event()  # and all that it printed has been read

    @property
    def port(self) -> int:
        found = re.search(r"listening at ws://127\.0\.0\.1:(\d+)/peer", self.errors)
        return int(found[1]) if found else 0

    @property
    def acknowledged(self) -> int:
        """The number of the last line that it was told is acknowledged."""
        reports = re.findall(r"^acknowledged up to (\d+)$", self.errors, re.MULTILINE)
        return int(reports[-1]) if reports else 0

    @property
    def links(self) -> int:
        """How many links it has had."""
        return self.errors.count(f"{self.name}: linked with ")

    async def say(self, lines: list[str]) -> None:
        """Write lines to its standard input."""
        assert self.process.stdin is not None
        with contextlib.suppress(trio.BrokenResourceError):
            for line in lines:
                await self.process.stdin.send_all(line.encode() + b"\n")

    async def read_output(self) -> None:
        assert self.process.stdout is not None
        rest = b""
        async for data in self.process.stdout:
            *lines, rest = (rest + data).split(b"\n")
            self.printed += [line.decode() for line in lines]
            self._change()
        self.ended.set()

    async def read_errors(self) -> None:
        assert self.process.stderr is not None
        async for data in self.process.stderr:
            self.errors += data.decode()
            self._change()

    async def until(self, condition: Callable[[], object]) -> None:
        with trio.move_on_after(PATIENCE):
            while not condition():
                await self.changed.wait()
            return
        pytest.fail(
            f"{self.name} printed {len(self.printed)} lines, the last {self.printed[-1:]}; {self.errors[-2000:]}"
        )

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal; its exit status."""
        self.process.send_signal(number)
        with trio.fail_after(PATIENCE):
            return await self.process.wait()

    def _change(self) -> None:
        self.changed.set()
        self.changed = trio.Event()


@contextlib.asynccontextmanager
async def running(name: str, *options: str) -> AsyncIterator[Process]:
    """A node that listens at a free port, until the block ends."""
    command = [sys.executable, "-m", "wire.samples.peers", "--name", name, "--listen", "0", "-v", *options]
    pipe = subprocess.PIPE
    process = await trio.lowlevel.open_process(command, stdin=pipe, stdout=pipe, stderr=pipe)
    running = Process(name, process)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(running.read_output)
        nursery.start_soon(running.read_errors)
        try:
            await running.until(lambda: running.port)
            yield running
        finally:
            process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()


def dialling(proxy: Proxy) -> tuple[str, str]:
    return "--peer", f"ws://127.0.0.1:{proxy.port}/peer"


@contextlib.asynccontextmanager
async def a_and_b(chance: random.Random, longest: int | None) -> AsyncIterator[tuple[Process, Process, Proxy, Proxy]]:
    """Two nodes that dial each other; both ways lead through a proxy."""
    async with (
        cutting(0, chance, longest) as to_a,
        cutting(0, chance, longest) as to_b,
        running("a", *dialling(to_b)) as a,
        running("b", *dialling(to_a)) as b,
    ):
        to_a.target, to_b.target = a.port, b.port
        yield a, b, to_a, to_b


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for what no process tells of."""
    with trio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await trio.sleep(0.02)


def said_by(name: str, count: int = LINES) -> list[str]:
    return [f"{name} {number} ü" for number in range(count)]


@pytest.mark.parametrize("seed", range(3))
async def test_every_line_comes_out_once_and_in_order_however_often_links_are_cut(seed: int) -> None:
    async with a_and_b(random.Random(seed), 16_000) as (a, b, to_a, to_b), trio.open_nursery() as nursery:
        nursery.start_soon(a.say, said_by("a"))
        nursery.start_soon(b.say, said_by("b"))
        await a.until(lambda: len(a.printed) >= LINES)
        await b.until(lambda: len(b.printed) >= LINES)
        assert a.printed == said_by("b")
        assert b.printed == said_by("a")
        assert to_a.cuts + to_b.cuts >= 10
        await a.until(lambda: a.acknowledged == LINES)
        await b.until(lambda: b.acknowledged == LINES)
        assert await a.end() == 0
        assert await b.end() == 0


async def test_a_node_that_is_killed_and_started_again_loses_nothing_that_was_acknowledged() -> None:
    async with a_and_b(random.Random(4), 16_000) as (a, b, to_a, to_b), trio.open_nursery() as nursery:
        half = LINES // 2
        await a.say(said_by("a")[:half])
        await b.say(said_by("b")[:half])
        await b.until(lambda: len(b.printed) > half // 2)
        await a.until(lambda: len(a.printed) > half // 2)
        nursery.start_soon(a.say, said_by("a")[half:])
        nursery.start_soon(b.say, said_by("b")[half:])
        await b.end(signal.SIGKILL)
        await b.ended.wait()
        async with running("b", *dialling(to_a)) as b_again:
            to_b.target = b_again.port
            nursery.start_soon(b_again.say, said_by("b again"))
            await a.until(lambda: a.printed[-1] == said_by("b again")[-1])
            await b_again.until(lambda: b_again.printed and b_again.printed[-1] == said_by("a")[-1])
            # What a says comes out once in each run, and no line is missing where the runs meet.
            assert b.printed == said_by("a")[: len(b.printed)]
            again = LINES - len(b_again.printed)
            assert b_again.printed == said_by("a")[again:]
            assert again <= len(b.printed)
            # What b was told to be acknowledged came out; what it had said beyond that may be lost with it.
            came_out = len(a.printed) - LINES
            assert a.printed == said_by("b")[:came_out] + said_by("b again")
            assert b.acknowledged <= came_out
            assert 0 < b.acknowledged < LINES


async def test_of_the_links_that_both_dial_at_once_one_survives() -> None:
    async with a_and_b(random.Random(5), None) as (a, b, to_a, to_b):
        for attempt in range(10):
            gate = to_a.gate = to_b.gate = trio.Event()
            to_a.cut()
            to_b.cut()
            await eventually(lambda: to_a.connections == to_b.connections == 1)
            gate.set()  # only now do they hear of each other
            await eventually(lambda: to_a.connections + to_b.connections == 1)
            await a.say([f"a {attempt}"])
            await b.say([f"b {attempt}"])
            await a.until(lambda: a.printed == [f"b {number}" for number in range(attempt + 1)])  # noqa: B023
            await b.until(lambda: b.printed == [f"a {number}" for number in range(attempt + 1)])  # noqa: B023


async def test_a_link_that_falls_silent_is_given_up_and_replaced() -> None:
    async with a_and_b(random.Random(6), None) as (a, b, to_a, to_b):
        await a.until(lambda: a.links)
        await b.until(lambda: b.links)
        to_a.freeze()
        to_b.freeze()
        links = a.links
        await a.say(["Are you there?"])
        await b.until(lambda: b.printed == ["Are you there?"])
        assert a.links > links
