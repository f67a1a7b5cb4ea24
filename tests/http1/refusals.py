"""Every event that a side must not send, by name, each with the rule that refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.http1.attacks.case import get, head
from tests.http1.support import listen
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
              version: bytes = b"1.1", asked: bytes = get(), spec: tuple[str, ...] = ()) -> Refusal:  # fmt: skip
    return Refusal(name, rule, Response(status, fields, reason, version), asked=asked, spec=spec)


def _interim(name: str, rule: str, *fields: tuple[bytes, bytes], status: int = 103, asked: bytes = get(),
             spec: tuple[str, ...] = ()) -> Refusal:  # fmt: skip
    return Refusal(name, rule, InformationalResponse(status, fields), asked=asked, spec=spec)


_STATE, _FIELD, _FRAMING, _TARGET = "http1.send.state", "http1.send.field", "http1.send.framing", "http1.send.target"
_VERSION, _STATUS, _SWITCH = "http1.send.version", "http1.send.status", "http1.send.switch"
_SPLITS = [
    b"a\r\nX: y", b"a\nX: y", b"a\rX: y", b"a\r\n x", b"a\r\n\r\nGET /smuggled HTTP/1.1", b"a\0", b"a\x0b", b"\x7f",
    b" a", b"a\t",
]  # fmt: skip
_BAD_NAMES = [b"", b"a b", b"a:", b"a\r\nb", b"\na", b"a\0", b"a\xe9", b" a", b"a ", b"(a)", b"[a]"]
_BODY = Request(b"POST", b"/", [_HOST, _LENGTH])
_STREAM = Request(b"POST", b"/", [_HOST, _CHUNKED])
_GET_1_0 = head(b"GET / HTTP/1.0")
_CONNECT = head(b"CONNECT a:1 HTTP/1.1", b"Host: a:1")
_ECHO = ((b"Upgrade", b"echo"), (b"Connection", b"upgrade"))
_UPGRADE = get(b"Connection: upgrade", b"Upgrade: echo")
_UPGRADE_1_0 = head(b"GET / HTTP/1.0", b"Connection: upgrade", b"Upgrade: echo")

REFUSALS = [
    # Splitting and injection (RFC 9112 §11.1): nothing in any place of a message can begin another.
    *[_request(f"value {value!r}", _FIELD, (b"X", value), spec=("rfc9112-2.2-4a", "rfc9112-5.2-3"))
      for value in _SPLITS],
    *[_request(f"name {name!r}", _FIELD, (name, b"x")) for name in _BAD_NAMES],
    *[_response(f"response value {value!r}", _FIELD, (b"Location", value), spec=("rfc9112-2.2-4a", "rfc9112-5.2-3"))
      for value in _SPLITS],
    *[_response(f"response name {name!r}", _FIELD, (name, b"x"), spec=("rfc9112-2.2-7",)) for name in _BAD_NAMES],
    Refusal("white space ahead of the first field", _FIELD, Request(b"GET", b"/", [(b" A", b"b"), _HOST]),
            spec=("rfc9112-2.2-7",)),
    *[_response(f"reason {value!r}", _FIELD, reason=value) for value in _SPLITS[:8]],
    *[_request(f"target {value!r}", _TARGET, target=b"/" + value, spec=("rfc9112-2.2-4a",)) for value in _SPLITS],
    *[_request(f"method {name!r}", "http1.send.method", method=name) for name in _BAD_NAMES],
    *[Refusal(f"trailer {value!r}", _FIELD, EndOfMessage([(b"X", value)]), [_STREAM]) for value in _SPLITS],
    *[Refusal(f"trailer name {name!r}", _FIELD, EndOfMessage([(name, b"x")]), [_STREAM]) for name in _BAD_NAMES],
    # Start-lines.
    _request("no target", _TARGET, target=b""),
    _request("a fragment", _TARGET, target=b"/#top"),
    _request("a target beyond ASCII", _TARGET, target="/é".encode()),
    _request("a target without a slash", _TARGET, target=b"index.html"),
    _request("asterisk with GET", _TARGET, method=b"GET", target=b"*", spec=("rfc9110-7.1-6",)),
    _request("host:port with GET", _TARGET, method=b"GET", target=b"127.0.0.1:80", spec=("rfc9110-7.1-6",)),
    _request("CONNECT with a path", _TARGET, method=b"CONNECT", spec=("rfc9112-3.2.3-3",)),
    _request("CONNECT with a URI", _TARGET, method=b"CONNECT", target=b"http://a:80/", spec=("rfc9112-3.2.3-3",)),
    _request("CONNECT without a port", _TARGET, method=b"CONNECT", target=b"a",
             spec=("rfc9112-3.2.3-3", "rfc9110-9.3.6-2")),
    _request("request version 1.2", _VERSION, version=b"1.2", spec=("rfc9110-6.2-5b",)),
    _request("request version 2.0", _VERSION, version=b"2.0", spec=("rfc9110-6.2-5b",)),
    _request("request version with CRLF", _VERSION, version=b"1.1\r\nX: y"),
    _response("response version 1.2", _VERSION, version=b"1.2", spec=("rfc9110-6.2-7b",)),
    _response("response version 2.0", _VERSION, version=b"2.0", spec=("rfc9110-6.2-7b",)),
    _response("response version with CRLF", _VERSION, version=b"1.1\r\n"),
    *[_response(f"status {status}", _STATUS, status=status) for status in (-1, 0, 99, 100, 199, 1000)],
    *[_interim(f"interim status {status}", _STATUS, status=status) for status in (0, 99, 200, 1000)],
    # Host.
    Refusal("no Host", "http1.send.host", Request(b"GET", b"/"), spec=("rfc9112-3.2-5a", "rfc9110-7.2-4a")),
    Refusal("no Host beside an absolute-form", "http1.send.host", Request(b"GET", b"http://a/"),
            spec=("rfc9112-3.2.2-6",)),
    _request("two Hosts", "http1.send.host", (b"host", b"a"), spec=("rfc9110-5.3-3",)),
    Refusal("malformed Host", "http1.send.host", Request(b"GET", b"/", [(b"Host", b"a b")])),
    # Framing.
    _request("both lengths", _FRAMING, _LENGTH, _CHUNKED, spec=("rfc9112-6.2-2",)),
    _request("a signed length", _FRAMING, (b"Content-Length", b"+5")),
    _request("an empty length", _FRAMING, (b"Content-Length", b"")),
    _request("different lengths", _FRAMING, _LENGTH, (b"Content-Length", b"6"), spec=("rfc9110-5.3-3",)),
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
    _response("both lengths in a response", _FRAMING, _LENGTH, _CHUNKED, spec=("rfc9112-6.2-2",)),
    _response("chunked twice in a response", _FRAMING, (b"Transfer-Encoding", b"chunked, chunked"),
              spec=("rfc9112-6.1-4b",)),
    _response("204 with a length", _FRAMING, _LENGTH, status=204, spec=("rfc9110-8.6-8a",)),
    _response("205 with a length", _FRAMING, _LENGTH, status=205),
    _response("205 with chunked", _FRAMING, _CHUNKED, status=205),
    _response("204 with chunked", _FRAMING, _CHUNKED, status=204, spec=("rfc9112-6.1-10a",)),
    _interim("103 with a length", _FRAMING, _LENGTH, spec=("rfc9110-8.6-8a",)),
    _interim("103 with chunked", _FRAMING, _CHUNKED, spec=("rfc9112-6.1-10a",)),
    _response("200 to CONNECT with a length", _FRAMING, _LENGTH, asked=_CONNECT,
              spec=("rfc9110-8.6-8b", "rfc9110-9.3.6-12a")),
    _response("200 to CONNECT with chunked", _FRAMING, _CHUNKED, asked=_CONNECT,
              spec=("rfc9112-6.1-10b", "rfc9110-9.3.6-12a")),
    _response("chunked for HTTP/1.0", _FRAMING, _CHUNKED, asked=_GET_1_0, spec=("rfc9112-6.1-13b",)),
    # Connection options and expectations.
    _request("chunked in TE", _FRAMING, (b"TE", b"chunked"), (b"Connection", b"TE"), method=b"GET",
             spec=("rfc9112-7.4-2",)),
    _request("TE unnamed in Connection", _FRAMING, (b"TE", b"trailers"), spec=("rfc9112-7.4-8", "rfc9110-7.6.1-4")),
    _request("Upgrade unnamed in Connection", _FRAMING, (b"Upgrade", b"echo"),
             spec=("rfc9110-7.8-16a", "rfc9110-7.6.1-4")),
    _response("Upgrade unnamed in Connection in a response", _FRAMING, (b"Upgrade", b"echo"),
              spec=("rfc9110-7.8-16a", "rfc9110-7.6.1-4")),
    _request("Connection that names a field for all", _FRAMING, (b"Connection", b"Cache-Control"),
             spec=("rfc9110-7.6.1-9",)),
    _response("Connection that names a field for all in a response", _FRAMING, (b"Connection", b"close, Content-Type"),
              spec=("rfc9110-7.6.1-9",)),
    _request("100-continue without content", _FRAMING, (b"Expect", b"100-continue"), spec=("rfc9110-10.1.1-11a",)),
    # Bodies.
    _request("TRACE with content", _FRAMING, _LENGTH, method=b"TRACE", spec=("rfc9110-9.3.8-4",)),
    _request("OPTIONS with untyped content", _FIELD, _LENGTH, method=b"OPTIONS", spec=("rfc9110-9.3.7-6",)),
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
    _interim("100 for HTTP/1.0", "http1.send.interim", status=100, asked=_GET_1_0, spec=("rfc9110-15.2-1",)),
    # Switches.
    _interim("101 without Upgrade", _SWITCH, status=101, asked=_UPGRADE, spec=("rfc9110-7.8-6a", "rfc9110-15.2.2-1")),
    _interim("101 that nobody asked for", _SWITCH, *_ECHO, status=101, spec=("rfc9110-7.8-6c",)),
    _interim("101 to what was not offered", _SWITCH, (b"Upgrade", b"other"), (b"Connection", b"upgrade"), status=101,
             asked=_UPGRADE, spec=("rfc9110-7.8-6c",)),
    _interim("101 to Upgrade in HTTP/1.0", "http1.send.interim", *_ECHO, status=101, asked=_UPGRADE_1_0,
             spec=("rfc9110-7.8-16b",)),
    Refusal("a tunnel before the request is complete", _SWITCH, Response(200),
            asked=head(b"CONNECT a:1 HTTP/1.1", b"Host: a", b"Content-Length: 5")),
]  # fmt: skip
