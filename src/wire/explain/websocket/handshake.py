"""The opening handshake explained, and the frames behind it with what was agreed on there (RFC 6455 §4).

HTTP/1.1 explains its request and its response. Here they are judged as a handshake, their fields get the meaning that
they have for each other, and what HTTP/1.1 can only call switched data becomes frames.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from wire import http1
from wire.errors import RemoteProtocolError
from wire.explain.explanation import Explanation, Fault
from wire.explain.http1 import explain_both as explain_both_http1
from wire.explain.http1.follow import Follower, requests_in
from wire.explain.http1.messages import SWITCHED_DATA
from wire.explain.span import Kind, Span
from wire.explain.text import count
from wire.explain.websocket.frames import explain
from wire.http1 import InformationalResponse, Request
from wire.http1.grammar import list_members
from wire.websocket import RULES, Deflate, Role
from wire.websocket.extensions import DeflateOffer, accept_offer, read_accepted, read_extensions
from wire.websocket.handshake import GUID, Agreement, Offer, read_answer, read_opening

_FIELDS = {
    "upgrade": b"upgrade",
    "connection": b"connection",
    "version": b"sec-websocket-version",
    "key": b"sec-websocket-key",
    "accept": b"sec-websocket-accept",
    "origin": b"origin",
    "subprotocol": b"sec-websocket-protocol",
    "extensions": b"sec-websocket-extensions",
}
"""The field that is at fault, by the last word of the rule."""
_ELEMENTS = {"method": "method", "http-version": "HTTP-version"}


@dataclass(slots=True)
class _Shake:
    """A handshake as far as it came.

    Attributes:
        request: what began it.
        response: what completed it; None where it did not come so far.
        offer: what the request offers; None where it breaks a rule.
        agreement: what holds from then on; None where nothing does.
        request_error: the rule that the request breaks.
        response_error: the rule that the response breaks.
    """

    request: Request
    response: InformationalResponse | None = None
    offer: Offer | None = None
    agreement: Agreement | None = None
    request_error: RemoteProtocolError | None = None
    response_error: RemoteProtocolError | None = None


def explain_both(
    to_server: bytes, to_client: bytes, client_closed: bool, server_closed: bool
) -> tuple[Explanation, Explanation]:
    """Say what both directions of one connection mean: HTTP/1.1, and WebSocket from where they switch to it.

    The arguments are those of ``wire.explain.http1.explain_both``.
    """
    requests, responses = explain_both_http1(to_server, to_client, client_closed, server_closed)
    shake = _shake(to_server, to_client)
    if shake is None:
        return requests, responses
    requests, responses = _of_request(requests, shake), _of_response(responses, shake)
    if shake.response is None:
        return requests, responses
    deflate = shake.agreement.deflate if shake.agreement is not None else None
    return (
        _with_frames(requests, Role.CLIENT, deflate, client_closed),
        _with_frames(responses, Role.SERVER, deflate, server_closed),
    )


def go_on(explanation: Explanation, sender: Role) -> Explanation:
    """An explanation of one direction as HTTP/1.1, gone on with as WebSocket where it switches to that.

    What the other direction says is not known: compression is taken to be as this one has it.
    """
    deflate: Deflate | None = None
    if sender is Role.CLIENT:
        shake = _opening(explanation.data)
        if shake is None:
            return explanation
        explanation = _of_request(explanation, shake)
        if shake.offer is not None and shake.offer.deflate:
            deflate = accept_offer(shake.offer.deflate[0], Deflate())
    else:
        response = _switch(explanation.data, None)
        if response is None:
            return explanation
        with suppress(RemoteProtocolError):
            deflate = read_accepted(read_extensions(_values(response, b"sec-websocket-extensions")), [DeflateOffer()])
    switched = any(span.name == SWITCHED_DATA for span in explanation.spans)
    return _with_frames(explanation, sender, deflate, closed=False) if switched else explanation


def _shake(to_server: bytes, to_client: bytes) -> _Shake | None:
    shake = _opening(to_server)
    if shake is None:
        return None
    shake.response = _switch(to_client, requests_in(to_server))
    if shake.response is not None and shake.offer is not None:
        try:
            shake.agreement = read_answer(shake.response, shake.offer)
        except RemoteProtocolError as error:
            shake.response_error = error
    return shake


def _opening(to_server: bytes) -> _Shake | None:
    """The handshake that the last request begins; None where it begins none."""
    requests = requests_in(to_server)
    if not requests or not _is_for_websocket(requests[-1]):
        return None
    shake = _Shake(requests[-1])
    try:
        shake.offer = read_opening(shake.request)
    except RemoteProtocolError as error:
        shake.request_error = error
    return shake


def _switch(to_client: bytes, requests: list[Request] | None) -> InformationalResponse | None:
    """The response that switches to WebSocket."""
    only_these = requests is not None
    follower = Follower(to_client, http1.Role.SERVER, requests=requests or (), only_these=only_these)
    with suppress(RemoteProtocolError):
        for event, _end in follower.events():
            if isinstance(event, InformationalResponse) and event.status == 101 and _is_for_websocket(event):
                return event
    return None


def _values(head: Request | InformationalResponse, name: bytes) -> list[bytes]:
    return [value for field, value in head.fields if field.lower() == name]


def _is_for_websocket(head: Request | InformationalResponse) -> bool:
    return any(b"websocket" in (list_members(value) or ()) for value in _values(head, b"upgrade"))


def _of_request(explanation: Explanation, shake: _Shake) -> Explanation:
    """The opening request as part of a handshake."""
    notes = {b"sec-websocket-protocol": "subprotocols that the client could speak, the best first"}
    if shake.offer is not None and shake.offer.deflate:
        notes[b"sec-websocket-extensions"] = "offers to compress messages, with these parameters"
    return _judged(explanation, "request", notes, shake.request_error, answered=True)


def _of_response(explanation: Explanation, shake: _Shake) -> Explanation:
    """The response as part of a handshake."""
    if shake.response is None:
        return explanation
    notes = {
        b"upgrade": "the protocol that is spoken from here on",
        b"connection": "Upgrade is meant for this connection, not to be passed on",
        b"sec-websocket-protocol": "the subprotocol that the server chose of those offered",
    }
    if shake.offer is not None:
        key = (shake.offer.key + GUID).decode("ascii")
        notes[b"sec-websocket-accept"] = f"SHA-1 of {key} in base64: the server has read the key"
    if shake.agreement is not None and shake.agreement.deflate is not None:
        notes[b"sec-websocket-extensions"] = _terms(shake.agreement.deflate)
    return _judged(explanation, "interim response", notes, shake.response_error, answered=False)


def _terms(deflate: Deflate) -> str:
    """What both sides agreed on for compression, in words (RFC 7692 §7.1)."""
    sides = (
        ("server", deflate.server_no_context_takeover, deflate.server_max_window_bits),
        ("client", deflate.client_no_context_takeover, deflate.client_max_window_bits),
    )
    terms = (
        f"the {side} may refer back {count(1 << bits)}{', within a message' if forgets else ''}"
        for side, forgets, bits in sides
    )
    return f"messages may be compressed: {'; '.join(terms)}"


def _judged(
    explanation: Explanation, name: str, notes: dict[bytes, str], error: RemoteProtocolError | None, *, answered: bool
) -> Explanation:
    """An explanation whose last message of this name has other notes, and ends the explanation if it breaks a rule."""
    places = [index for index, span in enumerate(explanation.spans) if span.name == name]
    if not places or explanation.fault is not None:
        return explanation
    place = places[-1]
    head = explanation.spans[place]
    children = tuple(replace(line, note=notes.get(_name(line), line.note)) for line in head.children)
    head = replace(head, children=children)
    spans = [*explanation.spans[:place], head, *explanation.spans[place + 1 :]]
    if error is None or (answered and _http_goes_on(explanation, place)):
        return replace(explanation, spans=tuple(spans))
    blamed = _blamed(head, error.rule)
    end = blamed.end if _name(blamed) or blamed.name in _ELEMENTS.values() else blamed.start
    fault = Fault(
        error.rule, error.section, blamed.start, end, error.message, RULES[error.rule].allowed,
        error.status if answered else None,
    )  # fmt: skip
    spans = spans[: place + 1]
    size = len(explanation.data)
    if head.end < size:
        note = f"{count(size - head.end)}: nothing is read behind a broken rule"
        spans.append(Span(head.end, size, "not read", None, note, kind=Kind.UNREAD))
    return replace(explanation, spans=tuple(spans), fault=fault, awaiting="")


def _http_goes_on(explanation: Explanation, place: int) -> bool:
    """Whether more HTTP/1.1 follows: a refused handshake is no fault of what comes behind it."""
    return any(span.name != SWITCHED_DATA for span in explanation.spans[place + 1 :])


def _name(line: Span) -> bytes:
    """The name of a field line; nothing for other spans."""
    names = [child.value for child in line.children if child.name == "field-name"]
    return names[0].lower() if names and isinstance(names[0], bytes) else b""


def _blamed(head: Span, rule: str) -> Span:
    """What a rule is broken by: a field line or an element of the first line, or the end of a head that lacks one."""
    word = rule.rpartition(".")[2]
    for span in reversed(list(head.walk())):
        if span.name == _ELEMENTS.get(word, "") or (_name(span) and _name(span) == _FIELDS.get(word)):
            return span
    return head.children[-1]


def _with_frames(explanation: Explanation, sender: Role, deflate: Deflate | None, closed: bool) -> Explanation:
    """An explanation as HTTP/1.1 with frames instead of what it could not explain."""
    if explanation.fault is not None:
        return explanation
    data, shaken = explanation.data, explanation.spans
    if shaken and shaken[-1].name == SWITCHED_DATA:
        shaken = shaken[:-1]
    start = shaken[-1].end if shaken else 0
    frames = explain(data, sender, deflate=deflate, start=start, closed=closed)
    return replace(frames, subject=f"handshake and {frames.subject}", spans=(*shaken, *frames.spans))
