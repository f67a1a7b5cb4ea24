"""A field line whose name is known is read without its pattern, and comes out as the pattern would have it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import RemoteProtocolError
from wire.http1.field_names import FRAMING_FIELDS
from wire.http1.field_reader import known_field_lines
from wire.http1.grammar import field_line

NAMES = (b"Host", b"Accept", b"Cookie", b"Content-Length", b"x")
NAUGHTY = st.sampled_from(
    [b"", b" ", b"\t", b":", b"\r", b"\n", b"\0", b"\x7f", b"\x80", b"\xff", b"\x1f", b"a", b"Host"]
)


def judged(line: bytes) -> tuple[bytes, bytes] | None:
    try:
        return field_line(line)
    except RemoteProtocolError:
        return None


def read(line: bytes) -> tuple[bytes, bytes] | None:
    try:
        field, frames = known_field_lines[line]
        assert frames == (field[0] in FRAMING_FIELDS)
        return field
    except RemoteProtocolError:
        return None


@given(st.sampled_from(NAMES), st.sampled_from([b":", b": ", b" :", b""]), st.lists(NAUGHTY, max_size=4), st.binary())
def test_quick_way_agrees_with_the_grammar(name: bytes, colon: bytes, naughty: list[bytes], rest: bytes) -> None:
    assert read(name + b": once, so that the name is known") is not None
    line = name + colon + b"".join(naughty) + rest
    assert read(line) == judged(line)


@pytest.mark.parametrize("byte", range(256))
def test_each_byte_of_a_value_is_judged_alike(byte: int) -> None:
    line = b"accept: a" + bytes([byte]) + b"z"
    assert read(line) == judged(line)


def test_secrets_are_not_remembered() -> None:
    line = b"Cookie: session=0123456789"
    assert read(line) == (b"cookie", b"session=0123456789")
    assert line not in known_field_lines
