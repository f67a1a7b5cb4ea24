"""Frames drawn one after the other, up to the end of the data or the byte at fault (RFC 6455 §5)."""

from __future__ import annotations

from wire.explain.explanation import Explanation, Fault
from wire.explain.span import Kind, Span, Value
from wire.explain.text import count
from wire.explain.websocket.follow import GENEROUS, Follower, Frame
from wire.explain.websocket.headers import draw_header, draw_header_at_fault, missing_fields
from wire.explain.websocket.meaning import MESSAGES, frame_name
from wire.explain.websocket.payloads import content, draw_payload, inflated, unmasked
from wire.websocket import RULES, Close, Deflate, Limits, Ping, Pong, Role
from wire.websocket.frames import FIN, MASK, OPCODE, OPCODES, Opcode

SUBJECTS = {Role.CLIENT: "frames of a client", Role.SERVER: "frames of a server"}

_FIRST_OF_HTTP = 0x08
_OF_THE_LENGTH = ("length-not-minimal", "too-big", "too-long", "length-too-large")
_WITHOUT_CLOSE = "a close frame: to end without one is abnormal, 1006 (RFC 6455 §7.1.5)"


def sender_of(data: bytes) -> Role:
    """Which side sent frames: a client masks them (RFC 6455 §5.1)."""
    return Role.CLIENT if data[1:2] >= bytes([MASK]) else Role.SERVER


def begins_like_frames(data: bytes) -> bool:
    """Whether ``data`` can only be frames: its first byte begins a message or is a control frame, and nothing of HTTP.

    All of HTTP/1.1 begins with a letter, or some other visible character, or an empty line.
    """
    first = data[0] if data else 0
    return first & OPCODE in OPCODES - {Opcode.CONTINUATION} and (first >= FIN or first < _FIRST_OF_HTTP)


def explain(
    data: bytes,
    sender: Role,
    *,
    deflate: Deflate | None = None,
    start: int = 0,
    closed: bool = False,
    limits: Limits = GENEROUS,
) -> Explanation:
    """Say what each byte of the frames of one direction means.

    Args:
        data: all that the sender sent.
        sender: which side that is.
        deflate: what the handshake agreed on for compression; None for none.
        start: where the frames begin: what is before that is not explained here.
        closed: whether the sender closed its side after ``data``.
        limits: how much is read.
    """
    follower = Follower(data, sender, deflate, start, limits)
    spans: list[Span] = []
    fault, awaiting = None, ""
    for frame in follower.frames():
        units = _units(frame)
        if frame.error is not None:
            fault = _fault(frame, data)
        awaiting = _rest(frame)
        name, section = frame_name(frame.opcode), "RFC 6455 §5.2"
        spans.append(Span(frame.start, units[-1].end, name, _said(frame), "", section, tuple(units), Kind.GROUP))
    end = spans[-1].end if spans else start
    if end < len(data):
        why = "nothing is read behind a broken rule" if fault else "nothing is read behind a close frame"
        section = "" if fault else "RFC 6455 §1.4"
        name = "not read" if fault else "discarded"
        spans.append(Span(end, len(data), name, None, f"{count(len(data) - end)}: {why}", section, kind=Kind.UNREAD))
    if fault is None and not awaiting and not follower.done:
        awaiting = _unfinished(follower) or (_WITHOUT_CLOSE if closed else "")
    return Explanation("WebSocket", SUBJECTS[sender], data, tuple(spans), fault, awaiting)


def _units(frame: Frame) -> list[Span]:
    """Header and payload of a frame, and the bytes that break a rule."""
    end = frame.end if frame.error is None else min(frame.end, frame.fault_at)
    units = [draw_header(frame), draw_payload(frame, end)]
    if frame.error is not None:
        units.append(_at_fault(frame))
    return [unit for unit in units if unit is not None]


def _at_fault(frame: Frame) -> Span | None:
    assert frame.error is not None
    start, end, rule = frame.fault_at, _blamed(frame), RULES[frame.error.rule]
    if end == start:
        return None
    in_header = start < frame.payload_start
    return Span(
        start, end, "at fault", None, rule.sentence, rule.section,
        draw_header_at_fault(frame, end) if in_header else (), Kind.FAULT,
        derived=None if in_header else inflated(frame) if frame.compressed else unmasked(frame, start, end),
    )  # fmt: skip


def _blamed(frame: Frame) -> int:
    """Index behind the bytes to blame; that of the byte at fault where the payload ended too early."""
    assert frame.error is not None
    at, rule = frame.fault_at, frame.error.rule
    if at < frame.payload_start:
        of_length = rule.endswith(_OF_THE_LENGTH)
        return min(frame.payload_start - 4 * frame.header.masked if of_length else at + 1, frame.end)
    if rule == "websocket.close.code":
        return at + 2
    whole = frame.compressed or rule == "websocket.close.reason-not-utf-8"
    return frame.end if whole else min(at + 1, frame.end)


def _fault(frame: Frame, data: bytes) -> Fault:
    error = frame.error
    assert error is not None
    allowed = RULES[error.rule].allowed
    end = _blamed(frame)
    return Fault(error.rule, error.section, frame.fault_at, end, error.message, allowed, code=error.code)


def _said(frame: Frame) -> Value:
    """What a frame says, as its event has it."""
    event = frame.event
    if isinstance(event, (Ping, Pong)):
        return event.payload
    if isinstance(event, Close):
        return event.code
    return content(frame, len(frame.payload)) if event is not None else None


def _rest(frame: Frame) -> str:
    """What has to come for a frame to be complete."""
    if frame.error is not None:
        return ""
    fields = missing_fields(frame)
    if fields:
        return f"the rest of the frame header: {', '.join(fields)}"
    return f"{count(frame.missing)} of the payload" if frame.missing else ""


def _unfinished(follower: Follower) -> str:
    """What has to come for a message to be complete."""
    opcode = follower.state.opcode
    return f"a continuation frame, for the {MESSAGES[opcode]} message is not at its end" if opcode else ""
