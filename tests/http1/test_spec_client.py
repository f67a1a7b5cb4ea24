"""What a client makes of what comes back: which response is whose, and when the connection has served its time."""

from __future__ import annotations

import pytest

from tests.http1.support import client_hears, refused_by
from wire.errors import RemoteProtocolError
from wire.http1 import (
    Connection,
    ConnectionClosed,
    Data,
    EndOfMessage,
    InformationalResponse,
    Request,
    Response,
    Role,
    State,
    SwitchedData,
)

HOST = (b"host", b"example.org")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def asking(*fields: tuple[bytes, bytes], method: bytes = b"GET", target: bytes = b"/") -> Connection:
    """A client that has sent a request without content."""
    client = Connection(Role.CLIENT)
    client.send(Request(method, target, [HOST, *fields]))
    client.send(EndOfMessage())
    client.bytes_to_send()
    return client


@pytest.mark.spec("rfc9110-6-6")
@pytest.mark.parametrize("method", [b"GET", b"HEAD"], ids=bytes.decode)
def test_what_a_response_means_depends_on_its_request(method: bytes) -> None:
    client = asking(method=method)
    head, _, body = OK.partition(b"ok")
    events = list(client.receive(head))
    if method == b"HEAD":
        assert events[1:] == [EndOfMessage()]
    else:
        assert len(events) == 1
        assert list(client.receive(b"ok" + body)) == [Data(b"ok"), EndOfMessage()]


@pytest.mark.spec("rfc9112-6.3-3", "rfc9110-9.3.6-12b", "rfc9110-6-6")
@pytest.mark.parametrize("line", [b"Content-Length: 2", b"Transfer-Encoding: chunked"], ids=bytes.decode)
def test_the_framing_fields_of_a_tunnel_are_ignored(line: bytes) -> None:
    client = asking(method=b"CONNECT", target=b"example.org:443")
    events = list(client.receive(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n\x16\x03\x01"))
    assert [type(event) for event in events] == [Response, SwitchedData]
    assert events[1] == SwitchedData(b"\x16\x03\x01")
    assert client.their_state is State.SWITCHED


@pytest.mark.spec("rfc9112-9.2-2a", "rfc9112-9.2-2b", "rfc9110-15.2-3a", "rfc9110-15.2-3b", "rfc9112-9.3-6")
def test_a_response_belongs_to_the_request_that_has_had_no_final_one() -> None:
    client = asking(target=b"/first")
    with refused_by("http1.send.state"):
        client.send(Request(b"GET", b"/second", [HOST]))  # one exchange at a time: the list is never longer
    interim = b"HTTP/1.1 103 \r\nLink: </a>\r\n\r\n"
    assert [type(event) for event in client.receive(interim * 2)] == [InformationalResponse] * 2
    assert client.their_state is State.SEND_RESPONSE
    assert [type(event) for event in client.receive(OK)] == [Response, Data, EndOfMessage]
    client.send(Request(b"GET", b"/second", [HOST]))
    assert client.their_state is State.SEND_RESPONSE


@pytest.mark.spec("rfc9112-9.2-3a", "rfc9112-9.2-3b", "rfc9112-6.3-17b")
def test_data_without_a_request_is_no_response_and_ends_the_connection() -> None:
    client = Connection(Role.CLIENT)
    with pytest.raises(RemoteProtocolError) as error:
        list(client.receive(OK))
    assert error.value.rule == "http1.response.unasked"
    with refused_by("http1.send.state"):
        client.send(Request(b"GET", b"/", [HOST]))


@pytest.mark.spec("rfc9112-9.3-7b")
def test_the_next_request_waits_for_the_end_of_the_response() -> None:
    client = asking()
    list(client.receive(OK[:-1]))
    with refused_by("http1.send.state"):
        client.send(Request(b"GET", b"/", [HOST]))
    list(client.receive(OK[-1:]))
    client.send(Request(b"GET", b"/", [HOST]))


@pytest.mark.spec("rfc9112-9.6-5a", "rfc9112-9.6-5b")
def test_after_a_request_with_close_there_is_no_other() -> None:
    client = asking((b"connection", b"close"))
    list(client.receive(OK))
    assert client.our_state is State.MUST_CLOSE
    with refused_by("http1.send.state"):
        client.send(Request(b"GET", b"/", [HOST]))
    client.send(ConnectionClosed())


@pytest.mark.spec("rfc9112-9.6-8a", "rfc9112-6.3-17a", "rfc9112-6.3-17b")
@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["close", "HTTP/1.0"],
)
def test_after_a_response_with_close_nothing_is_sent_and_nothing_heard(response: bytes) -> None:
    client = asking()
    assert [type(event) for event in client.receive(response + OK)] == [Response, Data, EndOfMessage]
    assert client.our_state is State.MUST_CLOSE
    with refused_by("http1.send.state"):
        client.send(Request(b"GET", b"/", [HOST]))


@pytest.mark.spec("rfc9112-4-9a")
def test_the_reason_phrase_decides_nothing() -> None:
    heard = client_hears(b"HTTP/1.1 200 404 Not Found\r\nContent-Length: 2\r\n\r\nok")
    assert heard.error is None
    assert list(heard.messages) == [(200, b"ok")]


@pytest.mark.spec("rfc9110-5.3-6")
def test_a_request_is_not_handed_out_before_its_head_is_complete() -> None:
    server = Connection(Role.SERVER)
    head = b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 0\r\n\r\n"
    for byte in head[:-1]:
        assert list(server.receive(bytes([byte]))) == []
    assert [type(event) for event in server.receive(head[-1:])] == [Request, EndOfMessage]


@pytest.mark.spec("rfc9112-7.1.2-3a", "rfc9112-7.1.2-3b", "rfc9112-7.1.2-3c", "rfc9110-6.5.1-3", "rfc9110-6.5.2-3")
def test_trailer_fields_stay_apart_from_the_header_fields() -> None:
    client = asking()
    head = b"HTTP/1.1 200 OK\r\nA: header\r\nTransfer-Encoding: chunked\r\n\r\n"
    response, _data, end = client.receive(head + b"2\r\nok\r\n0\r\nA: first\r\nA: second\r\n\r\n")
    assert isinstance(response, Response)
    assert list(response.fields) == [(b"a", b"header"), (b"transfer-encoding", b"chunked")]
    assert end == EndOfMessage(((b"a", b"first"), (b"a", b"second")))


@pytest.mark.spec("rfc9112-3-5", "rfc9110-8.6-10", "rfc9112-7.1-7")
def test_what_is_long_is_neither_refused_nor_rounded() -> None:
    server = Connection(Role.SERVER)
    target = b"/" + b"a" * (8000 - len(b"GET / HTTP/1.1"))
    assert len(b"GET " + target + b" HTTP/1.1") == 8000
    (request, _end) = server.receive(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert isinstance(request, Request)
    assert request.target == target
    largest = 2**64 - 1
    for framing in (b"Content-Length: %d\r\n\r\n" % largest, b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % largest):
        server = Connection(Role.SERVER)
        events = list(server.receive(b"POST / HTTP/1.1\r\nHost: a\r\n" + framing + b"some of it"))
        assert events[1:] == [Data(b"some of it")]
        assert server.their_state is State.SEND_BODY
        with pytest.raises(RemoteProtocolError) as error:
            list(server.receive(b""))
        assert error.value.rule == "http1.eof.in-body"
