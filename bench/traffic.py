"""The bytes that the benchmarks send: requests as browsers write them, and uploads.

A server's traffic repeats itself, but not entirely: a few kinds of browser, each of which says the same in most field
lines, ask for ever other paths with ever other cookies. ``browser_requests`` is like that. In ``distinct_requests`` no
field value comes twice, which real traffic never does: the worst case for a parser that remembers lines.
"""

from __future__ import annotations

import random

REQUEST_SIZE = 700
FIELDS = 10

_BROWSERS = [
    f"Mozilla/5.0 ({system}) {engine}"
    for system in ("X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
    for engine in (
        "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
        "Gecko/20100101 Firefox/133.0",
    )
]
_LANGUAGES = ("en-GB,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8", "ja,en-US;q=0.7,en;q=0.3", "fr-FR,fr;q=0.8,en;q=0.5")
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_SECTIONS = ("news", "articles", "products", "search", "users", "static/img", "api/v2/items", "help")


def browser_requests(count: int, seed: int = 1) -> list[bytes]:
    """GETs of ten fields and 700 bytes each, of nine browsers in four languages."""
    rng = random.Random(seed)
    pages = [f"https://www.example.com/{rng.choice(_SECTIONS)}?page={number}" for number in range(40)]
    requests = []
    for _ in range(count):
        fields = [
            ("Host", "www.example.com"),
            ("Connection", "keep-alive"),
            ("User-Agent", rng.choice(_BROWSERS)),
            ("Accept", _ACCEPT),
            ("Sec-Fetch-Site", rng.choice(("same-origin", "none"))),
            ("Sec-Fetch-Mode", "navigate"),
            ("Referer", rng.choice(pages)),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("Accept-Language", rng.choice(_LANGUAGES)),
        ]
        requests.append(_get(rng, fields))
    return requests


def distinct_requests(count: int, seed: int = 2) -> list[bytes]:
    """GETs of the same size and shape in which every field value is new, except those of Host and Connection."""
    rng = random.Random(seed)
    requests = []
    for number in range(count):
        fields = [
            ("Host", f"h{number}.example.com"),
            ("Connection", "keep-alive"),
            ("User-Agent", f"Mozilla/5.0 (X11; Linux x86_64; {_hex(rng, 8)}) Gecko/20100101 Firefox/{number}.0"),
            ("Accept", f"{_ACCEPT};v={_hex(rng, 8)}"),
            ("X-Request-Id", _hex(rng, 32)),
            ("X-Trace", _hex(rng, 16)),
            ("Referer", f"https://www.example.com/{rng.choice(_SECTIONS)}?page={_hex(rng, 8)}"),
            ("Accept-Encoding", f"gzip, deflate, br;q=0.{number}, zstd"),
            ("Accept-Language", f"en-GB,en;q=0.{number}"),
        ]
        requests.append(_get(rng, fields))
    return requests


def _get(rng: random.Random, fields: list[tuple[str, str]]) -> bytes:
    query = f"q={_hex(rng, rng.randrange(4, 24))}&page={rng.randrange(99)}"
    target = f"/{rng.choice(_SECTIONS)}/{rng.randrange(100_000)}?{query}"
    head = f"GET {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "Cookie: session="
    request = (head + _hex(rng, REQUEST_SIZE - len(head) - 4) + "\r\n\r\n").encode("ascii")
    assert len(request) == REQUEST_SIZE
    assert request.count(b"\r\n") == FIELDS + 2
    return request


def _hex(rng: random.Random, digits: int) -> str:
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


UPLOAD_SIZE = 1 << 20
READ_SIZE = 1 << 16


def upload_reads(chunk: int, seed: int = 3) -> tuple[bytes, list[bytes]]:
    """A chunked POST of 1 MiB in chunks of ``chunk`` bytes: the body, and the message in reads of 64 KiB."""
    body = random.Random(seed).randbytes(UPLOAD_SIZE)
    chunks = (body[start : start + chunk] for start in range(0, len(body), chunk))
    head = (
        b"POST /upload HTTP/1.1\r\nHost: www.example.com\r\nContent-Type: application/octet-stream\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    message = b"".join([head, *(b"%x\r\n%b\r\n" % (len(data), data) for data in chunks), b"0\r\n\r\n"])
    return body, [message[start : start + READ_SIZE] for start in range(0, len(message), READ_SIZE)]
