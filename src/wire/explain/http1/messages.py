"""Messages drawn, one after the other as the codec reports them, up to the end of the data or the byte at fault."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from wire.errors import RemoteProtocolError
from wire.explain.explanation import Explanation, Fault
from wire.explain.http1.bodies import draw_body
from wire.explain.http1.faults import blamed, read_until
from wire.explain.http1.fields import draw_field_section
from wire.explain.http1.follow import Follower, answers_in, requests_in
from wire.explain.http1.lines import REQUEST_LINE, STATUS_LINE, Drawn, draw_start_line, empty_line, find_line
from wire.explain.span import Kind, Span
from wire.explain.text import count
from wire.http1 import (
    RULES,
    Data,
    EndOfMessage,
    Event,
    InformationalResponse,
    Limits,
    Request,
    Response,
    Role,
    SwitchedData,
)
from wire.http1.framing import NO_BODY, Framing, read_framing_fields, request_framing, response_framing

SUBJECTS = {Role.CLIENT: "requests", Role.SERVER: "responses"}

SWITCHED_DATA = "switched data"
"""The name of what HTTP/1.1 cannot explain, for whoever knows the protocol that it is of."""


def sender_of(data: bytes) -> Role:
    """Which side sent ``data``: a response begins with its version, a request does not (RFC 9112 §2.1)."""
    begin = data[:64].lstrip(b"\r\n")[:5]
    return Role.SERVER if begin and b"HTTP/".startswith(begin) else Role.CLIENT


def explain(
    data: bytes,
    sender: Role,
    *,
    requests: Sequence[Request] = (),
    only_these: bool = False,
    answers: Sequence[int] = (),
    closed: bool = False,
    limits: Limits | None = None,
) -> Explanation:
    """Say what each byte of one direction of a connection means.

    Args:
        data: all that the sender sent, from its first byte.
        sender: which side that is: ``Role.CLIENT`` sends requests.
        requests: for responses, the requests that they answer.
        only_these: whether there are no other requests: a response too many is a fault, and one too few as well.
            Otherwise the responses behind those are taken to answer a GET that offers an upgrade.
        answers: for requests, the statuses that ended them, 101 included; those behind them are taken to be answered so
            that what follows makes sense.
        closed: whether the sender closed its side after ``data``.
        limits: how much is read; the codec's own limits if it isn't given.
    """
    follower = Follower(
        data,
        sender,
        requests=requests,
        only_these=only_these,
        answers=answers,
        closed=closed,
        limits=limits,
    )
    return _Explainer(follower, closed).explain()


def explain_both(
    to_server: bytes, to_client: bytes, client_closed: bool, server_closed: bool
) -> tuple[Explanation, Explanation]:
    """Say what both directions of one connection mean, each with what the other says.

    Args:
        to_server: all that the client sent.
        to_client: all that the server sent.
        client_closed: whether the client closed its side after that.
        server_closed: whether the server did.
    """
    asked = requests_in(to_server)
    answers = answers_in(to_client, asked)
    return (
        explain(to_server, Role.CLIENT, answers=answers, closed=client_closed),
        explain(to_client, Role.SERVER, requests=asked, only_these=True, closed=server_closed),
    )


class _Explainer:
    """Draws the messages of one direction as the codec reports them."""

    def __init__(self, follower: Follower, closed: bool) -> None:
        self.follower = follower
        self.data = follower.data
        self.closed = closed
        self.at = 0  # everything before it is drawn
        self.spans: list[Span] = []
        self.head: Request | Response | None = None  # of the message whose body is being read
        self.head_spans: list[Span] = []
        self.framing = NO_BODY

    def explain(self) -> Explanation:
        fault = None
        try:
            for event, end in self.follower.events():
                self._event(event, end)
            awaiting = self._rest(len(self.data))
        except RemoteProtocolError as error:
            fault, awaiting = self._fault(error)
        return Explanation("HTTP/1.1", SUBJECTS[self.follower.sender], self.data, tuple(self.spans), fault, awaiting)

    def _event(self, event: Event, end: int) -> None:
        if isinstance(event, (Request, Response)):
            self.head, self.framing = event, self._framing(event)
            self.head_spans = self._head(end, event).spans
            self.at = end
        elif isinstance(event, InformationalResponse):
            self._message("interim response", self._head(end, event).spans, end)
        elif isinstance(event, EndOfMessage):
            body = draw_body(self.data, self.at, end, self.framing, event.trailers, closed=True)
            self._message(self._name(), [*self.head_spans, *body.spans], end)
        elif isinstance(event, SwitchedData):
            self._finish_tunnel_head()
            note = f"{count(end - self.at)} of the protocol that took over"
            self._add(end, SWITCHED_DATA, note, "RFC 9110 §7.8", Kind.CONTENT)
        elif not isinstance(event, Data):  # ConnectionClosed
            self._finish_tunnel_head()

    def _finish_tunnel_head(self) -> None:
        """A 2xx to CONNECT has no end of its own: the head is all of it."""
        if self.head is not None:
            self._message(self._name(), self.head_spans, self.at)

    def _name(self) -> str:
        return "request" if self.follower.sender is Role.CLIENT else "response"

    def _message(self, name: str, spans: list[Span], end: int) -> None:
        first = next((span for span in spans if span.name in ("request-line", "status-line")), spans[0])
        title = self.data[first.start : first.end].rstrip(b"\r\n")
        self.spans.append(
            Span(spans[0].start, spans[-1].end, name, title, "", "RFC 9112 §2.1", tuple(spans), Kind.GROUP)
        )
        self.at, self.head, self.head_spans = end, None, []

    def _add(self, end: int, name: str, note: str, section: str, kind: Kind) -> None:
        value = self.data[self.at : end] if kind is Kind.CONTENT else None
        self.spans.append(Span(self.at, end, name, value, note, section, kind=kind))
        self.at = end

    def _unread(self, name: str, note: str, section: str) -> None:
        end = len(self.data)
        self._add(end, name, f"{count(end - self.at)}: {note}", section, Kind.UNREAD)

    def _framing(self, head: Request | Response) -> Framing:
        said = read_framing_fields(head.fields, repeat(0))
        if isinstance(head, Request):
            return request_framing(said, head.version)
        return response_framing(said, head.version, head.status, self.follower.asked.method)

    def _head(self, limit: int, event: Request | Response | InformationalResponse | None) -> Drawn:
        """The head that begins at ``self.at``, the empty lines before it included."""
        spans: list[Span] = []
        at, requests = self.at, self.follower.sender is Role.CLIENT
        while requests and (line := find_line(self.data, at, limit)).complete and line.stop == at:
            spans.append(empty_line(line, "ignored before a request-line"))
            at = line.end
        if at == limit:
            return Drawn(spans, at, "")
        first = draw_start_line(self.data, at, limit, REQUEST_LINE if requests else STATUS_LINE)
        spans += first.spans
        if first.awaiting:
            return Drawn(spans, first.end, first.awaiting)
        section = draw_field_section(
            self.data, first.end, limit, event.fields if event else None,
            ending="the head ends here", bodiless=isinstance(event, Response) and self.framing is NO_BODY,
        )  # fmt: skip
        return Drawn([*spans, *section.spans], section.end, section.awaiting)

    def _rest(self, limit: int) -> str:
        """Draw what has no event of its own, up to ``limit``; say what has to come for it to be whole."""
        if self.head is not None:
            body = draw_body(self.data, self.at, limit, self.framing, None, self.closed)
            self._message(self._name(), [*self.head_spans, *body.spans], limit)
            return body.awaiting
        if self.at >= limit:
            return ""
        if self.follower.discards:
            self._unread("discarded", "behind a message that says close, nothing is processed", "RFC 9112 §9.6")
            return ""
        head = self._head(limit, None)
        self._message(self._name(), head.spans, limit)
        return head.awaiting

    def _fault(self, error: RemoteProtocolError) -> tuple[Fault, str]:
        """Draw all that was read, the bytes at fault and those behind; say what is wrong, and what had to come."""
        data, rule = self.data, RULES[error.rule]
        offset = len(data) if error.offset is None else min(error.offset, len(data))
        read = read_until(data, error.rule, offset, in_body=self.head is not None)
        awaiting = self._rest(read)
        end = blamed(data, error.rule, offset, read)
        if end > self.at:
            self._add(end, "at fault", rule.sentence, rule.section, Kind.FAULT)
        if self.at < len(data):
            self._unread("not read", "nothing is read behind a broken rule", "")
        status = error.status if self.follower.sender is Role.CLIENT else None  # a response is not answered
        fault = Fault(error.rule, error.section, offset, end, error.message, rule.allowed, status)
        return fault, awaiting if offset == len(data) else ""
