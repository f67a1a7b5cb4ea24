"""``wire ws``: what it sends and prints, on a terminal and in a pipe, how it ends, and what it explains."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import ssl
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

import wire.cli
from tests.cli.test_http import Outcome, Run, saying
from tests.net.websocket_raw import TEXT, frame

PATIENCE = 60.0
AUTHORITY = trustme.CA()


def talk(socket: ServerConnection) -> None:
    """Say again what is said, unless it is one of these words."""
    for message in socket:
        word, _, rest = message.partition(" ") if isinstance(message, str) else ("", "", "")
        if word == "close":
            socket.close(int(rest), "no \x1b[31mmore")
        elif word == "bytes":
            socket.send(bytes(range(int(rest))))
        elif word == "fields":
            assert socket.request is not None
            socket.send(f"{socket.request.path} {sorted(socket.request.headers.raw_items())}")
        elif word == "drop":
            socket.socket.close()
        elif word == "escape":
            socket.send("\x1b]0;title\x07 a\tb \x9b31m\u202e")
        else:
            socket.send(message)


@contextlib.contextmanager
def serving(port: int = 0, tls: ssl.SSLContext | None = None, **how: Any) -> Iterator[str]:
    """A foreign server; its URL."""

    def choose(_socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol("chat") if "chat" in offered else None

    with serve(talk, "127.0.0.1", port, ssl=tls, select_subprotocol=choose, **how) as server, running(server):
        yield f"{'ws' if tls is None else 'wss'}://127.0.0.1:{server.socket.getsockname()[1]}/"


@contextlib.contextmanager
def running(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run ``wire ws`` with these arguments, which say with -d what it sends."""

    def run(*args: str) -> Outcome:
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            wire.cli.main.main(["ws", *args])
        out, err = capsysbinary.readouterr()
        return Outcome(ended.value.code, out, err.decode())

    return run


def piped(said: bytes, *args: str) -> Outcome:
    """Run it in a pipe, with this for standard input."""
    process = subprocess.run(
        [sys.executable, "-m", "wire", "ws", *args], input=said, capture_output=True, timeout=PATIENCE, check=False
    )
    return Outcome(process.returncode, process.stdout, process.stderr.decode())


def test_lines_go_out_and_messages_come_back_as_lines(url: str) -> None:
    assert piped("one\n\ntwo \u2603\nlast".encode(), url) == Outcome(0, "one\n\ntwo \u2603\nlast\n".encode(), "")


def test_what_is_given_is_sent_instead(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"two\nlines\n")
    assert run(url, "-d", "one", "-d", f"@{tmp_path / 'file'}", "-n", "2") == Outcome(0, b"one\ntwo\nlines\n\n", "")


def test_a_url_without_scheme_is_ws(run: Run, url: str) -> None:
    assert run(url.removeprefix("ws://"), "-d", "x", "-n", "1").out == b"x\n"


def test_it_closes_when_all_is_said_and_nothing_more_comes(run: Run) -> None:
    with closing_codes() as (url, codes):
        assert run(url, "-d", "x", "-w", "0.2").status == 0
        assert run(url, "-d", "x", "-w", "0", "--close-code", "4321").status == 0
    assert codes == [1000, 4321]


