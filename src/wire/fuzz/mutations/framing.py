"""Mutations of Content-Length and Transfer-Encoding (RFC 9112 §6, RFC 9110 §8.6)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from wire.fuzz.mutations.draft import LAST_CHUNK, Draft, Mutation, chunked, pick

_INVALID, _CODING, _BOTH = "RFC 9112 §6.3", "RFC 9112 §6.1", "RFC 9112 §6.3 item 3"
_HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def _length(name: str, about: str, change: Callable[[bytes, Random], bytes], section: str = _INVALID) -> Mutation:
    """A mutation of the value of Content-Length."""

    def apply(draft: Draft, chance: Random) -> bytes:
        return draft.wire(b"Content-Length: " + change(b"%d" % len(draft.content), chance), body=draft.content)

    return Mutation(name, section, about, apply)


def _coding(name: str, about: str, change: Callable[[Random], bytes], section: str = _CODING) -> Mutation:
    """A mutation of the value of Transfer-Encoding; behind it stands a chunked body that hides a request."""

    def apply(draft: Draft, chance: Random) -> bytes:
        return draft.wire(b"Transfer-Encoding:" + change(chance), body=chunked(draft.content))

    return Mutation(name, section, about, apply)


def _lines(name: str, section: str, about: str, change: Callable[[Draft, Random], tuple[list[bytes], bytes]],
           **roles: bool) -> Mutation:  # fmt: skip
    """Framing lines and a body that belong together only for some."""

    def apply(draft: Draft, chance: Random) -> bytes:
        lines, body = change(draft, chance)
        return draft.wire(*lines, body=body)

    return Mutation(name, section, about, apply, **roles)


def _cl_te(draft: Draft, _chance: Random) -> tuple[list[bytes], bytes]:
    body = LAST_CHUNK + _HIDDEN
    return [b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked"], body


def _te_cl(draft: Draft, _chance: Random) -> tuple[list[bytes], bytes]:
    size = b"%x\r\n" % len(_HIDDEN)
    return [b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(size)], size + _HIDDEN + b"\r\n" + LAST_CHUNK


def _te_te(draft: Draft, chance: Random) -> tuple[list[bytes], bytes]:
    other = pick(chance, [b"identity", b"cow", b"x", b"gzip", b"chunked", b""])
    lines = [b"Transfer-Encoding: chunked", b"Transfer-Encoding: " + other]
    chance.shuffle(lines)
    return lines, chunked(draft.content)


def _two_lengths(draft: Draft, chance: Random) -> tuple[list[bytes], bytes]:
    lines = [b"Content-Length: %d" % len(_HIDDEN), b"Content-Length: " + pick(chance, [b"0", b"1", b"9999"])]
    chance.shuffle(lines)
    return lines, _HIDDEN


FRAMING = [
    _length("content-length.sign", "a sign, which integer parsers skip", lambda n, c: pick(c, [b"+", b"-"]) + n),
    _length("content-length.hexadecimal", "hexadecimal", lambda n, c: pick(c, [b"0x" + n, b"0X" + n, b"a"])),
    _length("content-length.octal-or-underscore", "what other integer parsers take",
            lambda n, c: pick(c, [b"0o7", b"0b1", b"1_0", b"1'0", n + b"e0", n + b".0", n + b"L"])),
    _length("content-length.leading-zeros", "leading zeros, which are valid", lambda n, c: b"000" + n),
    _length("content-length.blank-inside", "white space inside", lambda n, c: n + pick(c, [b" 0", b"\t0", b" x"])),
    _length("content-length.blank-around", "blanks around it that are no OWS", lambda n, c:
            pick(c, [b"\x0b%b", b"%b\x0c", b"\xa0%b", b"%b\x85", b"\x1c%b"]) % n),
    _length("content-length.empty", "nothing", lambda n, c: pick(c, [b"", b" ", b"\t"])),
    _length("content-length.foreign-digits", "digits beyond ASCII", lambda n, c:
            pick(c, ["٥".encode(), "５".encode(), b"\xb2", "๕".encode()])),
    _length("content-length.overflow", "more than 64 bits", lambda n, c: pick(
            c, [b"18446744073709551616", b"9223372036854775808", b"4294967296", b"9" * 25, b"1" + b"0" * 100])),
    _length("content-length.list-equal", "a list of equal values", lambda n, c: pick(c, [n + b", " + n, n + b"," + n])),
    _length("content-length.list-differing", "a list of different values",
            lambda n, c: pick(c, [n + b", 0", b"0, " + n, n + b", x"])),
    _length("content-length.list-empty-member", "a list with empty members", lambda n, c:
            pick(c, [n + b",", b"," + n, b"," + n + b",", n + b",," + n])),
    _length("content-length.junk", "junk behind the number", lambda n, c: n + pick(c, [b";", b"x", b"\0", b"#",
            b"\r"])),
    _lines("content-length.repeated-equal", _INVALID, "two lines that are equal", lambda draft, c:
           ([b"Content-Length: %d" % len(draft.content)] * 2, draft.content)),
    _lines("content-length.repeated-differing", _INVALID, "two lines that differ", _two_lengths),
    _lines("content-length.in-get", "RFC 9112 §6", "CL.0: some take GET for a request without body", lambda draft, c:
           ([b"Content-Length: %d" % len(_HIDDEN)], _HIDDEN)),
    _lines("content-length.none", "RFC 9112 §6.3 item 7", "0.CL: no length, and a body all the same", lambda draft, c:
           ([], _HIDDEN)),
    _lines("content-length.too-long", "RFC 9112 §6.3", "a length beyond the body", lambda draft, c:
           ([b"Content-Length: %d" % (len(draft.content) + 9)], draft.content)),
    _lines("both.cl-te", _BOTH, "CL.TE: a request behind the last chunk, inside the length", _cl_te),
    _lines("both.te-cl", _BOTH, "TE.CL: a request inside a chunk, behind the length", _te_cl),
    _lines("both.te-te", _CODING, "TE.TE: two lines, of which somebody reads the wrong one", _te_te),
    _coding("transfer-encoding.prefixed", "a coding that ends in chunked", lambda c:
            b" " + pick(c, [b"xchunked", b"x-chunked", b"xx chunked", b"=chunked", b";chunked"])),
    _coding("transfer-encoding.suffixed", "a coding that begins with chunked", lambda c:
            b" " + pick(c, [b"chunkedx", b"chunked x", b"chunked;", b"chunked-", b"chunked=1", b"chunked\\"])),
    _coding("transfer-encoding.parameter", "chunked with a parameter", lambda c: b" chunked;q=1", "RFC 9112 §7.1"),
    _coding("transfer-encoding.quoted", "chunked in quotes", lambda c: pick(c, [b' "chunked"', b" 'chunked'"])),
    _coding("transfer-encoding.letter-case", "any mixture of cases", lambda c: pick(c, [b" Chunked", b" CHUNKED"])),
    _coding("transfer-encoding.blank", "a blank that is no OWS", lambda c:
            pick(c, [b" \x0bchunked", b"\x0cchunked", b" chunked\x0b", b" \xa0chunked", b"\x85chunked",
                 b" \x1cchunked"])),
    _coding("transfer-encoding.ows", "white space around it, which is valid", lambda c:
            pick(c, [b"chunked", b"\tchunked", b"  chunked  ", b" chunked\t"])),
    _coding("transfer-encoding.nul", "a NUL", lambda c: pick(c, [b" chunked\0", b" \0chunked", b" chunked\0x"])),
    _coding("transfer-encoding.bare-cr", "a CR alone", lambda c: pick(c, [b" chunked\rX: y", b"\r chunked",
            b" chunked\r"])),
    _coding("transfer-encoding.bare-lf", "a LF alone", lambda c: pick(c, [b"\nchunked", b" chunked\n",
            b" x\nX: chunked"])),
    _coding("transfer-encoding.foreign-letters", "letters that lower() makes ASCII", lambda c:
            pick(c, [" chun\u212aed".encode(), b" c\xadhunked", " ｃhunked".encode()])),
    _coding("transfer-encoding.empty-members", "a list with empty members", lambda c:
            pick(c, [b" ,chunked", b" chunked,", b" , chunked ,", b",,chunked,,"]), "RFC 9110 §5.6.1"),
    _coding("transfer-encoding.identity", "identity, which is no coding any more", lambda c:
            pick(c, [b" identity", b" chunked, identity", b" identity, chunked"])),
    _coding("transfer-encoding.other", "another coding below chunked", lambda c: pick(c, [b" gzip, chunked",
            b" x, chunked"])),
    _coding("transfer-encoding.chunked-not-last", "chunked, and another above it", lambda c:
            pick(c, [b" chunked, gzip", b" chunked, x"]), _INVALID),
    _coding("transfer-encoding.chunked-twice", "chunked twice", lambda c: b" chunked, chunked"),
    _coding("transfer-encoding.empty", "nothing", lambda c: pick(c, [b"", b" ", b" ,"]), _INVALID),
    _lines("transfer-encoding.space-before-colon", "RFC 9112 §5.1", "white space before its colon", lambda draft, c:
           ([b"Transfer-Encoding" + pick(c, [b" ", b"\t", b"\x0b"]) + b": chunked"], chunked(draft.content))),
    _lines("transfer-encoding.underscore", "RFC 9110 §5.1", "an underscore for its hyphen", lambda draft, c:
           ([b"Transfer_Encoding: chunked"], chunked(draft.content))),
    _lines("transfer-encoding.folded", "RFC 9112 §5.2", "its value on the next line", lambda draft, c:
           ([b"Transfer-Encoding:\r\n chunked"], chunked(draft.content))),
    Mutation("transfer-encoding.in-http-1.0", _CODING, "chunked in HTTP/1.0", lambda draft, chance:
             draft.with_chunks(start=draft.start.replace(b"HTTP/1.1", b"HTTP/1.0"))),
]  # fmt: skip
