"""WebSocket parsers with a bug each, as real ones had: our own, which is given the input as the bug would have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from wire.fuzz.adapters import Reader
from wire.fuzz.adapters.ours_websocket import read_frames, read_handshake
from wire.fuzz.readings import Reading
from wire.fuzz.websocket.draft import Frame, Stream
from wire.fuzz.websocket.reading import role_of
from wire.websocket import Role
from wire.websocket.frames import FIN, OPCODE, RSV, RSV1, Opcode, apply_mask, read_frame_header


def _frames(data: bytes) -> Iterator[Frame]:
    """The frames, each as it stands there; one that is cut short keeps the length that it announces."""
    at = 0
    while header := read_frame_header(data, at):
        start, at = at + header.size, at + header.size + header.length
        payload = apply_mask(data[start:at], header.masking_key) if header.masked else data[start:at]
        form = {2: 7, 4: 16, 10: 64}[header.size - (4 if header.masked else 0)]
        yield Frame(header.first & OPCODE, payload, header.first >= FIN, header.first & RSV, header.masked,
                    header.masking_key, form, header.length)  # fmt: skip


def _seen_as(see: Callable[[Frame, bool], Frame | None]) -> Reader:
    """A reader that takes each frame for another one, or overlooks it; told whether its side is the server."""

    def read(pieces: Sequence[bytes]) -> Reading:
        data = b"".join(pieces)
        server = role_of(data) is Role.SERVER
        seen = [frame for frame in (see(frame, server) for frame in _frames(data)) if frame is not None]
        return read_frames([Stream(tuple(seen), masked=server).wire()])

    return read


def _first_two_bytes(frame: Frame) -> Frame:
    """A close frame whose code nobody looks at."""
    return replace(frame, payload=b"\x03\xe8" + frame.payload[2:], form=None) if len(frame.payload) > 1 else frame


IN_FRAMES: dict[str, Reader] = {
    "takes any form of length": _seen_as(lambda frame, server: replace(frame, form=None)),
    "takes unmasked frames": _seen_as(lambda frame, server: replace(frame, masked=server, key=frame.key or bytes(4))),
    "ignores RSV2 and RSV3": _seen_as(lambda frame, server: replace(frame, rsv=frame.rsv & RSV1)),
    "ignores RSV1 on control frames": _seen_as(
        lambda frame, server: replace(frame, rsv=frame.rsv & ~RSV1) if frame.control else frame
    ),
    "skips unknown frames": _seen_as(
        lambda frame, server: frame if frame.opcode in list(Opcode) else None,
    ),
    "takes fragmented control frames": _seen_as(
        lambda frame, server: replace(frame, fin=True) if frame.control else frame
    ),
    "cuts long control frames": _seen_as(
        lambda frame, server: (
            replace(frame, payload=frame.payload[:125], form=None, length=None) if frame.control else frame
        )
    ),
    "takes any close code": _seen_as(
        lambda frame, server: _first_two_bytes(frame) if frame.opcode == Opcode.CLOSE else frame
    ),
    "takes half a close code for none": _seen_as(
        lambda frame, server: (
            replace(frame, payload=b"", form=None, length=None)
            if frame.opcode == Opcode.CLOSE and len(frame.payload) == 1
            else frame
        )
    ),
    "replaces what is not UTF-8": _seen_as(
        lambda frame, server: (
            replace(frame, payload=frame.payload.decode(errors="replace").encode(), form=None, length=None)
            if frame.opcode == Opcode.TEXT and not frame.rsv
            else frame
        )
    ),
    "ends messages at control frames": _seen_as(
        lambda frame, server: replace(frame, opcode=Opcode.BINARY) if frame.opcode == Opcode.CONTINUATION else frame
    ),
}
"""Bugs by name."""


def _rewritten(pattern: bytes, by: bytes) -> Reader:
    return lambda pieces: read_handshake([re.sub(pattern, by, b"".join(pieces))])


_ANY_KEY = rb"(?im)^(sec-websocket-key): [^\r]*((?:.|\n)*)"
IN_HANDSHAKES: dict[str, Reader] = {
    "takes any key": _rewritten(_ANY_KEY, rb"\1: AAAAAAAAAAAAAAAAAAAAAA==\2"),
    "takes any version": _rewritten(rb"(?im)^(sec-websocket-version): [^\r]*", rb"\1: 13"),
    "does not look for Connection": _rewritten(rb"(?im)^(connection): [^\r]*", rb"\1: upgrade"),
    "does not look for Upgrade": _rewritten(rb"(?im)^(upgrade): [^\r]*", rb"\1: websocket"),
    "takes any method": _rewritten(rb"\A(?!HTTP)\S+", b"GET"),
    "does not check the proof": _rewritten(
        rb"(?im)^(sec-websocket-accept): [^\r]*", rb"\1: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    ),
    "mixes up cases of subprotocols": _rewritten(rb"(?i)chat\b", b"chat"),
    "takes any extension for none": _rewritten(rb"(?im)^sec-websocket-extensions: [^\n]*\n", b""),
}
"""Bugs by name."""
