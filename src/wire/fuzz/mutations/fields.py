"""Mutations of field lines, and of the fields that route (RFC 9112 §5, §3.2; RFC 9110 §5, §7.2)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from wire.fuzz.mutations.draft import CRLF, Draft, Mutation, anywhere, pick

_Name, _Fold, _Value, _Host = "RFC 9110 §5.1", "RFC 9112 §5.2", "RFC 9110 §5.5", "RFC 9112 §3.2"
_HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def _length_line(name: str, section: str, about: str, change: Callable[[bytes, bytes, Random], bytes]) -> Mutation:
    """A mutation of the Content-Length line, given as name and value: whoever still reads it frames differently."""

    def apply(draft: Draft, chance: Random) -> bytes:
        content = _HIDDEN
        line = change(b"Content-Length", b"%d" % len(content), chance)
        return draft.wire(line, body=content)

    return Mutation(name, section, about, apply)


def _extra_line(name: str, section: str, about: str, change: Callable[[Random], bytes], **roles: bool) -> Mutation:
    """A field line more."""

    def apply(draft: Draft, chance: Random) -> bytes:
        return draft.wire(change(chance), b"Content-Length: %d" % len(draft.content), body=draft.content)

    return Mutation(name, section, about, apply, **roles)


def _hosts(name: str, about: str, change: Callable[[tuple[bytes, ...], Random], tuple[bytes, ...]]) -> Mutation:
    """A mutation of the field lines, of which the first is Host."""

    def apply(draft: Draft, chance: Random) -> bytes:
        return Draft(draft.start, change(draft.lines, chance), draft.content).with_length()

    return Mutation(name, _Host, about, apply, responses=False)


def _line_end(name: str, about: str, end: bytes, *, last: bytes = b"") -> Mutation:
    """Another line end in the field section: in one place, or before the body."""

    def apply(draft: Draft, chance: Random) -> bytes:
        head, _, body = draft.with_length().partition(CRLF + CRLF)
        if last:
            return head + last + body
        lines = head.split(CRLF)
        place = chance.randint(1, max(len(lines) - 1, 1))
        return CRLF.join(lines[:place]) + end + CRLF.join(lines[place:]) + CRLF + CRLF + body

    return Mutation(name, "RFC 9112 §2.2", about, apply)


_BAD_HOSTS = [
    b"a, b", b"a/b", b"http://a/", b"u@a", b"a?b", b"a#b", b"a\\b", b"a:x", b"a:+1", b"a:1:2", b"::1", b"[::1",
    b"[::1]x",
    b"a b", b"a\tb", b"\xe9", b"a%2", b"a:99999", b"<a>", b"{a}",
]  # fmt: skip

FIELDS = [
    _length_line("field.space-before-colon", "RFC 9112 §5.1", "white space between name and colon",
                 lambda n, v, c: n + pick(c, [b" ", b"\t", b"  "]) + b": " + v),
    _length_line("field.blank-before-colon", "RFC 9112 §5.1", "another blank between name and colon",
                 lambda n, v, c: n + pick(c, [b"\x0b", b"\x0c", b"\xa0", b"\x85", b"\x00", b"\r"]) + b": " + v),
    _length_line("field.no-colon", "RFC 9112 §5", "a line without a colon",
                 lambda n, v, c: pick(c, [n + b" " + v, n + b"=" + v, n])),
    _length_line("field.blank-in-name", _Name, "white space inside the name",
                 lambda n, v, c: anywhere(n, pick(c, [b" ", b"\t"]), c) + b": " + v),
    _length_line("field.control-in-name", _Name, "a control character inside the name",
                 lambda n, v, c: anywhere(n, pick(c, [b"\0", b"\x01", b"\x1f", b"\x7f", b"\r", b"\n"]), c) + b": " + v),
    _length_line("field.delimiter-in-name", _Name, "a character in the name that no token has",
                 lambda n, v, c: anywhere(n, pick(c, [b"(", b"/", b"@", b'"', b"[", b"{", b"\xe9"]), c) + b": " + v),
    _length_line("field.before-name", _Name, "something before the name",
                 lambda n, v, c: pick(c, [b"\0", b"\x0b", b"\xef\xbb\xbf", b'"', b":", b"\r"]) + n + b": " + v),
    _length_line("field.underscore", _Name, "an underscore for the hyphen, as CGI writes it",
                 lambda n, v, c: n.replace(b"-", b"_") + b": " + v),
    _length_line("field.letter-case", _Name, "any mixture of cases", lambda n, v, c:
                 bytes(c.choice((byte, byte ^ 32)) if 65 <= byte & ~32 <= 90 else byte for byte in n) + b": " + v),
    _length_line("field.folded-before", _Fold, "the value on a line of its own",
                 lambda n, v, c: n + b":" + CRLF + pick(c, [b" ", b"\t"]) + v),
    _length_line("field.folded-behind", _Fold, "the line goes on in the next one",
                 lambda n, v, c: n + b": " + v + CRLF + pick(c, [b" ", b"\t", b" 0", b" \t "])),
    _length_line("field.hidden-in-fold", _Fold, "a field that stands in a continuation of another",
                 lambda n, v, c: b"X: y" + CRLF + pick(c, [b" ", b"\t"]) + n + b": " + v),
    _length_line("field.behind-bare-cr", "RFC 9112 §2.2", "a field behind a CR alone",
                 lambda n, v, c: b"X: y\r" + n + b": " + v),
    _length_line("field.behind-bare-lf", "RFC 9112 §2.2", "a field behind a LF alone",
                 lambda n, v, c: b"X: y\n" + n + b": " + v),
    _length_line("field.behind-nul", _Value, "a field behind a NUL", lambda n, v, c: b"X: y\0" + n + b": " + v),
    _extra_line("field.empty-name", _Name, "a line that begins with its colon", lambda c: b": x"),
    _extra_line("value.control", _Value, "a control character in a value", lambda c:
                b"X: a" + pick(c, [b"\0", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f"]) + b"b"),
    _extra_line("value.bare-cr", "RFC 9112 §2.2", "a CR in a value", lambda c: b"X: a\rb"),
    _extra_line("value.bare-lf", "RFC 9112 §2.2", "a LF in a value: the second line has no colon",
                lambda c: b"X: a\nb"),
    _extra_line("value.beyond-ascii", _Value, "obs-text, to be taken as it is", lambda c:
                b"X: " + pick(c, [b"\xe9", b"\xff", b"\xc3\xa9", b"\xe4\xbc\x8a", b"\x80\x0a"[:1]])),
    _extra_line("value.blanks", "RFC 9112 §5", "white space around the value", lambda c:
                b"X:" + pick(c, [b"", b" ", b"\t", b" \t"]) + b"y" + pick(c, [b"", b" ", b"\t", b" \t"])),
    _extra_line("value.empty", "RFC 9112 §5", "an empty value", lambda c: pick(c, [b"X:", b"X: ", b"X:\t "])),
    _extra_line("field.unknown", "RFC 9110 §5.1", "a field of every token character", lambda c: b"!#$%&'*+-.^_`|~: y"),
    _extra_line("field.connection-names-framing", "RFC 9110 §7.6.1", "an option that would hide the length", lambda c:
                b"Connection: " + pick(c, [b"content-length", b"transfer-encoding", b"host",
                b"close, content-length"])),
    _extra_line("field.connection-malformed", "RFC 9110 §7.6.1", "options that are no tokens", lambda c:
                b"Connection: " + pick(c, [b"close now", b"close;q=1", b'"close"', b",,close,,", b"Close"])),
    _extra_line("field.expect", "RFC 9110 §10.1.1", "an expectation, plain and obfuscated", lambda c: b"Expect: " +
                pick(c, [b"100-continue", b"100-Continue", b"100-continue, 100-continue", b"x=100-continue", b"",
                     b" y"]),
                responses=False),
    _extra_line("field.upgrade", "RFC 9110 §7.8", "an offer to switch", lambda c: b"Connection: upgrade\r\nUpgrade: " +
                pick(c, [b"websocket", b"h2c", b"x/1"]), responses=False),
    Mutation("head.leading-space", "RFC 9112 §2.2", "white space before the first field line", lambda draft, chance:
             Draft(draft.start, (pick(chance, [b" X: y", b"\tX: y", b" ", b" \t"]), *draft.lines), draft.content)
             .with_length()),
    _line_end("line-end.bare-lf", "LF for CRLF behind a field line", b"\n"),
    _line_end("line-end.bare-cr", "CR for CRLF behind a field line", b"\r"),
    _line_end("line-end.cr-cr-lf", "CR CR LF behind a field line", b"\r\r\n"),
    _line_end("line-end.lf-cr", "LF CR behind a field line", b"\n\r"),
    _line_end("head-end.lf-lf", "LF LF ends the head", b"", last=b"\n\n"),
    _line_end("head-end.crlf-lf", "CRLF LF ends the head", b"", last=b"\r\n\n"),
    _line_end("head-end.lf-crlf", "LF CRLF ends the head", b"", last=b"\n\r\n"),
    _line_end("head-end.cr-cr", "CR CR ends the head", b"", last=b"\r\r"),
    _line_end("head-end.crlf-space", "a line of white space ends the head", b"", last=b"\r\n \r\n"),
    _line_end("head-end.missing", "the head does not end", b"", last=b"\r\n"),
    _hosts("host.missing", "no Host", lambda lines, c: lines[1:]),
    _hosts("host.repeated", "two Hosts that differ", lambda lines, c: (*lines, pick(c, [b"Host: b", b"host: b"]))),
    _hosts("host.repeated-equal", "two Hosts that are equal", lambda lines, c: (*lines, lines[0])),
    _hosts("host.malformed", "a Host that is no host", lambda lines, c: (b"Host: " + pick(c, _BAD_HOSTS), *lines[1:])),
    _hosts("host.unusual", "a Host that is odd and right", lambda lines, c: (b"Host: " + pick(
           c, [b"", b"a:", b"a:80", b"[::1]", b"[::1]:80", b"127.1", b"a_b", b"%61", b"a.", b"xn--bcher-kva.example"]),
           *lines[1:])),
]  # fmt: skip
