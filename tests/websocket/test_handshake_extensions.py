"""``Sec-WebSocket-Extensions``, and how compression is agreed on (RFC 6455 §9.1, RFC 7692 §5 and §7.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.http1.support import refused_by
from tests.websocket.handshakes import KEY, answer_refused, answer_to, asked, opening_refused, values
from wire.websocket import Deflate
from wire.websocket.extensions import DeflateOffer, Extension, read_extensions
from wire.websocket.handshake import (
    Agreement,
    Offer,
    agree,
    opening_request,
    opening_response,
    read_answer,
    read_opening,
)

DEFLATE = "permessage-deflate"
PLAIN = DeflateOffer(client_max_window_bits=None)
"""The extension without parameters."""


def offers(*lines: bytes) -> tuple[DeflateOffer, ...]:
    """What a server makes of the field lines."""
    return read_opening(asked(b"sec-websocket-extensions", *lines)).deflate


def offering(*deflate: DeflateOffer) -> Offer:
    return Offer(KEY, deflate=deflate)


def accepted(offer: Offer, answer: str) -> Deflate | None:
    """What holds for a client once its offer has this answer."""
    return read_answer(answer_to(offer, (b"sec-websocket-extensions", answer.encode())), offer).deflate


def response_value(offer: Offer, wanted: Deflate) -> bytes | None:
    """What a server that would like ``wanted`` answers to an offer."""
    found = values(opening_response(offer, agree(offer, deflate=wanted)), b"sec-websocket-extensions")
    assert len(found) < 2
    return found[0] if found else None


@pytest.mark.spec("rfc6455-9.1-3", "rfc6455-11.3.2-9a", "rfc6455-4.3-6", "rfc6455-9.1-2")
@pytest.mark.parametrize(
    ("lines", "extensions"),
    [
        pytest.param([b"foo"], [("foo", ())], id="a name"),
        pytest.param([b"foo, bar; baz=2"], [("foo", ()), ("bar", (("baz", "2"),))], id="the RFC's example"),
        pytest.param([b"foo", b"bar; baz=2"], [("foo", ()), ("bar", (("baz", "2"),))], id="in two lines"),
        pytest.param([b"foo; a; b=c; a=d"], [("foo", (("a", None), ("b", "c"), ("a", "d")))], id="parameters in order"),
        pytest.param([b' foo\t;\ta = "10" ,, '], [("foo", (("a", "10"),))], id="white space, a quoted value"),
        pytest.param([rb'foo; a="1\0"'], [("foo", (("a", "10"),))], id="a quoted-pair"),
        pytest.param([b"foo", b"", b","], [("foo", ())], id="empty members"),
        pytest.param([b"foo, foo"], [("foo", ()), ("foo", ())], id="one twice"),
    ],
)
def test_extensions_are_read(lines: list[bytes], extensions: list[Extension]) -> None:
    assert read_extensions(lines) == extensions


@pytest.mark.spec("rfc6455-9.1-1", "rfc6455-9.1-2", "rfc6455-4.3-6")
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b",",
        b"foo bar",
        b"foo;",
        b"foo; =1",
        b"foo; a=",
        b"foo; a=1 2",
        b"foo; a=1=2",
        b"foo; a=b/c",
        b"; a",
        b'"foo"',
        b"foo; a='b c'",
        b'foo; a="b',
        b'foo; a="b"c',
        b'foo; a=""',
        b'foo; a="b c"',
        b'foo; a="b,c"',
        b'foo; a="b;c"',
        rb'foo; a="b\"c"',
        b"foo; a=\xe9",
        b"caf\xe9",
        b"permessage-deflate, /",
    ],
)
def test_malformed_extensions_fail_the_handshake_on_either_side(line: bytes) -> None:
    assert opening_refused(asked(b"sec-websocket-extensions", line)).rule == "websocket.handshake.extensions"
    offer = offering(PLAIN)
    answer = answer_to(offer, (b"sec-websocket-extensions", line))
    assert answer_refused(answer, offer).rule == "websocket.response.extensions"


@pytest.mark.parametrize("line", [b"foo; a=" + b'"' * 30_000, b"foo" + b";a" * 30_000 + b";", b", " * 30_000 + b"/"])
def test_long_malformed_extensions_take_no_long_time(line: bytes) -> None:
    assert len(opening_refused(asked(b"sec-websocket-extensions", line)).message) < 300


@pytest.mark.spec("rfc7692-5-2", "rfc7692-5-3", "rfc7692-7.1.1.1-1", "rfc7692-7.1.1.2-1", "rfc7692-7.1.2.1-1")
@pytest.mark.parametrize(
    ("line", "offer"),
    [
        (b"permessage-deflate", PLAIN),
        (b"permessage-deflate; server_no_context_takeover", replace(PLAIN, server_no_context_takeover=True)),
        (b"permessage-deflate; client_no_context_takeover", replace(PLAIN, client_no_context_takeover=True)),
        (b"permessage-deflate; server_max_window_bits=8", replace(PLAIN, server_max_window_bits=8)),
        (b'permessage-deflate; server_max_window_bits="15"', replace(PLAIN, server_max_window_bits=15)),
        (b"permessage-deflate; client_max_window_bits", replace(PLAIN, client_max_window_bits=True)),
        (b"permessage-deflate; client_max_window_bits=10", replace(PLAIN, client_max_window_bits=10)),
        (
            b"permessage-deflate; client_max_window_bits=8;client_no_context_takeover ;server_max_window_bits=15",
            DeflateOffer(False, True, 15, 8),
        ),
    ],
)
def test_an_offer_is_read(line: bytes, offer: DeflateOffer) -> None:
    assert offers(line) == (offer,)
    assert offers(b"foo; a=b", line + b", permessage-deflate") == (offer, PLAIN)


DECLINED = [
    "server_no_context_takeover=1",
    "client_no_context_takeover=true",
    "server_max_window_bits",
    "server_max_window_bits=7",
    "server_max_window_bits=16",
    "server_max_window_bits=0",
    "server_max_window_bits=-9",
    "server_max_window_bits=010",
    "server_max_window_bits=08",
    "server_max_window_bits=1e1",
    "server_max_window_bits=100000000000000000000",
    "client_max_window_bits=7",
    "client_max_window_bits=16",
    "client_max_window_bits=09",
    "server_no_context_takeover; server_no_context_takeover",
    "client_no_context_takeover; client_no_context_takeover",
    "server_max_window_bits=10; server_max_window_bits=10",
    "client_max_window_bits; client_max_window_bits=10",
    "Server_No_Context_Takeover",
    "unknown",
    "unknown=1",
]


@pytest.mark.spec("rfc7692-7.1-1", "rfc7692-7.1-2", "rfc7692-7.1-3", "rfc6455-9.1-7b")
@pytest.mark.parametrize("parameters", DECLINED)
def test_an_offer_that_breaks_the_rules_is_declined_and_the_next_one_is_taken(parameters: str) -> None:
    broken = f"{DEFLATE}; {parameters}".encode()
    assert offers(broken) == ()
    assert response_value(read_opening(asked(b"sec-websocket-extensions", broken)), Deflate()) is None
    assert offers(broken + b", permessage-deflate") == (PLAIN,)


@pytest.mark.spec("rfc6455-9.1-7a", "rfc7692-7-1", "rfc7692-7.1-4")
@pytest.mark.parametrize("name", [b"foo", b"permessage-bzip2", b"x-webkit-deflate-frame", b"Permessage-Deflate"])
def test_other_extensions_are_declined(name: bytes) -> None:
    offer = read_opening(asked(b"sec-websocket-extensions", name))
    assert agree(offer, deflate=Deflate()) == Agreement()


@pytest.mark.spec("rfc7692-7.1-5", "rfc7692-7.1-6", "rfc7692-7.1-7", "rfc6455-9-1d")
@pytest.mark.parametrize("parameters", [*DECLINED, "client_max_window_bits"])
def test_a_response_that_breaks_the_rules_fails_the_connection(parameters: str) -> None:
    """Among them ``client_max_window_bits`` without a value, which only an offer may hold (RFC 7692 §7.1.2.2)."""
    offer = offering(DeflateOffer(True, True, 15))
    answer = answer_to(offer, (b"sec-websocket-extensions", f"{DEFLATE}; {parameters}".encode()))
    assert answer_refused(answer, offer).rule == "websocket.response.extensions"


@dataclass(frozen=True)
class Case:
    """One line of the table of RFC 7692 §7.1: what is offered and wanted, and what is answered."""

    offer: DeflateOffer
    wanted: Deflate
    answer: str
    agreed: Deflate


NEGOTIATIONS = {
    "nothing asked for": Case(PLAIN, Deflate(), "", Deflate()),
    "the server forgets, as asked": Case(
        replace(PLAIN, server_no_context_takeover=True), Deflate(), "server_no_context_takeover", Deflate(True)
    ),
    "the server forgets, unasked": Case(PLAIN, Deflate(True), "server_no_context_takeover", Deflate(True)),
    "the client forgets, as it said": Case(
        replace(PLAIN, client_no_context_takeover=True), Deflate(), "client_no_context_takeover", Deflate(False, True)
    ),
    "the client forgets, as it is told": Case(
        PLAIN, Deflate(False, True), "client_no_context_takeover", Deflate(False, True)
    ),
    "the server's window, as asked": Case(
        replace(PLAIN, server_max_window_bits=10),
        Deflate(),
        "server_max_window_bits=10",
        Deflate(server_max_window_bits=10),
    ),
    "the server's window, smaller than asked": Case(
        replace(PLAIN, server_max_window_bits=10),
        Deflate(server_max_window_bits=9),
        "server_max_window_bits=9",
        Deflate(server_max_window_bits=9),
    ),
    "the server's window, unasked": Case(
        PLAIN, Deflate(server_max_window_bits=12), "server_max_window_bits=12", Deflate(server_max_window_bits=12)
    ),
    "the server's window, asked for the largest": Case(
        replace(PLAIN, server_max_window_bits=15), Deflate(), "server_max_window_bits=15", Deflate()
    ),
    "the client's window, which it may be told": Case(
        replace(PLAIN, client_max_window_bits=True),
        Deflate(client_max_window_bits=11),
        "client_max_window_bits=11",
        Deflate(client_max_window_bits=11),
    ),
    "the client's window, smaller than it said": Case(
        replace(PLAIN, client_max_window_bits=12),
        Deflate(client_max_window_bits=11),
        "client_max_window_bits=11",
        Deflate(client_max_window_bits=11),
    ),
    "the client's window, as it said": Case(
        replace(PLAIN, client_max_window_bits=10),
        Deflate(),
        "client_max_window_bits=10",
        Deflate(client_max_window_bits=10),
    ),
    "the client's window, which it must not be told": Case(PLAIN, Deflate(client_max_window_bits=9), "", Deflate()),
    "all at once": Case(
        DeflateOffer(True, True, 9, 9),
        Deflate(False, False, 10, 10),
        "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9",
        Deflate(True, True, 9, 9),
    ),
}


@pytest.mark.spec(
    "rfc7692-7.1.1.1-2",
    "rfc7692-7.1.1.1-3",
    "rfc7692-7.1.1.2-2",
    "rfc7692-7.1.2.1-2",
    "rfc7692-7.1.2.1-3",
    "rfc7692-7.1.2.2-1",
    "rfc7692-7.1.2.2-2",
    "rfc7692-7.1.2.2-3",
    "rfc6455-9-1c",
)
@pytest.mark.parametrize("case", NEGOTIATIONS.values(), ids=NEGOTIATIONS.keys())
def test_a_negotiation(case: Case) -> None:
    offer = offering(case.offer)
    assert agree(offer, deflate=case.wanted).deflate == case.agreed
    answer = "; ".join(filter(None, [DEFLATE, case.answer]))
    assert response_value(offer, case.wanted) == answer.encode()
    assert accepted(offer, answer) == case.agreed


@pytest.mark.spec("rfc7692-6-1", "rfc6455-4-6")
@pytest.mark.parametrize("other", ["x-webkit-deflate-frame", "permessage-bzip2", "permessage-deflate"])
def test_no_two_extensions_are_accepted(other: str) -> None:
    offer = read_opening(asked(b"sec-websocket-extensions", f"{other}, permessage-deflate, {other}".encode()))
    assert response_value(offer, Deflate()) == b"permessage-deflate"


@pytest.mark.spec("rfc7692-5-4")
def test_the_first_offer_that_holds_is_taken() -> None:
    offer = offering(replace(PLAIN, server_max_window_bits=9), PLAIN)
    assert response_value(offer, Deflate()) == b"permessage-deflate; server_max_window_bits=9"


def test_without_an_offer_or_the_wish_nothing_is_compressed() -> None:
    assert agree(offering(), deflate=Deflate()) == Agreement()
    assert agree(offering(PLAIN), deflate=None) == Agreement()


@pytest.mark.spec("rfc7692-5.1-1", "rfc7692-7.1-8")
@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        (replace(PLAIN, server_no_context_takeover=True), ""),
        (replace(PLAIN, server_max_window_bits=10), ""),
        (replace(PLAIN, server_max_window_bits=10), "server_max_window_bits=11"),
        (PLAIN, "client_max_window_bits=15"),
        (PLAIN, "client_max_window_bits=10"),
        (replace(PLAIN, client_max_window_bits=10), "client_max_window_bits=11"),
    ],
)
def test_a_response_that_does_not_keep_to_the_offer_fails_the_connection(offer: DeflateOffer, answer: str) -> None:
    response = answer_to(offering(offer), (b"sec-websocket-extensions", f"{DEFLATE}; {answer}".rstrip("; ").encode()))
    assert answer_refused(response, offering(offer)).rule == "websocket.response.extensions"


def test_a_response_may_accept_the_second_offer() -> None:
    offer = offering(replace(PLAIN, server_no_context_takeover=True), replace(PLAIN, server_max_window_bits=10))
    assert accepted(offer, "permessage-deflate; server_max_window_bits=10") == Deflate(server_max_window_bits=10)


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (replace(PLAIN, client_no_context_takeover=True), Deflate(client_no_context_takeover=True)),
        (replace(PLAIN, client_max_window_bits=10), Deflate(client_max_window_bits=10)),
    ],
)
def test_a_client_keeps_to_what_it_said_where_the_response_does_not_repeat_it(
    offer: DeflateOffer, agreed: Deflate
) -> None:
    """RFC 7692 §7.1.1.2 and §7.1.2.2: such an offer is a promise, by which the server may have reserved its memory."""
    assert accepted(offering(offer), DEFLATE) == agreed


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        ((), Deflate()),
        ((PLAIN,), Deflate(client_max_window_bits=10)),
        ((replace(PLAIN, client_max_window_bits=10),), Deflate(client_max_window_bits=11)),
        ((replace(PLAIN, server_max_window_bits=10),), Deflate()),
        ((replace(PLAIN, server_no_context_takeover=True),), Deflate()),
    ],
)
def test_a_server_sends_no_answer_that_breaks_the_offer(offered: tuple[DeflateOffer, ...], agreed: Deflate) -> None:
    with refused_by("websocket.send.handshake"):
        opening_response(offering(*offered), Agreement(deflate=agreed))


@pytest.mark.spec("rfc6455-4.1-36", "rfc6455-9-1a", "rfc6455-9.2-1", "rfc7692-5-1")
@pytest.mark.parametrize(
    ("offer", "value"),
    [
        (DeflateOffer(), b"permessage-deflate; client_max_window_bits"),
        (PLAIN, b"permessage-deflate"),
        (
            DeflateOffer(True, False, 15, 8),
            b"permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_max_window_bits=8",
        ),
    ],
)
def test_an_offer_is_written(offer: DeflateOffer, value: bytes) -> None:
    assert values(opening_request(b"/", b"a", offering(offer)), b"sec-websocket-extensions") == [value]
    several = opening_request(b"/", b"a", offering(offer, PLAIN))
    assert values(several, b"sec-websocket-extensions") == [value + b", permessage-deflate"]


@pytest.mark.parametrize("bits", [7, 16, 0, -8])
@pytest.mark.parametrize("terms", [Deflate, DeflateOffer])
def test_nobody_speaks_of_a_window_that_does_not_exist(terms: type[Deflate | DeflateOffer], bits: int) -> None:
    with refused_by("websocket.send.handshake"):
        terms(server_max_window_bits=bits)
    with refused_by("websocket.send.handshake"):
        terms(client_max_window_bits=bits)
