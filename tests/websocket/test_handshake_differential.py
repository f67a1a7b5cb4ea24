"""Our handshakes beside those of wsproto and websockets: a difference is a bug, or stands here with its section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.handshake_cases import (
    REQUESTS_ACCEPTED,
    REQUESTS_REFUSED,
    RESPONSES_ACCEPTED,
    RESPONSES_REFUSED,
)
from tests.websocket.handshake_peers import CLIENTS, SERVERS, Answering, Client, Server
from tests.websocket.handshakes import (
    ACCEPT,
    KEY,
    read_request,
    read_response,
    request_bytes,
    response_bytes,
    values,
)
from wire.http1 import InformationalResponse, Request, Response
from wire.websocket import Deflate
from wire.websocket.extensions import DeflateOffer
from wire.websocket.handshake import (
    Agreement,
    Offer,
    accept_key,
    agree,
    new_key,
    opening_request,
    opening_response,
    read_answer,
    read_opening,
)

Differences = Mapping[str, Mapping[str, str]]
"""For each peer the cases that it judges otherwise, with what makes our side right."""

_KEY = "RFC 6455 §4.2.1, item 5: the key is 16 bytes in base64; wsproto takes whatever is there"
_ONCE = "RFC 6455 §11.3: the field stands there once; wsproto goes by the last line"
_TOKENS = "RFC 6455 §4.1, item 10: one or more tokens; wsproto splits at commas"
_UNIQUE = "RFC 6455 §4.1, item 10: all of them different"
_PROTOCOLS = (
    "RFC 6455 §4.2.1, item 3: Upgrade contains websocket, and is a list by RFC 9110 §7.8; the peer wants nothing else"
)
_GRAMMAR = "RFC 6455 §9.1: what does not follow the grammar fails the connection; wsproto splits at semicolons"

REQUEST_DIFFERENCES: Differences = {
    "websockets": {
        "subprotocol twice": _UNIQUE,
        "subprotocol twice in two lines": _UNIQUE,
        "another protocol first": _PROTOCOLS,
        "another protocol with its version": _PROTOCOLS,
        "two lines of Upgrade": _PROTOCOLS,
    },
    "wsproto": {
        "HTTP/1.0": "RFC 6455 §4.2.1, item 1: HTTP/1.1 or higher; wsproto does not look",
        "version repeated": _ONCE,
        "empty key": _KEY,
        "key repeated": _ONCE,
        "two keys in one line": _KEY,
        "15 bytes": _KEY,
        "17 bytes": _KEY,
        "key without padding": _KEY,
        "more behind the padding": _KEY,
        "base64url": _KEY,
        "space in the key": _KEY,
        "no ASCII in the key": _KEY,
        "Origin repeated": "RFC 6454 §7.3: one Origin; wsproto leaves it to its user",
        "subprotocol with a space": _TOKENS,
        "subprotocol in quotes": _TOKENS,
        "no subprotocol in the field": _TOKENS,
        "nothing but commas": _TOKENS,
        "subprotocol twice": _UNIQUE,
        "subprotocol twice in two lines": _UNIQUE,
        "extensions": _GRAMMAR,
        "another protocol first": _PROTOCOLS,
        "another protocol with its version": _PROTOCOLS,
    },
}
RESPONSE_DIFFERENCES: Differences = {
    "websockets": {},
    "wsproto": {
        "Upgrade repeated": "RFC 6455 §4.1: the value is websocket, not a list of two; wsproto goes by the last line",
        "Accept repeated": _ONCE,
        "subprotocol repeated": _ONCE,
        "extension twice": "RFC 7692 §6: two extensions that use RSV1 fail the connection; wsproto takes the last",
        "malformed extensions": _GRAMMAR,
    },
}


def raw_request(request: Request) -> bytes:
    """A request as bytes, whatever HTTP thinks of it."""
    lines = [b"%s %s HTTP/%s" % (request.method, request.target, request.version)]
    return b"\r\n".join([*lines, *(b": ".join(line) for line in request.fields), b"", b""])


def raw_response(response: InformationalResponse | Response) -> bytes:
    """A response as bytes, whatever HTTP thinks of it."""
    lines = [b"HTTP/1.1 %d %s" % (response.status, response.reason)]
    return b"\r\n".join([*lines, *(b": ".join(line) for line in response.fields), b"", b""])


def canned(response: InformationalResponse | Response, offer: Offer) -> Answering:
    """Answers every request with ``response``, but with the accept for its key where it is that of the example."""

    def answering(request: bytes) -> bytes:
        (key,) = values(read_request(request), b"sec-websocket-key")
        data = raw_response(response)
        return data.replace(ACCEPT, accept_key(key)) if offer.key == KEY else data

    return answering


@pytest.mark.parametrize("peer", SERVERS)
def test_servers_judge_the_same_requests_alike(peer: str) -> None:
    def accepts(request: Request) -> bool:
        return SERVERS[peer](raw_request(request), [], Deflate()) is not None

    differences = {name for name, (request, _) in REQUESTS_REFUSED.items() if accepts(request)}
    differences |= {name for name, request in REQUESTS_ACCEPTED.items() if not accepts(request)}
    assert differences == REQUEST_DIFFERENCES[peer].keys()


@pytest.mark.parametrize("peer", CLIENTS)
def test_clients_judge_the_same_responses_alike(peer: str) -> None:
    def accepts(response: InformationalResponse | Response, offer: Offer) -> bool:
        return CLIENTS[peer](offer, canned(response, offer)) is not None

    differences = {name for name, (offer, response, _) in RESPONSES_REFUSED.items() if accepts(response, offer)}
    differences |= {name for name, response in RESPONSES_ACCEPTED.items() if not accepts(response, Offer(KEY))}
    assert differences == RESPONSE_DIFFERENCES[peer].keys()


NAMES = st.lists(st.sampled_from(["chat", "soap", "v1.mqtt", "x"]), unique=True)
BITS = st.integers(
    9, 15
)  # the peers have no window of 2 to the power of 8 bytes, since zlib has none (RFC 7692 §7.1.2)
TERMS = st.builds(Deflate, st.booleans(), st.booleans(), BITS, BITS)
DEFLATE_OFFERS = st.builds(
    DeflateOffer, st.booleans(), st.booleans(), st.none() | BITS, st.none() | st.just(True) | BITS
)


@pytest.mark.parametrize("peer", SERVERS.values(), ids=SERVERS.keys())
@given(offered=NAMES, spoken=NAMES, deflate=DEFLATE_OFFERS)
def test_a_peers_server_takes_our_offer(
    peer: Server, offered: list[str], spoken: list[str], deflate: DeflateOffer
) -> None:
    """And we take its answer, and both know the same."""
    offer = Offer(new_key(), tuple(offered), (deflate,))
    accepted = peer(request_bytes(opening_request(b"/chat", b"server.example.com", offer)), spoken, Deflate())
    assert accepted is not None
    agreement = read_answer(read_response(accepted.response), offer)
    assert agreement.subprotocol == accepted.agreement.subprotocol
    assert agreement.deflate is not None
    # Where a response is silent, the client alone knows what it promised in its offer (RFC 7692 §7.1.1.2, §7.1.2.2).
    told = accepted.agreement.deflate
    assert told is not None
    hint = 15 if deflate.client_max_window_bits in (None, True) else deflate.client_max_window_bits
    assert agreement.deflate == replace(
        told,
        client_no_context_takeover=told.client_no_context_takeover or deflate.client_no_context_takeover,
        client_max_window_bits=min(told.client_max_window_bits, hint or 15),
    )


@pytest.mark.parametrize("peer", CLIENTS.values(), ids=CLIENTS.keys())
@given(offered=NAMES, spoken=NAMES, deflate=st.none() | DEFLATE_OFFERS, wanted=st.none() | TERMS)
def test_we_take_the_offer_of_a_peers_client(
    peer: Client, offered: list[str], spoken: list[str], deflate: DeflateOffer | None, wanted: Deflate | None
) -> None:
    """And it takes our answer, and both know the same."""
    agreed: list[Agreement] = []

    def answering(data: bytes) -> bytes:
        request = read_request(data)
        offer = read_opening(request)
        assert offer.subprotocols == tuple(offered)
        agreed.append(agree(offer, spoken, wanted))
        return response_bytes(opening_response(offer, agreed[0]), request)

    theirs = peer(Offer(KEY, tuple(offered), () if deflate is None else (deflate,)), answering)
    assert theirs is not None
    assert [theirs] == agreed
