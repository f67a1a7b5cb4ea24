"""httptools, which is llhttp of Node.js, as a reader."""

from __future__ import annotations

from collections.abc import Sequence

import httptools

from wire.fuzz.readings import Message, Reading


class _Listener:
    """Collects what the parser calls back with."""

    def __init__(self) -> None:
        self.reading = Reading()
        self.parser: httptools.HttpRequestParser | httptools.HttpResponseParser
        self.open = False

    def on_message_begin(self) -> None:
        self.message = Message({}, trailers=None)
        self.fields: list[tuple[bytes, bytes]] = []
        self.target = b""
        self.last_coding = b""
        self.head_is_complete = False
        self.open = True

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"transfer-encoding":
            self.last_coding = (value or b"").lower().split(b",")[-1].strip(b" ")
        if not self.head_is_complete:  # what comes later are trailers
            self.fields.append((name.lower(), (value or b"").rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self.head_is_complete = True
        version = self.parser.get_http_version().encode()
        if isinstance(self.parser, httptools.HttpRequestParser):
            self.message.start = {"method": self.parser.get_method(), "target": self.target, "version": version}
            self.is_interim = False
        else:
            status = self.parser.get_status_code()
            self.message.start = {"status": b"%d" % status, "version": version}
            self.is_interim = status < 200
        self.message.fields = tuple(self.fields)

    def on_body(self, body: bytes) -> None:
        self.message.body = (self.message.body or b"") + body

    def ends_with_the_connection(self) -> bool:
        """Whether the response is complete because the server closed: the parser itself cannot be told that it did."""
        if isinstance(self.parser, httptools.HttpRequestParser) or not self.head_is_complete:
            return False
        names = [name for name, _value in self.message.fields]
        return self.last_coding != b"chunked" and b"content-length" not in names

    def on_message_complete(self) -> None:
        self.open = False
        if not self.is_interim:
            self.reading.messages.append(self.message)


def read_requests(pieces: Sequence[bytes]) -> Reading:
    """What httptools' request parser reads."""
    return _read(httptools.HttpRequestParser, pieces)


def read_responses(pieces: Sequence[bytes]) -> Reading:
    """What httptools' response parser reads."""
    return _read(httptools.HttpResponseParser, pieces)


def _read(parser: type[httptools.HttpRequestParser | httptools.HttpResponseParser], pieces: Sequence[bytes]) -> Reading:
    listener = _Listener()
    listener.parser = parser(listener)
    try:
        for piece in filter(None, pieces):
            listener.parser.feed_data(piece)
    except httptools.HttpParserUpgrade:
        # It hands over at once, even in front of a body: what follows is not for it to say.
        listener.reading.looks_at = len(listener.reading.messages)
        if listener.reading.messages:
            listener.reading.messages[-1].body = None
        return listener.reading
    except httptools.HttpParserError as error:
        listener.reading.error = f"{type(error).__name__}: {error}"
        return listener.reading
    if listener.open and listener.ends_with_the_connection():
        listener.on_message_complete()
    if listener.open:
        listener.reading.error = "the input ends inside a message"
    return listener.reading
