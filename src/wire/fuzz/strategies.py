"""Hypothesis strategies for HTTP/1.1, from the grammars of RFC 9110 and 9112: events, their bytes, and spoilt bytes.

Three kinds of input, from tame to wild: ``requests()`` and ``responses()`` are valid messages of every form, as events;
``request_bytes()`` and ``response_bytes()`` are valid messages as somebody else might write them, with the freedom that
the grammar leaves; ``mutated_*`` spoil one of those by a named mutation; ``noise`` is bytes that only look familiar.
``cuts`` says how any of them arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wire.fuzz.contract import cut
from wire.fuzz.mutations import CHUNK_MUTATIONS, REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft
from wire.fuzz.mutations.draft import CRLF, AnyMutation
from wire.http1 import Data, EndOfMessage, Event, Request, Response

_TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"PROPFIND", b"M-SEARCH"]
_HOSTS = [
    b"a",
    b"www.example.org",
    b"a.example:8080",
    b"127.0.0.1",
    b"[::1]",
    b"[2001:db8::1]:443",
    b"xn--bcher-kva.example",
]
_FRAMING_NAMES = frozenset((
    b"connection", b"content-length", b"expect", b"host", b"te", b"transfer-encoding", b"upgrade", b"trailer",
))  # fmt: skip


def tokens(max_size: int = 12) -> SearchStrategy[bytes]:
    """A token (RFC 9110 §5.6.2)."""
    return st.text(_TOKEN_CHARACTERS, min_size=1, max_size=max_size).map(str.encode)


def field_values(max_size: int = 30) -> SearchStrategy[bytes]:
    """A field value without white space around it (RFC 9110 §5.5)."""
    allowed = [*range(0x21, 0x7F), 0x20, 0x09, *range(0x80, 0x100)]
    return st.lists(st.sampled_from(allowed), max_size=max_size).map(lambda codes: bytes(codes).strip(b" \t"))


def field_lines(max_size: int = 5) -> SearchStrategy[list[tuple[bytes, bytes]]]:
    """Fields that neither frame a message nor concern the connection."""
    names = st.sampled_from([b"accept", b"X-Trace", b"user-agent", b"COOKIE"]) | tokens()
    safe = names.filter(lambda name: name.lower() not in _FRAMING_NAMES)
    return st.lists(st.tuples(safe, field_values()), max_size=max_size)


def trailer_fields() -> SearchStrategy[list[tuple[bytes, bytes]]]:
    """Fields that may stand in a trailer section (RFC 9110 §6.5.1)."""
    return st.lists(
        st.tuples(st.sampled_from([b"digest", b"X-Checksum", b"server-timing"]), field_values()), max_size=3
    )


def targets() -> SearchStrategy[bytes]:
    """A request-target in origin-form or absolute-form (RFC 9112 §3.2)."""
    characters = "abcxyzABC019-._~!$&'()*+,;=:@%/"
    path = st.text(characters, max_size=15).map(lambda text: b"/" + text.encode())
    query = st.just(b"") | st.text(characters + "?", max_size=10).map(lambda text: b"?" + text.encode())
    origin = st.tuples(path, query).map(b"".join)
    prefix = st.sampled_from([b"http://a.example", b"https://[::1]:8443", b"HTTP://a", b"ftp://x.example:21"])
    return origin | st.tuples(prefix, st.just(b"") | origin).map(b"".join)


def bodies() -> SearchStrategy[list[bytes]]:
    """Content in the pieces in which it is sent."""
    return st.lists(st.binary(max_size=40), max_size=4)


@st.composite
def requests(draw: st.DrawFn) -> list[Event]:
    """A whole request as events, valid for a client to send: without a body, with a length, or chunked."""
    fields = [(b"Host", draw(st.sampled_from(_HOSTS))), *draw(field_lines())]
    method, target = draw(st.sampled_from(_METHODS)), draw(targets())
    version = draw(st.sampled_from([b"1.1", b"1.1", b"1.1", b"1.0"]))
    if draw(st.integers(0, 4)) == 0:
        fields.append((b"Connection", draw(st.sampled_from([b"close", b"keep-alive", b"x"]))))
    framing = draw(st.sampled_from(["none", "length", "chunked"] if version == b"1.1" else ["none", "length"]))
    if method == b"OPTIONS" and draw(st.booleans()):
        target = b"*"
    if method == b"OPTIONS" and framing != "none":
        fields.append((b"Content-Type", b"text/plain"))  # RFC 9110 §9.3.7
    return _message(draw, Request(method, target, fields, version), framing)


@st.composite
def responses(draw: st.DrawFn, framings: Sequence[str] = ("length", "chunked")) -> list[Event]:
    """A whole final response to a GET as events, valid for a server to send."""
    status = draw(st.sampled_from([200, 200, 204, 304, 404, 500, 299, 999]))
    reason = draw(st.sampled_from([b"OK", b"", b"Not Found", b"\xe9 \t x"]).map(lambda text: text.strip(b" \t")))
    framing = "none" if status in (204, 304) else draw(st.sampled_from(framings))
    return _message(draw, Response(status, draw(field_lines()), reason), framing)


def _message(draw: st.DrawFn, head: Request | Response, framing: str) -> list[Event]:
    pieces = draw(bodies()) if framing != "none" else []
    trailers: list[tuple[bytes, bytes]] = []
    fields = list(head.fields)
    if framing == "length":
        fields.insert(draw(st.integers(0, len(fields))), (b"Content-Length", b"%d" % sum(map(len, pieces))))
    elif framing == "chunked":
        fields.insert(draw(st.integers(0, len(fields))), (b"Transfer-Encoding", b"chunked"))
        trailers = draw(trailer_fields())
    head.fields = fields
    return [head, *map(Data, pieces), EndOfMessage(trailers)]


_PLAIN_TARGETS = [b"/", b"/x", b"/a/b?c=d", b"/index.html", b"/%7euser"]
_LINES = [b"Accept: */*", b"User-Agent: wire", b"X-Empty:", b"Cookie: a=b; c=d", b"x-trace:1", b"Accept-Language:\ten "]


@st.composite
def request_drafts(draw: st.DrawFn) -> Draft:
    """A valid request in its parts, plain enough that one mutation is the only odd thing about it."""
    start = b"%b %b HTTP/1.1" % (
        draw(st.sampled_from([b"POST", b"GET", b"PUT"])),
        draw(st.sampled_from(_PLAIN_TARGETS)),
    )
    lines = draw(st.lists(st.sampled_from(_LINES), max_size=3))
    return Draft(start, (b"Host: a", *lines), draw(st.binary(min_size=1, max_size=20)))


@st.composite
def response_drafts(draw: st.DrawFn) -> Draft:
    """A valid response in its parts."""
    start = draw(st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 500 "]))
    lines = draw(
        st.lists(st.sampled_from([b"Server: wire", b"Content-Type: text/plain", b"Set-Cookie: a=b"]), max_size=3)
    )
    return Draft(start, tuple(lines), draw(st.binary(min_size=1, max_size=20)))


def draft_bytes(drafts: SearchStrategy[Draft]) -> SearchStrategy[bytes]:
    """The messages as they are valid: with a length or chunked."""
    return st.tuples(drafts, st.booleans()).map(
        lambda pair: pair[0].with_chunks() if pair[1] else pair[0].with_length()
    )


def request_bytes() -> SearchStrategy[bytes]:
    """A valid request as bytes."""
    return draft_bytes(request_drafts())


def response_bytes() -> SearchStrategy[bytes]:
    """A valid response as bytes."""
    return draft_bytes(response_drafts())


@dataclass(frozen=True, slots=True)
class Spoilt:
    """Bytes, and the name of what was done to them: a mutation's, ``"valid"`` or ``"noise"``."""

    mutation: str
    data: bytes


