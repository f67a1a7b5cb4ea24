"""Where a request's body ends: Content-Length and Transfer-Encoding (RFC 9112 §6, RFC 9110 §8.6)."""

from __future__ import annotations

from tests.http1.attacks.case import SMUGGLED, Case, get, head, post

_LENGTH = "http1.content-length.malformed"
_CONFLICT = "http1.content-length.conflict"
_OVERFLOW = "http1.content-length.overflow"
_BOTH = "http1.transfer-encoding.with-content-length"
_LAST = "http1.transfer-encoding.not-chunked-last"
_TWICE = "http1.transfer-encoding.chunked-twice"
_CODING = "http1.transfer-encoding.malformed"
_CHUNKS = b"2\r\nhi\r\n0\r\n\r\n"


def _length(name: str, value: bytes, rule: str = _LENGTH, section: str = "RFC 9112 §6.3") -> Case:
    data = post(b"Content-Length: " + value, body=b"hello" + SMUGGLED)
    return Case(name, data, rule, 400, section, at=b"Content-Length", spec=("rfc9112-6.3-8a", "rfc9112-6.3-8b"))


def _good_length(name: str, *lines: bytes) -> Case:
    means = [(b"/", b"hello"), (b"/smuggled", b"")]
    return Case(name, post(*lines, body=b"hello" + SMUGGLED), section="RFC 9112 §6.3", means=means,
                spec=("rfc9112-6.3-8a",))  # fmt: skip


def _coding(name: str, value: bytes, rule: str, section: str, *spec: str, status: int = 400) -> Case:
    data = post(b"Transfer-Encoding:" + value, body=_CHUNKS + SMUGGLED)
    return Case(name, data, rule, status, section, at=b"Transfer-Encoding", spec=spec)


def _good_coding(name: str, *lines: bytes, section: str = "RFC 9112 §6.1") -> Case:
    means = [(b"/", b"hi"), (b"/next", b"")]
    data = post(*lines, body=_CHUNKS + head(b"GET /next HTTP/1.1", b"Host: a"))
    return Case(name, data, section=section, means=means, spec=("rfc9112-6.1-4a", "rfc9112-7.1-6"))


