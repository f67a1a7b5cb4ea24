"""Mutations of request-lines and status-lines (RFC 9112 §2.3, §3, §4)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from wire.fuzz.mutations.draft import Draft, Mutation, anywhere, pick

_Parts = Callable[[bytes, bytes, bytes, Random], bytes]


def _request(name: str, section: str, about: str, change: _Parts) -> Mutation:
    """A mutation of a request-line, given as its method, target and version."""

    def apply(draft: Draft, chance: Random) -> bytes:
        method, target, version = draft.start.split(b" ", 2)
        return draft.with_length(change(method, target, version, chance))

    return Mutation(name, section, about, apply, responses=False)


def _status(name: str, section: str, about: str, change: _Parts) -> Mutation:
    """A mutation of a status-line, given as its version, status and reason."""

    def apply(draft: Draft, chance: Random) -> bytes:
        version, status, reason = draft.start.split(b" ", 2)
        return draft.with_length(change(version, status, reason, chance))

    return Mutation(name, section, about, apply, requests=False)


def _before(name: str, about: str, what: bytes) -> Mutation:
    return Mutation(name, "RFC 9112 §2.2", about, lambda draft, _chance: what + draft.with_length())


_LINE, _TARGET, _VERSION, _STATUS = "RFC 9112 §3", "RFC 9112 §3.2", "RFC 9112 §2.3", "RFC 9112 §4"
_BLANKS = [b"\t", b"\x0b", b"\x0c", b"\xa0", b"\x85", b"\x1c"]
_LOOK_ALIKES = [
    b"HTTP/1", b"HTTP/1.", b"HTTP/11", b"HTTP/01.1", b"HTTP/1.01", b"HTTP/1.10", b"HTTP/1.1.1", b"HTTP/1,1",
    b"HTTP/+1.1",
    b"HTTP/ 1.1", b"HTTP-1.1", b"HTTPS/1.1", b"HTP/1.1", b"ICY/1.1", b"HTTP/1.x", b"HTTP/1.1\0", b"HTTP /1.1",
    "HTTP/１.１".encode(), b"HTTP/1.\xb2", b"HTTP/1.1;x",
]  # fmt: skip

REQUEST_LINES = [
    _request("request-line.leading-space", _LINE, "white space before the method", lambda m, t, v, c:
             pick(c, [b" ", b"\t"]) + b" ".join([m, t, v])),
    _request("request-line.trailing-space", _LINE, "white space behind the version", lambda m, t, v, c:
             b" ".join([m, t, v]) + pick(c, [b" ", b"\t"])),
    _request("request-line.two-spaces", _LINE, "two spaces where one must stand", lambda m, t, v, c:
             pick(c, [b"%b  %b %b", b"%b %b  %b"]) % (m, t, v)),
    _request("request-line.other-blank", _LINE, "another kind of blank than SP", lambda m, t, v, c:
             pick(c, [b"%b" + blank + b"%b %b" for blank in _BLANKS] + [b"%b %b" + blank + b"%b" for blank in _BLANKS])
             % (m, t, v)),
    _request("request-line.bare-cr", "RFC 9112 §2.2", "a CR that no LF follows, which some take for a space",
             lambda m, t, v, c: anywhere(b" ".join([m, t, v]), b"\r", c)),
    _request("request-line.bare-lf", "RFC 9112 §2.2", "a LF without CR inside the line",
             lambda m, t, v, c: anywhere(b" ".join([m, t, v]), b"\n", c)),
    _request("request-line.nul", _LINE, "a NUL, at which C strings end",
             lambda m, t, v, c: anywhere(b" ".join([m, t, v]), b"\0", c)),
    _request("request-line.no-version", _LINE, "no version, as in HTTP/0.9", lambda m, t, v, c: b"%b %b" % (m, t)),
    _request("request-line.no-target", _LINE, "no request-target", lambda m, t, v, c: b"%b %b" % (m, v)),
    _request("request-line.four-words", _LINE, "a second target behind the first",
             lambda m, t, v, c: b"%b %b /smuggled %b" % (m, t, v)),
    _request("method.lower-case", "RFC 9110 §9.1", "methods are case-sensitive: get is not GET",
             lambda m, t, v, c: b" ".join([m.lower(), t, v])),
    _request("method.unknown", "RFC 9110 §9.1", "a token that no registry knows",
             lambda m, t, v, c: b" ".join([pick(c, [b"BREW", b"X", b"G-E.T", b"M" * 40]), t, v])),
    _request("method.not-a-token", "RFC 9110 §9.1", "a delimiter or a byte beyond ASCII in the method",
             lambda m, t, v, c: anywhere(m, pick(c, [b"(", b"/", b":", b'"', b"\xc9", b"@", b","]),
             c) + b" %b %b" % (t, v)),
    _request("target.space", _TARGET, "a space that was not encoded",
             lambda m, t, v, c: b"%b %b %b %b" % (m, t, pick(c, [b"b", b"HTTP/1.0", b"x/"]), v)),
    _request("target.control", _TARGET, "a control character", lambda m, t, v, c:
             b"%b %b %b" % (m, anywhere(t + b"x", pick(c, [b"\x01", b"\x7f", b"\x1b", b"\x0b", b"\t"]), c), v)),
    _request("target.beyond-ascii", _TARGET, "a byte beyond ASCII", lambda m, t, v, c: b"%b %b\xe9 %b" % (m, t, v)),
    _request("target.fragment", _TARGET, "a fragment, which belongs to the client",
             lambda m, t, v, c: b"%b %b#top %b" % (m, t, v)),
    _request("target.delimiter", _TARGET, "a character that no URI may hold", lambda m, t, v, c:
             b"%b %b%b %b" % (m, t, pick(c, [b'"', b"<", b">", b"\\", b"^", b"`", b"{", b"|"]), v)),
    _request("target.no-slash", _TARGET, "none of the four forms",
             lambda m, t, v, c: b"%b %b %b" % (m, pick(c, [b"x", b"?a", b"*", b"..", b"@x", b"a:b@c"]), v)),
    _request("target.authority-form", _TARGET, "host:port, which is for CONNECT only",
             lambda m, t, v, c: b"%b a.example:80 %b" % (m, v)),
    _request("target.absolute-form", "RFC 9112 §3.2.2", "a whole URI whose host is not the Host",
             lambda m, t, v, c: b"%b http://b.example/x %b" % (m, v)),
    _request("target.bad-authority", "RFC 9110 §4.2", "a URI with userinfo, an empty host or a broken port",
             lambda m, t, v, c: b"%b %b %b" % (m, pick(c, [b"http://u@h/", b"http:///x", b"http://:1/", b"http://h:x/",
                                                           b"http://[::1/", b"http://h:99999/"]), v)),
    _request("target.two-slashes", "RFC 9112 §3.2.1", "a path that looks like an authority",
             lambda m, t, v, c: b"%b //b.example%b %b" % (m, t, v)),
    _request("version.lower-case", _VERSION, "http/1.1", lambda m, t, v, c: b" ".join([m, t, v.lower()])),
    _request("version.look-alike", _VERSION, "nearly a version", lambda m, t, v, c: b" ".join([m, t, pick(c,
             _LOOK_ALIKES)])),
    _request("version.other-major", "RFC 9110 §15.6.6", "another major version",
             lambda m, t, v, c: b"%b %b %b" % (m, t, pick(c, [b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/9.9"]))),
    _request("version.higher-minor", "RFC 9110 §6.2", "a higher minor version, to be read as 1.1",
             lambda m, t, v, c: b"%b %b %b" % (m, t, pick(c, [b"HTTP/1.2", b"HTTP/1.9"]))),
    _before("before.empty-lines", "empty lines before the message", b"\r\n\r\n"),
    _before("before.bare-lf", "a LF alone before the message", b"\n"),
    _before("before.cr-cr-lf", "CR CR LF before the message", b"\r\r\n"),
    _before("before.byte-order-mark", "a byte order mark before the message", b"\xef\xbb\xbf"),
]  # fmt: skip

STATUS_LINES = [
    _status("status-line.leading-space", _STATUS, "a space before the version",
            lambda v, s, r, c: b" %b %b %b" % (v, s, r)),
    _status("status-line.two-spaces", _STATUS, "two spaces where one must stand",
            lambda v, s, r, c: b"%b  %b %b" % (v, s, r)),
    _status("status-line.no-reason", _STATUS, "neither reason nor the space before it",
            lambda v, s, r, c: b"%b %b" % (v, s)),
    _status("status-line.bare-cr", "RFC 9112 §2.2", "a CR that no LF follows, in the reason",
            lambda v, s, r, c: b"%b %b %b\rX: y" % (v, s, r)),
    _status("status-line.bare-lf", "RFC 9112 §2.2", "a LF in the reason: the classic split",
            lambda v, s, r, c: b"%b %b %b\nSet-Cookie: a=b" % (v, s, r)),
    _status("status-line.control", _STATUS, "a control character in the reason",
            lambda v, s, r, c: b"%b %b %b%b" % (v, s, r, pick(c, [b"\0", b"\x1b", b"\x7f", b"\x0b"]))),
    _status("status.digits", _STATUS, "a status of two or four digits",
            lambda v, s, r, c: b"%b %b %b" % (v, pick(c, [s[:2], s + b"0", b"0" + s, b""]), r)),
    _status("status.not-a-number", _STATUS, "a status with a sign, a letter or foreign digits", lambda v, s, r, c:
            b"%b %b %b" % (v, pick(c, [b"+20", b"-20", b"2x0", b"0x2", b"2.0", b"\xb200", "٢٠٠".encode()]), r)),
    _status("status.unregistered", "RFC 9110 §15", "a status that no registry knows",
            lambda v, s, r, c: b"%b %b %b" % (v, pick(c, [b"299", b"599", b"600", b"999", b"000", b"099"]), r)),
    _status("status.no-body", "RFC 9112 §6.3", "a status that has no body, with one",
            lambda v, s, r, c: b"%b %b %b" % (v, pick(c, [b"204", b"304", b"100", b"103"]), r)),
    _status("response-version.look-alike", _VERSION, "nearly a version",
            lambda v, s, r, c: b"%b %b %b" % (pick(c, [*_LOOK_ALIKES, b"http/1.1"]), s, r)),
    _status("response-version.other-major", _VERSION, "another major version",
            lambda v, s, r, c: b"%b %b %b" % (pick(c, [b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.0"]), s, r)),
    _before("before.empty-lines", "empty lines before the message", b"\r\n\r\n"),
]  # fmt: skip