_D = TypeVar("_D")


def mutated(drafts: SearchStrategy[_D], mutations: Mapping[str, AnyMutation[_D]]) -> SearchStrategy[Spoilt]:
    """A draft spoilt by one of ``mutations``."""
    chosen = st.tuples(st.sampled_from(list(mutations.values())), drafts, st.randoms(use_true_random=False))
    return chosen.map(lambda drawn: Spoilt(drawn[0].name, drawn[0].apply(drawn[1], drawn[2])))


def mutated_requests() -> SearchStrategy[Spoilt]:
    """A request spoilt by one of ``REQUEST_MUTATIONS``."""
    return mutated(request_drafts(), REQUEST_MUTATIONS)


def mutated_responses() -> SearchStrategy[Spoilt]:
    """A response spoilt by one of ``RESPONSE_MUTATIONS``."""
    return mutated(response_drafts(), RESPONSE_MUTATIONS)


def mutated_chunks() -> SearchStrategy[Spoilt]:
    """A request whose chunked body is spoilt by one of ``CHUNK_MUTATIONS``."""
    return mutated(request_drafts(), CHUNK_MUTATIONS)


_FAMILIAR = [
    b"GET", b"POST", b" ", b"/", b"HTTP/1.1", b"HTTP/1.0", b"200", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b":",
    b": ", b",",
    b"Host: a", b"Content-Length: ", b"Transfer-Encoding: ", b"chunked", b"0", b"5", b";", b"=", b'"', b"\t", b"\xff",
    b"hello", b"0\r\n\r\n", b"5\r\nhello\r\n", b"Connection: close", b"Expect: 100-continue",
]  # fmt: skip


def noise() -> SearchStrategy[bytes]:
    """Bytes without any order, and familiar pieces in an unfamiliar one."""
    return st.binary(max_size=60) | st.lists(st.sampled_from(_FAMILIAR) | st.binary(max_size=3), max_size=25).map(
        b"".join
    )


@st.composite
def edited(draw: st.DrawFn, valid: SearchStrategy[bytes], familiar: Sequence[bytes] = _FAMILIAR) -> bytes:
    """A valid message with one to three bytes changed, dropped, doubled or put in."""
    data = bytearray(draw(valid))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data) - 1)) if data else 0
        kind = draw(st.integers(0, 3))
        if kind == 0 or not data:
            data[at:at] = draw(st.sampled_from(familiar))
        elif kind == 1:
            del data[at]
        elif kind == 2:
            data[at] = draw(st.integers(0, 255))
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 20))]
    return bytes(data)


def inputs(spoilt: SearchStrategy[Spoilt], valid: SearchStrategy[bytes], *, first: bool) -> SearchStrategy[Spoilt]:
    """What a fuzzer feeds: mostly spoilt messages, some valid ones, some noise; not ``first`` only, but also second."""
    named = st.one_of(
        spoilt,
        spoilt,
        valid.map(lambda data: Spoilt("valid", data)),
        edited(valid).map(lambda data: Spoilt("edited", data)),
        noise().map(lambda data: Spoilt("noise", data)),
    )
    if first:
        return named
    return named | st.tuples(valid, named).map(lambda pair: Spoilt(pair[1].mutation, pair[0] + pair[1].data))


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """``data`` in pieces, none of them empty, often cut beside a CR or a LF."""
    telling = [at for at in range(1, len(data)) if data[at - 1 : at] in CRLF or data[at : at + 1] in CRLF]
    places = draw(st.lists(st.integers(0, max(len(data) - 1, 0)), max_size=5))
    if telling:
        places += draw(st.lists(st.sampled_from(telling), max_size=5))
    return cut(data, places)