CASES = [
    # Content-Length (RFC 9112 §6.3 item 5, RFC 9110 §8.6).
    _length("Content-Length with a plus sign", b"+5"),
    _length("Content-Length with a minus sign", b"-5"),
    _length("Content-Length of minus zero", b"-0"),
    _length("Content-Length in hexadecimal", b"0x5"),
    _length("Content-Length in hexadecimal digits", b"A"),
    _length("Content-Length with an exponent", b"5e0"),
    _length("Content-Length with a point", b"5.0"),
    _length("Content-Length with an underscore", b"1_0"),
    _length("Content-Length with a space inside", b"1 0"),
    _length("Content-Length with a tab inside", b"1\t0"),
    _length("Content-Length with junk behind it", b"5 GET /smuggled"),
    _length("Content-Length with a semicolon", b"5;"),
    _length("Content-Length in quotes", b'"5"'),
    _length("Content-Length that is empty", b""),
    _length("Content-Length of white space", b" \t"),
    _length("Content-Length of a comma", b","),
    _length("Content-Length with an empty member in front", b",5"),
    _length("Content-Length with an empty member behind", b"5,"),
    _length("Content-Length in Arabic-Indic digits", "٥".encode()),
    _length("Content-Length in full-width digits", "５".encode()),
    _length("Content-Length in superscript", b"\xb2"),
    _length("Content-Length of 2**64 and more", b"184467440737095516165", _OVERFLOW, "RFC 9110 §8.6"),
    _length("Content-Length of a thousand digits", b"9" * 1000, _OVERFLOW, "RFC 9110 §8.6"),
    _length("Content-Length list of different values", b"5, 6", _CONFLICT),
    _length("Content-Length list, the first one zero", b"0, 5", _CONFLICT),
    _length("Content-Length list with a bad member", b"5, x"),
    Case("two different Content-Lengths", post(b"Content-Length: 5", b"Content-Length: 50", body=b"hello" + SMUGGLED),
         _CONFLICT, 400, "RFC 9112 §6.3", at=b"Content-Length: 50", spec=("rfc9112-6.3-8a",)),
    Case("two different Content-Lengths, zero first", post(b"Content-Length: 0", b"Content-Length: 50", body=SMUGGLED),
         _CONFLICT, 400, "RFC 9112 §6.3", spec=("rfc9112-6.3-8a",)),
    Case("a good and a bad Content-Length", post(b"Content-Length: 5", b"Content-Length: +5", body=b"hello"),
         _LENGTH, 400, "RFC 9112 §6.3", spec=("rfc9112-6.3-8a",)),
    Case("space before Content-Length's colon", post(b"Content-Length : 5", body=b"hello"),
         "http1.field-line.space-before-colon", 400, "RFC 9112 §5.1", spec=("rfc9112-5.1-2a",)),
    _good_length("Content-Length", b"Content-Length: 5"),
    _good_length("Content-Length in upper case", b"CONTENT-LENGTH: 5"),
    _good_length("Content-Length with leading zeros", b"Content-Length: 0005"),
    _good_length("Content-Length with white space around it", b"Content-Length:\t 5 \t"),
    _good_length("two equal Content-Lengths", b"Content-Length: 5", b"Content-Length: 5"),
    Case("Content-Length list of equal values", post(b"Content-Length: 5, 5 ,5", body=b"hello" + SMUGGLED),
         section="RFC 9112 §6.3 item 5", means=[(b"/", b"hello"), (b"/smuggled", b"")],
         spec=("rfc9112-6.3-8a", "rfc9110-8.6-13b")),
    Case("Content-Length of 2**64 - 1", post(b"Content-Length: 18446744073709551615", body=b"hello"),
         section="RFC 9110 §8.6", spec=("rfc9110-8.6-10",)),
    Case("CL.0: a GET with content", head(b"GET / HTTP/1.1", b"Host: a",
         b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
         section="RFC 9112 §6: framing does not depend on the method", means=[(b"/", SMUGGLED)]),
    Case("CL.0: a HEAD with content",
         head(b"HEAD / HTTP/1.1", b"Host: a", b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
         section="RFC 9112 §6: framing does not depend on the method", means=[(b"/", SMUGGLED)]),
    Case("0.CL: a request without a length has no body", post() + SMUGGLED, section="RFC 9112 §6.3 item 7",
         means=[(b"/", b""), (b"/smuggled", b"")]),
    Case("Content-Length of zero", post(b"Content-Length: 0") + SMUGGLED, section="RFC 9112 §6.3",
         means=[(b"/", b""), (b"/smuggled", b"")]),
    # Both (RFC 9112 §6.1, §6.3 item 3). The connection closes after the 400, whatever follows.
    Case("CL.TE", post(b"Content-Length: %d" % (len(SMUGGLED) + 5), b"Transfer-Encoding: chunked",
                       body=b"0\r\n\r\n" + SMUGGLED),
         _BOTH, 400, "RFC 9112 §6.3", at=b"Transfer-Encoding", spec=("rfc9112-6.1-15a",)),
    Case("TE.CL", post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"5\r\nhello\r\n0\r\n\r\n"),
         _BOTH, 400, "RFC 9112 §6.3", spec=("rfc9112-6.1-15a",)),
    Case("TE with a Content-Length of zero", post(b"Transfer-Encoding: chunked", b"Content-Length: 0", body=_CHUNKS),
         _BOTH, 400, "RFC 9112 §6.3", spec=("rfc9112-6.1-15a",)),
    Case("TE with a bad Content-Length", post(b"Transfer-Encoding: chunked", b"Content-Length: x", body=_CHUNKS),
         _LENGTH, 400, "RFC 9112 §6.3", spec=("rfc9112-6.3-8a",)),
    Case("TE.TE, one obfuscated", post(b"Transfer-Encoding: chunked", b"Transfer-encoding: cow", body=_CHUNKS),
         _LAST, 400, "RFC 9112 §6.3", spec=("rfc9112-6.3-7",)),
    Case("TE.TE, the good one last", post(b"Transfer-Encoding: cow", b"Transfer-Encoding: chunked", body=_CHUNKS),
         "http1.transfer-encoding.unknown", 501, "RFC 9112 §6.1", spec=("rfc9112-6.1-11",)),
    Case("TE.TE, chunked twice", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=_CHUNKS),
         _TWICE, 400, "RFC 9112 §6.1"),
    # Obfuscated values: each has fooled a server into the wrong framing.
    _coding("TE xchunked", b" xchunked", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE identity", b" identity", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE gzip", b" gzip", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE that is empty", b"", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE of a comma", b" ,", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE chunked, identity", b" chunked, identity", _LAST, "RFC 9112 §6.3", "rfc9112-6.3-7"),
    _coding("TE identity, chunked", b" identity, chunked", "http1.transfer-encoding.unknown", "RFC 9112 §6.1",
            "rfc9112-6.1-11", status=501),
    _coding("TE gzip, chunked", b" gzip, chunked", "http1.transfer-encoding.unknown", "RFC 9112 §6.1",
            "rfc9112-6.1-11", status=501),
    _coding("TE chunked, chunked", b" chunked, chunked", _TWICE, "RFC 9112 §6.1"),
    _coding("TE chunked, gzip, chunked", b" chunked, gzip, chunked", _TWICE, "RFC 9112 §6.1"),
    _coding("TE in double quotes", b' "chunked"', _CODING, "RFC 9112 §6.1"),
    _coding("TE in single quotes", b" 'chunked'", _LAST, "RFC 9112 §6.3"),
    _coding("TE with two words", b" chunked foo", _CODING, "RFC 9112 §6.1"),
    _coding("TE with a space inside", b" chunk ed", _CODING, "RFC 9112 §6.1"),
    _coding("TE with a semicolon", b" chunked;", _CODING, "RFC 9112 §6.1"),
    _coding("TE with a parameter", b" chunked;q=1", "http1.transfer-encoding.chunked-parameter", "RFC 9112 §7.1",
            "rfc9112-7.1-8"),
    _coding("TE with a colon", b": chunked", _CODING, "RFC 9112 §6.1"),
    _coding("TE in letters beyond ASCII", " ｃｈｕｎｋｅｄ".encode(), _CODING, "RFC 9112 §6.1"),
    _coding("TE with a Kelvin sign", " chun\N{KELVIN SIGN}ed".encode(), _CODING, "RFC 9112 §6.1"),
    Case("TE after a vertical tab", post(b"Transfer-Encoding: \x0bchunked", body=_CHUNKS), "http1.field-line.value",
         400,
         "RFC 9110 §5.5", at=b"\x0bchunked"),
    Case("TE before a NUL", post(b"Transfer-Encoding: chunked\0", body=_CHUNKS), "http1.field-line.value", 400,
         "RFC 9110 §5.5", at=b"\0\r\n", spec=("rfc9110-5.5-5a",)),
    Case("TE after a NUL", post(b"Transfer-Encoding: \0chunked", body=_CHUNKS), "http1.field-line.value", 400,
         "RFC 9110 §5.5", spec=("rfc9110-5.5-5a",)),
    Case("TE before a bare CR", post(b"Transfer-Encoding: chunked\rX: y", body=_CHUNKS), "http1.line.bare-cr", 400,
         "RFC 9112 §2.2", spec=("rfc9112-2.2-4b",)),
    Case("TE behind a folded line", post(b"X: y", b" Transfer-Encoding: chunked", body=_CHUNKS),
         "http1.field-line.obs-fold", 400, "RFC 9112 §5.2", spec=("rfc9112-5.2-4",)),
    Case("TE behind a bare LF", b"POST / HTTP/1.1\r\nHost: a\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n" + _CHUNKS,
         "http1.line.bare-lf", 400, "RFC 9112 §2.2"),
    Case("TE in HTTP/1.0", head(b"POST / HTTP/1.0", b"Transfer-Encoding: chunked") + _CHUNKS,
         "http1.transfer-encoding.http-1.0", 400, "RFC 9112 §6.1", spec=("rfc9112-6.1-16",)),
    Case("TE and Content-Length in HTTP/1.0",
         head(b"POST / HTTP/1.0", b"Content-Length: 3", b"Transfer-Encoding: chunked") + _CHUNKS,
         "http1.transfer-encoding.http-1.0", 400, "RFC 9112 §6.1", spec=("rfc9112-6.1-16",)),
    _good_coding("TE chunked", b"Transfer-Encoding: chunked"),
    _good_coding("TE in mixed case", b"tRANSFER-eNCODING: ChUnKeD",
                 section="RFC 9112 §7: codings are case-insensitive"),
    _good_coding("TE with white space around it", b"Transfer-Encoding:\t chunked \t", section="RFC 9112 §5"),
    _good_coding("TE with empty members", b"Transfer-Encoding: , chunked,,", section="RFC 9110 §5.6.1.2"),
    _good_coding("TE in a header that only looks like it", b"Transfer_Encoding: x", b"Transfer-Encoding: chunked"),
    Case("Transfer_Encoding with an underscore", post(b"Transfer_Encoding: chunked") + SMUGGLED,
         section="RFC 9110 §5.1: another field", means=[(b"/", b""), (b"/smuggled", b"")]),
    Case("Content-Encoding: chunked", post(b"Content-Encoding: chunked", b"Content-Length: 2", body=b"hi"),
         section="RFC 9112 §6.1: another field", means=[(b"/", b"hi")]),
    # The client leaves in the middle (RFC 9112 §6.3 item 6, §8).
    Case("closed in the body", [post(b"Content-Length: 5", body=b"hell"), b""], "http1.eof.in-body", 400, "RFC 9112 §8",
         spec=("rfc9112-6.3-9", "rfc9112-8-1")),
    Case("closed in a chunk", [post(b"Transfer-Encoding: chunked", body=b"5\r\nhell"), b""], "http1.eof.in-body", 400,
         "RFC 9112 §8", spec=("rfc9112-8-1",)),
    Case("closed before the last chunk", [post(b"Transfer-Encoding: chunked", body=b"2\r\nhi\r\n"), b""],
         "http1.eof.in-body", 400, "RFC 9112 §8", spec=("rfc9112-8-1",)),
    Case("closed in the trailers", [post(b"Transfer-Encoding: chunked", body=b"0\r\nX: y\r\n"), b""],
         "http1.eof.in-body", 400, "RFC 9112 §8", spec=("rfc9112-8-1",)),
    Case("closed in the request-line", [b"GET / HT", b""], "http1.eof.in-head", 400, "RFC 9112 §8",
         spec=("rfc9112-8-1",)),
    Case("closed in the field lines", [b"GET / HTTP/1.1\r\nHost: a\r\n", b""], "http1.eof.in-head", 400, "RFC 9112 §8",
         spec=("rfc9112-8-1",)),
    Case("closed between requests", [get(), b""], section="RFC 9112 §9.5", means=[(b"/", b"")],
         spec=("rfc9112-9.5-3",)),
    Case("closed after an empty line", [get() + b"\r\n", b""], section="RFC 9112 §2.2", means=[(b"/", b"")],
         spec=("rfc9112-9.5-3",)),
]  # fmt: skip
