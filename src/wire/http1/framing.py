"""Where a message ends (RFC 9112 §6.3) and whether the connection outlives it (§9.3), as its framing fields say."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

from wire.http1.grammar import TRANSFER_CODING, is_authority, list_members
from wire.http1.memo import Memo
from wire.http1.rules import broken


class Kind(enum.Enum):
    """The ways to delimit a message body."""

    LENGTH = "a number of bytes"
    CHUNKED = "chunks, the last of which is empty"
    UNTIL_CLOSE = "until the connection closes"
    TUNNEL = "no message any more: the connection is a tunnel"


@dataclass(slots=True)
class Framing:
    """How a message body is delimited; ``length`` in bytes where it is delimited by a length."""

    kind: Kind
    length: int = 0


NO_BODY = Framing(Kind.LENGTH)
CHUNKED = Framing(Kind.CHUNKED)
UNTIL_CLOSE = Framing(Kind.UNTIL_CLOSE)
TUNNEL = Framing(Kind.TUNNEL)


@dataclass(slots=True)
class FramingFields:
    """What the framing fields of one head say, read and checked; not changed once it is handed out.

    Attributes:
        hosts: number of Host field lines.
        length: the framing that Content-Length gives; None where there is no such field.
        codings: transfer codings in the order in which they were applied, lower case; None without such a field.
        length_offset: place in the stream of the last Content-Length line.
        coding_offset: place in the stream of the last Transfer-Encoding line.
        options: connection options, lower case.
        close: whether ``close`` is one of them.
        upgrade: protocols that are offered, or switched to, lower case (RFC 9110 §7.8).
        expect: expectations, lower case.
        te: transfer codings that the sender would accept, lower case, parameters included.
    """

    hosts: int = 0
    length: Framing | None = None
    codings: tuple[bytes, ...] | None = None
    length_offset: int = 0
    coding_offset: int = 0
    options: Sequence[bytes] = ()
    close: bool = False
    upgrade: Sequence[bytes] = ()
    expect: Sequence[bytes] = ()
    te: Sequence[bytes] = ()


_DIGITS = re.compile(rb"[0-9]++")
_MOST_DIGITS = 20
_LONGEST_KNOWN = 256


def read_framing_fields(fields: Iterable[tuple[bytes, bytes]], offsets: Iterable[int]) -> FramingFields:
    """Read the framing fields among ``fields``, whose lines begin at ``offsets``.

    Raises:
        RemoteProtocolError: a value is malformed, or Host is repeated (RFC 9112 §3.2, §6.1, §6.3).
    """
    said = FramingFields()
    for (name, value), offset in zip(fields, offsets, strict=False):
        reader = _READERS.get(name)
        if reader is not None:
            reader(said, value, offset)
    said.close = b"close" in said.options
    return said


def _read_and_keep_short(fields: tuple[tuple[bytes, bytes], ...]) -> tuple[FramingFields, bool]:
    return read_framing_fields(fields, repeat(0)), sum(len(value) for _name, value in fields) <= _LONGEST_KNOWN


known_framing_fields: Memo[tuple[tuple[bytes, bytes], ...], FramingFields] = Memo(_read_and_keep_short)
"""``read_framing_fields`` where places do not matter, remembered: the Host and Connection of a client stay the same."""


def _host(said: FramingFields, value: bytes, offset: int) -> None:
    said.hosts += 1
    if said.hosts > 1:
        raise broken("http1.host.repeated", offset)
    if not is_authority(value):
        raise broken("http1.host.malformed", offset, repr(value[:80]))


def _connection(said: FramingFields, value: bytes, offset: int) -> None:
    members = list_members(value)
    if members is None:
        raise broken("http1.connection.malformed", offset, repr(value[:80]))
    said.options = [*said.options, *members]


def _content_length(said: FramingFields, value: bytes, offset: int) -> None:
    # RFC 9112 §6.3 item 5: a list is let through where every member is the same number.
    for part in value.split(b","):
        digits = part.strip(b" \t")
        if not _DIGITS.fullmatch(digits):
            raise broken("http1.content-length.malformed", offset, repr(value[:80]))
        if len(digits) > _MOST_DIGITS:
            raise broken("http1.content-length.overflow", offset, f"{len(digits)} digits")
        length = int(digits)
        if said.length is not None and said.length.length != length:
            raise broken("http1.content-length.conflict", offset, f"{said.length.length} and {length}")
        said.length = Framing(Kind.LENGTH, length) if length else NO_BODY
    said.length_offset = offset


def _transfer_encoding(said: FramingFields, value: bytes, offset: int) -> None:
    codings: list[bytes] = []
    at = 0
    while at < len(value):
        member = TRANSFER_CODING.match(value, at)
        if member is None:
            raise broken("http1.transfer-encoding.malformed", offset, repr(value[:80]))
        at = member.end()
        if member["coding"] is None:
            continue  # RFC 9110 §5.6.1.2: an empty member
        coding = member["coding"].lower()
        if coding == b"chunked" and member["parameters"]:
            raise broken("http1.transfer-encoding.chunked-parameter", offset)
        codings.append(coding)
    said.codings = (*(said.codings or ()), *codings)
    said.coding_offset = offset
    if said.codings.count(b"chunked") > 1:
        raise broken("http1.transfer-encoding.chunked-twice", offset)


def _expect(said: FramingFields, value: bytes, _offset: int) -> None:
    said.expect = [*said.expect, *(member.strip(b" \t") for member in value.lower().split(b","))]


def _upgrade(said: FramingFields, value: bytes, _offset: int) -> None:
    said.upgrade = [*said.upgrade, *(name for part in value.lower().split(b",") if (name := part.strip(b" \t")))]


def _te(said: FramingFields, value: bytes, _offset: int) -> None:
    said.te = [*said.te, *(member.strip(b" \t") for member in value.lower().split(b","))]


_READERS = {
    b"host": _host,
    b"connection": _connection,
    b"content-length": _content_length,
    b"transfer-encoding": _transfer_encoding,
    b"expect": _expect,
    b"upgrade": _upgrade,
    b"te": _te,
}


def _check_transfer_encoding(said: FramingFields, version: bytes) -> None:
    if version == b"1.0":
        raise broken("http1.transfer-encoding.http-1.0", said.coding_offset)  # RFC 9112 §6.1
    if said.length is not None:
        raise broken("http1.transfer-encoding.with-content-length", said.coding_offset)  # RFC 9112 §6.3 item 3


def request_framing(said: FramingFields, version: bytes) -> Framing:
    """How a request's body is delimited (RFC 9112 §6.3).

    Raises:
        RemoteProtocolError: it cannot be told for sure, which is how requests are smuggled (RFC 9112 §11.2).
    """
    if said.codings is not None:
        _check_transfer_encoding(said, version)
        if said.codings[-1:] != (b"chunked",):
            raise broken("http1.transfer-encoding.not-chunked-last", said.coding_offset)  # item 4
        if len(said.codings) > 1:
            raise broken("http1.transfer-encoding.unknown", said.coding_offset, repr(said.codings[0]))
        return CHUNKED
    return said.length or NO_BODY  # items 6 and 7


def response_framing(said: FramingFields, version: bytes, status: int, method: bytes) -> Framing:
    """How the body of a final response to ``method`` is delimited (RFC 9112 §6.3).

    Codings other than chunked are left on the body: the response's fields name them.

    Raises:
        RemoteProtocolError: it cannot be told for sure.
    """
    if method == b"CONNECT" and 200 <= status < 300:
        return TUNNEL  # item 2, which holds for 204 as well
    if method == b"HEAD" or status < 200 or status in (204, 304):
        return NO_BODY  # item 1
    if said.codings is not None:
        _check_transfer_encoding(said, version)
        return CHUNKED if said.codings[-1:] == (b"chunked",) else UNTIL_CLOSE  # item 4
    return said.length or UNTIL_CLOSE  # items 6 and 8


def persists(said: FramingFields, version: bytes) -> bool:
    """Whether the sender of this head is willing to keep the connection (RFC 9112 §9.3)."""
    return not said.close and (version != b"1.0" or b"keep-alive" in said.options)
