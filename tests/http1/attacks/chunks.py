"""Chunked bodies (RFC 9112 §7.1)."""

from __future__ import annotations

from tests.http1.attacks.case import SMUGGLED, Case, chunked, get

_SIZE = "http1.chunk-size.malformed"
_EXT = "http1.chunk-ext.malformed"
_LF = "http1.chunk-line.bare-lf"
_CR = "http1.chunk-line.bare-cr"
_CRLF = "http1.chunk-data.no-crlf"
_LAST = b"0\r\n\r\n"


def _line(name: str, line: bytes, rule: str, at: bytes, section: str = "RFC 9112 §7.1", *spec: str) -> Case:
    data = chunked(b"2\r\nhi\r\n" + line + b"\r\nhello\r\n" + _LAST)
    return Case(name, data, rule, 400, section, at=at, spec=spec)


def _allowed(name: str, body: bytes, section: str, content: bytes = b"hello", *spec: str) -> Case:
    return Case(name, chunked(body) + get(), section=section, means=[(b"/", content), (b"/", b"")], spec=spec)


def _trailer(name: str, line: bytes, rule: str, section: str, *spec: str) -> Case:
    return Case(name, chunked(b"5\r\nhello\r\n0\r\n" + line + b"\r\n\r\n"), rule, 400, section, at=line, spec=spec)


def _forbidden(line: bytes) -> Case:
    name = line.split(b":")[0].decode()
    return _trailer(
        f"{name} in the trailers",
        line,
        "http1.trailer.forbidden",
        "RFC 9110 §6.5.1",
        "rfc9112-7.1.2-3c",
        "rfc9110-6.5.1-3",
    )