@contextlib.contextmanager
def closing_codes() -> Iterator[tuple[str, list[int | None]]]:
    """A server that keeps the codes with which its clients close."""
    codes: list[int | None] = []

    def listen(socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for _message in socket:
                pass
        codes.append(socket.close_code)

    with serve(listen, "127.0.0.1", 0) as server, running(server):
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/", codes


def test_waiting_for_ever_leaves_the_end_to_the_server(url: str) -> None:
    command = [sys.executable, "-m", "wire", "ws", url, "-w", "inf"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"x\n")
        process.stdin.close()
        assert process.stdout.readline() == b"x\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        process.terminate()


def test_so_many_messages_are_enough(run: Run, url: str) -> None:
    assert run(url, "-d", "one", "-d", "two", "-d", "three", "-n", "2", "-w", "inf") == Outcome(0, b"one\ntwo\n", "")


def test_binary_messages_are_shown_in_hexadecimal(run: Run, url: str) -> None:
    assert run(url, "-d", "bytes 20", "-n", "1").out == bytes(range(20)).hex(" ").encode() + b"\n"
    assert run(url, "-b", "-d", "\u00fc", "-n", "1").out == b"c3 bc\n"


def test_raw_messages_are_written_as_they_are(run: Run, url: str) -> None:
    assert run(url, "--raw", "-d", "bytes 256", "-d", "text", "-n", "2").out == bytes(range(256)) + b"text"


def test_lines_that_are_no_text_can_be_sent_as_binary_only(url: str) -> None:
    refused = piped(b"fine\n\xff\xfe\n", url)
    assert (refused.status, refused.err.count("\n")) == (26, 1)
    assert "is not UTF-8: only --binary can send it" in refused.err
    assert piped(b"\xff\xfe\n", url, "--binary", "-n", "1") == Outcome(0, b"ff fe\n", "")


def test_the_request_is_as_the_options_say(run: Run, url: str) -> None:
    shown = run(
        f"{url}a?b",
        *("-H", "X-A: b", "-A", "probe/1", "-u", "me:secret", "-o", "http://example.org", "-s", "x", "-s", "chat"),
        *("--no-deflate", "-d", "fields", "-n", "1"),
    ).out.decode()
    assert shown.startswith("/a?b ")
    fields = {name.lower(): value for name, value in re.findall(r"\('(.*?)', '(.*?)'\)", shown)}
    assert fields["x-a"] == "b"
    assert fields["user-agent"] == "probe/1"
    assert fields["authorization"] == "Basic bWU6c2VjcmV0"
    assert fields["origin"] == "http://example.org"
    assert fields["sec-websocket-protocol"] == "x, chat"
    assert "sec-websocket-extensions" not in fields


def test_certificates_are_verified(run: Run, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(tls=context) as url:
        refused = run(url, "-d", "x")
        assert (refused.status, refused.out) == (60, b"")
        assert refused.err.startswith("wire: the certificate of 127.0.0.1 is not trusted: ")
        assert run("-k", url, "-d", "x", "-n", "1").out == b"x\n"
        assert run("--cacert", str(tmp_path / "ca.pem"), url, "-d", "x", "-n", "1").out == b"x\n"


def test_round_trips_are_shown_on_demand(url: str) -> None:
    shown = piped(b"x\n", url, "--ping", "--ping-interval", "0.1")
    assert (shown.status, shown.out) == (0, b"x\n")
    assert len(re.findall(r"^pong after \d+\.\d ms$", shown.err, re.MULTILINE)) > 1


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ("close 1000", 0, ""),
        ("close 1001", 0, ""),
        ("close 1011", 1, "wire: the server closed the connection with 1011: no \\x1b[31mmore\n"),
        ("close 4000", 1, "wire: the server closed the connection with 4000: no \\x1b[31mmore\n"),
        ("drop", 56, "wire: the connection was lost\n"),
    ],
)
def test_how_the_server_ends_it_is_the_exit_status(run: Run, url: str, said: str, status: int, words: str) -> None:
    assert run(url, "-d", said, "-w", "inf") == Outcome(status, b"", words)


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["http://127.0.0.1/"], 3, "does not begin with ws:// or wss://"),
        (["ws://127.0.0.1/#top"], 3, "has no fragment"),
        (["ws://user:secret@example.org/"], 3, "names a user"),
        (["ws://nowhere.invalid/"], 6, "'nowhere.invalid' cannot be resolved"),
        (["ws://127.0.0.1:1/"], 7, "cannot connect to 127.0.0.1 port 1"),
        (["ws://a/", "-H", "no colon"], 2, "'no colon' has no colon"),
        (["ws://a/", "-H", "Sec-WebSocket-Key: x"], 2, "sec-websocket-key belongs to the handshake"),
        (["ws://a/", "-H", "X: a\r\nY: b"], 2, "malformed"),
        (["ws://a/", "-s", "two words"], 2, "subprotocols"),
        (["ws://a/", "--close-code", "1006"], 2, "1006 is no code that may be sent"),
        (["ws://a/", "-d", "@/nowhere"], 26, "/nowhere: No such file"),
        (["ws://a/", "--cacert", __file__], 77, "holds no certificate"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(run: Run, args: list[str], status: int, words: str) -> None:
    ended = run(*args, *(() if "-d" in args else ("-d", "x")))
    assert (ended.status, ended.out, ended.err.count("\n")) == (status, b"", 1)
    assert words.lower() in ended.err.lower()
    assert "secret@" not in ended.err


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nbe\x1b[31mgon", 22, "it answered 403 Forbidden"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nleave", 22, "it answered 403 Forbidden: leave"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\x1b[2J\r\nContent-Length: 0\r\n\r\n", 8, "control character"),
        (b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", 22, "names '/there', which is not"),
        (b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", 8, "Sec-WebSocket-Accept"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 8, "status-line"),
        (b"", 52, "without a response"),
    ],
)
def test_a_server_that_does_not_switch(run: Run, answer: bytes, status: int, words: str) -> None:
    with saying(answer) as url:
        ended = run(url.replace("http", "ws"), "-d", "x")
    assert (ended.status, ended.out, ended.err.count("\n")) == (status, b"", 1)
    assert words in ended.err
    assert "\x1b" not in ended.err


def test_a_reader_that_goes_away_ends_it_in_silence(url: str) -> None:
    command = [sys.executable, "-m", "wire", "ws", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"one\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"one\n"
        process.stdout.close()
        process.stdin.write(b"two\n")
        process.stdin.flush()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) != 0


def test_verbose_explains_the_handshake_and_every_frame(run: Run, url: str) -> None:
    shown = run("-v", url, "-d", "hello", "-n", "1")
    assert (shown.status, shown.out) == (0, b"hello\n")
    assert shown.err.startswith(f"Connection to {url.removesuffix('/')}\n")
    for said in (
        "request 1",
        "sec-websocket-key",
        "interim response 1",
        "the server has read the key",
        "text frame 1",
        "unmasked: ",
        "inflated: 68 65 6c 6c 6f",
        "close frame 1",
        "1000  all is done",
        "RFC 6455 §5.2",
    ):
        assert shown.err.count(said) >= 1, said
    heads = re.findall(r"^client (?:──▶|◀──) server", shown.err, re.MULTILINE)
    assert len(heads) == 7, "two of the handshake, two messages, two closes, and the end"


def test_verbose_shows_a_frame_that_breaks_a_rule_up_to_the_fault(run: Run) -> None:
    def answer(connection: ServerConnection) -> None:
        connection.socket.sendall(frame(TEXT, b"masked"))
        connection.socket.recv(100)

    with serve(answer, "127.0.0.1", 0) as server, running(server):
        ended = run("-v", f"ws://127.0.0.1:{server.socket.getsockname()[1]}/", "-d", "x", "-w", "inf")
    assert ended.status == 8
    assert ended.err.count("websocket.frame.masked") >= 2


def test_verbose_says_of_a_long_conversation_that_not_all_is_shown(run: Run, url: str) -> None:
    shown = run("-v", url, "-d", os.urandom(100_000).hex(), "-n", "1", "--no-deflate")
    assert shown.err.count("too much to be shown") == 1


def test_reconnecting_goes_on_with_what_is_typed() -> None:
    with contextlib.ExitStack() as first:
        url = first.enter_context(serving())
        command = [sys.executable, "-m", "wire", "ws", "--reconnect", url]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdin.write(b"one\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"one\n"
            first.close()
            assert b"; again in " in process.stderr.readline()
            with serving(int(url.rpartition(":")[2].strip("/"))):
                process.stdin.write(b"two\n")
                process.stdin.flush()
                assert process.stdout.readline() == b"two\n"
                process.stdin.close()
                assert process.wait(PATIENCE) == 0


def _hear_ctrl_c() -> None:
    """A shell lets what it runs in the background ignore Ctrl-C, and that is handed on, also by these tests."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """``wire ws`` on a terminal."""

    def __init__(self, *args: str) -> None:
        self._end, other = pty.openpty()
        modes = termios.tcgetattr(other)
        modes[3] &= ~termios.ECHO  # so that what is read is what was printed
        termios.tcsetattr(other, termios.TCSANOW, modes)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wire", "ws", *args],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,
        )
        os.close(other)
        self.shown = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._end)

    def type(self, data: bytes) -> None:
        os.write(self._end, data)

    def until(self, end: bytes) -> bytes:
        """What is shown up to this, and with it; the test's own timeout is the patience."""
        while end not in self.shown:
            self.shown += os.read(self._end, 65536)
        before, found, self.shown = self.shown.partition(end)
        return before + found


@pytest.mark.timeout(60)
def test_on_a_terminal_it_greets_and_ctrl_d_closes(url: str) -> None:
    with Terminal(url, "-s", "chat", "-w", "0") as terminal:
        assert terminal.until(b"\n") == b"connected with subprotocol chat and compression; Ctrl-D closes\r\n"
        terminal.type(b"hello\n")
        assert terminal.until(b"\n") == b"hello\r\n"
        terminal.type(b"\x04")
        assert terminal.process.wait(PATIENCE) == 0


@pytest.mark.timeout(60)
def test_a_terminal_is_not_shown_what_it_would_obey(url: str) -> None:
    with Terminal(url) as terminal:
        terminal.until(b"closes\r\n")
        terminal.type(b"escape\n")
        assert terminal.until(b"\n") == b"\\x1b]0;title\\x07 a\tb \\x9b31m\\u202e\r\n"


@pytest.mark.timeout(60)
def test_ctrl_c_says_goodbye() -> None:
    with closing_codes() as (url, codes), Terminal(url) as terminal:
        terminal.until(b"closes\r\n")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(PATIENCE) == 130
    assert codes == [1001]


def test_its_help_has_an_example(run: Run) -> None:
    assert b"wire ws ws://127.0.0.1:8080/ws/echo\n" in run("--help").out
