"""Parsers with a bug each, as real ones had: our own, which is given the input as the bug would have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wire.fuzz.adapters import Reader
from wire.fuzz.adapters.ours import read_requests
from wire.fuzz.readings import Reading


def _seen_as(see: Callable[[bytes], bytes]) -> Reader:
    def read(pieces: Sequence[bytes]) -> Reading:
        return read_requests([see(b"".join(pieces))])

    return read


def _replace(pattern: bytes, by: bytes | Callable[[re.Match[bytes]], bytes]) -> Reader:
    return _seen_as(lambda data: re.sub(pattern, by, data))


def _if_both(dropped: bytes) -> Reader:
    """Where a message has both framing fields, one of them is overlooked."""
    both = rb"(?is)\A(?=.*content-length:)(?=.*transfer-encoding:)"
    line = rb"(?im)^" + dropped + rb":[^\n]*\n"
    return _seen_as(lambda data: re.sub(line, b"", data) if re.match(both, data) else data)


PLANTED: dict[str, Reader] = {
    "takes LF for CRLF": _replace(rb"(?<!\r)\n", b"\r\n"),
    "takes CR for CRLF": _replace(rb"\r(?!\n)", b"\r\n"),
    "ends lines at NUL": _replace(rb"\0[^\r\n]*", b""),
    "skips space before the colon": _replace(rb"(?m)^([\w-]+)[ \t]+:", rb"\1:"),
    "unfolds": _replace(rb"\r\n[ \t]+", b" "),
    "takes underscore for hyphen": _replace(rb"(Content|Transfer)_", rb"\1-"),
    "skips a sign": _replace(rb"(?i)(content-length: ?)[+]", rb"\1"),
    "reads a length up to junk": _replace(rb"(?im)^(content-length: ?\d+)[^\d\r\n][^\r\n]*", rb"\1"),
    "takes the first of two lengths": _replace(
        rb"(?is)(content-length:[^\n]*\n)(.*?)content-length:[^\n]*\n", rb"\1\2"
    ),
    "takes the last of two lengths": _replace(rb"(?is)content-length:[^\n]*\n(?=.*content-length:)", b""),
    "CL.TE: overlooks Transfer-Encoding": _if_both(b"transfer-encoding"),
    "TE.CL: overlooks Content-Length": _if_both(b"content-length"),
    "finds chunked anywhere": _replace(
        rb"(?im)^transfer-encoding:[^\r\n]*chunked[^\r\n]*", b"Transfer-Encoding: chunked"
    ),
    "CL.0: no body in GET": _seen_as(
        lambda data: re.sub(rb"(?is)(\AGET .*?)content-length:[^\n]*\n", rb"\1", data) if b" HTTP/1.1" in data else data
    ),
    "takes 0x in chunk sizes": _replace(rb"(?i)\r\n0x([0-9a-f]+\r\n)", rb"\r\n\1"),
    "takes a space behind a chunk size": _replace(rb"(?i)(\r\n[0-9a-f]+) +\r\n", rb"\1\r\n"),
    "keeps 16 digits of a chunk size": _replace(rb"(?i)\r\n1(0{7,}[0-9a-f]+)\r\n", rb"\r\n\1\r\n"),
    "wants no CRLF behind chunk data": _replace(rb"(\r\n5\r\n.{5})(0\r\n\r\n)", rb"\1\r\n\2"),
    "skips white space ahead of the method": _replace(rb"\A[ \t]+", b""),
    "splits the request-line at any blank": _replace(rb"\A(\w+)[ \t\x0b\x0c]+(\S+?)[ \t\x0b\x0c]+(HTTP)", rb"\1 \2 \3"),
    "raises the method": _replace(rb"\A[a-z]+ ", lambda match: match[0].upper()),
    "cuts the fragment off": _replace(rb"\A(\w+ [^ #\r\n]*)#[^ \r\n]*", rb"\1"),
    "takes the first Host": _replace(rb"(?is)(host:[^\n]*\n)(.*?)\r\nhost:[^\n]*\n", rb"\1\2\r\n"),
    "takes any version for 1.1": _replace(rb"(?i)HTTP/\d[^ \r\n]*\r\n", b"HTTP/1.1\r\n"),
}
"""Bugs by name."""


def crashes(pieces: Sequence[bytes]) -> Reading:
    """Decodes as ASCII whatever comes."""
    b"".join(pieces).decode("ascii")
    return read_requests(pieces)


def depends_on_cuts(pieces: Sequence[bytes]) -> Reading:
    """Looks for the end of the head in each piece by itself."""
    return read_requests(pieces) if any(b"\r\n\r\n" in piece for piece in pieces) else Reading(error="no end of head")


takes_lf = PLANTED["takes LF for CRLF"]


def interrupts(pieces: Sequence[bytes]) -> Reading:
    """As if somebody pressed Ctrl-C."""
    raise KeyboardInterrupt
