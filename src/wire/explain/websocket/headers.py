"""Frame headers drawn, bit by bit (RFC 6455 §5.2)."""

from __future__ import annotations

from dataclasses import replace

from wire.explain.span import Change, Kind, Span
from wire.explain.text import count
from wire.explain.websocket import meaning
from wire.explain.websocket.follow import Frame, Progress
from wire.websocket.frames import LENGTH_16, LENGTH_64, Opcode

_SECTION = "RFC 6455 §5.2"
_KEY = 4
_LENGTH_FORMS = {2: LENGTH_16, 8: LENGTH_64}
_GUILTY = {
    "websocket.frame.reserved-bits": ("RSV1", "RSV2", "RSV3"),
    "websocket.frame.compressed-continuation": ("RSV1",),
    "websocket.frame.not-masked": ("MASK",),
    "websocket.frame.masked": ("MASK",),
    "websocket.control.fragmented": ("FIN",),
}
"""The fields to blame where a rule is broken in a byte that others share; else it is the opcode or a length."""
_GUILTY_OTHERWISE = ("opcode", "payload length", "extended payload length")


def draw_header(frame: Frame) -> Span | None:
    """The header as far as it is there and nothing in it breaks a rule; None where nothing is left of it."""
    end = min(frame.payload_start, frame.end)
    if frame.error is not None:
        end = min(end, frame.fault_at)
    if end == frame.start:
        return None
    whole = end == frame.payload_start
    note = summary(frame) if whole else "" if frame.error is not None else "cut off here"
    return Span(
        frame.start, end, "frame header", None, note, _SECTION, _within(_fields(frame), frame.start, end), Kind.UNIT,
        state=_state(frame) if whole else (),
    )  # fmt: skip


def draw_header_at_fault(frame: Frame, end: int) -> tuple[Span, ...]:
    """The fields of the header from the byte at fault up to ``end``, those to blame marked."""
    return tuple(
        replace(field, kind=Kind.FAULT, note="this is at fault")
        if _is_guilty(field, frame)
        else replace(field, note="")
        for field in _within(_fields(frame), frame.fault_at, end)
    )


def _is_guilty(field: Span, frame: Frame) -> bool:
    assert frame.error is not None
    rule = frame.error.rule
    if rule == "websocket.frame.reserved-bits":
        return (
            field.name in _GUILTY[rule] and field.value == 1 and not (field.name == "RSV1" and frame.may_be_compressed)
        )
    return field.name in _GUILTY.get(rule, _GUILTY_OTHERWISE)


def missing_fields(frame: Frame) -> list[str]:
    """The names of what is still to come of a header; nothing where all is there."""
    return [field.name for field in _fields(frame) if field.end + (field.end_bit > 0) > frame.end]


def summary(frame: Frame) -> str:
    """What a frame is, in a few words (RFC 6455 §5.4)."""
    size = count(frame.header.length)
    if frame.is_control:
        return f"{meaning.frame_name(frame.opcode)}, {size}"
    message = meaning.MESSAGES.get(frame.message, "message")
    if frame.opcode == Opcode.CONTINUATION:
        return f"{'the last' if frame.is_last else 'another'} fragment of the {message} message, {size}"
    packed = "compressed " if frame.compressed else ""
    whole = "a whole" if frame.is_last else "the first fragment of a"
    return f"{whole} {packed}{message} message, {size}"


def _fields(frame: Frame) -> list[Span]:
    """The fields of a header, as if it were all there."""
    at, header = frame.start, frame.header
    extended = header.size - 2 - _KEY * header.masked
    length = _LENGTH_FORMS.get(extended, header.length)
    where = f"it is in the next {extended} bytes" if extended else "bytes of payload"
    fields = [
        _bits(at, 0, 1, "FIN", header.first >> 7, *_fin(frame)),
        _bits(at, 1, 2, "RSV1", header.first >> 6 & 1, *_rsv1(frame)),
        _bits(at, 2, 3, "RSV2", header.first >> 5 & 1),
        _bits(at, 3, 4, "RSV3", header.first >> 4 & 1),
        replace(_bits(at, 4, 8, "opcode", frame.opcode, *meaning.opcode(frame.opcode)), kind=Kind.NAME),
        _bits(at + 1, 0, 1, "MASK", int(header.masked), *_mask(masked=header.masked)),
        _bits(at + 1, 1, 8, "payload length", length, where),
    ]
    at += 2
    if extended:
        fields.append(
            Span(
                at,
                at + extended,
                "extended payload length",
                header.length,
                f"bytes of payload, in {8 * extended} bits",
                _SECTION,
            )
        )
    if header.masked:
        at, note = at + extended, "the payload is XORed with these four bytes in turn"
        fields.append(Span(at, at + _KEY, "masking-key", header.masking_key.hex(" "), note, "RFC 6455 §5.3"))
    return fields


def _bits(at: int, first: int, behind: int, name: str, value: int, note: str = "", section: str = _SECTION) -> Span:
    """A field of some bits of the byte at ``at``."""
    end, end_bit = (at + 1, 0) if behind == 8 else (at, behind)
    return Span(at, end, name, value, note, section, start_bit=first, end_bit=end_bit)


def _within(fields: list[Span], start: int, end: int) -> tuple[Span, ...]:
    """The fields from ``start`` to ``end``; one that is cut there as far as it goes."""
    return tuple(
        field if field.end <= end else replace(field, end=end, value=None, note="cut off here")
        for field in fields
        if start <= field.start < end
    )


def _fin(frame: Frame) -> tuple[str, str]:
    if frame.is_control:
        return "control frames are never fragmented", "RFC 6455 §5.5"
    note = "the last frame of its message" if frame.is_last else "more frames of this message follow"
    return note, "RFC 6455 §5.4"


def _rsv1(frame: Frame) -> tuple[str, str]:
    if not frame.may_be_compressed or frame.is_control or frame.opcode == Opcode.CONTINUATION:
        return "", _SECTION
    return f"the message is {'' if frame.compressed else 'not '}compressed", "RFC 7692 §6"


def _mask(*, masked: bool) -> tuple[str, str]:
    note = "the payload is masked, as clients have to" if masked else "not masked, as servers have to"
    return note, "RFC 6455 §5.1"


def _state(frame: Frame) -> tuple[Change, ...]:
    """The message in progress before and behind a frame, where there is one that goes beyond it."""
    if frame.error is not None:
        return (Change("message in progress", *[_progress(frame.before)] * 2),) if frame.before.opcode else ()
    before, after = _progress(frame.before), _progress(frame.after)
    if frame.before.opcode is None and (frame.after.opcode is None or frame.missing):
        return ()
    return (Change("message in progress", before, after),)


def _progress(state: Progress) -> str:
    if state.opcode is None:
        return "none"
    cut = f", the last {len(state.unfinished)} of an unfinished character" if state.unfinished else ""
    return f"{meaning.MESSAGES[state.opcode]}, {count(state.size)}{cut}"
