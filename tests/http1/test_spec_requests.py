"""What a client may not say: every request that RFC 9110 and 9112 forbid is refused before a byte of it is written."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.http1.support import refused_by
from wire.errors import LocalProtocolError
from wire.http1 import Connection, Data, EndOfMessage, Event, Request, Role

HOST = (b"Host", b"example.org")
CHUNKED = (b"Transfer-Encoding", b"chunked")
LENGTH = (b"Content-Length", b"5")


@dataclass
class Forbidden:
    """A request that the specification forbids, and the rule by which it is refused."""

    request: Request
    rule: str
    proves: tuple[str, ...]


FORBIDDEN = {
    "bare CR in a value": Forbidden(
        Request(b"GET", b"/", [HOST, (b"A", b"b\rc")]), "http1.send.field", ("rfc9112-2.2-4a", "rfc9112-5.2-3")
    ),
    "bare LF in a value": Forbidden(Request(b"GET", b"/", [HOST, (b"A", b"b\nc")]), "http1.send.field", ()),
    "folded value": Forbidden(
        Request(b"GET", b"/", [HOST, (b"A", b"b\r\n c")]), "http1.send.field", ("rfc9112-5.2-3",)
    ),
    "white space ahead of the first field": Forbidden(
        Request(b"GET", b"/", [(b" A", b"b"), HOST]), "http1.send.field", ("rfc9112-2.2-7",)
    ),
    "no Host": Forbidden(Request(b"GET", b"/"), "http1.send.host", ("rfc9112-3.2-5a", "rfc9110-7.2-4a")),
    "no Host beside an absolute-form": Forbidden(
        Request(b"GET", b"http://example.org/"), "http1.send.host", ("rfc9112-3.2.2-6",)
    ),
    "two Hosts": Forbidden(Request(b"GET", b"/", [HOST, HOST]), "http1.send.host", ("rfc9110-5.3-3",)),
    "Content-Length twice": Forbidden(
        Request(b"POST", b"/", [HOST, LENGTH, (b"Content-Length", b"6")]), "http1.send.framing", ("rfc9110-5.3-3",)
    ),
    "GET *": Forbidden(Request(b"GET", b"*", [HOST]), "http1.send.target", ("rfc9110-7.1-6",)),
    "GET host:port": Forbidden(Request(b"GET", b"127.0.0.1:80", [HOST]), "http1.send.target", ("rfc9110-7.1-6",)),
    "CONNECT without a port": Forbidden(
        Request(b"CONNECT", b"example.org", [HOST]), "http1.send.target", ("rfc9112-3.2.3-3", "rfc9110-9.3.6-2")
    ),
    "CONNECT with a path": Forbidden(
        Request(b"CONNECT", b"http://example.org:80/", [HOST]), "http1.send.target", ("rfc9112-3.2.3-3",)
    ),
    "Content-Length and Transfer-Encoding": Forbidden(
        Request(b"POST", b"/", [HOST, LENGTH, CHUNKED]), "http1.send.framing", ("rfc9112-6.2-2",)
    ),
    "chunked twice": Forbidden(
        Request(b"POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked, chunked")]),
        "http1.send.framing",
        ("rfc9112-6.1-4b",),
    ),
    "chunked not last": Forbidden(
        Request(b"POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked, gzip")]),
        "http1.send.framing",
        ("rfc9112-6.1-4c",),
    ),
    "Transfer-Encoding in HTTP/1.0": Forbidden(
        Request(b"POST", b"/", [HOST, CHUNKED], b"1.0"), "http1.send.framing", ("rfc9112-6.1-13a",)
    ),
    "chunked in TE": Forbidden(
        Request(b"GET", b"/", [HOST, (b"TE", b"chunked"), (b"Connection", b"TE")]),
        "http1.send.framing",
        ("rfc9112-7.4-2",),
    ),
    "TE unnamed in Connection": Forbidden(
        Request(b"GET", b"/", [HOST, (b"TE", b"trailers")]), "http1.send.framing", ("rfc9112-7.4-8", "rfc9110-7.6.1-4")
    ),
    "Upgrade unnamed in Connection": Forbidden(
        Request(b"GET", b"/", [HOST, (b"Upgrade", b"websocket")]),
        "http1.send.framing",
        ("rfc9110-7.8-16a", "rfc9110-7.6.1-4"),
    ),
    "Connection that names a field for all": Forbidden(
        Request(b"GET", b"/", [HOST, (b"Cache-Control", b"no-store"), (b"Connection", b"Cache-Control")]),
        "http1.send.framing",
        ("rfc9110-7.6.1-9",),
    ),
    "a version that is not spoken": Forbidden(
        Request(b"GET", b"/", [HOST], b"1.2"), "http1.send.version", ("rfc9110-6.2-5b",)
    ),
    "100-continue without content": Forbidden(
        Request(b"GET", b"/", [HOST, (b"Expect", b"100-continue")]), "http1.send.framing", ("rfc9110-10.1.1-11a",)
    ),
    "TRACE with content": Forbidden(
        Request(b"TRACE", b"/", [HOST, LENGTH]), "http1.send.framing", ("rfc9110-9.3.8-4",)
    ),
    "OPTIONS with untyped content": Forbidden(
        Request(b"OPTIONS", b"/", [HOST, LENGTH]), "http1.send.field", ("rfc9110-9.3.7-6",)
    ),
}


@pytest.mark.parametrize(
    "forbidden",
    [pytest.param(case, id=name, marks=pytest.mark.spec(*case.proves)) for name, case in FORBIDDEN.items()],
)
def test_forbidden_request_is_refused_before_a_byte_is_written(forbidden: Forbidden) -> None:
    connection = Connection(Role.CLIENT)
    with refused_by(forbidden.rule):
        connection.send(forbidden.request)
    assert connection.bytes_to_send() == b""
    connection.send(Request(b"GET", b"/", [HOST]))
    assert connection.bytes_to_send() == b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"


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


def test_a_message_does_not_end_before_the_content_that_it_announced() -> None:
    connection = Connection(Role.CLIENT)
    connection.send(Request(b"POST", b"/", [HOST, LENGTH]))
    connection.send(Data(b"hell"))
    with refused_by("http1.send.too-little-data"):
        connection.send(EndOfMessage())
    connection.send(Data(b"o"))
    connection.send(EndOfMessage())


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
