"""What a handler takes and gives: a request and a response, the same whichever version of HTTP carries them.

    async def greet(request: Request) -> Response:
        return Response.text(f"Hello, {request.params['name']}!")

Nothing here knows of sockets, so a handler can be called in a test with a request made by hand.
"""

from __future__ import annotations

import http
import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import unquote

import trio

from wire.http1.grammar import ABSOLUTE_FORM
from wire.net.fields import FieldLine, ReceivedFields, field_value

if TYPE_CHECKING:
    from wire.net.websocket import Options, WebSocket
    from wire.websocket import Deflate, Limits

PHRASES: dict[int, str] = {status.value: status.phrase for status in http.HTTPStatus} | {
    413: "Content Too Large",  # Python has the names of RFC 9110 §15.5 from 3.13 on
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""What each status code is called: the reason-phrase of a response, the title of a problem."""


class Problem(Exception):
    """Raised by a handler that cannot answer otherwise; the server sends ``response``.

    Args:
        status: the HTTP status, 400 to 599.
        detail: one sentence for the person who sent this request.
        fields: field lines of the response beside its content type.
        **extension: further members of the problem document (RFC 9457 §3.2).
    """

    def __init__(
        self, status: int, detail: str | None = None, *, fields: Iterable[FieldLine] = (), **extension: Any
    ) -> None:
        super().__init__(detail or f"status {status}")
        self.status = status
        self.response = Response.problem(status, detail, fields=fields, **extension)


class ContentTooLarge(Problem):
    """The body of a request is longer than its handler wants to read (RFC 9110 §15.5.14)."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The content may have {limit} bytes at most.", limit=limit)


class Disconnected(Exception):
    """The client went away while its handler was waiting for more of the request."""


class Exchange:
    """The handler's end of the connection while one request is answered: the body as it streams in, and more.

    This one stands for a request that is all there, as in a test; each version of HTTP has its own.
    """

    __slots__ = ("_body", "trailers")

    trailers: ReceivedFields
    """The fields after the body, once it has ended (RFC 9110 §6.5)."""

    def __init__(self, body: bytes = b"") -> None:
        self._body = body
        self.trailers = ()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._body:
            raise StopAsyncIteration
        body, self._body = self._body, b""
        return body

    async def disconnected(self) -> None:
        """Return once the client has gone away."""
        await trio.sleep_forever()

    async def inform(self, status: int, fields: Iterable[FieldLine] = ()) -> None:
        """Send an interim response."""


