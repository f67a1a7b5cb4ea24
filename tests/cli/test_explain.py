"""``wire explain``: files and pipes, whatever they hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.explain import canned
from wire.cli import main

COMPLETE = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"


def run(*args: str, data: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["explain", *args], input=data, env={"COLUMNS": "100"})


def test_a_dash_reads_standard_input() -> None:
    result = run("-", data=COMPLETE)
    assert result.exit_code == 0
    assert "host: example.org" in result.output
    assert "RFC 9110 §7.2" in result.output


def test_a_file_is_explained_as_standard_input_is(tmp_path: Path) -> None:
    file = tmp_path / "capture.bin"
    file.write_bytes(COMPLETE)
    assert run(str(file)).output == run("-", data=COMPLETE).output


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (canned.SPACE_BEFORE_COLON, "RFC 9112 §5.1"),
        (canned.SMUGGLING, "http1.transfer-encoding.with-content-length"),
        (canned.INCOMPLETE, "still to come: 560 bytes of the body"),
        (b"GET / HTTP/1.1\r\nHos", "still to come: the rest of the field line"),
        (b"GET / HTTP/1.1\r\nHos", "http1.eof.in-head"),
    ],
)
def test_broken_and_incomplete_input_exits_with_1(data: bytes, words: str) -> None:
    result = run("-", data=data)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    "packets",
    [b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", b"\n\r\r\n\xc0\x00\x00\x00\x4d\x3c\x2b\x1a"],
    ids=["pcap", "pcapng"],
)
def test_a_file_of_packets_is_told_from_the_bytes_of_a_stream(packets: bytes) -> None:
    result = run("-", data=packets)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Follow TCP Stream" in result.stderr
    assert "http1." in run("-", "--as", "http1", data=packets).output


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"\x00" * 20_000, bytes(range(256)) * 4, b"\n"])
@pytest.mark.parametrize("options", [[], ["--json"], ["--html"], ["--as", "http1-response"], ["--as", "websocket"]])
def test_rubbish_is_explained_too(data: bytes, options: list[str]) -> None:
    result = run("-", *options, data=data)
    assert result.exit_code == (1 if data else 0)
    assert isinstance(result.exception, SystemExit | None)
    assert result.output


def test_responses_are_told_from_requests() -> None:
    response = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert json.loads(run("-", "--json", data=response).output)["subject"] == "responses"
    assert json.loads(run("-", "--json", data=COMPLETE).output)["subject"] == "requests"
    assert json.loads(run("-", "--json", "--as", "http1", data=response).output)["subject"] == "responses"
    assert json.loads(run("-", "--json", "--as", "http1-request", data=response).output)["subject"] == "requests"


def test_what_a_response_answers() -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert run("-", data=response).exit_code == 1
    assert run("-", "--answering", "HEAD", data=response).exit_code == 0
    assert run("-", "--answering", "head", "--answering", "GET", data=response * 2 + b"hello").exit_code == 0
    tunnel = json.loads(run("-", "--json", "--answering", "CONNECT", data=b"HTTP/1.1 200 OK\r\n\r\n\x00").output)
    assert [span["name"] for span in tunnel["spans"]] == ["response", "switched data"]


HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
PACKED = bytes.fromhex("c107f248cdc9c90700")


def test_frames_are_told_from_http_and_a_client_from_a_server() -> None:
    client, server = (
        json.loads(run("-", "--json", data=HELLO).output),
        json.loads(run("-", "--json", data=b"\x81\x00").output),
    )
    assert (client["protocol"], client["subject"]) == ("WebSocket", "frames of a client")
    assert server["subject"] == "frames of a server"
    assert "unmasked: 48 65 6c 6c 6f" in run("-", data=HELLO).output
    assert run("-", "--as", "websocket-server", data=HELLO).exit_code == 1
    assert "http1." in run("-", "--as", "http1", data=HELLO).output


@pytest.mark.parametrize(
    ("data", "exit_code"),
    [(HELLO, 0), (HELLO[:-1], 1), (b"\x01\x00", 1), (b"\x88\x00", 0), (b"\x81", 1), (b"\x83\x00", 1)],
)
def test_frames_may_end_anywhere_but_inside_of_a_message(data: bytes, exit_code: int) -> None:
    assert run("-", "--as", "websocket", data=data).exit_code == exit_code


def test_compression_has_to_be_said_where_no_handshake_says_it() -> None:
    assert run("-", data=PACKED).exit_code == 1
    result = run("-", "--deflate", data=PACKED)
    assert result.exit_code == 0
    assert "inflated: 48 65 6c 6c 6f" in result.output


@pytest.mark.parametrize("data", [canned.OPENING + HELLO, canned.ANSWER + PACKED], ids=["client", "server"])
def test_a_handshake_is_gone_on_with_as_frames(data: bytes) -> None:
    result = run("-", "--json", data=data)
    assert result.exit_code == 0
    assert json.loads(result.output)["spans"][-1]["value"] == "Hello"


def test_a_refused_handshake_says_why() -> None:
    result = run("-", data=canned.OPENING.replace(b": 13", b": 8"))
    assert result.exit_code == 1
    assert "websocket.handshake.version, answered by 426" in result.output


def test_json_holds_the_bytes_and_the_fault() -> None:
    result = run("-", "--json", data=canned.SPACE_BEFORE_COLON)
    form = json.loads(result.output)
    assert bytes.fromhex(form["data"]) == canned.SPACE_BEFORE_COLON
    assert form["protocol"] == "HTTP/1.1"
    assert form["fault"]["rule"] == "http1.field-line.space-before-colon"
    assert form["fault"]["offset"] == canned.SPACE_BEFORE_COLON.index(b" :")
    assert result.exit_code == 1


def test_html_is_a_page() -> None:
    result = run("-", "--html", data=COMPLETE)
    assert result.exit_code == 0
    assert result.output.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-", "--json", "--html"], "exclude each other"),
        (["/nowhere/at/all"], "No such file"),
        (["-", "--as", "http3"], "'http3' is not one of"),
        (["-", "--answering", "G T"], "no method"),
    ],
)
def test_wrong_use_is_one_line(args: list[str], words: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_a_terminal_without_unicode() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wire", "explain", "-"],
        input=COMPLETE,
        capture_output=True,
        timeout=30,
        check=True,
        env={"PYTHONIOENCODING": "ascii", "COLUMNS": "80"},
    )
    assert done.stderr == b""
    lines = done.stdout.decode("ascii").splitlines()
    assert "RFC 9112 s3" in lines[0]
    assert "TP/1.1.." in lines[1]
    assert not any("?" in line for line in lines)
