"""Shrinking: smaller, plainer, and still the same."""

from __future__ import annotations

from wire.fuzz.shrink import shrink


def test_what_does_not_matter_is_dropped() -> None:
    assert shrink(b"GET /path HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", lambda data: b"\0" in data) == b"\0"


def test_what_matters_stays_in_its_order() -> None:
    def shows(data: bytes) -> bool:
        return 0 <= data.find(b"<") < data.find(b">")

    assert shrink(b"a>b<c>d<e", shows) == b"<>"


def test_bytes_that_matter_only_by_their_number_become_plain() -> None:
    assert shrink(b"\x93\xfe!xyz", lambda data: len(data) >= 3) == b"aaa"


def test_it_stops_when_it_has_asked_enough() -> None:
    asked = 0

    def shows(data: bytes) -> bool:
        nonlocal asked
        asked += 1
        return len(data) == 1000

    assert shrink(b"x" * 1000, shows, tries=50) == b"x" * 1000
    assert asked <= 50
