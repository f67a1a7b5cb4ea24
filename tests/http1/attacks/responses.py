"""Responses: splitting, and framing that a client must not fall for (RFC 9112 §4, §6.3, §11.1)."""

from __future__ import annotations

from tests.http1.attacks.case import Case, head, ok
from tests.http1.support import get_request
from wire.http1 import Request

_CHUNKS = b"2\r\nhi\r\n0\r\n\r\n"
_HEAD = get_request(b"HEAD")
_CONNECT = get_request(b"CONNECT")
_SPLIT = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
_CLOSED = b""


def _line(name: str, line: bytes, rule: str, section: str = "RFC 9112 §4", at: bytes | None = None) -> Case:
    return Case(name, head(line, b"Content-Length: 0"), rule, None, section, at=at)


def _body(name: str, section: str, body: bytes, *lines: bytes, means: bytes = b"hi", spec: tuple[str, ...] = (),
          closed: bool = False, request: Request | None = None, status: bytes = b"200 OK") -> Case:  # fmt: skip
    data = head(b"HTTP/1.1 " + status, *lines) + body
    return Case(name, [data, _CLOSED] if closed else data, section=section, means=[(int(status[:3]), means)], spec=spec,
                request=request)  # fmt: skip


def _framing(name: str, rule: str, section: str, *lines: bytes, at: bytes | None = None,
             spec: tuple[str, ...] = ()) -> Case:  # fmt: skip
    return Case(
        name, ok(*lines, body=_CHUNKS), rule, 501 if rule.endswith("unknown") else 400, section, at=at, spec=spec
    )


