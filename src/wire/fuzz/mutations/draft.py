"""A message that is about to be spoilt, and the ways to put it on the wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid message in its parts.

    Attributes:
        start: the start-line without its CRLF.
        lines: field lines without their CRLF, none of which frames the message.
        content: what the message carries, as it is before any transfer coding.
    """

    start: bytes
    lines: tuple[bytes, ...]
    content: bytes

    def wire(self, *more: bytes, body: bytes = b"", start: bytes | None = None) -> bytes:
        """The message with field lines added and a body as it stands."""
        return CRLF.join([self.start if start is None else start, *self.lines, *more, b"", body])

    def with_length(self, start: bytes | None = None) -> bytes:
        """The valid message, delimited by Content-Length."""
        return self.wire(b"Content-Length: %d" % len(self.content), body=self.content, start=start)

    def with_chunks(self, body: bytes | None = None, start: bytes | None = None) -> bytes:
        """The message with a chunked body: a valid one unless ``body`` gives another."""
        return self.wire(
            b"Transfer-Encoding: chunked", body=chunked(self.content) if body is None else body, start=start
        )


def chunk(data: bytes) -> bytes:
    """One chunk (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def chunked(content: bytes) -> bytes:
    """A chunked body of at most two chunks."""
    half = len(content) // 2
    return b"".join(chunk(part) for part in (content[:half], content[half:]) if part) + LAST_CHUNK


_D = TypeVar("_D")


@dataclass(frozen=True, slots=True)
class AnyMutation(Generic[_D]):
    """One way to spoil a message, of whatever protocol its draft is.

    Attributes:
        name: stable, by which findings are grouped.
        section: the section that speaks of it.
        about: what is done, and why parsers fell for it.
        apply: from a valid message and a source of chance, the bytes on the wire.
        requests, responses: which messages it is meant for.
    """

    name: str
    section: str
    about: str
    apply: Callable[[_D, Random], bytes]
    requests: bool = True
    responses: bool = True


class Mutation(AnyMutation[Draft]):
    """One way to spoil a message of HTTP/1.1."""

    __slots__ = ()


def insert(data: bytes, at: int, what: bytes) -> bytes:
    """``data`` with something put in."""
    return data[:at] + what + data[at:]


def anywhere(data: bytes, what: bytes, chance: Random) -> bytes:
    """``data`` with something put in at any place but the first."""
    return insert(data, chance.randint(1, max(len(data) - 1, 1)), what)


def pick(chance: Random, choices: Sequence[bytes]) -> bytes:
    """One of several."""
    return chance.choice(choices)
