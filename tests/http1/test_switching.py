"""Upgrade and CONNECT: the connection is handed over, and no byte is lost or touched (RFC 9110 §7.8, §9.3.6)."""

from __future__ import annotations

import pytest

from tests.http1.attacks.case import SMUGGLED, get, head
from tests.http1.support import asking_client, client_hears, get_request, listen, refused_by, states
from wire.http1 import (
    Connection,
    ConnectionClosed,
    EndOfMessage,
    Event,
    InformationalResponse,
    Request,
    Response,
    Role,
    State,
    SwitchedData,
)

_OFFER = [(b"connection", b"upgrade"), (b"upgrade", b"echo")]
_UPGRADE = get_request(b"GET", _OFFER)
_CONNECT = get_request(b"CONNECT")
_SWITCH = head(b"HTTP/1.1 101 Switching Protocols", b"Connection: upgrade", b"Upgrade: echo")
_UNTOUCHED = b"\0\r\n\r\n" + SMUGGLED


@pytest.mark.spec("rfc9110-7.8-2a", "rfc9112-6.3-3", "rfc9110-9.3.6-12b")
@pytest.mark.parametrize(
    ("request_", "response"),
    [
        pytest.param(_UPGRADE, _SWITCH, id="101"),
        pytest.param(_CONNECT, head(b"HTTP/1.1 200 OK"), id="CONNECT"),
        pytest.param(_CONNECT, head(b"HTTP/1.1 204 No Content"), id="CONNECT 204"),
        pytest.param(_CONNECT, head(b"HTTP/1.1 299 Odd"), id="CONNECT 299"),
        pytest.param(_CONNECT, head(b"HTTP/1.1 200 OK", b"Content-Length: 5"), id="CONNECT with Content-Length"),
        pytest.param(
            _CONNECT, head(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"), id="CONNECT with Transfer-Encoding"
        ),
    ],
)
def test_the_client_hands_over_every_byte_behind_the_switch(request_: Request, response: bytes) -> None:
    heard = client_hears([response + _UNTOUCHED, b""], request_)
    assert heard.events[1:] == [SwitchedData(_UNTOUCHED), ConnectionClosed()]


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(get(b"Connection: upgrade", b"Upgrade: echo"), InformationalResponse(101, _OFFER), id="101"),
        pytest.param(head(b"CONNECT a:443 HTTP/1.1", b"Host: a"), Response(200), id="CONNECT"),
    ],
)
def test_the_server_hands_over_every_byte_behind_the_switch(request_: bytes, answer: Event) -> None:
    server = Connection(Role.SERVER)
    heard = listen(server, [request_ + _UNTOUCHED])
    assert isinstance(heard.events[-1], EndOfMessage)
    server.send(answer)
    assert list(server.receive()) == [SwitchedData(_UNTOUCHED)]
    assert list(server.receive(b"\xff")) == [SwitchedData(b"\xff")]
    server.bytes_to_send()
    server.send(SwitchedData(b"raw\r\n"))
    assert server.bytes_to_send() == b"raw\r\n"
    assert states(server) == (State.SWITCHED, State.SWITCHED)
    assert not server.keep_alive
    assert list(server.receive(b"")) == [ConnectionClosed()]
    server.send(ConnectionClosed())
    assert states(server) == (State.CLOSED, State.CLOSED)


def test_a_client_that_has_left_still_hears_the_other_protocol() -> None:
    client = asking_client(_CONNECT)
    client.send(ConnectionClosed())
    assert listen(client, [head(b"HTTP/1.1 200 OK") + b"raw"]).events[-1] == SwitchedData(b"raw")
    assert states(client) == (State.CLOSED, State.SWITCHED)
    server = Connection(Role.SERVER)
    listen(server, [head(b"CONNECT a:443 HTTP/1.1", b"Host: a"), b""])
    server.send(Response(200))
    server.send(SwitchedData(b"raw"))
    assert states(server) == (State.SWITCHED, State.CLOSED)


@pytest.mark.spec("rfc9110-7.8-2b")
def test_the_offer_may_be_declined_and_the_connection_goes_on() -> None:
    client = asking_client(_UPGRADE)
    assert listen(client, [head(b"HTTP/1.1 200 OK", b"Content-Length: 0")]).error is None
    client.send(get_request())


def test_a_connect_may_be_refused_and_the_connection_goes_on() -> None:
    client = asking_client(_CONNECT)
    assert listen(client, [head(b"HTTP/1.1 403 No", b"Content-Length: 0")]).error is None
    client.send(get_request())


def test_a_switch_before_the_request_is_complete_is_an_error() -> None:
    client = Connection(Role.CLIENT)
    client.send(Request(b"POST", b"/", [(b"host", b"a"), (b"content-length", b"5"), *_OFFER]))
    error = listen(client, [_SWITCH]).error
    assert error is not None
    assert (error.rule, error.status, error.section) == ("http1.switch.too-early", None, "RFC 9110 §7.8")


def test_http_is_over_after_the_switch() -> None:
    client = asking_client(_UPGRADE)
    listen(client, [_SWITCH])
    with refused_by("http1.send.state"):
        client.send(get_request())


@pytest.mark.spec("rfc9110-7.8-16b")
def test_an_offer_in_http_1_0_is_ignored() -> None:
    server = Connection(Role.SERVER)
    listen(server, [head(b"GET / HTTP/1.0", b"Connection: upgrade", b"Upgrade: echo")])
    with refused_by("http1.send.interim"):
        server.send(InformationalResponse(101, _OFFER))
    assert server.bytes_to_send() == b""


def test_an_offer_that_is_not_named_in_connection_is_ignored() -> None:
    server = Connection(Role.SERVER)
    listen(server, [get(b"Upgrade: echo")])
    with refused_by("http1.send.switch"):
        server.send(InformationalResponse(101, _OFFER))
