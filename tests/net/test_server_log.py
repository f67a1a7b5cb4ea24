"""The access log."""

from __future__ import annotations

import io
import threading
import time

import pytest
import trio

from tests.net.handlers import app, length
from tests.net.raw import connected, eventually
from wire.net import AccessLogWriter, ServerLimits, serving
from wire.net.server.access_log import Entry, combined

ENTRY = Entry(784111777.0, "192.0.2.1", "GET", "/", "1.1", 200, 13, 0.25, "", "")


def test_a_line_is_what_every_log_reader_knows() -> None:
    assert combined(ENTRY._replace(referer="http://a/", user_agent="curl/8")) == (
        '192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 13 "http://a/" "curl/8" 0.250000'
    )


def test_nothing_that_a_client_says_can_forge_a_line() -> None:
    line = combined(ENTRY._replace(target='/"x\\', user_agent='a\nb\t"\x1b[31m\x7f\x85ß'))
    assert '"GET /\\"x\\\\ HTTP/1.1"' in line
    assert r'"a\x0ab\x09\"\x1b[31m\x7f\x85\xdf"' in line


async def test_what_is_logged() -> None:
    entries: list[Entry] = []
    async with serving(app, access_log=entries.append) as server, connected(server) as client:
        await client.get("/hello", "User-Agent: test", "Referer: there")
        await client.get("/hello", method="HEAD")
        await client.send(b"GET /count HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.until(b"x-count: 3\r\n\r\n")
        await client.get("/nowhere")
        await client.send(b"what?\r\n\r\n")
        await client.rest()
    seen = [(entry.method, entry.target, entry.status, entry.size) for entry in entries]
    assert seen[:3] == [("GET", "/hello", 200, 13), ("HEAD", "/hello", 200, 0), ("GET", "/count", 200, 11)]
    assert [(method, status) for method, _, status, _ in seen[3:]] == [("GET", 404), ("", 400)]
    assert (entries[0].client, entries[0].user_agent, entries[0].referer) == ("127.0.0.1", "test", "there")
    assert '"-" 400' in combined(entries[-1])
    assert all(0 <= entry.seconds < 5 for entry in entries)


async def test_a_response_that_broke_off_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    entries: list[Entry] = []
    async with serving(app, access_log=entries.append) as server, connected(server) as client:
        await client.send(b"GET /half HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: entries)
    assert (entries[0].status, entries[0].size) == (200, len(b"half of it"))


@pytest.mark.parametrize("method", ["POST", "HEAD"])
async def test_a_request_that_stalls_is_logged_once_with_the_answer_that_it_got(method: str) -> None:
    entries: list[Entry] = []
    limits = ServerLimits(body=0.2)
    async with serving(length, access_log=entries.append, limits=limits) as server, connected(server) as client:
        await client.send(f"{method} /length HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nsome".encode())
        reply = await client.reply(method)
        await client.rest()
    seen = [(entry.method, entry.target, entry.status, entry.size) for entry in entries]
    assert seen == [(method, "/length", 408, len(reply.body))]


async def test_the_writer_writes_behind_the_servers_back() -> None:
    stream = io.StringIO()
    log = AccessLogWriter(stream)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(log.run)
        log(ENTRY)
        await eventually(stream.getvalue)
        log(ENTRY)
        nursery.cancel_scope.cancel()
    assert stream.getvalue() == (combined(ENTRY) + "\n") * 2


class Stuck(io.StringIO):
    """A stream that takes nothing until it is let go, like a pipe that nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait(10)
        return super().write(text)


async def test_a_stream_that_is_stuck_costs_lines_but_no_time(caplog: pytest.LogCaptureFixture) -> None:
    stream = Stuck()
    log = AccessLogWriter(stream, capacity=3)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(log.run)
        log(ENTRY)
        await trio.sleep(0.05)
        began = time.monotonic()
        for _ in range(5):
            log(ENTRY)
        assert time.monotonic() - began < 1
        assert log.dropped == 2
        stream.let_go.set()
        await eventually(lambda: stream.getvalue().count("\n") == 4)
        assert "short of 2 lines" in caplog.text
        nursery.cancel_scope.cancel()


async def test_a_log_that_cannot_be_written_is_reported_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    stream.close()
    log = AccessLogWriter(stream)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(log.run)
        log(ENTRY)
        await eventually(lambda: caplog.records)
        nursery.cancel_scope.cancel()
    assert "access log" in caplog.text
