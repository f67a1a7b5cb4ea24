"""Each limit, at the limit and one past it (RFC 9112 §2.3 to §7.1; wire.http1.limits)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.http1.attacks.case import Case, chunked, get, head, ok, post
from wire.http1 import Limits


@dataclass(frozen=True)
class Limited:
    """An input that can be made of any size.

    Attributes:
        limit: name of the limit in ``Limits``.
        least: the limit that the test sets.
        make: from a size, the input.
        rule, status, section: what one more than the limit breaks.
        response: whether the input is a response.
    """

    limit: str
    least: int
    make: Callable[[int], bytes]
    rule: str
    status: int | None
    section: str
    response: bool = False
    spec: tuple[str, ...] = ()
    note: str = ""


def _extension(size: int) -> bytes:
    return b";" + b"x" * (size - 1)


def _parts(size: int) -> list[int]:
    """Numbers that make up ``size``, none so large that it would pass another limit, or too small for a line."""
    part = 10 if size < 200 else 600
    return [part] * (size // part - 1) + [part + size % part]


def _many_extensions(size: int) -> bytes:
    *parts, last = _parts(size)
    return chunked(b"".join(b"1%b\r\nx\r\n" % _extension(part) for part in parts) + b"0%b\r\n\r\n" % _extension(last))


def _head_of(size: int) -> bytes:
    return get(*[b"X: " + b"y" * (part - 5) for part in _parts(size - len(b"Host: a\r\n"))])


LIMITED = [
    Limited("start_line", 60, lambda n: head(b"GET /" + b"x" * (n - 14) + b" HTTP/1.1", b"Host: a"),
            "http1.request-line.too-long", 414, "RFC 9112 §3", spec=("rfc9112-3-4b",)),
    Limited("start_line", 60, lambda n: head(b"HTTP/1.1 200 " + b"x" * (n - 13), b"Content-Length: 0"),
            "http1.status-line.too-long", None, "RFC 9112 §4", response=True, note="of a response"),
    Limited("method", 5, lambda n: head(b"M" * n + b" / HTTP/1.1", b"Host: a"), "http1.request-line.method-too-long",
            501,
            "RFC 9112 §3", spec=("rfc9112-3-4a",)),
    Limited("empty_lines", 3, lambda n: b"\r\n" * n + get(), "http1.request-line.empty-lines", 400, "RFC 9112 §2.2"),
    Limited("field_line", 30, lambda n: get(b"X: " + b"y" * (n - 3)), "http1.field-line.too-long", 431, "RFC 9110 §5.4",
            spec=("rfc9110-5.4-2",)),
    Limited("field_line", 30, lambda n: ok(b"X: " + b"y" * (n - 3), b"Content-Length: 0"),
            "http1.field-line.too-long", 431,
            "RFC 9110 §5.4", response=True, note="of a response"),
    Limited("field_line", 30, lambda n: ok(b"X: ", b" " + b"y" * (n - 3), b"Content-Length: 0"),
            "http1.field-line.too-long", 431, "RFC 9110 §5.4", response=True, note="folded"),
    Limited("field_lines", 4, lambda n: get(*[b"X: y"] * (n - 1)), "http1.field-section.too-many-lines", 431,
            "RFC 9110 §5.4", spec=("rfc9110-5.4-2",)),
    Limited("field_lines", 4, lambda n: ok(b"X: y", *[b" y"] * (n - 2), b"Content-Length: 0"),
            "http1.field-section.too-many-lines", 431, "RFC 9110 §5.4", response=True, note="folded"),
    Limited("head", 90, _head_of, "http1.field-section.too-large", 431, "RFC 9110 §5.4", spec=("rfc9110-5.4-2",)),
    Limited("trailer_lines", 3, lambda n: chunked(b"0\r\n" + b"X: y\r\n" * n + b"\r\n"),
            "http1.field-section.too-many-lines", 431, "RFC 9110 §5.4", note="trailers"),
    Limited("trailers", 40, lambda n: chunked(b"0\r\n" + b"X: yyy\r\n" * 3 + b"Y: " + b"y" * (n - 29) + b"\r\n\r\n"),
            "http1.field-section.too-large", 431, "RFC 9110 §5.4", note="trailers"),
    Limited("chunk_size_digits", 3, lambda n: chunked(b"0" * (n - 1) + b"5\r\nhello\r\n0\r\n\r\n"),
            "http1.chunk-size.overflow", 400, "RFC 9112 §7.1", spec=("rfc9112-7.1-7",)),
    Limited("chunk_extension", 10, lambda n: chunked(b"5" + _extension(n) + b"\r\nhello\r\n0\r\n\r\n"),
            "http1.chunk-ext.too-long", 400, "RFC 9112 §7.1.1", spec=("rfc9112-7.1.1-5",)),
    Limited("chunk_extensions", 30, _many_extensions, "http1.chunk-ext.too-many", 400, "RFC 9112 §7.1.1",
            spec=("rfc9112-7.1.1-5",)),
    Limited("body", 5, lambda n: post(b"Content-Length: %d" % n, body=b"x" * n), "http1.body.too-large", 413,
            "RFC 9110 §15.5.14", note="length"),
    Limited("body", 5, lambda n: chunked(b"%x\r\n%b\r\n0\r\n\r\n" % (n, b"x" * n)), "http1.body.too-large", 413,
            "RFC 9110 §15.5.14", note="one chunk"),
    Limited("body", 5, lambda n: chunked(b"1\r\nx\r\n" * n + b"0\r\n\r\n"), "http1.body.too-large", 413,
            "RFC 9110 §15.5.14", note="many chunks"),
    Limited("body", 5, lambda n: head(b"HTTP/1.1 200 OK", b"Connection: close") + b"x" * n, "http1.body.too-large", 413,
            "RFC 9110 §15.5.14", response=True, note="until close"),
    Limited("interim_responses", 2, lambda n: head(b"HTTP/1.1 102 Wait") * n + ok(b"Content-Length: 0"),
            "http1.response.too-many-interim", None, "RFC 9110 §15.2", response=True),
]  # fmt: skip


def within(limited: Limited) -> Limits:
    """Limits of which only one is small."""
    return Limits(**{limited.limit: limited.least})


CASES = [
    Case(f"{limited.limit} + 1 {limited.note}".strip(), limited.make(limited.least + 1), limited.rule, limited.status,
         limited.section, spec=limited.spec, limits=within(limited))
    for limited in LIMITED
    if not limited.response
]  # fmt: skip

# A line that is too long is stopped before it ends: nothing of it need be complete.
CASES += [
    Case("request-line that never ends", b"GET /" + b"x" * 9000, "http1.request-line.too-long", 414, "RFC 9112 §3",
         spec=("rfc9112-3-4b",)),
    Case("field line that never ends", b"GET / HTTP/1.1\r\nX: " + b"y" * 17000, "http1.field-line.too-long", 431,
         "RFC 9110 §5.4", spec=("rfc9110-5.4-2",)),
    Case("field name that never ends", b"GET / HTTP/1.1\r\n" + b"y" * 17000, "http1.field-line.too-long", 431,
         "RFC 9110 §5.4", spec=("rfc9110-5.4-2",)),
    Case("head that never ends", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 129, "http1.field-section.too-many-lines", 431,
         "RFC 9110 §5.4", spec=("rfc9110-5.4-2",)),
    Case("chunk line that never ends", chunked(b"5;" + b"x" * 2000), "http1.chunk-line.too-long", 400,
         "RFC 9112 §7.1.1", spec=("rfc9112-7.1.1-5",)),
    Case("chunk-size that never ends", chunked(b"0" * 2000), "http1.chunk-line.too-long", 400, "RFC 9112 §7.1.1",
         spec=("rfc9112-7.1-7",)),
]  # fmt: skip


def responses() -> Iterator[Case]:
    """The limits that a server can pass."""
    for limited in LIMITED:
        if limited.response:
            yield Case(f"{limited.limit} + 1 {limited.note}".strip(), limited.make(limited.least + 1), limited.rule,
                       limited.status, limited.section, spec=limited.spec, limits=within(limited))  # fmt: skip
