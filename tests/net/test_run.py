"""A server as a program of a few lines, told to stop by signals."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = """
import trio
from wire.net import Request, Response, run

async def slowly(request: Request) -> Response:
    print("asked", flush=True)
    await trio.sleep(0.3 if request.path == "/" else 60)
    return Response.text("done")

run(slowly, port=0, ready=lambda server: print(server.port, flush=True))
print("drained", flush=True)
"""


@contextmanager
def program() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def test_a_signal_lets_it_finish_what_it_has_begun() -> None:
    with program() as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        assert connection.getresponse().read() == b"done"
        connection.close()
        assert process.communicate(timeout=10) == ("drained\n", "")
        assert process.returncode == 0


def test_a_second_signal_stops_it_at_once() -> None:
    with program() as (process, port), socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("drained\n", "")
