"""Request-lines, and what stands before them (RFC 9112 §2.2, §2.3, §3)."""

from __future__ import annotations

from tests.http1.attacks.case import Case, get, head

_SECTION = "RFC 9112 §3"


def _line(name: str, line: bytes, rule: str, *, status: int = 400, section: str = _SECTION, at: bytes | None = None,
          spec: tuple[str, ...] = ("rfc9112-2.2-9", "rfc9112-3.2-4a", "rfc9112-3.2-4b")) -> Case:  # fmt: skip
    return Case(name, head(line, b"Host: a"), rule, status, section, at=at, spec=spec)


def _allowed(name: str, data: bytes, target: bytes, section: str, spec: tuple[str, ...] = ()) -> Case:
    return Case(name, data, section=section, means=[(target, b"")], spec=spec)


_SPACE = "http1.request-line.space"
_TARGET = "http1.request-line.target"
_FORM = "http1.request-line.target-form"
_AUTHORITY = "http1.request-line.target-authority"
_VERSION = "http1.request-line.version"
_METHOD = "http1.request-line.method"

CASES = [
    # White space: a parser that splits at words sees another target (RFC 9112 §3).
    _line("leading space", b" GET / HTTP/1.1", _SPACE, at=b" GET"),
    _line("leading tab", b"\tGET / HTTP/1.1", _SPACE, at=b"\tGET"),
    _line("two spaces after the method", b"GET  / HTTP/1.1", _SPACE, at=b" / "),
    _line("two spaces before the version", b"GET /  HTTP/1.1", _SPACE, at=b" HTTP"),
    _line("trailing space", b"GET / HTTP/1.1 ", _SPACE, at=b" \r\nHost"),
    _line("trailing tab", b"GET / HTTP/1.1\t", _VERSION, section="RFC 9112 §2.3", at=b"\t\r\n"),
    _line("tab for a space", b"GET\t/ HTTP/1.1", _SPACE, at=b"\t/"),
    _line("vertical tab for a space", b"GET\x0b/ HTTP/1.1", _SPACE, at=b"\x0b/"),
    _line("form feed for a space", b"GET /\x0cHTTP/1.1", _TARGET, section="RFC 9112 §3.2", at=b"\x0cHTTP"),
    _line("space inside the target", b"GET /a b HTTP/1.1", _VERSION, section="RFC 9112 §2.3", at=b"b HTTP"),
    _line("second request-target", b"GET / /smuggled HTTP/1.1", _VERSION, section="RFC 9112 §2.3", at=b"/smuggled"),
    # Line ends.
    Case("bare LF ends the request-line", b"GET / HTTP/1.1\nHost: a\r\n\r\n", "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nHost"),
    Case("bare CR ends the request-line", b"GET / HTTP/1.1\rHost: a\r\n\r\n", "http1.line.bare-cr", 400,
         "RFC 9112 §2.2", at=b"\rHost", spec=("rfc9112-2.2-4b",)),
    Case("bare CR for a space", b"GET\r/ HTTP/1.1\r\nHost: a\r\n\r\n", "http1.line.bare-cr", 400,
         "RFC 9112 §2.2", at=b"\r/", spec=("rfc9112-2.2-4b",)),
    Case("CR CR LF ends the request-line", b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "http1.line.bare-cr", 400,
         "RFC 9112 §2.2", at=b"\r\r\n", spec=("rfc9112-2.2-4b",)),
    Case("bare LF before the request", b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nGET"),
    Case("nine empty lines before the request", b"\r\n" * 9 + get(), "http1.request-line.empty-lines", 400,
         "RFC 9112 §2.2"),
    _allowed("eight empty lines before the request", b"\r\n" * 8 + get(), b"/", "RFC 9112 §2.2", ("rfc9112-2.2-6",)),
    # The method.
    _line("empty method", b" / HTTP/1.1", _SPACE),
    _line("method with a NUL", b"GE\0T / HTTP/1.1", _SPACE, at=b"\0T"),
    _line("method that is no token", b"G(ET / HTTP/1.1", _SPACE, at=b"(ET"),
    _line("method in quotes", b'"GET" / HTTP/1.1', _METHOD, section="RFC 9110 §9.1"),
    _line("method beyond ASCII", b"\xc3\x89T / HTTP/1.1", _METHOD, section="RFC 9110 §9.1"),
    _line("method of 65 bytes", b"M" * 65 + b" / HTTP/1.1", "http1.request-line.method-too-long", status=501,
          spec=("rfc9112-3-4a",)),
    _allowed("method of 64 bytes", head(b"M" * 64 + b" / HTTP/1.1", b"Host: a"), b"/", "RFC 9110 §9.1"),
    _allowed("method in lower case", head(b"get / HTTP/1.1", b"Host: a"), b"/",
             "RFC 9110 §9.1: case-sensitive, so another"),
    _allowed("unknown method", head(b"BREW /pot HTTP/1.1", b"Host: a"), b"/pot", "RFC 9110 §9.1"),
    # The target: four forms, of which two belong to one method each (RFC 9112 §3.2).
    _line("no target", b"GET HTTP/1.1", "http1.request-line.no-version"),
    _line("NUL in the target", b"GET /\0 HTTP/1.1", _TARGET, section="RFC 9112 §3.2", at=b"\0 "),
    _line("control character in the target", b"GET /\x7f HTTP/1.1", _TARGET, section="RFC 9112 §3.2", at=b"\x7f"),
    _line("bytes beyond ASCII in the target", "GET /café HTTP/1.1".encode(), _TARGET, section="RFC 9112 §3.2"),
    _line("fragment in the target", b"GET /#top HTTP/1.1", _TARGET, section="RFC 9112 §3.2", at=b"#top"),
    _line("quote in the target", b'GET /" HTTP/1.1', _TARGET, section="RFC 9112 §3.2"),
    _line("angle brackets in the target", b"GET /<script> HTTP/1.1", _TARGET, section="RFC 9112 §3.2", at=b"<script>"),
    _line("target without a slash", b"GET index.html HTTP/1.1", _FORM, section="RFC 9112 §3.2", at=b"index"),
    _line("target that begins with a query", b"GET ?a=b HTTP/1.1", _FORM, section="RFC 9112 §3.2"),
    _line("asterisk-form with GET", b"GET * HTTP/1.1", _FORM, section="RFC 9112 §3.2", spec=("rfc9110-7.1-6",)),
    _line("authority-form with GET", b"GET a.example:80 HTTP/1.1", _FORM, section="RFC 9112 §3.2",
          spec=("rfc9110-7.1-6",)),
    _line("origin-form with CONNECT", b"CONNECT / HTTP/1.1", _FORM, section="RFC 9112 §3.2"),
    _line("CONNECT without a port", b"CONNECT a.example HTTP/1.1", _FORM, section="RFC 9112 §3.2",
          spec=("rfc9110-9.3.6-4",)),
    _line("CONNECT with an empty port", b"CONNECT a.example: HTTP/1.1", _FORM, section="RFC 9112 §3.2",
          spec=("rfc9110-9.3.6-4",)),
    _line("CONNECT with port 65536", b"CONNECT a.example:65536 HTTP/1.1", _AUTHORITY, section="RFC 9110 §4.2",
          spec=("rfc9110-9.3.6-4",)),
    _line("CONNECT with userinfo", b"CONNECT me@a.example:443 HTTP/1.1", _FORM, section="RFC 9112 §3.2"),
    _line("userinfo in absolute-form", b"GET http://me@a/ HTTP/1.1", _AUTHORITY, section="RFC 9110 §4.2"),
    _line("absolute-form with an empty host", b"GET http:///x HTTP/1.1", _AUTHORITY, section="RFC 9110 §4.2"),
    _line("absolute-form with only a port", b"GET http://:80/ HTTP/1.1", _AUTHORITY, section="RFC 9110 §4.2"),
    _line("absolute-form with port 99999", b"GET http://a:99999/ HTTP/1.1", _AUTHORITY, section="RFC 9110 §4.2"),
    _line("absolute-form with a broken IPv6 address", b"GET http://[::1/ HTTP/1.1", _AUTHORITY,
          section="RFC 9110 §4.2"),
    _allowed("absolute-form", head(b"GET http://b.example/x HTTP/1.1", b"Host: a"), b"http://b.example/x",
             "RFC 9112 §3.2.2", ("rfc9112-3.2.2-9",)),
    _allowed("absolute-form with an IPv6 address", head(b"GET http://[::1]:8080/ HTTP/1.1", b"Host: a"),
             b"http://[::1]:8080/", "RFC 9112 §3.2.2", ("rfc9112-3.2.2-9",)),
    _allowed("absolute-form of another scheme", head(b"GET urn:x:y HTTP/1.1", b"Host: a"), b"urn:x:y",
             "RFC 9112 §3.2.2"),
    _allowed("asterisk-form with OPTIONS", head(b"OPTIONS * HTTP/1.1", b"Host: a"), b"*", "RFC 9112 §3.2.4"),
    _allowed("origin-form with two slashes", head(b"GET //evil.example/ HTTP/1.1", b"Host: a"), b"//evil.example/",
             "RFC 9112 §3.2.1"),
    _allowed("characters that browsers leave bare", head(b"GET /?a={[|^`]}\\ HTTP/1.1", b"Host: a"), b"/?a={[|^`]}\\",
             "RFC 9112 §3.2: a lenience, since browsers send them"),
    # The version and its look-alikes (RFC 9112 §2.3).
    _line("no version", b"GET /", "http1.request-line.no-version"),
    _line("no version but a space", b"GET / ", "http1.request-line.no-version"),
    _line("version in lower case", b"GET / http/1.1", _VERSION, section="RFC 9112 §2.3", at=b"http/1.1"),
    _line("version HTTP/1", b"GET / HTTP/1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/1.", b"GET / HTTP/1.", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/11", b"GET / HTTP/11", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/01.1", b"GET / HTTP/01.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/1.10", b"GET / HTTP/1.10", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/1.1.1", b"GET / HTTP/1.1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/1,1", b"GET / HTTP/1,1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/+1.1", b"GET / HTTP/+1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP/ 1.1", b"GET / HTTP/ 1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTP-1.1", b"GET / HTTP-1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version HTTPS/1.1", b"GET / HTTPS/1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version ICY/1.1", b"GET / ICY/1.1", _VERSION, section="RFC 9112 §2.3"),
    _line("version in full-width digits", "GET / HTTP/１.１".encode(), _VERSION, section="RFC 9112 §2.3"),
    _line("version with a NUL", b"GET / HTTP/1.1\0", _VERSION, section="RFC 9112 §2.3", at=b"\0"),
    _line("version 2.0", b"GET / HTTP/2.0", "http1.version.unsupported", status=505, section="RFC 9110 §15.6.6",
          at=b"2.0"),
    _line("version 0.9", b"GET / HTTP/0.9", "http1.version.unsupported", status=505, section="RFC 9110 §15.6.6"),
    _allowed("version 1.2", head(b"GET / HTTP/1.2", b"Host: a"), b"/", "RFC 9110 §6.2", ("rfc9110-6.2-8",)),
    _allowed("version 1.9", head(b"GET / HTTP/1.9", b"Host: a"), b"/", "RFC 9110 §6.2", ("rfc9110-6.2-8",)),
    _allowed("version 1.0 without Host", b"GET / HTTP/1.0\r\n\r\n", b"/", "RFC 9112 §3.2"),
    # Other protocols that knock here.
    Case("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http1.version.unsupported", 505, "RFC 9110 §15.6.6"),
    Case("TLS ClientHello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", _METHOD, 400, "RFC 9110 §9.1"),
    Case("a response to a server", b"HTTP/1.1 200 OK\r\n\r\n", _SPACE, 400, _SECTION),
]  # fmt: skip
