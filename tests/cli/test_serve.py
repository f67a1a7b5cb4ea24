"""``wire serve`` as real clients meet it: what it prints, what it speaks, how it stops, how several workers live."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from tests.serving import PATIENCE, Served, serving

MIB = 1 << 20


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One server for the tests that leave it as it was."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def secured() -> Iterator[Served]:
    with serving("--tls") as running:
        yield running


def curl(*args: str) -> str:
    command = ["curl", "--http1.1", "--no-progress-meter", "--fail", "--max-time", "60", *args]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def peak_memory(pid: int) -> int:
    """The most bytes of memory that the process ever had resident (``VmHWM``)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


class SlowRequest:
    """An echo of ten bytes, of which five have come back and five are still to be sent."""

    def __init__(self, served: Served) -> None:
        self.socket = served.connect()
        self.socket.sendall(b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345")
        self.received = b""
        while b"12345" not in self.received:
            self.received += self._receive()

    def __enter__(self) -> SlowRequest:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        data = self.socket.recv(65536)
        assert data, f"the connection was closed after {self.received!r}"
        return data

    def finish(self) -> None:
        """Send the rest, and see it come back."""
        self.socket.sendall(b"67890")
        while not self.received.endswith(b"0\r\n\r\n"):
            self.received += self._receive()
        assert b"67890" in self.received


def refuses(served: Served) -> bool:
    try:
        served.connect().close()
    except ConnectionError:
        return True
    return False


# What it prints.


def test_it_says_where_it_serves_and_its_commands_work(served: Served) -> None:
    assert served.process.stdout is not None
    printed = []
    while "Ctrl-C" not in (line := served.process.stdout.readline()):
        printed.append(line.strip())
    commands = [shlex.split(line) for line in printed if line.startswith("curl ")]
    answers = [curl(*command[1:]) for command in commands]
    assert len(answers) == 6
    assert "<!doctype html>" in answers[0]
    assert answers[1].endswith("\n\nHello, world!")
    assert answers[2] == "Say it again."
    assert answers[3] == '{"result":"the cat"}'
    assert "<title>wire chat</title>" in answers[4]
    assert answers[5].startswith('{"openapi":"3.1')
    talks = [shlex.split(line) for line in printed if line.startswith("wire ws ")]
    echoed, chatted = [
        subprocess.run(
            [sys.executable, "-m", *command], input="Anybody?\n", capture_output=True, text=True, timeout=60, check=True
        ).stdout
        for command in talks
    ]
    assert echoed == "Anybody?\n"
    assert '"event": "welcome"' in chatted.splitlines()[0]


def test_quiet_prints_where_it_serves_and_nothing_else() -> None:
    with serving("--quiet") as running:
        assert curl(running.url + "/hello") == "Hello, world!"
        assert running.end() == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""
        assert running.stderr() == ""


def test_the_access_log_has_a_line_for_each_request() -> None:
    with serving() as running:
        curl(running.url + "/hello")
        assert running.end() == 0
        (line,) = running.stderr().splitlines()
        assert '"GET /hello HTTP/1.1" 200 13 ' in line


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_one_line(workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "wire", "serve", "--port", str(port), "--workers", workers],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"wire: cannot listen on 127.0.0.1 port {port}: it is in use; --port 0 takes a free one\n"


def test_an_unknown_host_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wire", "serve", "--host", "host.invalid"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("wire: cannot listen on host.invalid")
    assert done.stderr.count("\n") == 1


# What it speaks, to clients that nobody here wrote.


def test_hello_to_curl(served: Served) -> None:
    head, _, body = curl("-i", served.url + "/hello").partition("\n\n")
    lines = head.lower().splitlines()
    assert lines[0] == "http/1.1 200 ok"
    assert "content-length: 13" in lines
    assert "content-type: text/plain; charset=utf-8" in lines
    assert any(line.startswith("date: ") for line in lines)
    assert body == "Hello, world!"


def test_head_to_curl(served: Served) -> None:
    assert "content-length: 13" in curl("-I", served.url + "/hello").lower()


def test_http_client_reuses_its_connection(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        used = set()
        for _ in range(3):
            connection.request("POST", "/echo", body=b"abc", headers={"Content-Type": "x/y"})
            response = connection.getresponse()
            assert (response.status, response.read(), response.getheader("content-type")) == (200, b"abc", "x/y")
            used.add(connection.sock.getsockname())
        assert len(used) == 1


def test_httpx_streams_an_upload_and_gets_it_back(served: Served) -> None:
    pieces = [b"x" * 1000, b"y" * 70_000, b"z"]
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        assert client.post("/echo", content=iter(pieces)).content == b"".join(pieces)
        answer = client.post("/documents", json={"arg1": "Ein Fischer fischt frische Fische, ein Fischer.", "arg2": 2})
        assert answer.json() == {"result": "ein fischer"}
        assert client.put("/documents").status_code == 405
        assert client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(
            b"POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_an_endless_chunked_body_is_refused_when_it_is_too_long(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(
            b"POST /documents HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        with contextlib.suppress(ConnectionError):  # the server may stop listening while this is being sent
            for _ in range(17):
                connection.sendall(chunk)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_echo_of_random_bytes_by_curl(served: Served, tmp_path: Path) -> None:
    sent, received = tmp_path / "sent", tmp_path / "received"
    sent.write_bytes(os.urandom(8 * MIB))
    curl("-X", "POST", "-T", str(sent), "-o", str(received), served.url + "/echo")
    assert received.read_bytes() == sent.read_bytes()


def test_echo_to_a_client_that_waits_for_100_continue(served: Served) -> None:
    said = curl("-i", "-H", "Expect: 100-continue", "-d", "x", "--expect100-timeout", "50", served.url + "/echo")
    assert said.startswith("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n")
    assert said.endswith("\n\nx")


def test_echo_to_http_1_0(served: Served) -> None:
    head, _, body = curl("--http1.0", "-i", "-d", "x", served.url + "/echo").partition("\n\n")
    assert "transfer-encoding" not in head.lower()
    assert body == "x"


def test_echo_of_trailers(served: Served) -> None:
    with served.connect() as connection, connection.makefile("rb") as answer:
        connection.sendall(
            b"POST /echo HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nConnection: TE, close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 7\r\n\r\n"
        )
        assert answer.read().endswith(b"\r\n\r\n1\r\nx\r\n0\r\nx-sum: 7\r\n\r\n")


@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_echo_of_200_mib_in_constant_memory(served: Served, tmp_path: Path, framing: str) -> None:
    size = 200 * MIB
    sent = tmp_path / "sent"
    sent.touch()
    os.truncate(sent, size)
    before = peak_memory(served.pid)
    options = ["-H", "transfer-encoding: chunked"] if framing == "chunked" else []
    back = curl(
        "-X", "POST", "-T", str(sent), *options, "-o", os.devnull, "-w", "%{size_download}", served.url + "/echo"
    )
    assert int(back) == size
    assert peak_memory(served.pid) - before < 16 * MIB


def test_a_client_that_does_not_read_its_echo_is_not_read_any_more(served: Served) -> None:
    before = peak_memory(served.pid)
    with served.connect() as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % (200 * MIB))
        connection.settimeout(0.5)
        taken = 0
        with contextlib.suppress(TimeoutError):
            while taken < 200 * MIB:
                taken += connection.send(bytes(65536))
        assert taken < 64 * MIB  # what the kernel's buffers hold, in both directions
        assert peak_memory(served.pid) - before < 16 * MIB
        assert curl(served.url + "/hello") == "Hello, world!"


@pytest.fixture
def few_open_files() -> Iterator[int]:
    """What is started here may open 256 files, unless it asks for more; how many it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_asks_for_as_many_open_files_as_it_may_have(few_open_files: int, workers: str) -> None:
    with serving("--quiet", "--workers", workers) as running:
        for pid in [running.pid, *running.workers()]:
            assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (few_open_files, few_open_files)


# TLS.


def test_tls_by_the_authority_that_it_names(secured: Served) -> None:
    assert secured.authority is not None
    assert secured.url.startswith("https://")
    for host in ("127.0.0.1", "localhost"):
        assert curl("--cacert", secured.authority, f"https://{host}:{secured.port}/hello") == "Hello, world!"
    with httpx.Client(verify=ssl.create_default_context(cafile=secured.authority), trust_env=False) as client:
        assert client.get(secured.url + "/hello").text == "Hello, world!"


def test_tls_by_nobody_else(secured: Served) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        curl(secured.url + "/hello")
    assert failed.value.returncode == 60  # curl: the peer's certificate cannot be authenticated


def test_plain_http_to_a_tls_port_harms_nobody(secured: Served) -> None:
    with secured.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert not connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert secured.authority is not None
    assert curl("--cacert", secured.authority, secured.url + "/hello") == "Hello, world!"


@pytest.mark.parametrize("options", [("--tls",), ("--tls", "--workers", "2")], ids=["one process", "workers"])
def test_the_authority_file_goes_when_the_server_goes(options: tuple[str, ...]) -> None:
    with serving(*options) as running:
        assert running.authority is not None
        assert curl("--cacert", running.authority, running.url + "/hello") == "Hello, world!"
        assert running.end() == 0
        assert not Path(running.authority).exists()


def test_a_certificate_from_files(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    cafile, chain, key = (str(tmp_path / name) for name in ("ca.pem", "chain.pem", "key.pem"))
    authority.cert_pem.write_to_path(cafile)
    certificate.private_key_pem.write_to_path(key)
    for number, pem in enumerate(certificate.cert_chain_pems):
        pem.write_to_path(chain, append=number > 0)
    with serving("--certfile", chain, "--keyfile", key) as running:
        assert curl("--cacert", cafile, f"https://localhost:{running.port}/hello") == "Hello, world!"


def test_a_file_that_is_no_certificate_is_one_line(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    done = subprocess.run(
        [sys.executable, "-m", "wire", "serve", "--port", "0", "--certfile", str(nonsense)],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(nonsense) in done.stderr
    assert "--keyfile" in done.stderr


# How it stops.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_lets_it_finish_what_it_is_answering(number: int, workers: str) -> None:
    with serving("--workers", workers) as running, SlowRequest(running) as slow, running.connect():
        if number == signal.SIGINT:  # as a terminal does it: to all processes
            os.killpg(running.pid, number)
        else:
            running.process.send_signal(number)
        until(lambda: refuses(running), "the port to close")
        assert running.process.poll() is None
        slow.finish()
        assert running.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_signal_stops_it_at_once(workers: str) -> None:
    with serving("--workers", workers, "--grace", "1000") as running, SlowRequest(running):
        running.process.send_signal(signal.SIGTERM)
        until(lambda: refuses(running), "the port to close")
        assert running.end(signal.SIGTERM) == 128 + signal.SIGTERM


def test_what_is_not_finished_in_its_grace_is_cut_off() -> None:
    with serving("--grace", "0.2") as running, SlowRequest(running):
        assert running.end() == 0


# Workers.


def test_workers_share_the_port() -> None:
    with serving("--workers", "2", "--quiet") as running:
        assert len(running.workers()) == 2
        table = Path("/proc/net/tcp").read_text()
        listening = re.findall(rf"0100007F:{running.port:04X} 00000000:0000 0A", table)
        assert len(listening) == 2
        for _ in range(20):
            assert curl(running.url + "/hello") == "Hello, world!"


def test_workers_write_the_access_log_too() -> None:
    with serving("--workers", "2", "--host", "localhost") as running:
        assert curl(running.url + "/hello") == "Hello, world!"
        assert running.end() == 0
        assert '"GET /hello HTTP/1.1" 200 13 ' in running.stderr()


def test_a_name_is_looked_up_without_a_thread_that_could_take_the_signals() -> None:
    with serving("--workers", "2", "--host", "localhost", "--quiet") as running:
        assert len(list(Path(f"/proc/{running.pid}/task").iterdir())) == 1
        assert running.end() == 0


def test_workers_leave_when_their_parent_is_killed() -> None:
    with serving("--workers", "2") as running:
        workers = running.workers()
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not any(alive(pid) for pid in workers), "the workers to leave")


def test_a_worker_that_dies_takes_the_others_down_and_is_heard_of() -> None:
    with serving("--workers", "2") as running:
        workers = running.workers()
        os.kill(workers[0], signal.SIGKILL)
        assert running.process.wait(PATIENCE) == signal.SIGKILL
        assert not any(alive(pid) for pid in workers)
        assert running.stderr() == f"wire: worker {workers[0]} was killed by SIGKILL; stopping the others\n"


# A browser.


@pytest.mark.skipif(shutil.which("chromium") is None, reason="the Debian package chromium is not installed")
def test_chromium_shows_the_index(served: Served, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path}", "--virtual-time-budget=2000", "--dump-dom", served.url + "/",
        ],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    assert "<h1>wire</h1>" in done.stdout
    assert done.stdout.count("<article>") == 8
    assert "You came by HTTP/1.1." in done.stdout
