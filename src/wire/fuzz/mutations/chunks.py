"""Mutations of chunked bodies (RFC 9112 §7.1)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from wire.fuzz.mutations.draft import LAST_CHUNK, Mutation, pick

_SIZE, _EXT, _TRAILER = "RFC 9112 §7.1", "RFC 9112 §7.1.1", "RFC 9112 §7.1.2"


def _body(name: str, section: str, about: str, change: Callable[[bytes, Random], bytes]) -> Mutation:
    """Another body in place of a valid chunked one, made from the content."""
    return Mutation(
        name, section, about, lambda draft, chance: draft.with_chunks(change(draft.content or b"hello", chance))
    )


def _size(name: str, about: str, change: Callable[[bytes, Random], bytes]) -> Mutation:
    """A mutation of the first chunk-size."""
    return _body(
        name, _SIZE, about, lambda data, c: change(b"%x" % len(data), c) + b"\r\n" + data + b"\r\n" + LAST_CHUNK
    )


def _behind(name: str, section: str, about: str, *choices: bytes) -> Mutation:
    """Something between the first chunk-size and its data, the line end included."""
    return _body(
        name, section, about, lambda data, c: b"%x" % len(data) + pick(c, choices) + data + b"\r\n" + LAST_CHUNK
    )


def _after(name: str, about: str, *choices: bytes) -> Mutation:
    """Something else than CRLF behind the data of the first chunk."""
    return _body(name, _SIZE, about, lambda data, c: b"%x\r\n" % len(data) + data + pick(c, choices) + LAST_CHUNK)


def _end(name: str, section: str, about: str, *choices: bytes) -> Mutation:
    """Another end of the body."""
    return _body(name, section, about, lambda data, c: b"%x\r\n%b\r\n" % (len(data), data) + pick(c, choices))


CHUNKS = [
    _size("chunk-size.sign", "a sign, which integer parsers skip", lambda n, c: pick(c, [b"+", b"-"]) + n),
    _size("chunk-size.0x", "0x, which integer parsers skip", lambda n, c: pick(c, [b"0x", b"0X"]) + n),
    _size("chunk-size.underscore", "an underscore between digits", lambda n, c: b"0_" + n),
    _size("chunk-size.leading-zeros", "leading zeros, which are valid", lambda n, c: pick(c, [b"0", b"00000000"]) + n),
    _size("chunk-size.upper-case", "hexadecimal in upper case", lambda n, c: n.upper()),
    _size("chunk-size.overflow", "more digits than 64 bits hold: the rest may be the right size",
          lambda n, c: pick(c, [b"1" + b"0" * (16 - len(n)) + n, b"1" + b"0" * (8 - len(n)) + n, b"f" * 16,
          b"7" + b"f" * 15])),
    _size("chunk-size.leading-blank", "a blank before it", lambda n, c: pick(c, [b" ", b"\t", b"\x0b", b"\xa0"]) + n),
    _size("chunk-size.trailing-blank", "a blank behind it", lambda n, c: n + pick(c, [b" ", b"\t", b"\x0b", b"\x0c",
          b"  "])),
    _size("chunk-size.junk", "something behind it that is no extension", lambda n, c:
          n + pick(c, [b"x", b"h", b".0", b",", b"\0", b"g", b"=1", b"#", b" x"])),
    _size("chunk-size.empty", "nothing", lambda n, c: pick(c, [b"", b";", b";a=b"])),
    _size("chunk-size.foreign-digits", "digits beyond ASCII", lambda n, c: pick(c, ["５".encode(), "٥".encode(),
          b"\xb2"])),
    _size("chunk-size.too-small", "less than what follows", lambda n, c: b"1"),
    _size("chunk-size.too-large", "more than what follows", lambda n, c: b"1" + n),
    _behind("chunk-line.bare-lf", _SIZE, "LF for CRLF", b"\n"),
    _behind("chunk-line.bare-cr", _SIZE, "CR for CRLF", b"\r"),
    _behind("chunk-line.cr-cr-lf", _SIZE, "CR CR LF for CRLF", b"\r\r\n"),
    _behind("chunk-line.cr-and-one-byte", _SIZE, "any byte where LF belongs", b"\rX", b"\r\0", b"\r "),
    _behind("chunk-ext.lf", _EXT, "a LF in an extension: for some the line ends there", b";\n", b";a\n", b";a=b\n",
            b';a="\n"\r\n', b";\nx\r\n"),
    _behind("chunk-ext.cr", _EXT, "a CR in an extension", b";\r", b";a\rb\r\n", b';a="\r"\r\n', b";a=\r\r\n"),
    _behind("chunk-ext.quoted-crlf", _EXT, "a CRLF in a quoted value", b';a="\r\n"\r\n'),
    _behind("chunk-ext.malformed", _EXT, "an extension that is none", b";\r\n", b";=\r\n", b";a=\r\n", b";a==b\r\n",
            b";a=b c\r\n", b" a=b\r\n", b';a="b\r\n', b";a;;b\r\n", b";\0\r\n", b";a=\x01\r\n"),
    _behind("chunk-ext.valid", _EXT, "an extension that is to be ignored", b";a\r\n", b";a=b\r\n", b';a="b c"\r\n',
            b";a;b=c\r\n", b';a="\\""\r\n'),
    _behind("chunk-ext.blanks", "RFC 9110 §5.6.3", "bad white space, to be removed", b" ;a\r\n", b"; a\r\n",
            b";a = b\r\n",
            b"\t;\ta\t=\tb\r\n"),
    _behind("chunk-ext.long", _EXT, "a long extension", b";" + b"a" * 900 + b"\r\n", b";" + b"a" * 20000 + b"\r\n"),
    _after("chunk-data.no-crlf", "no CRLF behind the data", b""),
    _after("chunk-data.lf", "LF for CRLF behind the data", b"\n"),
    _after("chunk-data.cr", "CR for CRLF behind the data", b"\r"),
    _after("chunk-data.other-bytes", "two other bytes behind the data", b"XX", b"\0\0", b"  ", b"\n\r", b"\rX",
           b"\r\r"),
    _after("chunk-data.more-crlf", "an empty line behind the data", b"\r\n\r\n"),
    _end("last-chunk.zeros", _SIZE, "a last chunk of many zeros", b"00\r\n\r\n", b"0000000000\r\n\r\n"),
    _end("last-chunk.extension", _EXT, "a last chunk with an extension", b"0;a=b\r\n\r\n", b"0;\n\r\n", b"0 \r\n\r\n"),
    _end("last-chunk.bare-lf", _SIZE, "LF behind the last chunk", b"0\n\r\n", b"0\r\n\n", b"0\n\n"),
    _end("last-chunk.bare-cr", _SIZE, "CR behind the last chunk", b"0\r\r\n", b"0\r\n\r", b"0\r\r"),
    _end("last-chunk.missing", _SIZE, "no last chunk", b"", b"0", b"0\r\n"),
    _end("last-chunk.minus-zero", _SIZE, "minus zero", b"-0\r\n\r\n", b"+0\r\n\r\n", b"0x0\r\n\r\n"),
    _end("trailer.framing", "RFC 9110 §6.5.1", "a trailer that would frame", b"0\r\nContent-Length: 5\r\n\r\n",
         b"0\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\nHost: b\r\n\r\n", b"0\r\nConnection: close\r\n\r\n"),
    _end("trailer.valid", _TRAILER, "a trailer", b"0\r\nX: y\r\n\r\n", b"0\r\nX: y\r\nX: z\r\n\r\n"),
    _end("trailer.malformed", _TRAILER, "a trailer that is none", b"0\r\nX\r\n\r\n", b"0\r\nX : y\r\n\r\n",
         b"0\r\n: y\r\n\r\n", b"0\r\n X: y\r\n\r\n", b"0\r\nX: \0\r\n\r\n", b"0\r\nX\0: y\r\n\r\n"),
    _end("trailer.folded", _TRAILER, "a trailer that is folded", b"0\r\nX: y\r\n z\r\n\r\n"),
    _end("trailer.line-end", _TRAILER, "another line end behind a trailer", b"0\r\nX: y\n\r\n", b"0\r\nX: y\r\r\n\r\n",
         b"0\r\nX: y\n\n"),
]  # fmt: skip