CASES = [
    # The status-line (RFC 9112 §4).
    _line("status of two digits", b"HTTP/1.1 20 OK", "http1.status-line.status", at=b"20 OK"),
    _line("status of four digits", b"HTTP/1.1 2000 OK", "http1.status-line.space", at=b"0 OK"),
    _line("status with a letter", b"HTTP/1.1 2O0 OK", "http1.status-line.status"),
    _line("status with a sign", b"HTTP/1.1 +20 OK", "http1.status-line.status"),
    _line("status below 100", b"HTTP/1.1 099 OK", "http1.status-line.status"),
    _line("status that is missing", b"HTTP/1.1  OK", "http1.status-line.status"),
    _line("status in Arabic-Indic digits", "HTTP/1.1 ٢٠٠ OK".encode(), "http1.status-line.status"),
    _line("status-line with a leading space", b" HTTP/1.1 200 OK", "http1.status-line.version", "RFC 9112 §2.3"),
    _line("status-line without a space after the status", b"HTTP/1.1 200", "http1.status-line.space"),
    _line("status-line with two spaces", b"HTTP/1.1  200 OK", "http1.status-line.status"),
    _line("status-line with a tab", b"HTTP/1.1\t200 OK", "http1.status-line.space"),
    _line("response version in lower case", b"http/1.1 200 OK", "http1.status-line.version", "RFC 9112 §2.3"),
    _line("response version HTTP/1.10", b"HTTP/1.10 200 OK", "http1.status-line.space"),
    _line("response version ICY", b"ICY 200 OK", "http1.status-line.version", "RFC 9112 §2.3"),
    Case("response version 2.0", head(b"HTTP/2.0 200 OK"), "http1.version.unsupported", 505, "RFC 9110 §15.6.6"),
    _line("reason with a NUL", b"HTTP/1.1 200 O\0K", "http1.status-line.reason", at=b"\0K"),
    _line("reason with an escape", b"HTTP/1.1 200 \x1b[2J", "http1.status-line.reason", at=b"\x1b"),
    Case("reason with a bare CR", b"HTTP/1.1 200 O\rK\r\n\r\n", "http1.line.bare-cr", 400, "RFC 9112 §2.2", at=b"\rK",
         spec=("rfc9112-2.2-4b",)),
    Case("reason with a bare LF", b"HTTP/1.1 200 O\nSet-Cookie: a=b\r\n\r\n", "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nSet"),
    Case("empty line before the response", b"\r\n" + ok(b"Content-Length: 0"), "http1.status-line.version", None,
         "RFC 9112 §2.3"),
    Case("HTTP/0.9 response", b"<html>hello</html>\r\n", "http1.status-line.version", None, "RFC 9112 §2.3"),
    _body("reason that is empty", "RFC 9112 §4", b"", b"Content-Length: 0", means=b"", status=b"200 ",
          spec=("rfc9112-4-1",)),
    _body("reason beyond ASCII", "RFC 9112 §4: obs-text", b"", b"Content-Length: 0", means=b"",
          status="200 Très bien".encode(), spec=("rfc9112-4-9a",)),
    _body("status that nobody registered", "RFC 9110 §15", b"hi", b"Content-Length: 2", status=b"299 Odd"),
    _body("status 999", "RFC 9110 §15", b"hi", b"Content-Length: 2", status=b"999 Odd"),
    # Response splitting (RFC 9112 §11.1): the second response was made from a value of the first.
    Case("split by CRLF in a value", ok(b"Location: /", b"Content-Length: 0") + _SPLIT, "http1.response.unasked", None,
         "RFC 9112 §9.2", means=[(200, b"")], at=b"HTTP/1.1 200 OK\r\nContent-Length: 4",
         spec=("rfc9112-9.2-3a", "rfc9112-6.3-17b")),
    Case("split by LF in a value", ok(b"Location: /\nContent-Length: 0\n\n" + _SPLIT), "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nContent-Length: 0"),
    Case("split by CR in a value", ok(b"Location: /\rContent-Length: 0\r\r" + _SPLIT), "http1.line.bare-cr", 400,
         "RFC 9112 §2.2", spec=("rfc9112-2.2-4b",)),
    Case("split by NUL in a value", ok(b"Location: /\0Content-Length: 0"), "http1.field-line.value", 400,
         "RFC 9110 §5.5", at=b"\0Content", spec=("rfc9110-5.5-5a",)),
    Case("a response that nobody asked for", ok(b"Content-Length: 0") + ok(b"Content-Length: 0"),
         "http1.response.unasked",
         None, "RFC 9112 §9.2", means=[(200, b"")], spec=("rfc9112-9.2-3a", "rfc9112-6.3-17b")),
    Case("empty lines after the response", ok(b"Content-Length: 0") + b"\r\n\r\n", section="RFC 9112 §9.2",
         means=[(200, b"")], spec=("rfc9112-9.2-3a",)),
    Case("space before a response field's colon", ok(b"Content-Length : 0"), "http1.field-line.space-before-colon", 400,
         "RFC 9112 §5.1"),
    # Content-Length.
    _framing("response with two Content-Lengths", "http1.content-length.conflict", "RFC 9112 §6.3",
             b"Content-Length: 2", b"Content-Length: 3", spec=("rfc9112-6.3-8a", "rfc9112-6.3-8d",)),
    _framing("response with a bad Content-Length", "http1.content-length.malformed", "RFC 9112 §6.3",
             b"Content-Length: +2", spec=("rfc9112-6.3-8a", "rfc9112-6.3-8d",)),
    _framing("response with a Content-Length past all bounds", "http1.content-length.overflow", "RFC 9110 §8.6",
             b"Content-Length: 123456789012345678901"),
    _body("response with a list of equal Content-Lengths", "RFC 9112 §6.3 item 5", b"hi", b"Content-Length: 2, 2",
          spec=("rfc9112-6.3-8a", "rfc9112-6.3-8d",)),
    # Transfer-Encoding.
    _framing("response with TE and CL", "http1.transfer-encoding.with-content-length", "RFC 9112 §6.3",
             b"Content-Length: 2", b"Transfer-Encoding: chunked", at=b"Transfer"),
    _framing("response with chunked twice", "http1.transfer-encoding.chunked-twice", "RFC 9112 §6.1",
             b"Transfer-Encoding: chunked, chunked"),
    _framing("response with a quoted coding", "http1.transfer-encoding.malformed", "RFC 9112 §6.1",
             b'Transfer-Encoding: "chunked"'),
    _framing("response with a parameter on chunked", "http1.transfer-encoding.chunked-parameter", "RFC 9112 §7.1",
             b"Transfer-Encoding: chunked;a=b", spec=("rfc9112-7.1-8",)),
    Case("HTTP/1.0 response with TE", head(b"HTTP/1.0 200 OK", b"Transfer-Encoding: chunked") + _CHUNKS,
         "http1.transfer-encoding.http-1.0", 400, "RFC 9112 §6.1", spec=("rfc9112-6.1-16",)),
    _body("chunked response", "RFC 9112 §6.3 item 4", _CHUNKS, b"Transfer-Encoding: chunked",
          spec=("rfc9112-6.1-4a", "rfc9112-7.1-6")),
    _body("compressed and chunked response", "RFC 9112 §6.3 item 4: the coding below chunked is left on", _CHUNKS,
          b"Transfer-Encoding: gzip, chunked"),
    _body("response whose last coding is not chunked", "RFC 9112 §6.3 item 4: until close", b"any\r\n\r\nthing",
          b"Transfer-Encoding: gzip", means=b"any\r\n\r\nthing", closed=True),
    # Without a length, until close (item 8).
    _body("response without a length", "RFC 9112 §6.3 item 8", b"hi\r\n" + _SPLIT, means=b"hi\r\n" + _SPLIT,
          closed=True),
    _body("response without a length or a body", "RFC 9112 §6.3 item 8", b"", means=b"", closed=True),
    # No body, whatever the fields say (item 1); a second "response" in the body's place is not heard.
    _body("response to HEAD with Content-Length", "RFC 9112 §6.3 item 1", b"", b"Content-Length: 5", means=b"",
          request=_HEAD, spec=("rfc9110-6-6",)),
    _body("response to HEAD with chunked", "RFC 9112 §6.3 item 1", b"", b"Transfer-Encoding: chunked", means=b"",
          request=_HEAD, spec=("rfc9112-6.1-9",)),
    _body("204 with Content-Length", "RFC 9112 §6.3 item 1", b"", b"Content-Length: 5", means=b"", status=b"204 No"),
    _body("304 with Content-Length", "RFC 9112 §6.3 item 1", b"", b"Content-Length: 5", means=b"", status=b"304 Not"),
    Case("304 with a body", head(b"HTTP/1.1 304 Not", b"Content-Length: %d" % len(_SPLIT)) + _SPLIT,
         "http1.response.unasked", None, "RFC 9112 §9.2", means=[(304, b"")], spec=("rfc9112-9.2-3a",)),
    # Interim responses (RFC 9110 §15.2).
    Case("several interim responses", head(b"HTTP/1.1 100 Go") + head(b"HTTP/1.1 103 Hint", b"Link: <a>") +
         ok(b"Content-Length: 2", body=b"hi"), section="RFC 9110 §15.2", means=[(200, b"hi")],
            spec=("rfc9110-15.2-3a",)),
    Case("interim response with Content-Length", head(b"HTTP/1.1 103 Hint", b"Content-Length: 9") +
         ok(b"Content-Length: 2", body=b"hi"), section="RFC 9112 §6.3 item 1", means=[(200, b"hi")]),
    Case("interim response that nobody knows", head(b"HTTP/1.1 199 Odd") + ok(b"Content-Length: 2", body=b"hi"),
         section="RFC 9110 §15.2", means=[(200, b"hi")], spec=("rfc9110-15.2-3a",)),
    Case("endless interim responses", head(b"HTTP/1.1 102 Wait") * 33, "http1.response.too-many-interim", None,
         "RFC 9110 §15.2"),
    Case("101 that nobody asked for", head(b"HTTP/1.1 101 Go", b"Connection: upgrade", b"Upgrade: x") + b"\0\1",
         "http1.switch.unasked", None, "RFC 9110 §7.8"),
    # Folding (RFC 9112 §5.2): a user agent has to unfold.
    _body("folded response field", "RFC 9112 §5.2", b"hi", b"X: a", b"  b", b"Content-Length: 2",
          spec=("rfc9112-5.2-6",)),
    _body("folded Content-Length", "RFC 9112 §5.2", b"hi", b"Content-Length:", b" 2", spec=("rfc9112-5.2-6",)),
    Case("response with leading space on the first line", ok(b" X: y", b"Content-Length: 0"),
         "http1.field-section.leading-space", 400, "RFC 9112 §2.2", spec=("rfc9112-2.2-8",)),
    # The server leaves in the middle (RFC 9112 §8).
    Case("closed before the response", [b"", ], "http1.eof.no-response", None, "RFC 9112 §9.5"),
    Case("closed after an interim response", [head(b"HTTP/1.1 100 Go"), b""], "http1.eof.no-response", None,
         "RFC 9112 §9.5"),
    Case("closed in the status-line", [b"HTTP/1.1 20", b""], "http1.eof.in-head", 400, "RFC 9112 §8",
         spec=("rfc9112-8-2",)),
    Case("closed in the response body", [ok(b"Content-Length: 5", body=b"hell"), b""], "http1.eof.in-body", 400,
         "RFC 9112 §8", spec=("rfc9112-8-2", "rfc9112-6.3-9")),
    Case("closed in a response chunk", [ok(b"Transfer-Encoding: chunked", body=b"5\r\nhell"), b""], "http1.eof.in-body",
         400, "RFC 9112 §8", spec=("rfc9112-8-2",)),
    Case("closed before the last response chunk", [ok(b"Transfer-Encoding: chunked", body=b"2\r\nhi\r\n"), b""],
         "http1.eof.in-body", 400, "RFC 9112 §8", spec=("rfc9112-8-2",)),
    # CONNECT (item 2): the framing fields are ignored and the tunnel begins.
    Case("CONNECT refused", head(b"HTTP/1.1 403 No", b"Content-Length: 2") + b"no", section="RFC 9110 §9.3.6",
         means=[(403, b"no")], request=_CONNECT),
]  # fmt: skip
