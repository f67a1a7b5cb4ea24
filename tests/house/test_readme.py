"""Every command and every program in the README works as it stands there."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets.sync.client

from tests.serving import Served, serving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
PROGRAMS = [block for language, block in BLOCKS if language == "python"]

ELSEWHERE = {
    "python3 -m venv": "sets up an environment: .ci/run runs it",
    "python -m bench": "takes minutes: tests/bench runs each of its rows",
    "wire serve": "runs here for all commands that need it",
}
HERE = [command for command in COMMANDS if not command.startswith(tuple(ELSEWHERE))]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with this environment's programs first."""
    path = f"PATH={Path(sys.executable).parent}:$PATH"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{path}; {command}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


SHOWS = {
    "curl -i": "Hello, world!",
    "curl -H": '{"result":"the"}',
    "wire http": "Hello, world!",
    "echo": "Is anybody there?",
    "printf": "RFC 9112 §5.1",
    "wire fuzz": "0 findings",
}
"""What must be in the output of a command, by how it begins."""


@pytest.mark.parametrize("command", HERE)
def test_command_works(command: str, served: Served) -> None:
    if command.startswith("curl") and shutil.which("curl") is None:
        pytest.skip("curl is not installed (Debian package curl)")
    done = shell(command.replace("127.0.0.1:8080", f"127.0.0.1:{served.port}"))
    (shown,) = [text for begin, text in SHOWS.items() if command.startswith(begin)]
    assert shown in done.stdout, done.stderr
    assert done.returncode == (1 if "explain" in command else 0), done.stderr


def test_every_command_is_run_somewhere() -> None:
    assert "wire serve" in COMMANDS
    assert "python -m bench" in COMMANDS
    setups = [command for command in COMMANDS if command.startswith("python3 -m venv")]
    assert len(setups) == 2, ".ci/run takes the first to run the tour and the second to run the tests"
    assert setups[0].endswith("wire tour")
    assert setups[1].endswith("pytest")


@contextlib.contextmanager
def running(handler: str) -> Iterator[str]:
    """The URL of the server that one of the programs runs."""
    (program,) = [program for program in PROGRAMS if f"run({handler}" in program]
    call = f"run({handler}, port=8080)\n"
    assert program.endswith(call)
    program = program.replace(call, f"run({handler}, port=0, ready=lambda server: print(server.url, flush=True))\n")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def test_the_server_in_a_few_lines() -> None:
    with running("hello") as url, urllib.request.urlopen(f"{url}/you", timeout=10) as response:
        assert response.read() == b"Hello, /you!"


def test_the_websocket_in_a_few_lines() -> None:
    with running("echo") as url, websockets.sync.client.connect(url.replace("http", "ws")) as socket:
        socket.send("hello")
        assert socket.recv(timeout=10) == "hello"


def test_the_codec_without_a_socket() -> None:
    (program,) = [program for program in PROGRAMS if "Connection(Role.SERVER)" in program]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    *events, written = done.stdout.splitlines()
    assert events[0].startswith("Request(method=b'GET', target=b'/hello'")
    assert events[1:] == ["EndOfMessage(trailers=())"]
    assert written == r"b'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'"


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
