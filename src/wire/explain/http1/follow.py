"""One direction of an HTTP/1.1 connection followed by the codec, event by event, with the place where each ends.

The codec reads as the other side would, and needs that side's part of the conversation to go on: the requests that are
answered, or answers to the requests. What is known of it is given; the rest is assumed so that the sender can go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat

from wire.errors import RemoteProtocolError
from wire.http1 import (
    Connection,
    EndOfMessage,
    Event,
    InformationalResponse,
    Limits,
    Request,
    Response,
    Role,
    State,
)
from wire.http1.exchange import offered_protocols
from wire.http1.framing import read_framing_fields
from wire.http1.grammar import REQUEST_LINE

_HOST = (b"host", b"example.com")
_SWITCH = (b"connection", b"upgrade")
ANY_REQUEST = Request(b"GET", b"/", (_HOST, _SWITCH, (b"upgrade", b"unknown")))
"""What a response answers as long as nothing else is known."""

_LONGEST_LINE = Limits().start_line


class Follower:
    """The codec at work on one direction. Its arguments are those of ``wire.explain.http1.explain``.

    Attributes:
        asked: the request that the last response answers.
        discards: whether what came last is ignored, since a side had said that it closes (RFC 9112 §9.6).
    """

    def __init__(
        self,
        data: bytes,
        sender: Role,
        *,
        requests: Sequence[Request] = (),
        only_these: bool = False,
        answers: Sequence[int] = (),
        closed: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.data = data
        self.sender = sender
        self.asked = ANY_REQUEST
        self.discards = False
        self._closed = closed
        self._only_these = only_these
        self._requests = chain(requests, () if only_these else repeat(ANY_REQUEST))
        self._answers: Iterator[int | None] = chain(answers, repeat(None))
        self._request = ANY_REQUEST
        self.connection = Connection(Role.SERVER if sender is Role.CLIENT else Role.CLIENT, limits or Limits())

    def events(self) -> Iterator[tuple[Event, int]]:
        """The events, each with the index behind its last byte.

        Raises:
            RemoteProtocolError: while iterating, the data breaks a rule.
        """
        for data in ([self.data] if self.data else []) + ([b""] if self._closed else []):
            events = self.connection.receive(data)
            self._go_on()
            for event in events:
                yield event, len(self.data) - self.connection.waiting
                self._take_part(event)
            self.discards = self.discards or self.connection.their_state is State.MUST_CLOSE

    def _take_part(self, event: Event) -> None:
        if isinstance(event, Request):
            self._request = event
        elif isinstance(event, EndOfMessage):
            if self.sender is Role.CLIENT:
                self._answer()
            else:
                self._go_on()

    def _go_on(self) -> None:
        """Ask for what the next response answers, if there is one."""
        connection = self.connection
        if self.sender is Role.CLIENT or connection.our_state is not State.IDLE:
            return
        if not connection.waiting and not self._only_these:
            return
        request = next(self._requests, None)
        if request is not None:
            self.asked = request
            connection.send(_alike(request))
            connection.send(EndOfMessage())

    def _answer(self) -> None:
        """Answer the request that has just been read, so that the next one is."""
        request, status = self._request, next(self._answers)
        offered = _offered(request)
        if status is None and offered and not self._request_follows():
            status = 101
        if status == 101 and offered:
            self.connection.send(InformationalResponse(101, [_SWITCH, (b"upgrade", offered[0])]))
        elif request.method == b"CONNECT" and (status is None or 200 <= status < 300):
            self.connection.send(Response(200))
        else:
            final = 403 if request.method == b"CONNECT" else 200
            self.connection.send(Response(final, [(b"content-length", b"0")]))
            self.connection.send(EndOfMessage())

    def _request_follows(self) -> bool:
        """Whether the sender goes on with another request, which it would not after a switch."""
        start = len(self.data) - self.connection.waiting
        end = self.data.find(b"\r\n", start, start + _LONGEST_LINE)
        match = REQUEST_LINE.fullmatch(self.data, start, max(end, start))
        return match is not None and match["major"] == b"1"


def requests_in(data: bytes) -> list[Request]:
    """The requests in what a client sent; at its end ``ANY_REQUEST`` for a head that breaks a rule, yet is answered."""
    follower = Follower(data, Role.CLIENT)
    requests: list[Request] = []
    whole = True
    try:
        for event, _end in follower.events():
            if isinstance(event, Request):
                requests.append(event)
            whole = isinstance(event, EndOfMessage)
    except RemoteProtocolError:
        return [*requests, ANY_REQUEST] if whole else requests
    return requests


def answers_in(data: bytes, requests: Sequence[Request]) -> list[int]:
    """The statuses in what a server sent, 101 among them but no other interim one."""
    follower = Follower(data, Role.SERVER, requests=requests, only_these=True)
    statuses: list[int] = []
    with suppress(RemoteProtocolError):
        for event, _end in follower.events():
            if isinstance(event, (Response, InformationalResponse)) and (event.status >= 200 or event.status == 101):
                statuses.append(event.status)
    return statuses


def _offered(request: Request) -> Sequence[bytes]:
    return offered_protocols(read_framing_fields(request.fields, repeat(0)), request.version)


def _alike(request: Request) -> Request:
    """A request without content whose answer has the same framing, the same right to switch, and the same end."""
    kept = (b"connection", b"upgrade") if _offered(request) else (b"connection",)
    fields = [_HOST, *(field for field in request.fields if field[0] in kept)]
    version = b"1.0" if request.version == b"1.0" else b"1.1"  # RFC 9110 §2.5: a later 1.x is understood as the latest
    return Request(request.method, request.target, fields, version)
