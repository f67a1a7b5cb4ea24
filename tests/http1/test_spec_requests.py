"""How requests are written: byte for byte as RFC 9110 and 9112 have them; what they forbid is in ``refusals``."""

from __future__ import annotations

import pytest

from tests.http1.support import refused_by
from wire.errors import LocalProtocolError
from wire.http1 import Connection, Data, EndOfMessage, Event, Request, Role

HOST = (b"Host", b"example.org")
CHUNKED = (b"Transfer-Encoding", b"chunked")
LENGTH = (b"Content-Length", b"5")


def sent(*events: Event) -> bytes:
    """What a client writes for some events."""
    connection = Connection(Role.CLIENT)
    for event in events:
        connection.send(event)
    return connection.bytes_to_send()


@pytest.mark.spec("rfc9112-3.2-5c")
def test_a_target_without_authority_goes_with_an_empty_host() -> None:
    assert sent(Request(b"GET", b"urn:example:a", [(b"Host", b"")])) == b"GET urn:example:a HTTP/1.1\r\nHost: \r\n\r\n"


@pytest.mark.spec("rfc9112-3.2.4-3", "rfc9110-9.3.7-5a")
def test_options_of_the_server_as_a_whole() -> None:
    request = Request(b"OPTIONS", b"*", [HOST, (b"Max-Forwards", b"0")])
    assert sent(request) == b"OPTIONS * HTTP/1.1\r\nHost: example.org\r\nMax-Forwards: 0\r\n\r\n"


@pytest.mark.spec("rfc9112-2.2-5a", "rfc9110-5.6.3-2a", "rfc9110-5.6.3-2b", "rfc9110-5.6.3-3", "rfc9110-5.6.3-5a")
def test_a_request_is_written_without_extra_lines_or_white_space() -> None:
    upload: list[Event] = [
        Request(b"POST", b"/", [HOST, CHUNKED, (b"Connection", b"close")]),
        Data(b"hello"),
        EndOfMessage(),
    ]
    assert sent(*upload) == (
        b"POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"5\r\nhello\r\n0\r\n\r\n"
    )


@pytest.mark.spec("rfc9112-2.2-5b")
def test_a_line_end_behind_the_content_has_to_be_counted() -> None:
    connection = Connection(Role.CLIENT)
    connection.send(Request(b"POST", b"/", [HOST, LENGTH]))
    connection.send(Data(b"hello"))
    with refused_by("http1.send.too-much-data"):
        connection.send(Data(b"\r\n"))


@pytest.mark.spec("rfc9112-6.3-16a")
def test_a_request_body_has_to_be_announced() -> None:
    connection = Connection(Role.CLIENT)
    connection.send(Request(b"POST", b"/", [HOST]))
    with refused_by("http1.send.too-much-data"):
        connection.send(Data(b"hello"))


@pytest.mark.spec("rfc9112-6.3-16b", "rfc9112-6.1-13a")
def test_chunked_is_refused_once_the_server_has_spoken_http_1_0() -> None:
    connection = Connection(Role.CLIENT)
    connection.send(Request(b"GET", b"/", [HOST, (b"Connection", b"keep-alive")]))
    connection.send(EndOfMessage())
    list(connection.receive(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(LocalProtocolError, match="speaks HTTP"):
        connection.send(Request(b"POST", b"/", [HOST, CHUNKED]))
    connection.send(Request(b"POST", b"/", [HOST, LENGTH]))


FORBIDDEN_TRAILERS = [
    b"Content-Length", b"Transfer-Encoding", b"Host", b"Authorization", b"Content-Type", b"Range", b"Set-Cookie", b"TE",
]  # fmt: skip


@pytest.mark.spec("rfc9110-6.5.1-2")
@pytest.mark.parametrize("name", FORBIDDEN_TRAILERS, ids=bytes.decode)
def test_a_trailer_field_that_may_not_be_one_is_refused(name: bytes) -> None:
    connection = Connection(Role.CLIENT)
    connection.send(Request(b"POST", b"/", [HOST, CHUNKED]))
    connection.bytes_to_send()
    with refused_by("http1.send.trailer"):
        connection.send(EndOfMessage([(name, b"1")]))
    assert connection.bytes_to_send() == b""
