"""WebSocket servers: messages that are sent back, and one message for everybody.

Each server is one process on one processor, ``bench.websocket_servers`` in its simplest form; the load, the same for
all, comes from ``bench.websocket_load`` on another processor, which checks every byte that comes back. Nothing is
compressed.

Echo: 64-byte texts over 32 connections, one in flight on each. Below the ratio of what came back stands that of
messages per second of the server's CPU time, which a busy machine disturbs less.

Broadcast: a 100-byte text that one of 2,000 sends, and the time until the last of them has it; the figure is how many
had it per second of that time, as the median of some broadcasts. websockets on trio sends to each in a task.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import processes
from bench.harness import Contender, Opener, Side, Unavailable, Work
from bench.memory import allow_files
from bench.websocket_frames import connect, frame, masked_frames, receive_exactly, texts

ECHO_CONNECTIONS = 32
BROADCAST_CONNECTIONS = 2000
BROADCASTS = 15


class Loaded(Contender):
    """A server under load."""

    def __init__(self, pid: int, port: int, quick: bool) -> None:
        self.pid = pid
        self.port = port
        self.quick = quick
        self.extra: dict[str, float] = {}

    def load(self, *work: object) -> Any:
        """Let the other process do some work, and return what it found.

        Raises:
            Unavailable: the server did not do what it should.
        """
        command = [*processes.WEBSOCKET_LOAD, *map(str, work)]
        with processes.pinned(processes.cpus()[1]):
            load = subprocess.run(command, cwd=processes.ROOT, capture_output=True, text=True)
        if load.returncode:
            raise Unavailable(f"the load ended: {load.stderr.strip()[-300:]}")
        return json.loads(load.stdout)


class Echoing(Loaded):
    def outcome(self) -> object:
        """Texts of each form of length, as they come back."""
        with connect(self.port) as connection:
            return [_echoed(connection, text) for size in (0, 64, 1000, 70_000) for text in texts(size, 2)]

    def sample(self) -> float:
        before = processes.cpu_seconds(self.pid)
        found: dict[str, float] = self.load("echo", self.port, ECHO_CONNECTIONS, 0.1 if self.quick else 1.0)
        used = processes.cpu_seconds(self.pid) - before
        self.extra["per CPU second"] = found["messages"] / max(used, 0.01)
        return found["messages"] / found["seconds"]


def _echoed(connection: Any, text: str) -> bytes:
    connection.sendall(frame(text, b"mask"))
    return receive_exactly(connection, len(frame(text)))


class Telling(Loaded):
    def outcome(self) -> object:
        """What each of three hears of what two of them say."""
        said = texts(100, 1)
        with connect(self.port) as one, connect(self.port) as two, connect(self.port) as three:
            everybody = [one, two, three]
            heard = []
            for speaker in (three, one):  # first who came last: when it is listened to, all are there
                speaker.sendall(masked_frames(said)[0])
                heard += [receive_exactly(connection, len(frame(said[0]))) for connection in everybody]
            return heard

    def sample(self) -> float:
        connections = 50 if self.quick else BROADCAST_CONNECTIONS
        took: list[float] = self.load("broadcast", self.port, connections, 1 if self.quick else BROADCASTS)
        return connections / statistics.median(took)


def _side(contender: type[Loaded], server: str, work: str) -> Opener:
    @contextmanager
    def open_side(quick: bool) -> Iterator[Contender]:
        allow_files(BROADCAST_CONNECTIONS + 100)
        with processes.running((*processes.WEBSOCKET, server, work)) as (pid, port):
            yield contender(pid, port, quick)

    return open_side


def _echo(server: str) -> Opener:
    return _side(Echoing, server, "echo")


def _broadcast(server: str) -> Opener:
    return _side(Telling, server, "broadcast")


WORKS = (
    Work(
        "websocket.echo",
        f"server: echo of 64 bytes over {ECHO_CONNECTIONS} connections",
        "messages/s",
        ours=Side("wire", _echo("wire"), ("trio",)),
        peers={
            "trio-websocket": Side("trio", _echo("trio-websocket"), ("trio-websocket", "wsproto"), 4.0),
            "websockets-trio": Side("on trio", _echo("websockets-trio"), ("websockets",), 1.5),
            "websockets-asyncio": Side("on asyncio", _echo("websockets-asyncio"), ("websockets",), 1.0),
        },
    ),
    Work(
        "websocket.broadcast",
        f"server: 100 bytes to {BROADCAST_CONNECTIONS:,} connections, until the last has it",
        "deliveries/s",
        ours=Side("wire", _broadcast("wire"), ("trio",)),
        peers={
            "websockets-asyncio": Side("on asyncio", _broadcast("websockets-asyncio"), ("websockets",), 1.0),
            "websockets-trio": Side("on trio", _broadcast("websockets-trio"), ("websockets",)),
        },
        rounds=5,
    ),
)
