"""What a server answers to an opening handshake, and what a client makes of an answer (RFC 6455 §4.1, §4.2.2)."""

from __future__ import annotations

import pytest

from tests.websocket.handshake_cases import DEFLATE, OFFER, RESPONSES_ACCEPTED, RESPONSES_REFUSED
from tests.websocket.handshakes import ACCEPT, KEY, answer_refused, answer_to, values
from wire.http1 import InformationalResponse, Response
from wire.websocket import RULES, Deflate
from wire.websocket.handshake import (
    Agreement,
    Offer,
    accept_key,
    opening_response,
    read_answer,
)


@pytest.mark.spec("rfc6455-4.1-42")
@pytest.mark.parametrize(
    ("key", "accept"),
    [
        pytest.param(KEY, ACCEPT, id="the RFC's example"),
        pytest.param(b"x3JJHMbDL1EzLkh9GBhXDw==", b"HSmrc0sMlYUkAGmm5OPpG2HaGWk=", id="a well-known one"),
    ],
)
def test_the_accept_that_belongs_to_a_key(key: bytes, accept: bytes) -> None:
    assert accept_key(key) == accept


@pytest.mark.spec("rfc6455-4-8", "rfc6455-4.2.2-1", "rfc6455-11.3.3-9")
def test_the_response_is_that_of_the_rfc() -> None:
    response = opening_response(Offer(KEY), Agreement())
    assert (response.status, response.reason) == (101, b"Switching Protocols")
    assert list(response.fields) == [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", ACCEPT),
    ]


@pytest.mark.spec(
    "rfc6455-4.1-38b",
    "rfc6455-4.1-40",
    "rfc6455-4.1-41",
    "rfc6455-4.1-42",
    "rfc6455-4.1-43",
    "rfc6455-4.1-44",
    "rfc6455-4.1-45",
    "rfc7692-5.1-1",
    "rfc7692-6-2",
)
@pytest.mark.parametrize(("offer", "response", "rule"), RESPONSES_REFUSED.values(), ids=RESPONSES_REFUSED.keys())
def test_the_client_fails_the_connection(offer: Offer, response: InformationalResponse | Response, rule: str) -> None:
    assert answer_refused(response, offer).rule == f"websocket.response.{rule}"


def test_every_rule_of_the_response_is_broken_by_one_of_these() -> None:
    rules = {rule for rule in RULES if rule.startswith("websocket.response.")}
    assert {f"websocket.response.{rule}" for _, _, rule in RESPONSES_REFUSED.values()} == rules


@pytest.mark.parametrize("response", RESPONSES_ACCEPTED.values(), ids=RESPONSES_ACCEPTED.keys())
def test_the_client_accepts(response: InformationalResponse) -> None:
    assert read_answer(response, Offer(KEY)) == Agreement()


def test_the_client_takes_what_the_server_chose() -> None:
    response = answer_to(OFFER, (b"sec-websocket-protocol", b"soap"), (b"sec-websocket-extensions", DEFLATE))
    assert read_answer(response, OFFER) == Agreement("soap", Deflate())
    assert read_answer(answer_to(OFFER), OFFER) == Agreement()


@pytest.mark.spec("rfc6455-4-6", "rfc6455-4-7", "rfc6455-9-1b", "rfc6455-11.3.2-9b", "rfc7692-5-5")
def test_the_response_names_the_extension_only_where_it_was_accepted() -> None:
    accepted = opening_response(OFFER, Agreement(deflate=Deflate(server_no_context_takeover=True)))
    assert values(accepted, b"sec-websocket-extensions") == [b"permessage-deflate; server_no_context_takeover"]
    assert values(opening_response(OFFER, Agreement()), b"sec-websocket-extensions") == []
