"""HTTP/1.1 under rule 3 of the contract: floods in single bytes cost a budget of memory and work in proportion."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice

import pytest

from wire.fuzz.contract import Subject, bytewise, check_bounded, check_linear
from wire.fuzz.subjects import GET, client, server, silent_server
from wire.http1 import Limits, buffer
from wire.http1.buffer import ReadBuffer
from wire.http1.memo import Memo

LIMITS = Limits(
    start_line=1000, field_line=1000, field_lines=20, head=3000, trailer_lines=10, trailers=2000, chunk_extension=500,
    chunk_extensions=2000, pipelined=2000,
)  # fmt: skip

# What the limits allow at most: the bytes of a head and of what waits, twice while they are joined, and per field line
# its name, its value, their tuple, a number, and their places in lists.
BUDGET = 2 * (LIMITS.start_line + LIMITS.head + LIMITS.pipelined) + 400 * LIMITS.field_lines + 4000

HUGE = 1 << 30
UNLIMITED = Limits(
    start_line=HUGE, method=HUGE, empty_lines=HUGE, field_line=HUGE, field_lines=HUGE, head=HUGE, trailer_lines=HUGE,
    trailers=HUGE, chunk_size_digits=HUGE, chunk_extension=HUGE, chunk_extensions=HUGE, pipelined=HUGE,
    interim_responses=HUGE,
)  # fmt: skip


@dataclass(frozen=True)
class Flood:
    """Bytes without end: a beginning, and what is repeated behind it."""

    name: str
    begin: bytes
    repeat: bytes
    subject: Callable[[Limits], Subject] = server

    def pieces(self, count: int) -> list[bytes]:
        """So many single bytes, whole repetitions, behind the beginning."""
        body = self.repeat * (count // len(self.repeat))
        return bytewise(self.begin + body)

    def endless(self, count: int) -> Iterator[bytes]:
        """So many single bytes of it, without building them."""
        data = chain(self.begin, cycle(self.repeat))
        return (bytes([byte]) for byte in islice(data, count))


def _client(limits: Limits) -> Subject:
    return client([GET], limits)


_POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"
FLOODS = [
    Flood("empty lines", b"", b"\r\n"),
    Flood("endless method", b"", b"M"),
    Flood("endless target", b"GET /", b"x"),
    Flood("endless field name", _POST, b"x"),
    Flood("endless field value", _POST + b"X: ", b"y"),
    Flood("white space before a value", _POST + b"X:", b" "),
    Flood("many field lines", _POST, b"X: y\r\n"),
    Flood("many tiny field lines", _POST, b"x:\r\n"),
    Flood("many framing fields", _POST, b"Content-Length: 5\r\nConnection: x\r\n"),
    Flood("long list of lengths", _POST + b"Content-Length: 5", b",5"),
    Flood("long list of options", _POST + b"Connection: x", b",x"),
    Flood("long list of empty members", _POST + b"Connection: ", b" ,"),
    Flood("long list of codings", _POST + b"Transfer-Encoding: x", b",x"),
    Flood("long body", _POST + b"Content-Length: 1000000000\r\n\r\n", b"x"),
    Flood("long chunk", _CHUNKED + b"3b9aca00\r\n", b"x"),
    Flood("small chunks", _CHUNKED, b"1\r\nx\r\n"),
    Flood("zeros of a chunk-size", _CHUNKED, b"0"),
    Flood("long chunk extension", _CHUNKED + b"5;", b"x"),
    Flood("many chunk extensions", _CHUNKED + b"5", b";x=y"),
    Flood("quoted chunk extension", _CHUNKED + b'5;x="', b"\\\\"),
    Flood("an extension for each chunk", _CHUNKED, b"1;x=yyyyyyyy\r\nz\r\n"),
    Flood("many trailers", _CHUNKED + b"0\r\n", b"X: y\r\n"),
    Flood("many requests", b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Flood("requests behind one that is not answered", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET", silent_server),
    Flood("endless reason", b"HTTP/1.1 200 ", b"x", _client),
    Flood("many interim responses", b"", b"HTTP/1.1 103 Hint\r\n\r\n", _client),
    Flood("many response fields", _OK, b"X: y\r\n", _client),
    Flood("folds of one field", _OK + b"X: y\r\n", b" z\r\n", _client),
    Flood("body until close", _OK + b"\r\n", b"x", _client),
    Flood("empty lines behind the response", _OK + b"Content-Length: 0\r\n\r\n", b"\r\n", _client),
    Flood("bytes behind close", _OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n", b"x", _client),
]


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.name)
def test_memory_stays_within_the_budget(flood: Flood) -> None:
    check_bounded(flood.subject(LIMITS), flood.endless(8000), BUDGET)


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.name)
def test_work_grows_with_the_input_and_no_faster(flood: Flood) -> None:
    check_linear(flood.subject(UNLIMITED), flood.pieces, size=400)


def test_no_byte_is_searched_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kit cannot see: a search for the line's end goes on where the last one stopped."""
    searched = 0

    class Counting(bytearray):
        def find(self, sub: object, start: int = 0, end: int | None = None, /) -> int:  # type: ignore[override]
            nonlocal searched
            searched += len(self) - start
            return bytes(self).find(b"\n", start)

    monkeypatch.setattr(buffer, "bytearray", Counting, raising=False)
    waiting = ReadBuffer()
    for _ in range(2000):
        waiting.feed(b"x")
        assert waiting.line(5000, "http1.field-line.too-long") is None
    assert isinstance(waiting.data, Counting)
    assert 0 < searched <= 2 * 2000


def test_what_is_remembered_of_peers_is_bounded() -> None:
    """Memos outlive connections: a peer that never repeats itself must not fill them."""
    receiver = server().make()
    for number in range(3000):
        request = b"GET / HTTP/1.1\r\nHost: h%d\r\nX-%d: %d\r\n\r\n" % (number, number, number)
        assert list(receiver.receive(request))
    memos = [thing for thing in gc.get_objects() if isinstance(thing, Memo)]
    assert len(memos) >= 3
    assert max(map(len, memos)) <= 1024
