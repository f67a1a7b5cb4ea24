"""One input by name, and what has to become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.http1.support import Message
from wire.http1 import Limits, Request


@dataclass(frozen=True)
class Case:
    """An input and its verdict.

    Attributes:
        name: what the input is called where it was published, or what is odd about it.
        data: bytes from the peer, or several pieces; ``b""`` among them closes the peer's side.
        rule: the rule that rejects it; None where it is accepted.
        status: what a server has to answer; None for responses.
        section: the section that rejects or allows it.
        means: where it is accepted, the messages that it holds; where it is rejected, those before the error.
        at: where it is rejected, the byte at fault, given as the bytes that begin there (None: not told here).
        spec: ids of the requirements that this proves.
        limits: of the connection.
        request: for responses, the request that is answered.
    """

    name: str
    data: bytes | Sequence[bytes]
    rule: str | None = None
    status: int | None = None
    section: str = ""
    means: Sequence[Message] = ()
    at: bytes | None = None
    spec: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    request: Request | None = None


def head(*lines: bytes) -> bytes:
    """Lines with their CRLF, and the empty line that ends a head."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def get(*fields: bytes) -> bytes:
    """A GET with these field lines after its Host."""
    return head(b"GET / HTTP/1.1", b"Host: a", *fields)


def post(*fields: bytes, body: bytes = b"") -> bytes:
    """A POST with these field lines after its Host, and a body as it stands on the wire."""
    return head(b"POST / HTTP/1.1", b"Host: a", *fields) + body


def chunked(body: bytes) -> bytes:
    """A POST whose chunked body stands on the wire like this."""
    return post(b"Transfer-Encoding: chunked", body=body)


def ok(*fields: bytes, body: bytes = b"") -> bytes:
    """A response with status 200."""
    return head(b"HTTP/1.1 200 OK", *fields) + body


SMUGGLED = head(b"GET /smuggled HTTP/1.1", b"Host: a")
"""What an attacker wants the next server to take for a request of its own."""
