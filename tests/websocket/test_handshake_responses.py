"""What a server answers to an opening handshake, and what a client makes of an answer (RFC 6455 §4.1, §4.2.2)."""

from __future__ import annotations

import pytest

from tests.websocket.handshakes import ACCEPT, KEY, answer_refused, answer_to, answered, values
from wire.http1 import InformationalResponse, Response
from wire.websocket import RULES, Deflate
from wire.websocket.extensions import DeflateOffer
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


OFFER = Offer(KEY, ("chat", "soap"), (DeflateOffer(),))
WITHOUT = Offer(KEY)
DEFLATE = b"permessage-deflate"

REFUSED: dict[str, tuple[Offer, InformationalResponse | Response, str]] = {
    "200": (WITHOUT, Response(200), "status"),
    "403": (WITHOUT, Response(403), "status"),
    "a redirection": (WITHOUT, Response(302, [(b"location", b"/")]), "status"),
    "100": (WITHOUT, answered(status=100), "status"),
    "no Upgrade": (WITHOUT, answered(b"upgrade"), "upgrade"),
    "Upgrade: h2c": (WITHOUT, answered(b"upgrade", b"h2c"), "upgrade"),
    "two protocols": (WITHOUT, answered(b"upgrade", b"websocket, h2c"), "upgrade"),
    "Upgrade repeated": (WITHOUT, answered(b"upgrade", b"websocket", b"websocket"), "upgrade"),
    "no Connection": (WITHOUT, answered(b"connection"), "connection"),
    "Connection: keep-alive": (WITHOUT, answered(b"connection", b"keep-alive"), "connection"),
    "no Accept": (WITHOUT, answered(b"sec-websocket-accept"), "accept"),
    "empty Accept": (WITHOUT, answered(b"sec-websocket-accept", b""), "accept"),
    "the key for the Accept": (WITHOUT, answered(b"sec-websocket-accept", KEY), "accept"),
    "Accept in lower case": (WITHOUT, answered(b"sec-websocket-accept", ACCEPT.lower()), "accept"),
    "Accept of another key": (Offer(b"x3JJHMbDL1EzLkh9GBhXDw=="), answered(), "accept"),
    "Accept repeated": (WITHOUT, answered(b"sec-websocket-accept", ACCEPT, ACCEPT), "accept"),
    "subprotocol, none offered": (WITHOUT, answered(b"sec-websocket-protocol", b"chat"), "subprotocol"),
    "another subprotocol": (OFFER, answered(b"sec-websocket-protocol", b"mqtt"), "subprotocol"),
    "subprotocol in another case": (OFFER, answered(b"sec-websocket-protocol", b"Chat"), "subprotocol"),
    "all that were offered": (OFFER, answered(b"sec-websocket-protocol", b"chat, soap"), "subprotocol"),
    "subprotocol repeated": (OFFER, answered(b"sec-websocket-protocol", b"chat", b"chat"), "subprotocol"),
    "empty subprotocol": (OFFER, answered(b"sec-websocket-protocol", b""), "subprotocol"),
    "no ASCII in the subprotocol": (OFFER, answered(b"sec-websocket-protocol", b"\xff"), "subprotocol"),
    "extension, none offered": (WITHOUT, answered(b"sec-websocket-extensions", DEFLATE), "extensions"),
    "another extension": (OFFER, answered(b"sec-websocket-extensions", b"x-webkit-deflate-frame"), "extensions"),
    "one more extension": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b", foo"), "extensions"),
    "extension twice": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b", " + DEFLATE), "extensions"),
    "extensions repeated": (OFFER, answered(b"sec-websocket-extensions", DEFLATE, b""), "extensions"),
    "no extension in the field": (OFFER, answered(b"sec-websocket-extensions", b""), "extensions"),
    "malformed extensions": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b"; ="), "extensions"),
}


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
@pytest.mark.parametrize(("offer", "response", "rule"), REFUSED.values(), ids=REFUSED.keys())
def test_the_client_fails_the_connection(offer: Offer, response: InformationalResponse | Response, rule: str) -> None:
    assert answer_refused(response, offer).rule == f"websocket.response.{rule}"


def test_every_rule_of_the_response_is_broken_by_one_of_these() -> None:
    rules = {rule for rule in RULES if rule.startswith("websocket.response.")}
    assert {f"websocket.response.{rule}" for _, _, rule in REFUSED.values()} == rules


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"upgrade", b"WEBSOCKET"),
        (b"connection", b"upgrade"),
        (b"connection", b"keep-alive, UPGRADE"),
        (b"sec-websocket-accept", b" \t" + ACCEPT + b" "),
        (b"server", b"another"),
        (b"sec-websocket-version", b"13"),
    ],
)
def test_the_client_accepts(name: bytes, value: bytes) -> None:
    assert read_answer(answered(name, value), Offer(KEY)) == Agreement()


def test_the_client_takes_what_the_server_chose() -> None:
    response = answer_to(OFFER, (b"sec-websocket-protocol", b"soap"), (b"sec-websocket-extensions", DEFLATE))
    assert read_answer(response, OFFER) == Agreement("soap", Deflate())
    assert read_answer(answer_to(OFFER), OFFER) == Agreement()


@pytest.mark.spec("rfc6455-4-6", "rfc6455-4-7", "rfc6455-9-1b", "rfc6455-11.3.2-9b", "rfc7692-5-5")
def test_the_response_names_the_extension_only_where_it_was_accepted() -> None:
    accepted = opening_response(OFFER, Agreement(deflate=Deflate(server_no_context_takeover=True)))
    assert values(accepted, b"sec-websocket-extensions") == [b"permessage-deflate; server_no_context_takeover"]
    assert values(opening_response(OFFER, Agreement()), b"sec-websocket-extensions") == []
