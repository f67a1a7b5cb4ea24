"""HTTP/1.1 codecs, heads: requests received and answered, beside h11; received only, beside httptools, which is C.

Every connection is kept alive, as h11 and httptools mean it: one object for all the requests that it sees.
"""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable
from typing import Any

from bench.harness import Side, Work
from bench.timed import Timed, opener
from bench.traffic import browser_requests, distinct_requests
from wire.http1 import Connection, Data, EndOfMessage, Request, Response, Role

BODY = b"Hello, world!"
ANSWER = [
    (b"date", b"Tue, 24 Nov 2026 12:00:00 GMT"),
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"13"),
]


class Serving(Timed):
    """Receives each request and answers it, on one connection. ``exchange`` is one request: bytes in, bytes out."""

    def __init__(self, requests: list[bytes]) -> None:
        super().__init__()
        self.requests = requests

    def exchange(self, data: bytes) -> bytes:
        """Receive a request to its end, answer it, and return the bytes for the socket."""
        raise NotImplementedError

    def received(self) -> Any:
        """Method, target and fields of the last request."""
        raise NotImplementedError

    def outcome(self) -> object:
        """What was received and what the answer says to a client."""
        return [(_answer(self.exchange(data)), self.received()) for data in self.requests]

    def one_pass(self) -> tuple[float, float]:
        """See ``Timed.one_pass``."""
        exchange, requests = self.exchange, self.requests
        start = time.process_time()
        for data in requests:
            exchange(data)
        return len(requests), time.process_time() - start


