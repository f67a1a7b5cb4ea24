"""The access log: one line for each request, in the combined format that every log reader knows.

    127.0.0.1 - - [24/Nov/2026:11:54:24 +0000] "GET /hello HTTP/1.1" 200 13 "-" "curl/8.5.0" 0.000153

The last column, the seconds from the request to the end of its answer, is an addition.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TextIO, TypeAlias

import trio

from wire.net.messages import Request

logger = logging.getLogger("wire.net")


class Entry(NamedTuple):
    """One answered request.

    Attributes:
        time: when it began, seconds since 1970.
        client: its address, ``"-"`` where it has none.
        method, target, version: its request-line, empty where it couldn't be read.
        status: of the response; 0 where none was sent.
        size: bytes of the response's body that were sent.
        seconds: from the request's head to the response's end.
    """

    time: float
    client: str
    method: str
    target: str
    version: str
    status: int
    size: int
    seconds: float
    referer: str
    user_agent: str


def entry(client: tuple[str, int] | None, request: Request, status: int, size: int, seconds: float) -> Entry:
    """The entry for a request whose answer has just ended."""
    address = client[0] if client is not None else "-"
    line = (request.method, request.target, request.http_version)
    referer, user_agent = request.field("referer") or "", request.field("user-agent") or ""
    return Entry(time.time() - seconds, address, *line, status, size, seconds, referer, user_agent)


AccessLog: TypeAlias = Callable[[Entry], None]
"""Called once a request, when its answer has been sent; it must not block."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 256))} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def escape(text: str) -> str:
    """Make a client's text safe for a line of log: all but printable ASCII, quotes and backslashes is written out."""
    return text.translate(_ESCAPES)


@functools.lru_cache(maxsize=8)
def _moment(second: int) -> str:
    when = time.gmtime(second)  # strftime's own %b speaks the language of the locale
    return f"{when.tm_mday:02}/{_MONTHS[when.tm_mon - 1]}/{when.tm_year}:{time.strftime('%H:%M:%S', when)} +0000"


def combined(entry: Entry) -> str:
    """The line for one request, without its end."""
    moment = _moment(int(entry.time))
    line = f"{entry.method} {entry.target} HTTP/{entry.version}" if entry.method else "-"
    return (
        f'{entry.client} - - [{moment}] "{escape(line)}" {entry.status} {entry.size} '
        f'"{escape(entry.referer or "-")}" "{escape(entry.user_agent or "-")}" {entry.seconds:.6f}'
    )


class AccessLogWriter:
    """An access log for a text stream, written by a thread: a pipe that is full or a slow disk stops no connection.

    Args:
        stream: where the lines go.
        capacity: lines that may wait; those beyond it are dropped, and counted.

    Run it beside the server: ``nursery.start_soon(log.run)``. It writes what is left when it is cancelled.
    """

    def __init__(self, stream: TextIO, capacity: int = 10_000) -> None:
        self._stream = stream
        self._capacity = capacity
        self._waiting: deque[Entry] = deque()
        self._something = trio.Event()
        self.dropped = 0
        self._told = 0

    def __call__(self, entry: Entry) -> None:
        """Take an entry; it is written soon."""
        if len(self._waiting) >= self._capacity:
            self.dropped += 1
            return
        self._waiting.append(entry)
        self._something.set()

    async def run(self) -> None:
        """Write entries until cancelled."""
        try:
            while True:
                await self._something.wait()
                self._something = trio.Event()
                await trio.to_thread.run_sync(self._write, abandon_on_cancel=True)
        finally:
            with trio.move_on_after(1, shield=True):
                await trio.to_thread.run_sync(self._write, abandon_on_cancel=True)

    def _write(self) -> None:
        if self.dropped > self._told:
            logger.warning("the access log is short of %d lines: they came too fast to be written", self.dropped)
            self._told = self.dropped
        lines: list[str] = []
        with contextlib.suppress(IndexError):  # at the end another thread may be at it, if it was stuck in the stream
            lines.extend(combined(self._waiting.popleft()) + "\n" for _ in range(len(self._waiting)))
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError) as error:
            logger.error("the access log cannot be written: %s", error)