class Request:
    """What a client asks for.

    Attributes:
        method: in its own case, such as ``"GET"`` (RFC 9110 §9.1: methods are case-sensitive).
        target: the request-target as it came (RFC 9112 §3.2).
        fields: the field lines in the order in which they came, names in lower case.
        scheme: ``"http"`` or ``"https"``.
        http_version: ``"1.0"``, ``"1.1"`` or ``"2"``.
        client: address and port of the peer, None where it has none.
        raw_path: the path as it came, without the query.
        params: what the names in the route's pattern stand for, percent-decoded.
        body: the message body as it comes in. Nothing of it is read from the socket before it is asked for; the first
            pull tells a client that waits for it to continue (RFC 9110 §10.1.1). Iterate over it once.
    """

    __slots__ = (
        "method", "target", "fields", "scheme", "http_version", "client", "params", "body", "raw_path",
    )  # fmt: skip

    def __init__(
        self,
        method: str,
        target: str,
        fields: ReceivedFields = (),
        *,
        scheme: str = "http",
        http_version: str = "1.1",
        client: tuple[str, int] | None = None,
        body: bytes | Exchange = b"",
    ) -> None:
        self.method = method
        self.target = target
        self.fields = fields
        self.scheme = scheme
        self.http_version = http_version
        self.client = client
        self.params: dict[str, str] = {}
        self.body: Exchange = Exchange(body) if isinstance(body, bytes) else body
        path = target.partition("?")[0]
        self.raw_path = path if path[:1] == "/" else _origin_form(method, target).partition("?")[0]

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}>"

    @property
    def path(self) -> str:
        """The path, percent-decoded; empty for CONNECT, ``"*"`` for a server as a whole (RFC 9112 §3.2.4)."""
        return unquote(self.raw_path) if "%" in self.raw_path else self.raw_path

    @property
    def query(self) -> str:
        """What follows the first question mark, as it came; empty where there is none."""
        return _origin_form(self.method, self.target).partition("?")[2]

    @property
    def authority(self) -> str:
        """The host and port that the client means: from the target if it has them, else ``Host`` (RFC 9110 §7.2)."""
        if self.method == "CONNECT":
            return self.target
        absolute = _absolute_form(self.target)
        return (absolute["authority"] if absolute else None) or self.field("host") or ""

    def is_for_scheme(self, scheme: str) -> bool:
        """Whether the target names no other scheme than this one (RFC 9110 §7.4)."""
        absolute = None if self.method == "CONNECT" else _absolute_form(self.target)
        return absolute is None or (absolute["scheme"] or "").lower() == scheme

    def field(self, name: str) -> str | None:
        """The value of a field, several of one name joined by a comma (RFC 9110 §5.2); None where there is none."""
        return field_value(self.fields, name)

    @property
    def content_length(self) -> int | None:
        """How many bytes the body has, where the client says so in advance (RFC 9110 §8.6)."""
        value = self.field("content-length")
        # RFC 9112 §6.3: where there are several, the codec has found them equal.
        return None if value is None else int(value.partition(",")[0])

    @property
    def trailers(self) -> ReceivedFields:
        """The trailer fields; empty until the body has ended (RFC 9110 §6.5)."""
        return self.body.trailers

    async def read(self, limit: int = 1 << 20) -> bytes:
        """Read the whole body.

        Raises:
            ContentTooLarge: it is longer than ``limit`` bytes; unless caught, the client is answered with 413.
            RemoteProtocolError: its framing is broken; unless caught, the client is told so.
            Disconnected: the client went away.
        """
        if (self.content_length or 0) > limit:
            raise ContentTooLarge(limit)  # before 100 Continue is sent: the client may keep its body
        chunks: list[bytes] = []
        size = 0
        async for chunk in self.body:
            size += len(chunk)
            if size > limit:
                raise ContentTooLarge(limit)
            chunks.append(chunk)
        return b"".join(chunks)

    async def disconnected(self) -> None:
        """Return at once when the client has gone away; wait for it to go otherwise.

        For handlers that wait for something else meanwhile (a long poll): run both in a nursery and cancel the loser.
        A client that has closed its sending side counts as gone here, since few that still listen do that.
        """
        await self.body.disconnected()

    async def inform(self, status: int, fields: Iterable[FieldLine] = ()) -> None:
        """Send an interim response ahead of the final one, such as 103 with ``Link`` fields (RFC 9110 §15.2).

        A client of HTTP/1.0 would not understand it, so it gets none.
        """
        await self.body.inform(status, fields)

    async def websocket(
        self,
        talk: Callable[[WebSocket], Awaitable[None]],
        *,
        subprotocols: Sequence[str] = (),
        origins: Collection[str] | None = None,
        deflate: Deflate | None = None,
        limits: Limits | None = None,
        options: Options | None = None,
        fields: Iterable[FieldLine] = (),
    ) -> Response:
        """Accept a WebSocket (RFC 6455 §4.2); to be returned by the handler: ``return await request.websocket(talk)``.

        Then ``talk`` has the connection. When it returns, it is closed with 1000; when it raises, with 1011, and what
        went wrong is logged. ``ConnectionClosed`` may leave it. If it does not notice that the connection is over, it
        is cancelled ``Options.close_timeout`` later.

        Args:
            talk: ``async def talk(ws: WebSocket) -> None``.
            subprotocols: what can be spoken inside, the best first; the first that the client offers is chosen.
            origins: of pages that may connect, such as ``"https://example.com"``; None for the server's own, ``("*",)``
                for all. Whoever isn't a browser may anyway.
            deflate: what to agree on for compression if the client offers it; None for no compression.
            limits: how much a message may hold.
            options: deadlines, queues and heartbeat.
            fields: further field lines of the response.

        Raises:
            Problem: it is no opening handshake, or not one for here. The client is answered with 400, 403 or 426.
        """
        from wire.net.websocket.upgrade import upgrade  # most servers never need it

        return upgrade(
            self,
            talk,
            subprotocols=subprotocols,
            origins=origins,
            deflate=deflate,
            limits=limits,
            options=options,
            fields=fields,
        )