def _answer(raw: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, fields and body, as the standard library's client reads them."""

    class Socket:
        def makefile(self, _mode: str) -> io.BytesIO:
            return io.BytesIO(raw)

    response = http.client.HTTPResponse(Socket())  # type: ignore[arg-type]
    response.begin()
    return response.status, sorted((name.lower(), value) for name, value in response.getheaders()), response.read()


class WireServing(Serving):
    def __init__(self, requests: list[bytes]) -> None:
        super().__init__(requests)
        self.connection = Connection(Role.SERVER)
        self.request = Request(b"", b"")

    def exchange(self, data: bytes) -> bytes:
        connection = self.connection
        for event in connection.receive(data):
            if isinstance(event, Request):
                self.request = event
        connection.send(Response(200, ANSWER))
        connection.send(Data(BODY))
        connection.send(EndOfMessage())
        return connection.bytes_to_send()

    def received(self) -> Any:
        return self.request.method, self.request.target, list(self.request.fields)


class H11Serving(Serving):
    """h11, driven as its documentation shows."""

    def __init__(self, requests: list[bytes]) -> None:
        import h11

        super().__init__(requests)
        self.h11 = h11
        self.connection = h11.Connection(h11.SERVER)
        self.request: Any = None

    def exchange(self, data: bytes) -> bytes:
        h11, connection = self.h11, self.connection
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                self.request = event
            elif isinstance(event, h11.EndOfMessage):
                break
        out = [
            connection.send(h11.Response(status_code=200, headers=ANSWER)),
            connection.send(h11.Data(data=BODY)),
            connection.send(h11.EndOfMessage()),
        ]
        connection.start_next_cycle()
        return b"".join(part for part in out if part)

    def received(self) -> Any:
        return self.request.method, self.request.target, list(self.request.headers)


class Receiving(Timed):
    """Receives requests on many connections at once, one each; then, untimed, all are made ready for the next.

    A server codec wants its answer before it looks at the next request. This way the answers stay out of the figure
    without a clock being read around every single request.
    """

    def __init__(self, requests: list[bytes]) -> None:
        super().__init__()
        self.requests = requests

    def receive_all(self) -> list[Any]:
        """Receive one request on each connection: method, target and fields of each."""
        raise NotImplementedError

    def make_ready(self) -> None:
        """Make the connections ready for another request."""

    def outcome(self) -> object:
        """What was received."""
        received = [(method, target, list(fields)) for method, target, fields in self.receive_all()]
        self.make_ready()
        return received

    def one_pass(self) -> tuple[float, float]:
        """See ``Timed.one_pass``."""
        start = time.process_time()
        self.receive_all()
        took = time.process_time() - start
        self.make_ready()
        return len(self.requests), took


class WireReceiving(Receiving):
    def __init__(self, requests: list[bytes]) -> None:
        super().__init__(requests)
        self.connections = [Connection(Role.SERVER) for _ in requests]

    def receive_all(self) -> list[Any]:
        """See ``Receiving.receive_all``."""
        received = []
        for connection, data in zip(self.connections, self.requests, strict=True):
            for event in connection.receive(data):
                if isinstance(event, Request):
                    request = event
                elif isinstance(event, EndOfMessage):
                    received.append((request.method, request.target, request.fields))
        return received

    def make_ready(self) -> None:
        """See ``Receiving.make_ready``."""
        for connection in self.connections:
            connection.send(Response(204))
            connection.send(EndOfMessage())
            connection.bytes_to_send()


class HttptoolsProtocol:
    """What a server on httptools does in its callbacks, and no more: uvicorn's HttpToolsProtocol is like this."""

    parser: Any

    def __init__(self, received: list[Any]) -> None:
        self.received = received

    def on_message_begin(self) -> None:
        """A request begins."""
        self.url = b""
        self.fields: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field line."""
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self.method = self.parser.get_method()
        self.version = self.parser.get_http_version()
        self.keep_alive = self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """Some of the body."""

    def on_message_complete(self) -> None:
        """The request is complete."""
        self.received.append((self.method, self.url, self.fields))


class HttptoolsReceiving(Receiving):
    """httptools, a parser for each connection, reused for all of its requests."""

    def __init__(self, requests: list[bytes]) -> None:
        import httptools

        super().__init__(requests)
        self.received: list[Any] = []
        self.parsers = []
        for _ in requests:
            protocol = HttptoolsProtocol(self.received)
            protocol.parser = httptools.HttpRequestParser(protocol)
            self.parsers.append(protocol.parser)

    def receive_all(self) -> list[Any]:
        """See ``Receiving.receive_all``."""
        for parser, data in zip(self.parsers, self.requests, strict=True):
            parser.feed_data(data)
        return self.received

    def make_ready(self) -> None:
        """See ``Receiving.make_ready``."""
        self.received.clear()


def _requests(make: Callable[[int], list[bytes]], count: int) -> Callable[[bool], list[bytes]]:
    return lambda quick: make(20 if quick else count)


BROWSER = _requests(browser_requests, 400)
DISTINCT = _requests(distinct_requests, 2000)


def _work(name: str, title: str, requests: Callable[[bool], list[bytes]], goal: float | None) -> Work:
    return Work(
        name,
        title,
        "requests/s",
        ours=Side("wire", opener(lambda quick: WireServing(requests(quick)))),
        peers={"h11": Side("h11", opener(lambda quick: H11Serving(requests(quick))), ("h11",), goal)},
    )


def _receive(name: str, title: str, requests: Callable[[bool], list[bytes]], goal: float | None) -> Work:
    peer = Side("httptools", opener(lambda quick: HttptoolsReceiving(requests(quick))), ("httptools",), goal)
    ours = Side("wire", opener(lambda quick: WireReceiving(requests(quick))))
    return Work(name, title, "requests/s", ours, {"httptools": peer}, rounds=25)


WORKS = (
    _work("http1.get", "codec: a browser's GET (10 fields, 700 bytes) in, a 13-byte answer out", BROWSER, 6.0),
    _work("http1.get-distinct", "the same, no field value ever twice (worst case for a memo)", DISTINCT, None),
    _receive("http1.receive", "codec: a browser's GET in", BROWSER, 0.4),
    _receive("http1.receive-distinct", "the same, no field value ever twice (worst case for a memo)", DISTINCT, None),
)
