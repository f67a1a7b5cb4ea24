"""``Expect: 100-continue``: who waits for whom (RFC 9110 §10.1.1)."""

from __future__ import annotations

import pytest

from tests.http1.attacks.case import get, head, post
from tests.http1.support import EMPTY_ANSWER, listen
from wire.http1 import Connection, Data, EndOfMessage, InformationalResponse, Request, Response, Role, State

_EXPECT = b"Expect: 100-continue"


def expecting(data: bytes) -> bool:
    """Whether a server that received ``data`` is waited for."""
    server = Connection(Role.SERVER)
    assert listen(server, [data]).error is None
    return server.continue_expected


@pytest.mark.spec("rfc9110-10.1.1-13a", "rfc9110-10.1.1-13b")
@pytest.mark.parametrize(
    ("data", "waited_for"),
    [
        pytest.param(post(_EXPECT, b"Content-Length: 5"), True, id="Content-Length"),
        pytest.param(post(_EXPECT, b"Transfer-Encoding: chunked"), True, id="chunked"),
        pytest.param(post(b"Expect: 100-CONTINUE", b"Content-Length: 5"), True, id="upper case"),
        pytest.param(post(b"Content-Length: 5"), False, id="no expectation"),
        pytest.param(post(_EXPECT), False, id="no body"),
        pytest.param(post(_EXPECT, b"Content-Length: 0"), False, id="empty body"),
        pytest.param(post(_EXPECT, b"Content-Length: 5", body=b"h"), False, id="the body has begun"),
        pytest.param(post(b"Expect: 100", b"Content-Length: 5"), False, id="another expectation"),
        pytest.param(head(b"POST / HTTP/1.0", _EXPECT, b"Content-Length: 5"), False, id="HTTP/1.0"),
    ],
)
def test_when_the_client_waits(data: bytes, waited_for: bool) -> None:
    assert expecting(data) is waited_for


@pytest.mark.spec("rfc9110-10.1.1-14", "rfc9110-10.1.1-16", "rfc9110-10.1.1-13c")
def test_100_lets_the_body_come() -> None:
    server = Connection(Role.SERVER)
    listen(server, [post(_EXPECT, b"Content-Length: 5")])
    server.send(InformationalResponse(100))
    assert server.bytes_to_send() == b"HTTP/1.1 100 \r\n\r\n"
    assert not server.continue_expected
    assert listen(server, [b"hello"]).events == [Data(b"hello"), EndOfMessage()]
    assert server.our_state is State.SEND_RESPONSE


@pytest.mark.spec("rfc9110-10.1.1-14")
def test_a_final_response_keeps_the_body_away() -> None:
    server = Connection(Role.SERVER)
    listen(server, [post(_EXPECT, b"Content-Length: 5")])
    server.send(Response(417, [(b"content-length", b"0"), (b"connection", b"close")]))
    server.send(EndOfMessage())
    assert not server.continue_expected
    assert not server.keep_alive


def test_a_final_response_without_close_leaves_the_choice_to_the_client() -> None:
    """The client may send the body that it announced all the same: whatever comes next is that body."""
    server = Connection(Role.SERVER)
    listen(server, [post(_EXPECT, b"Content-Length: 5")])
    server.send(EMPTY_ANSWER)
    server.send(EndOfMessage())
    heard = listen(server, [b"hello" + get()])
    assert heard.events[:2] == [Data(b"hello"), EndOfMessage()]
    assert heard.messages[1:] == [(b"/", b"")]


@pytest.mark.spec("rfc9110-10.1.1-11b", "rfc9110-10.1.1-11c")
def test_a_client_may_wait_or_go_on() -> None:
    client = Connection(Role.CLIENT)
    client.send(Request(b"POST", b"/", [(b"host", b"a"), (b"expect", b"100-continue"), (b"content-length", b"2")]))
    assert client.bytes_to_send().endswith(b"\r\n\r\n")
    assert listen(client, [head(b"HTTP/1.1 100 Continue")]).events == [InformationalResponse(100, (), b"Continue")]
    client.send(Data(b"hi"))
    client.send(EndOfMessage())
    assert client.bytes_to_send() == b"hi"
    assert listen(client, [head(b"HTTP/1.1 200 OK", b"Content-Length: 0")]).messages == [(200, b"")]


def test_waiting_ends_with_an_error() -> None:
    server = Connection(Role.SERVER)
    assert listen(server, [post(_EXPECT, b"Transfer-Encoding: chunked")]).error is None
    assert server.continue_expected
    assert listen(server, [b"x\r\n"]).error is not None
    assert not server.continue_expected
