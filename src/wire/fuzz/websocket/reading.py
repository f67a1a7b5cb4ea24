"""What all readers of WebSocket share: who reads an input, and how what was read is told."""

from __future__ import annotations

from collections.abc import Iterable

from wire.fuzz.readings import Message, Reading
from wire.http1 import Connection, InformationalResponse
from wire.http1 import EndOfMessage as End
from wire.http1 import Request as HttpRequest
from wire.http1 import Role as HttpRole
from wire.websocket import Deflate, Role
from wire.websocket.extensions import DeflateOffer, read_accepted, read_extensions
from wire.websocket.frames import MASK
from wire.websocket.handshake import Agreement, Offer

NO_CLOSE = "the connection ends without a close frame"
"""The error of every input that ends before its close frame: no reader is asked whether it breaks off."""


def role_of(data: bytes) -> Role:
    """Who reads these frames: a server if the first is masked, else a client."""
    return Role.SERVER if len(data) > 1 and data[1] & MASK else Role.CLIENT


class Listener:
    """Puts together what a parser says, piece by piece, and gives the ``Reading`` in the end."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._so_far: list[bytes] = []
        self._closed = False

    def data(self, kind: bytes, payload: bytes, *, end: bool) -> None:
        """A piece of a message; nothing follows ``end``."""
        self._so_far.append(payload)
        if end:
            self._reading.messages.append(Message({"kind": kind}, body=b"".join(self._so_far)))
            self._so_far.clear()

    def control(self, kind: bytes, payload: bytes) -> None:
        """A ping or a pong."""
        self._reading.messages.append(Message({"kind": kind}, body=payload))

    def close(self, code: int, reason: str) -> None:
        """A close frame; the code is 1005 where there was none."""
        self._closed = True
        self._reading.messages.append(Message({"kind": b"close", "code": b"%d" % code}, body=reason.encode()))

    def reading(self, error: str = "", answer: int | None = None) -> Reading:
        """All of it; ``answer`` is the close code that a violation is answered with."""
        self._reading.error = error or ("" if self._closed else NO_CLOSE)
        self._reading.answer = answer
        return self._reading


AGREED = Deflate()
"""What the two sides of a stream of frames have agreed on for compression, unless told otherwise."""

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The key of the example in RFC 6455 §1.3, which each client sends."""

AVAILABLE = ("chat", "superchat")
"""The subprotocols that each side knows, the best first."""

OFFER = Offer(KEY, AVAILABLE, (DeflateOffer(),))
"""What each client offers."""

_ANY_DEFLATE = [
    DeflateOffer(client_max_window_bits=True),
    DeflateOffer(server_no_context_takeover=True, client_no_context_takeover=True, client_max_window_bits=True),
]


def is_response(data: bytes) -> bool:
    """Whether a handshake is read by a client."""
    return data.startswith(b"HTTP/")


def choose(offered: Iterable[str]) -> str | None:
    """The subprotocol that a server takes."""
    names = set(offered)
    return next((name for name in AVAILABLE if name in names), None)


def answer_of(fields: Iterable[tuple[bytes, bytes]]) -> Reading:
    """What a server answered with 101."""
    values = {name.lower(): value for name, value in fields}
    extensions = values.get(b"sec-websocket-extensions")
    accepted = read_accepted(read_extensions([extensions]), _ANY_DEFLATE) if extensions else None
    subprotocol = values.get(b"sec-websocket-protocol", b"")
    start = {"accept": values[b"sec-websocket-accept"], "subprotocol": subprotocol, "deflate": _told(accepted)}
    return Reading([Message(start)])


def answer_head(head: bytes) -> Reading:
    """The same of the bytes of the answer."""
    http = Connection(HttpRole.CLIENT)
    switch = [(b"host", b"a"), (b"connection", b"upgrade"), (b"upgrade", b"websocket")]
    http.send(HttpRequest(b"GET", b"/", switch))
    http.send(End())
    (response, *_rest) = http.receive(head)
    assert isinstance(response, InformationalResponse)
    return answer_of(response.fields)


def tell_agreement(agreement: Agreement) -> Reading:
    """What a client takes for agreed on."""
    subprotocol = (agreement.subprotocol or "").encode()
    return Reading([Message({"subprotocol": subprotocol, "deflate": _told(agreement.deflate)})])


def _told(deflate: Deflate | None) -> bytes:
    return b"none" if deflate is None else str(deflate).encode()