CASES = [
    # The size (RFC 9112 §7.1).
    _line("chunk-size with a plus sign", b"+5", _SIZE, b"+5"),
    _line("chunk-size with a minus sign", b"-5", _SIZE, b"-5"),
    _line("chunk-size of minus zero", b"-0", _SIZE, b"-0"),
    _line("chunk-size with 0x", b"0x5", _EXT, b"x5", "RFC 9112 §7.1.1"),
    _line("chunk-size with an underscore", b"0_5", _EXT, b"_5", "RFC 9112 §7.1.1"),
    _line("chunk-size with a point", b"5.0", _EXT, b".0", "RFC 9112 §7.1.1"),
    _line("chunk-size with a leading space", b" 5", _SIZE, b" 5"),
    _line("chunk-size with a leading tab", b"\t5", _SIZE, b"\t5"),
    _line("chunk-size with a trailing space", b"5 ", _EXT, b" \r\nhello", "RFC 9112 §7.1.1"),
    _line("chunk-size with a trailing tab", b"5\t", _EXT, b"\t\r\nhello", "RFC 9112 §7.1.1"),
    _line("chunk-size with a space inside", b"0 5", _EXT, b" 5", "RFC 9112 §7.1.1"),
    _line("chunk-size with a comma", b"5,5", _EXT, b",5", "RFC 9112 §7.1.1"),
    _line("chunk-size beyond hexadecimal", b"5g", _EXT, b"g\r\n", "RFC 9112 §7.1.1"),
    _line("chunk-size that is no number", b"five", _EXT, b"ive", "RFC 9112 §7.1.1"),
    _line("chunk-size with an h", b"5h", _EXT, b"h\r\n", "RFC 9112 §7.1.1"),
    _line("chunk-size that is empty", b"", _SIZE, b"\r\nhello"),
    _line("chunk-size that is empty with an extension", b";5", _SIZE, b";5"),
    _line("chunk-size with a NUL in front", b"\x005", _SIZE, b"\x005"),
    _line("chunk-size with a NUL behind", b"5\0", _EXT, b"\0\r\n", "RFC 9112 §7.1.1"),
    _line("chunk-size in Arabic-Indic digits", "٥".encode(), _SIZE, "٥".encode()),
    _line("chunk-size in full-width digits", "５".encode(), _SIZE, "５".encode()),
    _line("chunk-size in superscript", b"\xb2", _SIZE, b"\xb2"),
    _line("chunk-size of 2**64 and 5", b"10000000000000005", "http1.chunk-size.overflow", b"5\r\nhello\r\n0",
          "RFC 9112 §7.1", "rfc9112-7.1-7"),
    _line("chunk-size with seventeen leading zeros", b"00000000000000005", "http1.chunk-size.overflow",
          b"5\r\nhello\r\n0", "RFC 9112 §7.1", "rfc9112-7.1-7"),
    _allowed("chunk-size in upper case", b"A\r\nhellohello\r\n" + _LAST, "RFC 9112 §7.1", b"hellohello"),
    _allowed("chunk-size in lower case", b"a\r\nhellohello\r\n" + _LAST, "RFC 9112 §7.1", b"hellohello"),
    _allowed("chunk-size with leading zeros", b"0005\r\nhello\r\n" + _LAST, "RFC 9112 §7.1"),
    _allowed("last chunk of many zeros", b"5\r\nhello\r\n0000\r\n\r\n", "RFC 9112 §7.1: last-chunk is 1*0"),
    _allowed("no chunk but the last", _LAST, "RFC 9112 §7.1", b""),
    Case("chunk-size of nearly 2**64", chunked(b"FFFFFFFFFFFFFFFF\r\nhello"), section="RFC 9112 §7.1",
         spec=("rfc9112-7.1-7",)),
    # Line ends.
    Case("LF-only chunk line", chunked(b"5\nhello\r\n" + _LAST), _LF, 400, "RFC 9112 §7.1", at=b"\nhello"),
    Case("LF-only last chunk", chunked(b"5\r\nhello\r\n0\n\r\n"), _LF, 400, "RFC 9112 §7.1", at=b"\n\r\n"),
    Case("CR-only chunk line", chunked(b"5\rhello\r\n" + _LAST), _CR, 400, "RFC 9112 §7.1", at=b"\rhello"),
    Case("CR CR LF chunk line", chunked(b"5\r\r\nhello\r\n" + _LAST), _CR, 400, "RFC 9112 §7.1", at=b"\r\r\n"),
    Case("empty line before the first chunk", chunked(b"\r\n5\r\nhello\r\n" + _LAST), _SIZE, 400, "RFC 9112 §7.1",
         at=b"\r\n5\r\nhello"),
    Case("missing CRLF after chunk data", chunked(b"5\r\nhello0\r\n\r\n"), _CRLF, 400, "RFC 9112 §7.1",
         at=b"0\r\n\r\n"),
    Case("LF only after chunk data", chunked(b"5\r\nhello\n0\r\n\r\n"), _CRLF, 400, "RFC 9112 §7.1", at=b"\n0"),
    Case("CR only after chunk data", chunked(b"5\r\nhello\r0\r\n\r\n"), _CRLF, 400, "RFC 9112 §7.1", at=b"0\r\n\r\n"),
    Case("two other bytes after chunk data", chunked(b"5\r\nhelloXX0\r\n\r\n"), _CRLF, 400, "RFC 9112 §7.1", at=b"XX0"),
    Case("chunk longer than its size", chunked(b"3\r\nhello\r\n" + _LAST), _CRLF, 400, "RFC 9112 §7.1", at=b"lo\r\n"),
    Case("chunk shorter than its size", chunked(b"6\r\nhello\r\n" + _LAST), _CRLF, 400, "RFC 9112 §7.1",
         at=b"\n0\r\n"),
    Case("LF ends the trailer section", chunked(b"0\r\n\n" + SMUGGLED), "http1.line.bare-lf", 400, "RFC 9112 §2.2",
         at=b"\nGET"),
    Case("CR ends the trailer section", chunked(b"0\r\n\rX: y\r\n\r\n"), "http1.line.bare-cr", 400, "RFC 9112 §2.2",
         at=b"\rX"),
    # Extensions (RFC 9112 §7.1.1): TERM.EXT, EXT.TERM and their kin.
    Case("chunk extension that carries LF", chunked(b"5;\nhello\r\n" + _LAST), _LF, 400, "RFC 9112 §7.1",
         at=b"\nhello"),
    Case("chunk extension value that carries LF", chunked(b"5;a=\nhello\r\n" + _LAST), _LF, 400, "RFC 9112 §7.1",
         at=b"\nhello"),
    Case("quoted chunk extension that carries LF", chunked(b'5;a="\n"\r\nhello\r\n' + _LAST), _LF, 400, "RFC 9112 §7.1",
         at=b'\n"'),
    Case("chunk extension that carries CR", chunked(b"5;\rhello\r\n" + _LAST), _EXT, 400, "RFC 9112 §7.1.1",
         at=b";\rhello"),
    Case("quoted chunk extension that carries CR", chunked(b'5;a="\rb"\r\nhello\r\n' + _LAST), _EXT, 400,
         "RFC 9112 §7.1.1"),
    Case("quoted chunk extension that carries CRLF", chunked(b'5;a="\r\nhello\r\n"' + _LAST), _EXT, 400,
         "RFC 9112 §7.1.1"),
    _line("chunk extension without a name", b"5;", _EXT, b";\r\n", "RFC 9112 §7.1.1"),
    _line("chunk extension without a value", b"5;a=", _EXT, b"=\r\n", "RFC 9112 §7.1.1"),
    _line("chunk extension without a semicolon", b"5 a=b", _EXT, b" a=b", "RFC 9112 §7.1.1"),
    _line("chunk extension with a NUL", b"5;a=\0", _EXT, b"=\0", "RFC 9112 §7.1.1"),
    _line("chunk extension with an open quote", b'5;a="b', _EXT, b'="b', "RFC 9112 §7.1.1"),
    _line("chunk extension with a control character in quotes", b'5;a="\x01"', _EXT, b'="\x01', "RFC 9112 §7.1.1"),
    _allowed("chunk extension", b"5;a\r\nhello\r\n" + _LAST, "RFC 9112 §7.1.1", b"hello", "rfc9112-7.1.1-5"),
    _allowed("chunk extension with a value", b"5;a=b\r\nhello\r\n0;c=d\r\n\r\n", "RFC 9112 §7.1.1", b"hello",
             "rfc9112-7.1.1-5"),
    _allowed("chunk extension with a quoted value", b'5;a="; \\" 0"\r\nhello\r\n' + _LAST, "RFC 9112 §7.1.1", b"hello",
             "rfc9112-7.1.1-5"),
    _allowed("several chunk extensions", b"5;a;b=c;d=\"e\"\r\nhello\r\n" + _LAST, "RFC 9112 §7.1.1", b"hello",
             "rfc9112-7.1.1-5"),
    _allowed("chunk extension with bad white space", b"5 ; a\t= b\r\nhello\r\n" + _LAST, "RFC 9110 §5.6.3: BWS",
             b"hello", "rfc9110-5.6.3-5b"),
    # Trailers (RFC 9110 §6.5.1, RFC 9112 §7.1.2).
    *map(_forbidden, [b"Transfer-Encoding: chunked", b"Content-Length: 5", b"Host: b", b"Connection: close",
                      b"Upgrade: x", b"TE: x", b"Expect: 100-continue", b"Authorization: Basic eDp5", b"Cookie: a=b",
                      b"Set-Cookie: a=b", b"Content-Type: text/html", b"Content-Encoding: gzip", b"Trailer: x",
                      b"Cache-Control: no-store", b"Location: /", b"Content-Range: bytes 0-1/2"]),
    Case("trailer without a colon", chunked(b"0\r\nbad\r\n\r\n"), "http1.field-line.colon", 400, "RFC 9112 §5"),
    Case("trailer with a space before its colon", chunked(b"0\r\nX : y\r\n\r\n"), "http1.field-line.space-before-colon",
         400, "RFC 9112 §5.1", at=b" : y"),
    Case("trailer that is folded", chunked(b"0\r\nX: y\r\n z\r\n\r\n"), "http1.field-line.obs-fold", 400,
         "RFC 9112 §5.2",
         at=b" z"),
    Case("first trailer with leading white space", chunked(b"0\r\n X: y\r\n\r\n"), "http1.field-section.leading-space",
         400, "RFC 9112 §2.2", at=b" X"),
    Case("trailer with a bare LF", chunked(b"0\r\nX: y\n\r\n"), "http1.line.bare-lf", 400, "RFC 9112 §2.2",
         at=b"\n\r\n"),
    Case("trailer with a NUL", chunked(b"0\r\nX: \0\r\n\r\n"), "http1.field-line.value", 400, "RFC 9110 §5.5",
         at=b"\0"),
    _allowed("trailer", b"5\r\nhello\r\n0\r\nDigest: x\r\n\r\n", "RFC 9112 §7.1.2", b"hello", "rfc9112-7.1-1"),
    _allowed("repeated trailers", b"5\r\nhello\r\n0\r\nA: 1\r\nA: 2\r\n\r\n", "RFC 9110 §6.5.2", b"hello"),
    # What follows the body is the next request, and nothing else.
    Case("bytes after the last chunk", chunked(b"5\r\nhello\r\n0\r\n\r\nhidden"), section="RFC 9112 §9.3.2",
         means=[(b"/", b"hello")]),
    Case("second last chunk", chunked(b"0\r\n\r\n0\r\n\r\n"), "http1.request-line.no-version", 400, "RFC 9112 §3",
         means=[(b"/", b"")]),
]  # fmt: skip
