"""What the codec refuses to send, rule by rule: before a byte is written, and with nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.http1.attacks.case import get, head, post
from tests.http1.support import asking_client, listen, states
from wire.errors import LocalProtocolError
from wire.http1 import (
    Connection,
    ConnectionClosed,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Request,
    Response,
    Role,
    SwitchedData,
)
from wire.http1.rules import LOCAL_RULES

_HOST = (b"Host", b"a")
_LENGTH = (b"Content-Length", b"5")
_CHUNKED = (b"Transfer-Encoding", b"chunked")


@dataclass(frozen=True)
class Refusal:
    """An event that must not be sent.

    Attributes:
        name: what is wrong with it.
        rule: by which it is refused.
        event: the event.
        before: what was sent before.
        asked: for a server, what it has received.
        spec: the requirements that this proves.
    """

    name: str
    rule: str
    event: Event
    before: Sequence[Event] = ()
    asked: bytes | None = None
    spec: tuple[str, ...] = ()

    def connection(self) -> Connection:
        """A connection that is about to say the event."""
        connection = Connection(Role.CLIENT if self.asked is None else Role.SERVER)
        if self.asked:
            listen(connection, [self.asked])
        for event in self.before:
            connection.send(event)
        return connection


def _request(name: str, rule: str, *fields: tuple[bytes, bytes], method: bytes = b"POST", target: bytes = b"/",
             version: bytes = b"1.1", spec: tuple[str, ...] = ()) -> Refusal:  # fmt: skip
    return Refusal(name, rule, Request(method, target, [_HOST, *fields], version), spec=spec)


def _response(name: str, rule: str, *fields: tuple[bytes, bytes], status: int = 200, reason: bytes = b"",
              version: bytes = b"1.1", asked: bytes = get()) -> Refusal:  # fmt: skip
    return Refusal(name, rule, Response(status, fields, reason, version), asked=asked)


_STATE, _FIELD, _FRAMING, _TARGET = "http1.send.state", "http1.send.field", "http1.send.framing", "http1.send.target"
_SPLITS = [
    b"a\r\nX: y",
    b"a\nX: y",
    b"a\rX: y",
    b"a\r\n\r\nGET /smuggled HTTP/1.1",
    b"a\0",
    b"a\x0b",
    b"\x7f",
    b" a",
    b"a\t",
]
_BAD_NAMES = [b"", b"a b", b"a:", b"a\r\nb", b"\na", b"a\0", b"a\xe9", b" a", b"a ", b"(a)", b"[a]"]
_BODY = Request(b"POST", b"/", [_HOST, _LENGTH])
_STREAM = Request(b"POST", b"/", [_HOST, _CHUNKED])

REFUSALS = [
    # Splitting and injection (RFC 9112 §11.1): nothing in any place of a message can begin another.
    *[_request(f"value {value!r}", _FIELD, (b"X", value), spec=("rfc9112-2.2-4a",
    "rfc9112-5.2-3")) for value in _SPLITS],
    *[_request(f"name {name!r}", _FIELD, (name, b"x")) for name in _BAD_NAMES],
    *[_response(f"response value {value!r}", _FIELD, (b"Location", value)) for value in _SPLITS],
    *[_response(f"response name {name!r}", _FIELD, (name, b"x")) for name in _BAD_NAMES],
    *[_response(f"reason {value!r}", _FIELD, reason=value) for value in _SPLITS[:7]],
    *[_request(f"target {value!r}", _TARGET, target=b"/" + value, spec=("rfc9112-2.2-4a",)) for value in _SPLITS],
    *[_request(f"method {name!r}", _TARGET, method=name) for name in _BAD_NAMES],
    *[Refusal(f"trailer {value!r}", _FIELD, EndOfMessage([(b"X", value)]), [_STREAM]) for value in _SPLITS],
    *[Refusal(f"trailer name {name!r}", _FIELD, EndOfMessage([(name, b"x")]), [_STREAM]) for name in _BAD_NAMES],
    # Start-lines.
    _request("no target", _TARGET, target=b""),
    _request("a fragment", _TARGET, target=b"/#top"),
    _request("a target beyond ASCII", _TARGET, target="/é".encode()),
    _request("a target without a slash", _TARGET, target=b"index.html"),
    _request("asterisk with GET", _TARGET, method=b"GET", target=b"*", spec=("rfc9110-7.1-6",)),
    _request("CONNECT with a path", _TARGET, method=b"CONNECT", spec=("rfc9112-3.2.3-3",)),
    _request("request version 1.2", "http1.send.version", version=b"1.2", spec=("rfc9110-6.2-5b",)),
    _request("request version 2.0", "http1.send.version", version=b"2.0", spec=("rfc9110-6.2-5b",)),
    _request("request version with CRLF", "http1.send.version", version=b"1.1\r\nX: y"),
    _response("response version 1.2", "http1.send.version", version=b"1.2"),
    _response("response version with CRLF", "http1.send.version", version=b"1.1\r\n"),
    *[_response(f"status {status}", "http1.send.status", status=status) for status in (-1, 0, 99, 100, 199, 1000)],
    *[Refusal(f"interim status {status}", "http1.send.status", InformationalResponse(status), asked=get())
      for status in (0, 99, 200, 1000)],
    # Host.
    Refusal("no Host", "http1.send.host", Request(b"GET", b"/"), spec=("rfc9112-3.2-5a",)),
    _request("two Hosts", "http1.send.host", (b"host", b"a")),
    Refusal("malformed Host", "http1.send.host", Request(b"GET", b"/", [(b"Host", b"a b")])),
    # Framing.
    _request("both lengths", _FRAMING, _LENGTH, _CHUNKED, spec=("rfc9112-6.2-2",)),
    _request("a signed length", _FRAMING, (b"Content-Length", b"+5")),
    _request("an empty length", _FRAMING, (b"Content-Length", b"")),
    _request("different lengths", _FRAMING, _LENGTH, (b"Content-Length", b"6")),
    _request("equal lengths", _FRAMING, _LENGTH, _LENGTH, spec=("rfc9110-5.3-3",)),
    _request("a list of lengths", _FRAMING, (b"Content-Length", b"5, 5")),
    _request("an unknown coding", _FRAMING, (b"Transfer-Encoding", b"gzip, chunked")),
    _request("chunked not last", _FRAMING, (b"Transfer-Encoding", b"chunked, gzip"), spec=("rfc9112-6.1-4c",)),
    _request("chunked twice", _FRAMING, (b"Transfer-Encoding", b"chunked, chunked"), spec=("rfc9112-6.1-4b",)),
    _request("chunked in quotes", _FRAMING, (b"Transfer-Encoding", b'"chunked"')),
    _request("chunked with a parameter", _FRAMING, (b"Transfer-Encoding", b"chunked;a=b")),
    _request("chunked in HTTP/1.0", _FRAMING, _CHUNKED, version=b"1.0", spec=("rfc9112-6.1-13a",)),
    _request("malformed Connection", _FRAMING, (b"Connection", b"close now")),
    *[_request(f"{name.decode()} {value.decode()!r}", _FRAMING, (name, value), spec=("rfc9110-5.6.1.1-1",))
      for name, value in [(b"Connection", b"close,"), (b"Connection", b",close"), (b"Connection", b"a, ,b"),
                          (b"Transfer-Encoding", b",chunked"), (b"Transfer-Encoding", b"chunked ,")]],
    _response("both lengths in a response", _FRAMING, _LENGTH, _CHUNKED),
    _response("204 with a length", _FRAMING, _LENGTH, status=204),
    _response("204 with chunked", _FRAMING, _CHUNKED, status=204),
    _response("chunked for HTTP/1.0", _FRAMING, _CHUNKED, asked=head(b"GET / HTTP/1.0")),
    # Bodies.
    Refusal("more than announced", "http1.send.too-much-data", Data(b"123456"), [_BODY]),
    Refusal("one more than announced", "http1.send.too-much-data", Data(b"1"), [_BODY, Data(b"12345")]),
    Refusal("less than announced", "http1.send.too-little-data", EndOfMessage(), [_BODY, Data(b"1234")]),
    Refusal("data without a body", "http1.send.too-much-data", Data(b"1"), [Request(b"GET", b"/", [_HOST])]),
    Refusal("data after HEAD", "http1.send.too-much-data", Data(b"1"), [Response(200, [_LENGTH])],
            head(b"HEAD / HTTP/1.1", b"Host: a"), spec=("rfc9110-9.3.2-1",)),
    Refusal("data in a 204", "http1.send.too-much-data", Data(b"1"), [Response(204)], get()),
    Refusal("data in a 304", "http1.send.too-much-data", Data(b"1"), [Response(304, [_LENGTH])], get()),
    Refusal("trailers behind a length", "http1.send.trailer", EndOfMessage([(b"X", b"y")]), [_BODY, Data(b"12345")]),
    Refusal("a trailer that frames", "http1.send.trailer", EndOfMessage([_LENGTH]), [_STREAM]),
    # The order of things.
    Refusal("data before a request", _STATE, Data(b"1")),
    Refusal("the end before a request", _STATE, EndOfMessage()),
    Refusal("a request inside a request", _STATE, _BODY, [_BODY]),
    Refusal("a request before the answer", _STATE, _BODY, [_BODY, Data(b"12345"), EndOfMessage()]),
    Refusal("leaving inside a request", _STATE, ConnectionClosed(), [_BODY]),
    Refusal("a response from a client", _STATE, Response(200)),
    Refusal("a request from a server", _STATE, Request(b"GET", b"/", [_HOST]), asked=get()),
    Refusal("a second response", _STATE, Response(200), [Response(204), EndOfMessage()],
            get()[:-2] + b"Connection: close\r\n\r\n"),
    Refusal("an interim response without a request", _STATE, InformationalResponse(100), asked=b""),
    Refusal("an interim response behind the final one", _STATE, InformationalResponse(103), [Response(200)], get()),
    Refusal("raw bytes before a switch", _STATE, SwitchedData(b"x"), asked=get()),
    Refusal("a request behind close", _STATE, _BODY, [Request(b"GET", b"/", [_HOST, (b"Connection", b"close")]),
            EndOfMessage()]),
    Refusal("interim for HTTP/1.0", "http1.send.interim", InformationalResponse(100), asked=head(b"GET / HTTP/1.0")),
    Refusal("an unasked switch", "http1.send.switch",
            InformationalResponse(101, [(b"Upgrade", b"x"), (b"Connection", b"upgrade")]), asked=get()),
    Refusal("a tunnel before the request is complete", "http1.send.switch", Response(200),
            asked=head(b"CONNECT a:1 HTTP/1.1", b"Host: a", b"Content-Length: 5")),
]  # fmt: skip


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
    with pytest.raises(LocalProtocolError):
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
