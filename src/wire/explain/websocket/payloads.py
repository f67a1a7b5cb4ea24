"""Payloads drawn: as they are on the wire, unmasked, inflated, and what they say (RFC 6455 §5.3, §5.5, §5.6, RFC 7692).

Masking changes each byte by itself, so the parts of a payload (a close code, its reason) are parts of the masked one as
well. Compression leaves no such trace: what a payload inflates to points back to it as a whole.
"""

from __future__ import annotations

from codecs import utf_8_decode
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from wire.explain.span import Change, Derived, Kind, Piece, Span, Value
from wire.explain.text import count
from wire.explain.websocket import meaning
from wire.explain.websocket.follow import Frame
from wire.websocket import Binary, Text
from wire.websocket.deflate import TAIL
from wire.websocket.frames import Opcode

_CODE = 2
_CHARACTERS = "RFC 6455 §8.1"


class _Part(NamedTuple):
    """Some bytes of a payload that mean something by themselves."""

    length: int
    name: str
    value: Value
    note: str
    section: str


def draw_payload(frame: Frame, end: int) -> Span | None:
    """The payload up to ``end``, which is its own or that of the data, or where it breaks a rule; None for no bytes."""
    start = frame.payload_start
    if start >= end:
        return None
    length = end - start
    size = count(length) if length == frame.header.length else f"{count(length)} of {frame.header.length:,}"
    if frame.compressed:
        return _compressed(frame, size)
    name, section = ("payload, masked", "RFC 6455 §5.3") if frame.header.masked else ("payload", "RFC 6455 §5.2")
    value = content(frame, length)
    parts = tuple(_parts(frame, length, value))
    edges = list(accumulate((part.length for part in parts), initial=start)) if parts else [start, end]
    children = tuple(
        Span(first, behind, part.name, part.value, part.note, part.section)
        for part, (first, behind) in zip(parts, pairwise(edges), strict=False)
    )
    kind = Kind.CONTENT
    if frame.opcode == Opcode.CLOSE:  # what it says stands with its parts
        value, kind = None, Kind.UNIT
    return Span(start, end, name, value, size, section, children, kind, derived=unmasked(frame, *edges))


def content(frame: Frame, length: int) -> str | bytes | None:
    """What ``length`` bytes of a payload say: as the event has it if there is one, for text in whole characters."""
    if isinstance(frame.event, (Text, Binary)):
        return frame.event.data
    if frame.compressed and frame.inflated is None:
        return None
    carried = frame.payload[:length] if frame.inflated is None else frame.inflated
    return _text(frame.before.unfinished + carried) if frame.message == Opcode.TEXT else carried


def unmasked(frame: Frame, *edges: int, spans: tuple[Span, ...] = ()) -> Derived | None:
    """The bytes of the payload between ``edges``, a piece for each part, without masking; None where there is none."""
    if not frame.header.masked:
        return None
    start, end = edges[0], edges[-1]
    data = frame.payload[start - frame.payload_start : end - frame.payload_start]
    pieces = tuple(Piece(first - start, last - start, first, last) for first, last in pairwise(edges))
    return Derived("unmasked", data, pieces, spans)


def inflated(frame: Frame) -> Derived | None:
    """What follows from the payload of a compressed message: unmasked, if it was masked, and inflated, if it can be."""
    start, end = frame.payload_start, frame.end
    if frame.inflated is None:
        return unmasked(frame, start, end)
    origin = (0, len(frame.payload)) if frame.header.masked else (start, end)
    pieces = (Piece(0, len(frame.inflated), *origin),) if frame.inflated else ()
    derived = Derived("inflated", frame.inflated, pieces)
    if not frame.header.masked:
        return derived
    packed = Span(*origin, "compressed data", section="RFC 7692 §7.2.2", kind=Kind.CONTENT, derived=derived)
    return unmasked(frame, start, end, spans=(packed,))


def _compressed(frame: Frame, size: str) -> Span:
    note = size
    if frame.inflated is not None:
        put_back = f" once {TAIL.hex(' ')} is put back" if frame.is_last and not frame.missing else ""
        note += f", {len(frame.inflated):,} inflated{put_back}"
    after = "forgotten" if frame.inflated and not frame.after.window else count(frame.after.window)
    window = Change("compression window", count(frame.before.window), after)
    name = "payload, compressed and masked" if frame.header.masked else "payload, compressed"
    return Span(
        frame.payload_start, frame.end, name, content(frame, len(frame.payload)), note, "RFC 7692 §7.2.2", (),
        Kind.CONTENT, derived=inflated(frame), state=(window,),
    )  # fmt: skip


def _parts(frame: Frame, length: int, value: Value) -> Iterator[_Part]:
    """The parts of a payload that has some."""
    if frame.opcode == Opcode.CLOSE:
        yield from _close(frame.payload[:length])
    elif isinstance(value, str):
        yield from _characters(frame.before.unfinished, frame.payload[:length], value)


def _close(payload: bytes) -> Iterator[_Part]:
    """A close code and a reason (RFC 6455 §5.5.1)."""
    code, reason = payload[:_CODE], payload[_CODE:]
    if len(code) < _CODE:
        yield _Part(len(code), "status code", None, "cut off here", "RFC 6455 §5.5.1")
        return
    number = int.from_bytes(code, "big")
    yield _Part(_CODE, "status code", number, *meaning.close_code(number))
    if reason:
        yield _Part(len(reason), "reason", _text(reason), "for people who look for the cause", "RFC 6455 §5.5.1")


def _characters(before: bytes, payload: bytes, text: str) -> Iterator[_Part]:
    """The parts of a text whose frames are cut inside of a character; none where they are not (RFC 6455 §5.6)."""
    used = len(text.encode())
    if not used and before:
        yield _Part(len(payload), "part of a character", payload, "the others are in other frames", _CHARACTERS)
        return
    left_over = len(before) + len(payload) - used
    if not before and not left_over:
        return
    first = len(text[0].encode()) - len(before) if before else 0
    if first:
        yield _Part(first, "end of a character", text[0], "it began in the frame before", _CHARACTERS)
    middle = text[1:] if before else text
    if middle:
        yield _Part(len(middle.encode()), "characters", middle, "", "RFC 6455 §5.6")
    if left_over:
        note = "the rest of it has to follow"
        yield _Part(left_over, "beginning of a character", payload[-left_over:], note, _CHARACTERS)


def _text(data: bytes) -> str:
    """The whole characters in ``data``."""
    return utf_8_decode(data, "replace", False)[0]
