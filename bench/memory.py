"""Memory: what a connection costs a server while it is kept alive and says nothing.

Each connection has been used once before: one of HTTP/1.1 to GET /hello, a WebSocket for a message of 64 bytes that
came back, both uncompressed. The figure is the growth of the server's resident set, per connection; below its ratio
stands that of the proportional set size (PSS). The kernel's socket buffers are in neither. Each sample is a new
process, since a second crowd would find the memory that the first one left.
"""

from __future__ import annotations

import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import processes, websocket_frames
from bench.harness import Contender, Opener, Side, Unavailable, Work

CONNECTIONS = 5000
WARM_UP = 50
SETTLE_SECONDS = 1.0
REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: idle\r\nAccept: */*\r\n\r\n"
HELLO = b"Hello, world!"


Join = Callable[[int], tuple[socket.socket, object]]
"""Connects to the server at a port and uses the connection once: the connection, and what was answered."""


class Crowd(Contender):
    """Connections to a server that was started for them."""

    def __init__(self, command: tuple[str, ...], join: Join, quick: bool) -> None:
        self.command = command
        self.join = join
        self.connections = 100 if quick else CONNECTIONS
        self.settle = 0.1 if quick else SETTLE_SECONDS
        self.extra: dict[str, float] = {}

    def outcome(self) -> object:
        with processes.running(self.command) as (_, port):
            connection, answer = self.join(port)
            connection.close()
            return answer

    def sample(self) -> float:
        with ExitStack() as connected, processes.running(self.command) as (pid, port):
            self._gather(connected, port, WARM_UP)
            before = memory(pid)
            crowd = self._gather(connected, port, self.connections)
            time.sleep(self.settle)
            after = memory(pid)
            if any(_has_ended(connection) for connection in crowd):
                raise Unavailable("the server closed connections that it should have kept")
        self.extra["PSS"] = (after[1] - before[1]) / self.connections
        return (after[0] - before[0]) / self.connections

    def _gather(self, connected: ExitStack, port: int, count: int) -> list[socket.socket]:
        return [connected.enter_context(self.join(port)[0]) for _ in range(count)]


def _ask_hello(port: int) -> tuple[socket.socket, object]:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(HELLO):
        answer += connection.recv(4096)
    return connection, answer.partition(b"\r\n")[0]


def _have_echoed(port: int) -> tuple[socket.socket, object]:
    connection = websocket_frames.connect(port)
    message = websocket_frames.texts(64, 1)[0]
    connection.sendall(websocket_frames.frame(message, b"mask"))
    return connection, websocket_frames.receive_exactly(connection, len(websocket_frames.frame(message)))


def _has_ended(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def memory(pid: int) -> tuple[int, int]:
    """The process's resident and proportional set sizes in KiB."""
    sizes = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = dict(re.findall(r"^(Rss|Pss): +([0-9]+) kB$", sizes, re.MULTILINE))
    return int(found["Rss"]), int(found["Pss"])


def allow_files(count: int) -> None:
    """Let this process, and the servers that it starts, have that many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Unavailable(f"it takes {count} open files, and the limit is {hard} (ulimit -Hn)")
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _idle(command: tuple[str, ...], join: Join) -> Opener:
    @contextmanager
    def open_side(quick: bool) -> Iterator[Contender]:
        allow_files(CONNECTIONS + WARM_UP + 100)
        yield Crowd(command, join, quick)

    return open_side


def _http1(command: tuple[str, ...]) -> Opener:
    return _idle(command, _ask_hello)


def _websocket(server: str) -> Opener:
    return _idle((*processes.WEBSOCKET, server, "echo"), _have_echoed)


WORKS = (
    Work(
        "http1.memory",
        f"server: {CONNECTIONS:,} idle kept connections, memory for each",
        "KiB",
        ours=Side("wire serve", _http1(processes.WIRE), ("trio",)),
        peers={
            "uvicorn-httptools": Side("asyncio", _http1(processes.UVICORN_HTTPTOOLS), ("uvicorn", "httptools"), 1.0)
        },
        rounds=3,
        less_is_better=True,
    ),
    Work(
        "websocket.memory",
        f"server: {CONNECTIONS:,} idle WebSockets, memory for each",
        "KiB",
        ours=Side("wire", _websocket("wire"), ("trio",)),
        peers={
            "trio-websocket": Side("trio", _websocket("trio-websocket"), ("trio-websocket", "wsproto"), 0.5),
            "websockets-asyncio": Side("asyncio", _websocket("websockets-asyncio"), ("websockets",), 1.0),
        },
        rounds=3,
        less_is_better=True,
    ),
)
