"""HTTP/1.1 servers: GET /hello over 16 connections that are kept alive, asked by wrk as fast as it can.

Ours is ``wire serve``, with its router and all of its samples. uvicorn runs on asyncio's own loop with an application
that only says hello. No side writes an access log. Each server is one process on one processor, wrk is on another.
Below the ratio of what wrk counted stands that of requests per second of the server's CPU time, which a busy machine
disturbs less.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench import processes
from bench.harness import Contender, Opener, Side, Unavailable, Work

CONNECTIONS = 16
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_TOTAL = re.compile(r"([0-9]+) requests in")
_FAILURE = re.compile(r"Socket errors:.*|Non-2xx.*")


class Asked(Contender):
    """A server under wrk."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port
        self.extra: dict[str, float] = {}

    def outcome(self) -> object:
        return processes.hello(self.port)

    def sample(self) -> float:
        url = f"http://127.0.0.1:{self.port}/hello"
        command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", "1s", url]
        before = processes.cpu_seconds(self.pid)
        with processes.pinned(processes.cpus()[1]):
            said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        used = processes.cpu_seconds(self.pid) - before
        rate, total, failure = _RATE.search(said), _TOTAL.search(said), _FAILURE.search(said)
        if rate is None or total is None or failure is not None:
            raise Unavailable(f"wrk: {failure[0] if failure else said}")
        self.extra["per CPU second"] = int(total[1]) / max(used, 0.01)
        return float(rate[1])


def _server(command: tuple[str, ...]) -> Opener:
    @contextmanager
    def open_side(_quick: bool) -> Iterator[Contender]:
        if shutil.which("wrk") is None:
            raise Unavailable("wrk is missing (Debian package wrk)")
        with processes.running(command) as (pid, port):
            yield Asked(pid, port)

    return open_side


WORKS = (
    Work(
        "http1.serve",
        f"server: GET /hello over {CONNECTIONS} kept connections",
        "requests/s",
        ours=Side("wire serve", _server(processes.WIRE), ("trio",)),
        peers={
            "uvicorn-h11": Side("asyncio", _server(processes.UVICORN_H11), ("uvicorn", "h11"), 3.0),
            "uvicorn-httptools": Side("asyncio", _server(processes.UVICORN_HTTPTOOLS), ("uvicorn", "httptools"), 1.0),
            "bare-trio": Side("a constant answer to each read", _server(processes.BARE_TRIO), ("trio",), 0.5),
        },
        rounds=15,
    ),
)
