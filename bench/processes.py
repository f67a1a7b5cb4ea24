"""Servers as processes of their own, started as their users start them, on a processor that their client leaves alone.

Every server prints the address that it listens on, on a port that the kernel chose, and is stopped by its process id.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench.harness import Unavailable

ROOT = Path(__file__).parent.parent
START_SECONDS = 20.0
_ADDRESS = re.compile(rb"(?:http|ws)://127\.0\.0\.1:([0-9]+)")

PYTHON = (sys.executable, "-m")
WIRE = (*PYTHON, "wire", "serve", "--port", "0", "--quiet")
UVICORN = (
    *(*PYTHON, "uvicorn", "bench.hello_asgi:app", "--host", "127.0.0.1", "--port", "0"),
    *("--loop", "asyncio", "--no-access-log", "--lifespan", "off", "--timeout-keep-alive", "75"),
)
UVICORN_H11 = (*UVICORN, "--http", "h11")
UVICORN_HTTPTOOLS = (*UVICORN, "--http", "httptools")
BARE_TRIO = (*PYTHON, "bench.bare_trio")
WEBSOCKET = (*PYTHON, "bench.websocket_servers")
WEBSOCKET_LOAD = (*PYTHON, "bench.websocket_load")


def cpus() -> tuple[set[int], set[int]]:
    """The processors for a server and for its client: one each, or the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


@contextmanager
def pinned(to: set[int]) -> Iterator[None]:
    """Processes that are started inside run on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(command: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Run a server: its process id and its port.

    Raises:
        Unavailable: the server does not start, or its package is missing.
    """
    module = command[len(PYTHON)]
    if find_spec(module) is None:
        raise Unavailable(f"{module} is not installed")
    with tempfile.TemporaryFile() as log:
        with pinned(cpus()[0]):
            server = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            yield server.pid, _port(server, log.fileno(), " ".join(command[2:4]))
        finally:
            server.kill()
            server.wait()


def _port(server: subprocess.Popen[bytes], log: int, name: str) -> int:
    deadline = time.monotonic() + START_SECONDS
    while True:
        said = os.pread(log, 1 << 16, 0)
        address = _ADDRESS.search(said)
        if address is not None:
            return int(address[1])
        if server.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"{name} does not start: {said[-300:].decode(errors='replace')}")
        time.sleep(0.02)


def hello(port: int) -> object:
    """What the server answers to GET /hello, except for the fields that servers add on their own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/hello")
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return response.status, fields.get("content-type"), fields.get("content-length"), response.read()
    finally:
        connection.close()


def cpu_seconds(pid: int) -> float:
    """Processor time that the process has used, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
