"""What the codec refuses to send, rule by rule: before a byte is written, and with nothing changed."""

from __future__ import annotations

import pytest

from tests.http1.attacks.case import get, post
from tests.http1.refusals import REFUSALS, Refusal
from tests.http1.support import asking_client, listen, refused_by, states
from wire.errors import LocalProtocolError
from wire.http1 import Connection, Data, EndOfMessage, Request, Response, Role
from wire.http1.rules import LOCAL_RULES

_HOST = (b"Host", b"a")
_BODY = Request(b"POST", b"/", [_HOST, (b"Content-Length", b"5")])


@pytest.mark.parametrize(
    "refusal", [pytest.param(case, id=case.name, marks=pytest.mark.spec(*case.spec)) for case in REFUSALS]
)
def test_refused_before_a_byte_is_written(refusal: Refusal) -> None:
    connection = refusal.connection()
    connection.bytes_to_send()
    before = states(connection), connection.keep_alive
    with pytest.raises(LocalProtocolError) as refused:
        connection.send(refusal.event)
    assert refused.value.rule == refusal.rule
    assert refused.value.section == LOCAL_RULES[refusal.rule].section
    assert (refused.value.offset, refused.value.status) == (None, None)
    assert connection.bytes_to_send() == b""
    assert (states(connection), connection.keep_alive) == before


def test_the_catalogue_of_local_rules_is_exhausted() -> None:
    elsewhere = {"http1.receive.after-close"}  # about receiving
    assert {refusal.rule for refusal in REFUSALS} | elsewhere == set(LOCAL_RULES)


def test_a_refusal_leaves_the_connection_usable() -> None:
    client = Connection(Role.CLIENT)
    with refused_by("http1.send.field"):
        client.send(Request(b"GET", b"/", [_HOST, (b"X", b"a\r\nb")]))
    client.send(Request(b"GET", b"/", [_HOST, (b"X", b"a")]))
    assert client.bytes_to_send() == b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\r\n"


def test_empty_data_does_not_end_a_chunked_body() -> None:
    server = Connection(Role.SERVER)
    listen(server, [get()])
    server.send(Response(200))
    server.bytes_to_send()
    server.send(Data(b""))
    assert server.bytes_to_send() == b""
    server.send(Data(b"hi"))
    server.send(EndOfMessage([(b"Digest", b"x")]))
    assert server.bytes_to_send() == b"2\r\nhi\r\n0\r\nDigest: x\r\n\r\n"


def test_a_request_waits_for_its_own_body_in_pieces() -> None:
    client = Connection(Role.CLIENT)
    client.send(_BODY)
    for piece in (b"12", b"", b"345"):
        client.send(Data(piece))
    client.send(EndOfMessage())
    assert client.bytes_to_send() == post(b"Content-Length: 5", body=b"12345")


def test_what_was_sent_is_given_once() -> None:
    client = asking_client()
    assert client.bytes_to_send() == b""
