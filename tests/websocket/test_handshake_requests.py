"""What a server makes of a client's opening handshake, and how it refuses one (RFC 6455 §4.2.1, §4.2.2, §4.4)."""

from __future__ import annotations

import pytest

from tests.websocket.handshake_cases import REQUESTS_ACCEPTED, REQUESTS_REFUSED
from tests.websocket.handshakes import (
    KEY,
    REQUEST_FIELDS,
    asked,
    opening_refused,
    read_request,
    read_response,
    response_bytes,
    values,
    with_field,
)
from wire.http1 import Request
from wire.websocket import RULES
from wire.websocket.handshake import Agreement, Offer, agree, opening_response, read_opening, refusal
from wire.websocket.rules import broken


@pytest.mark.spec(
    "rfc6455-4.2.1-2",
    "rfc6455-4.1-23a",
    "rfc6455-4.1-23b",
    "rfc6455-4.1-27b",
    "rfc6455-4.1-28b",
    "rfc6455-4.1-29b",
    "rfc6455-4.1-33b",
    "rfc6455-4.1-35b",
    "rfc6455-4.1-35c",
    "rfc6455-11.3.1-9",
    "rfc6455-11.3.5-10b",
    "rfc6455-10.7-1d",
)
@pytest.mark.parametrize(("request_", "rule"), REQUESTS_REFUSED.values(), ids=REQUESTS_REFUSED.keys())
def test_the_server_refuses(request_: Request, rule: str) -> None:
    assert opening_refused(request_).rule == f"websocket.handshake.{rule}"


def test_every_rule_of_the_request_is_broken_by_one_of_these() -> None:
    rules = {rule for rule in RULES if rule.startswith("websocket.handshake.")}
    assert {f"websocket.handshake.{rule}" for _, rule in REQUESTS_REFUSED.values()} == rules


@pytest.mark.parametrize("request_", REQUESTS_ACCEPTED.values(), ids=REQUESTS_ACCEPTED.keys())
def test_the_server_accepts(request_: Request) -> None:
    assert read_opening(request_) == Offer(KEY)


def test_the_case_of_field_names_and_their_order_do_not_matter() -> None:
    fields = [(name.upper(), value) for name, value in reversed(REQUEST_FIELDS)]
    assert read_opening(Request(b"GET", b"/", fields)) == Offer(KEY)


@pytest.mark.spec("rfc6455-6-1")
def test_a_request_without_origin_is_of_no_browser() -> None:
    assert read_opening(asked()).origin is None
    assert read_opening(asked(b"origin", b"https://example.com")).origin == "https://example.com"


@pytest.mark.spec("rfc6455-11.3.4-9a", "rfc6455-4.1-35a")
@pytest.mark.parametrize("lines", [(b"soap, chat",), (b"soap", b"chat"), (b",soap,,chat ,",), (b"soap", b"", b"chat")])
def test_subprotocols_come_in_one_line_or_in_several(lines: tuple[bytes, ...]) -> None:
    assert read_opening(asked(b"sec-websocket-protocol", *lines)).subprotocols == ("soap", "chat")


def test_subprotocols_keep_their_case() -> None:
    offer = read_opening(asked(b"sec-websocket-protocol", b"chat, Chat"))
    assert offer.subprotocols == ("chat", "Chat")
    assert agree(offer, subprotocols=["Chat"]).subprotocol == "Chat"


@pytest.mark.spec("rfc6455-4-5a")
@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [
        (("chat", "soap"), ["soap", "chat"], "soap"),
        (("chat", "soap"), ["chat"], "chat"),
        (("chat",), ["mqtt", "chat"], "chat"),
        (("chat",), ["CHAT"], None),
        (("chat",), [], None),
        ((), ["chat"], None),
    ],
)
def test_the_server_takes_the_first_of_its_own_subprotocols(
    offered: tuple[str, ...], spoken: list[str], chosen: str | None
) -> None:
    assert agree(Offer(KEY, offered), spoken) == Agreement(chosen)


@pytest.mark.spec("rfc6455-4-5b", "rfc6455-11.3.4-9b")
def test_the_response_names_the_subprotocol_only_where_one_was_chosen() -> None:
    offer = Offer(KEY, ("soap", "chat"))
    assert values(opening_response(offer, Agreement()), b"sec-websocket-protocol") == []
    assert values(opening_response(offer, Agreement("chat")), b"sec-websocket-protocol") == [b"chat"]


@pytest.mark.spec("rfc6455-4-3", "rfc6455-4.4-2")
@pytest.mark.parametrize("version", [(), (b"8",), (b"7, 8",), (b"13", b"8")])
def test_another_version_is_told_which_one_is_spoken(version: tuple[bytes, ...]) -> None:
    answer = read_response(response_bytes(refusal(opening_refused(asked(b"sec-websocket-version", *version)))))
    assert answer.status == 426
    assert values(answer, b"sec-websocket-version") == [b"13"]
    assert values(answer, b"upgrade") == [b"websocket"]
    assert [value.lower() for value in values(answer, b"connection")] == [b"upgrade"]


def test_a_plain_request_is_told_that_it_has_to_upgrade() -> None:
    """RFC 9110 §15.5.22: 426 with the protocol that is required."""
    plain = Request(b"GET", b"/chat", [(b"host", b"a")])
    answer = read_response(response_bytes(refusal(opening_refused(plain))))
    assert (answer.status, values(answer, b"upgrade")) == (426, [b"websocket"])


@pytest.mark.spec("rfc6455-7.2.2-1")
@pytest.mark.parametrize(("rule", "status"), [("key", 400), ("origin", 403), ("extensions", 400), ("method", 400)])
def test_other_refusals_close_the_connection(rule: str, status: int) -> None:
    answer = read_response(response_bytes(refusal(broken(f"websocket.handshake.{rule}", None))))
    assert (answer.status, values(answer, b"connection")) == (status, [b"close"])


def test_what_a_refusal_says_is_short_whatever_the_peer_sent() -> None:
    name = b"sec-websocket-protocol"
    for request in (
        asked(name, b"(" * 60_000),
        asked(b"sec-websocket-key", b"A" * 60_000),
        asked(method=b"X" * 60_000),
    ):
        assert len(opening_refused(request).message) < 300


def test_a_handshake_is_read_from_its_bytes() -> None:
    fields = with_field(REQUEST_FIELDS, b"sec-websocket-protocol", b"chat, superchat")
    lines = [b"GET /chat HTTP/1.1", *(name.title() + b": " + value for name, value in fields), b"", b""]
    assert read_opening(read_request(b"\r\n".join(lines))) == Offer(KEY, ("chat", "superchat"))
