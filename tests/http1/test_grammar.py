"""The patterns of the grammar by themselves."""

from __future__ import annotations

import re
import time

import pytest

from wire.http1 import grammar

PATTERNS: dict[str, re.Pattern[bytes]] = {
    name: value for name, value in vars(grammar).items() if isinstance(value, re.Pattern)
} | {
    f"{name}[{number}]": pattern
    for name, value in vars(grammar).items()
    if name.endswith("_ELEMENTS")
    for number, (pattern, _rule) in enumerate(value)
}


@pytest.mark.parametrize("name", PATTERNS)
def test_no_group_is_possessive(name: str) -> None:
    """Python before 3.11.5, as Debian 12 has it, matches them wrongly."""
    plain = re.sub(rb"\[[^\]]*\]", b"x", re.sub(rb"\\.", b"x", PATTERNS[name].pattern))  # no escapes, no classes
    assert not re.search(rb"\)(?:[*+?]|\{[0-9,]+\})\+|\(\?>", plain)


LONG = {
    "extensions": b"1" + b";a" * 50_000 + b";",
    "values": b"1;a=" * 20_000,
    "quoted pairs": b'1;a="' + b"\\x" * 50_000,
    "list": b"a," * 50_000 + b"(",
    "parameters": b"a;b=c" * 20_000 + b"\0",
    "escapes": b"%41" * 30_000 + b"%",
    "white space": b" \t" * 50_000 + b"\0",
    "token": b"a" * 100_000 + b"\0",
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_long_line_that_fails_at_its_end_fails_soon(name: str) -> None:
    began = time.process_time()
    for line in LONG.values():
        PATTERNS[name].fullmatch(line)
        PATTERNS[name].match(line)
    assert time.process_time() - began < 5  # a pattern that tries again from each octet takes minutes