def _origin_form(method: str, target: str) -> str:
    """Path and query, whatever form the target has (RFC 9112 §3.2)."""
    if method == "CONNECT":
        return ""
    absolute = _absolute_form(target)
    return target if absolute is None else f"{absolute['path'] or '/'}?{absolute['query'] or ''}"


def _absolute_form(target: str) -> dict[str, str | None] | None:
    """The parts of a target that is a URI, as the codec took it; None for another form (RFC 9112 §3.2.2)."""
    if target[:1] in ("/", "*", ""):
        return None
    match = ABSOLUTE_FORM.fullmatch(target.encode("latin-1"))
    if match is None:
        return None
    return {name: part if part is None else part.decode("latin-1") for name, part in match.groupdict().items()}


class Stream(Protocol):
    """The bare connection that a ``takeover`` is given: bytes in, bytes out."""

    async def receive_some(self) -> bytes:
        """Bytes of the peer, those that followed the request first; ``b""`` once it has closed its side."""

    async def send_all(self, data: bytes) -> None:
        """Send all of the bytes, waiting while the peer doesn't read them; one call at a time."""

    async def draining(self) -> None:
        """Return when the server is shutting down, so that the protocol can say its own goodbye."""


Trailers: TypeAlias = Callable[[], Iterable[FieldLine]]
Takeover: TypeAlias = Callable[[Stream], Awaitable[None]]


@dataclass(slots=True)
class Response:
    """What a handler answers.

    Attributes:
        status: 200 to 599, or 101 with a ``takeover``.
        body: all of it, or something that yields it bit by bit; an iterator is closed (``aclose``)
            when the client goes away.
        fields: field lines in the order in which they go out. ``content-length`` is filled in for a body of bytes,
            ``date`` in any case. A body that streams is chunked (RFC 9112 §7.1) unless ``content-length`` is given.
        trailers: called when the body has streamed, for the fields that follow it (RFC 9110 §6.5); a ``trailer`` field
            among ``fields`` should announce them (RFC 9110 §6.6.2).
        takeover: given the bare connection after a 101, or a 2xx to CONNECT, until it returns (RFC 9110 §7.8, §9.3.6).
    """

    status: int = 200
    body: bytes | AsyncIterable[bytes] = b""
    fields: list[FieldLine] = field(default_factory=list)
    trailers: Trailers | None = None
    takeover: Takeover | None = None

    @classmethod
    def text(cls, text: str, status: int = 200, *, fields: Iterable[FieldLine] = ()) -> Response:
        """Plain text in UTF-8."""
        return cls(status, text.encode(), [(b"content-type", b"text/plain; charset=utf-8"), *fields])

    @classmethod
    def html(cls, page: str, status: int = 200, *, fields: Iterable[FieldLine] = ()) -> Response:
        """An HTML page in UTF-8."""
        return cls(status, page.encode(), [(b"content-type", b"text/html; charset=utf-8"), *fields])

    @classmethod
    def json(cls, value: Any, status: int = 200, *, fields: Iterable[FieldLine] = ()) -> Response:
        """Any value that JSON can hold (RFC 8259); half a surrogate pair goes out as its escape."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
        return cls(status, body, [(b"content-type", b"application/json"), *fields])

    @classmethod
    def problem(
        cls,
        status: int,
        detail: str | None = None,
        *,
        title: str | None = None,
        kind: str = "about:blank",
        fields: Iterable[FieldLine] = (),
        **extension: Any,
    ) -> Response:
        """A problem document: what went wrong, for machines and people (RFC 9457).

        Args:
            status: 400 to 599.
            detail: one sentence about this occurrence.
            title: the kind of problem in a few words; the status's own phrase if it isn't given (RFC 9457 §4.2.1).
            kind: a URI for it, the document's ``type``; this one means that the status says it all.
            fields: further field lines.
            **extension: further members of the document; those that are None are left out.
        """
        title = title or PHRASES.get(status, f"Status {status}")
        document = {"type": kind, "title": title, "status": status, "detail": detail, **extension}
        response = cls.json({name: value for name, value in document.items() if value is not None}, status)
        response.fields = [(b"content-type", b"application/problem+json"), *fields]
        return response


Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
"""``async def handler(request) -> Response``: all that a server needs."""
