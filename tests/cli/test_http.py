"""``wire http``: what it sends, what it writes where, and how it ends."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

import wire.cli

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
AUTHORITY = trustme.CA()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers ``/STATUS[/LOCATION]`` with what it was asked, as JSON: method, target, fields, body."""

    protocol_version = "HTTP/1.1"
    timeout = 10

    def answer(self) -> None:
        body = self._body()
        status, _, location = self.path.removeprefix("/").partition("/")
        self.send_response(int(status) if status.isdigit() else 200)
        if location:
            self.send_header("Location", f"/{location}")
        fields = {name.lower(): value for name, value in self.headers.items()}
        asked = {"method": self.command, "target": self.path, "fields": fields, "body": body.decode()}
        content = json.dumps(asked).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = do_PURGE = answer  # noqa: N815

    def _body(self) -> bytes:
        if self.headers["transfer-encoding"] != "chunked":
            return self.rfile.read(int(self.headers["content-length"] or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The server above; its URL, without a slash at its end."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@contextlib.contextmanager
def saying(data: bytes, *, linger: bool = False) -> Iterator[str]:
    """A server that answers one request with these bytes and closes, or stays open until the block ends."""

    def converse() -> None:
        peer, _address = listener.accept()
        with peer, contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in peer.recv(65536, socket.MSG_PEEK):
                pass
            peer.recv(65536)
            peer.sendall(data)
            if linger:
                ended.wait(10)

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=converse)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


@dataclass
class Outcome:
    """How a run of ``wire http`` ended."""

    status: object
    out: bytes
    err: str

    @property
    def asked(self) -> Any:
        """What the server says that it was asked."""
        assert (self.status, self.err) == (0, "")
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run ``wire http`` with these arguments."""

    def run(*args: str) -> Outcome:
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            wire.cli.main.main(["http", *args])
        out, err = capsysbinary.readouterr()
        return Outcome(ended.value.code, out, err.decode())

    return run


def test_the_body_goes_to_standard_output_and_nothing_else_does(run: Run) -> None:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n") as url:
        assert run(url) == Outcome(0, b"\x00\xff\r\n", "")


def test_a_url_without_scheme_is_http(run: Run, url: str) -> None:
    assert run(url.removeprefix("http://")).asked["target"] == "/"


@pytest.mark.parametrize(
    ("args", "method"),
    [
        ([], "GET"),
        (["-d", "x"], "POST"),
        (["--json", "1"], "POST"),
        (["-X", "PUT", "-d", "x"], "PUT"),
        (["-X", "PURGE"], "PURGE"),
    ],
)
def test_the_method_follows_from_the_options(run: Run, url: str, args: list[str], method: str) -> None:
    assert run(url, *args).asked["method"] == method


def test_data_goes_out_as_a_form_unless_told_otherwise(run: Run, url: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"line\r\n")
    form = run(url, "-d", "a=b", "-d", f"@{file}", "-d", "ü").asked
    assert form["body"] == "a=b&line\r\n&ü"
    assert form["fields"]["content-type"] == "application/x-www-form-urlencoded"
    text = run(url, "-d", "a", "-H", "Content-Type: text/plain").asked
    assert text["fields"]["content-type"] == "text/plain"


def test_json_says_so_in_both_directions(run: Run, url: str) -> None:
    asked = run(url, "--json", '{"a": 1}').asked
    assert asked["body"] == '{"a": 1}'
    assert (asked["fields"]["content-type"], asked["fields"]["accept"]) == ("application/json",) * 2


def test_a_file_is_sent_with_its_length(run: Run, url: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 300_000)
    asked = run(url, "-d", f"@{file}", "--expect-continue").asked
    assert len(asked["body"]) == 300_000
    assert (asked["fields"]["content-length"], asked["fields"]["expect"]) == ("300000", "100-continue")


def test_an_upload_is_sent_whole_though_the_server_answers_before_it_has_read(run: Run, tmp_path: Path) -> None:
    much = 4_000_000
    (tmp_path / "upload").write_bytes(bytes(much))
    received: list[int] = []

    def answer(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            client.sendall(OK)
            size = len(head) - head.index(b"\r\n\r\n") - 4
            while size < much and (data := client.recv(65536)):
                size += len(data)
            received.append(size)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer, args=(listener,))
        server.start()
        outcome = run(f"http://127.0.0.1:{listener.getsockname()[1]}/", "-d", f"@{tmp_path / 'upload'}")
        server.join(10)
    assert (outcome.status, outcome.out, received) == (0, b"ok", [much])


def test_standard_input_is_sent_in_chunks(url: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "wire", "http", url, "-d", "@-"],
        input=b"from a pipe",
        capture_output=True,
        timeout=60,
        check=True,
    )
    asked = json.loads(process.stdout)
    assert (asked["body"], asked["fields"]["transfer-encoding"]) == ("from a pipe", "chunked")


def test_fields_and_target_are_sent_as_given(run: Run, url: str) -> None:
    asked = run(f"{url}/x", "-X", "OPTIONS", "-H", "X-A:  b ", "-H", "x-empty:", "--request-target", "*").asked
    assert asked["target"] == "*"
    assert (asked["fields"]["x-a"], asked["fields"]["x-empty"]) == ("b", "")


def test_name_and_password_go_where_servers_look_for_them(run: Run, url: str) -> None:
    fields = run(f"{url}/", "-s", "-A", "probe/1", "-u", "Aladdin:open sesame").asked["fields"]
    assert (fields["user-agent"], fields["authorization"]) == ("probe/1", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")


def test_heads_are_shown_on_demand(run: Run) -> None:
    with saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK) as url:
        shown = run("-i", url).out
    assert shown == b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def test_head_shows_the_head(run: Run, url: str) -> None:
    shown = run("-I", url)
    assert shown.out.startswith(b"HTTP/1.1 200 OK\r\n")
    assert shown.out.endswith(b"\r\n\r\n")


def test_the_body_goes_into_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with saying(OK) as url:
        assert run("-o", str(file), url) == Outcome(0, b"", "")
    assert file.read_bytes() == b"ok"


@pytest.mark.spec("rfc9110-15.5-1b")
def test_an_error_page_is_shown(run: Run, url: str) -> None:
    shown = run(f"{url}/404")
    assert (shown.status, shown.err) == (0, "")
    assert json.loads(shown.out)["target"] == "/404"


def test_an_error_fails_on_demand(run: Run, url: str) -> None:
    assert run("-f", f"{url}/404") == Outcome(22, b"", "wire: the server answered 404 Not Found\n")
    assert run("-f", f"{url}/499").err == "wire: the server answered 499\n"
    assert run("-f", f"{url}/302/x").status == 0


def test_redirections_are_followed_on_demand(run: Run, url: str) -> None:
    assert run(f"{url}/302/200").asked["target"] == "/302/200"
    assert run("-L", f"{url}/302/301/307/200").asked["target"] == "/200"
    posted = run("-L", f"{url}/307/200", "-d", "x").asked
    assert (posted["method"], posted["body"]) == ("POST", "x")
    seen = run("-L", f"{url}/303/200", "-d", "x").asked
    assert (seen["method"], seen["body"], "content-type" in seen["fields"]) == ("GET", "", False)
    assert run("-i", "-L", f"{url}/302/200").out.count(b"HTTP/1.1 ") == 2


def test_redirections_end(run: Run, url: str) -> None:
    path = "/302/302/302/200"  # three redirections
    assert run("-L", "--max-redirs", "3", url + path).status == 0
    ended = run("-L", "--max-redirs", "2", url + path)
    assert ended == Outcome(47, b"", "wire: the server redirects more than 2 times\n")


def test_standard_input_cannot_be_sent_again(url: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "wire", "http", "-L", f"{url}/307/200", "-d", "@-"],
        input=b"x",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 26
    assert b"would have to be sent again" in process.stderr


def test_certificates_are_verified(run: Run, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    authorities = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(authorities)
    with serving(context) as url:
        refused = run(url)
        assert (refused.status, refused.out) == (60, b"")
        assert refused.err.startswith("wire: the certificate of 127.0.0.1 is not trusted: ")
        assert run("-k", url).status == 0
        assert run("--cacert", str(authorities), url).status == 0


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", 8, "status-line", id="not-http"),
        pytest.param(b"", 52, "without a response", id="no-answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 18, "5 bytes are missing", id="cut-off"),
    ],
)
def test_a_broken_response_has_its_exit_status(run: Run, answer: bytes, status: int, words: str) -> None:
    with saying(answer) as url:
        ended = run(url)
    assert (ended.status, ended.err.count("\n")) == (status, 1)
    assert words in ended.err


def test_what_came_before_the_break_is_written(run: Run) -> None:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") as url:
        assert run(url).out == b"half"


def test_patience_has_an_end(run: Run) -> None:
    with saying(b"HTTP/1.1 200 OK\r\n", linger=True) as url:
        assert run("-m", "0.1", url) == Outcome(28, b"", "wire: the request was not answered within 0.1 seconds\n")


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["ftp://example.org/"], 3, "does not begin with http:// or https://"),
        (["http://user:secret@example.org/"], 3, "names a user"),
        (["http://nowhere.invalid/"], 6, "'nowhere.invalid' cannot be resolved"),
        (["http://127.0.0.1:1/"], 7, "cannot connect to 127.0.0.1 port 1"),
        (["http://a/", "-d", "x", "--json", "1"], 2, "exclude each other"),
        (["http://a/", "-I", "-d", "x"], 2, "-I sends no body"),
        (["http://a/", "-H", "no colon"], 2, "'no colon' has no colon"),
        (["http://a/", "-d", "@/nowhere"], 26, "/nowhere: No such file"),
        (["http://a/", "-d", "@/nowhere", "-d", "x"], 26, "/nowhere: No such file"),
        (["http://a/", "--cacert", __file__], 77, "holds no certificate"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(run: Run, args: list[str], status: int, words: str) -> None:
    ended = run(*args)
    assert (ended.status, ended.out, ended.err.count("\n")) == (status, b"", 1)
    assert words in ended.err
    assert "secret" not in ended.err


@pytest.mark.parametrize("header", ["X: a\r\nY: b", "X: a\nY: b", "X: a\x00", "X : a", "X\r\nY: b", ": a"])
def test_a_field_that_could_frame_something_is_refused(run: Run, url: str, header: str) -> None:
    ended = run(url, "-H", header)
    assert ended.status == 2
    assert ended.err.startswith("wire: a field name or value is malformed: ")


def test_a_file_that_cannot_be_written_is_said(run: Run, url: str, tmp_path: Path) -> None:
    ended = run(url, "-o", str(tmp_path / "missing" / "file"))
    assert (ended.status, ended.err.count("\n")) == (23, 1)


def test_a_reader_that_goes_away_ends_it_in_silence() -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(10 << 20)) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "wire", "http", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) != 0


def test_verbose_explains_the_bytes_of_both_directions(run: Run, url: str) -> None:
    shown = run("-v", "-L", f"{url}/302/200", "-d", "hello")
    assert json.loads(shown.out)["target"] == "/200"
    assert shown.err.startswith(f"Connection to {url}\n")
    for said in (
        "request 1",
        "response 1",
        "request 2",
        "response 2",
        "request-line",
        "host: 127.0.0.1",
        "message-body: 5 bytes",
        "status-line",
        "RFC 9112 §6.2",
    ):
        assert said in shown.err


def test_verbose_shows_a_broken_response_up_to_the_fault(run: Run) -> None:
    with saying(b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n") as url:
        ended = run("-v", url)
    assert ended.status == 8
    assert "http1.field-line.space-before-colon" in ended.err.splitlines()[-1]
    assert ended.err.count("http1.field-line.space-before-colon") == 2
