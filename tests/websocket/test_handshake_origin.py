"""Origins: whose scripts may connect (RFC 6455 §10.2). A browser sends the user's cookies to whoever is asked for."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.websocket.handshakes import KEY, as_in_the_table
from wire.errors import RemoteProtocolError
from wire.websocket.handshake import ANY_ORIGIN, Offer, check_origin, refusal


def forbidden(origin: str, host: str, scheme: str, allowed: Collection[str] | None = None) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as refused:
        check_origin(Offer(KEY, origin=origin), host, scheme, allowed)
    return as_in_the_table(refused.value)


@pytest.mark.spec("rfc6455-4-1a")
@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://example.com", "example.com", "http"),
        ("https://example.com", "example.com", "https"),
        ("http://example.com:8080", "example.com:8080", "http"),
        ("http://example.com", "example.com:80", "http"),
        ("http://example.com:80", "example.com", "http"),
        ("https://example.com", "example.com:443", "https"),
        ("HTTP://Example.COM", "example.com", "http"),
        ("http://example.com", "EXAMPLE.com", "http"),
        ("http://[::1]:8080", "[::1]:8080", "http"),
        ("http://[::1]", "[::1]:80", "http"),
    ],
)
def test_the_servers_own_pages_may_connect(origin: str, host: str, scheme: str) -> None:
    check_origin(Offer(KEY, origin=origin), host, scheme)


FOREIGN = [
    ("http://evil.example", "example.com", "http"),
    ("http://example.com.evil.example", "example.com", "http"),
    ("http://evil-example.com", "example.com", "http"),
    ("http://sub.example.com", "example.com", "http"),
    ("http://example.com:8080", "example.com", "http"),
    ("http://example.com", "example.com:8080", "http"),
    ("http://example.com:443", "example.com", "http"),
    ("https://example.com", "example.com", "http"),
    ("http://example.com", "example.com", "https"),
    ("https://example.com:80", "example.com", "https"),
    ("http://example.com/", "example.com", "http"),
    ("http://example.com@evil.example", "example.com", "http"),
    ("http://evil.example http://example.com", "example.com", "http"),
    ("example.com", "example.com", "http"),
    ("//example.com", "example.com", "http"),
    ("file://", "example.com", "http"),
    ("null", "example.com", "http"),
    ("", "example.com", "http"),
    ("*", "example.com", "http"),
]


@pytest.mark.spec("rfc6455-4-1b", "rfc6455-10.2-1b")
@pytest.mark.parametrize(("origin", "host", "scheme"), FOREIGN)
def test_foreign_pages_may_not(origin: str, host: str, scheme: str) -> None:
    error = forbidden(origin, host, scheme)
    assert error.rule == "websocket.handshake.origin"
    assert refusal(error).status == 403


def test_who_tells_no_origin_is_no_browser_and_may_connect() -> None:
    check_origin(Offer(KEY), "example.com", "http")
    check_origin(Offer(KEY), "example.com", "http", ["https://other.example"])


@pytest.mark.spec("rfc6455-10.2-1a")
def test_a_list_of_origins_is_all_that_may_connect() -> None:
    allowed = ["https://app.example", "http://LOCALHOST:3000", "https://odd.example:443"]
    for origin in ("https://app.example", "https://App.Example:443", "http://localhost:3000", "https://odd.example"):
        check_origin(Offer(KEY, origin=origin), "api.example", "https", allowed)
    for origin in ("https://api.example", "http://app.example", "https://app.example:444", "http://localhost", "null"):
        assert forbidden(origin, "api.example", "https", allowed).rule == "websocket.handshake.origin"


def test_an_empty_list_keeps_every_page_out() -> None:
    assert forbidden("https://api.example", "api.example", "https", []).status == 403


@pytest.mark.parametrize("origin", [origin for origin, _, _ in FOREIGN])
def test_any_origin_lets_all_in(origin: str) -> None:
    check_origin(Offer(KEY, origin=origin), "example.com", "http", [ANY_ORIGIN])


def test_a_long_origin_is_not_repeated_to_its_end() -> None:
    assert len(forbidden("http://" + "a" * 60_000, "example.com", "http").message) < 300
