"""Both sides of the handshake back to back, over the bytes of HTTP, and what can be put into it by whoever uses it."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http1.support import refused_by
from tests.websocket.handshakes import KEY, read_request, read_response, request_bytes, response_bytes, values
from wire import http1
from wire.errors import LocalProtocolError, RemoteProtocolError
from wire.http1 import EndOfMessage, InformationalResponse, Response
from wire.websocket import Deflate
from wire.websocket.extensions import DeflateOffer
from wire.websocket.handshake import (
    Agreement,
    Offer,
    agree,
    new_key,
    opening_request,
    opening_response,
    read_answer,
    read_opening,
)

TOKENS = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=12)
BITS = st.integers(8, 15)
DEFLATE_OFFERS = st.builds(
    DeflateOffer, st.booleans(), st.booleans(), st.none() | BITS, st.none() | st.just(True) | BITS
)
OFFERS = st.builds(
    Offer,
    st.binary(min_size=16, max_size=16).map(base64.b64encode),
    st.lists(TOKENS, unique=True, max_size=3).map(tuple),
    st.lists(DEFLATE_OFFERS, max_size=3).map(tuple),
    st.none() | st.sampled_from(["null", "https://example.com", "http://[::1]:8080"]),
)


@pytest.mark.spec("rfc6455-4.1-22", "rfc6455-4.1-25", "rfc6455-5.8-1")
@given(
    offer=OFFERS,
    spoken=st.lists(TOKENS, max_size=3),
    wanted=st.none() | st.builds(Deflate, st.booleans(), st.booleans(), BITS, BITS),
    data=st.data(),
)
def test_both_sides_agree(offer: Offer, spoken: list[str], wanted: Deflate | None, data: st.DataObject) -> None:
    spoken = data.draw(st.permutations([*spoken, *offer.subprotocols]))
    request = read_request(request_bytes(opening_request(b"/chat?room=1", b"example.com", offer)))
    assert request.target == b"/chat?room=1"
    heard = read_opening(request)
    assert heard == offer
    agreement = agree(heard, spoken, wanted)
    assert (agreement.subprotocol is None) == (not offer.subprotocols)
    assert (agreement.deflate is None) == (wanted is None or not offer.deflate)
    response = read_response(response_bytes(opening_response(heard, agreement)))
    assert read_answer(response, offer) == agreement


@pytest.mark.spec("rfc6455-4.1-37")
def test_further_fields_go_with_the_request_and_the_response() -> None:
    request = opening_request(b"/", b"a", Offer(KEY), [(b"cookie", b"a=b"), (b"authorization", b"Basic YTpi")])
    assert values(read_request(request_bytes(request)), b"cookie") == [b"a=b"]
    response = opening_response(Offer(KEY), Agreement(), [(b"set-cookie", b"a=c")])
    assert values(read_response(response_bytes(response)), b"set-cookie") == [b"a=c"]


@pytest.mark.spec(
    "rfc6455-4.1-23a",
    "rfc6455-4.1-23b",
    "rfc6455-4.1-26",
    "rfc6455-4.1-27a",
    "rfc6455-4.1-27b",
    "rfc6455-4.1-28a",
    "rfc6455-4.1-28b",
    "rfc6455-4.1-29a",
    "rfc6455-4.1-31b",
    "rfc6455-4.1-33a",
    "rfc6455-4.1-33b",
    "rfc6455-4.1-35a",
    "rfc6455-11.3.1-9",
    "rfc6455-11.3.5-10b",
)
def test_the_request_has_the_fields_that_it_has_to_have_once() -> None:
    offer = Offer(KEY, ("chat", "soap"), origin="https://example.com")
    assert request_bytes(opening_request(b"/chat", b"example.com:8080", offer)) == (
        b"GET /chat HTTP/1.1\r\n"
        b"host: example.com:8080\r\n"
        b"upgrade: websocket\r\n"
        b"connection: Upgrade\r\n"
        b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"sec-websocket-version: 13\r\n"
        b"origin: https://example.com\r\n"
        b"sec-websocket-protocol: chat, soap\r\n"
        b"\r\n"
    )


@pytest.mark.spec("rfc6455-4.1-29b", "rfc6455-4.1-29c")
def test_no_two_keys_are_the_same() -> None:
    keys = [new_key() for _ in range(1000)]
    assert len(set(keys)) == 1000
    nonces = [base64.b64decode(key, validate=True) for key in keys]
    assert {len(nonce) for nonce in nonces} == {16}
    # Each byte of a nonce is chosen by chance: none stays the same, and none of them is always ASCII.
    assert all(len(set(column)) > 100 and max(column) > 127 for column in zip(*nonces, strict=True))


LINE_ENDS = ["a\r\nb", "a\nb", "a\rb", "a\0b", "\r\n", "a\r\n\r\nGET / HTTP/1.1"]


@pytest.mark.spec("rfc6455-4.1-35b", "rfc6455-4.1-35c")
@pytest.mark.parametrize(
    "subprotocols",
    [*((name,) for name in LINE_ENDS), ("",), ("a b",), ("a,b",), ("a;b",), ("caf\xe9",), ("\ud800",), ("a", "a")],
)
def test_no_request_offers_what_is_no_list_of_subprotocols(subprotocols: tuple[str, ...]) -> None:
    with refused_by("websocket.send.handshake"):
        opening_request(b"/", b"a", Offer(KEY, subprotocols))


@pytest.mark.parametrize("origin", [*LINE_ENDS, "", "http://caf\xe9", "\ud800"])
def test_no_request_tells_what_is_no_origin(origin: str) -> None:
    with refused_by("websocket.send.handshake"):
        opening_request(b"/", b"a", Offer(KEY, origin=origin))


@pytest.mark.parametrize("key", [b"", b"a", KEY[:-1], KEY + b"\r\na: b", b"\r\n" + KEY, base64.b64encode(b"a" * 15)])
def test_no_request_has_a_key_that_is_none(key: bytes) -> None:
    with refused_by("websocket.send.handshake"):
        opening_request(b"/", b"a", Offer(key))


@pytest.mark.parametrize("text", LINE_ENDS)
def test_nothing_that_a_user_gives_ends_a_line_of_the_request(text: str) -> None:
    value = text.encode()
    for request in (
        opening_request(b"/" + value, b"a", Offer(KEY)),
        opening_request(b"/", value, Offer(KEY)),
        opening_request(b"/", b"a", Offer(KEY), [(b"cookie", value)]),
        opening_request(b"/", b"a", Offer(KEY), [(value, b"a")]),
    ):
        client = http1.Connection(http1.Role.CLIENT)
        with pytest.raises(LocalProtocolError):
            client.send(request)
        assert client.bytes_to_send() == b""


@pytest.mark.parametrize("text", LINE_ENDS)
def test_nothing_that_a_user_gives_ends_a_line_of_the_response(text: str) -> None:
    with refused_by("websocket.send.handshake"):
        opening_response(Offer(KEY), Agreement(text))
    for fields in ([(b"set-cookie", text.encode())], [(text.encode(), b"a")]):
        with pytest.raises(LocalProtocolError):
            response_bytes(opening_response(Offer(KEY), Agreement(), fields))


@pytest.mark.spec("rfc6455-4-5a")
def test_no_response_chooses_what_was_not_offered() -> None:
    with refused_by("websocket.send.handshake"):
        opening_response(Offer(KEY, ("chat",)), Agreement("soap"))


@pytest.mark.parametrize(
    "name",
    [
        b"Host",
        b"upgrade",
        b"CONNECTION",
        b"Origin",
        b"Sec-WebSocket-Key",
        b"sec-websocket-accept",
        b"sec-websocket-version",
        b"sec-websocket-protocol",
        b"sec-websocket-extensions",
    ],
)
def test_the_fields_of_the_handshake_cannot_be_given_twice(name: bytes) -> None:
    with refused_by("websocket.send.handshake"):
        opening_request(b"/", b"a", Offer(KEY), [(name, b"a")])
    with refused_by("websocket.send.handshake"):
        opening_response(Offer(KEY), Agreement(), [(name, b"a")])


@pytest.mark.spec("rfc6455-4.1-38a")
def test_the_client_has_nothing_to_send_until_the_response_is_there() -> None:
    """The HTTP connection that carries the handshake takes nothing behind it."""
    client = http1.Connection(http1.Role.CLIENT)
    client.send(opening_request(b"/", b"a", Offer(KEY)))
    client.send(EndOfMessage())
    with pytest.raises(LocalProtocolError):
        client.send(opening_request(b"/", b"a", Offer(KEY)))


def test_bytes_behind_the_handshake_are_frames_and_stay_untouched() -> None:
    server = http1.Connection(http1.Role.SERVER)
    list(server.receive(request_bytes(opening_request(b"/", b"a", Offer(KEY))) + b"\x81\x80abcd"))
    server.send(opening_response(Offer(KEY), Agreement()))
    assert list(server.receive()) == [http1.SwitchedData(b"\x81\x80abcd")]


@given(key=st.binary(max_size=40), status=st.integers(100, 599), lines=st.lists(st.tuples(TOKENS, st.binary())))
def test_whatever_a_response_holds_is_accepted_or_fails_by_a_rule(
    key: bytes, status: int, lines: list[tuple[str, bytes]]
) -> None:
    fields = [(b"sec-websocket-accept", key), *((name.encode(), value) for name, value in lines)]
    kind = InformationalResponse if status < 200 else Response
    with pytest.raises(RemoteProtocolError) as failed:
        read_answer(kind(status, fields), Offer(KEY))
    assert failed.value.rule.startswith("websocket.response.")
