"""Frames from the wire: headers judged, payloads unmasked, inflated and decoded, and events made of them.

A frame becomes an event when it is complete. What is wrong with it is found as soon as it can be told: a header when it
has come, text at its first impossible byte (RFC 6455 §8.1), wherever the bytes were cut.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from wire.http1.buffer import ReadBuffer
from wire.websocket import close_codes
from wire.websocket.deflate import Decompressor, TooLong
from wire.websocket.events import Binary, Close, Event, Ping, Pong, Text
from wire.websocket.frames import (
    FIN,
    FIRST_CONTROL_OPCODE,
    LENGTH_16,
    MASK,
    MOST_CONTROL_PAYLOAD,
    OPCODE,
    OPCODES,
    RSV,
    RSV1,
    FrameHeader,
    Opcode,
    masked,
    read_frame_header,
)
from wire.websocket.limits import Limits
from wire.websocket.pieces import Pieces
from wire.websocket.rules import broken
from wire.websocket.text import decode, start_of_character

_WHOLE_MESSAGE = {FIN | Opcode.TEXT: Text, FIN | Opcode.BINARY: Binary}
_MOST_LENGTH = (1 << 63) - 1


class FrameReader:
    """Takes frames from the buffer and gives events, for one direction of one connection.

    Args:
        masked: whether the peer has to mask its frames: it is a client (RFC 6455 §5.1).
        decompressor: inflates compressed messages; None where no extension was agreed on.
    """

    __slots__ = (
        "_between", "_compressed", "_decompressor", "_frames", "_header", "_limits", "_mask", "_masked", "_most",
        "_payload", "_shortest", "_size", "_tail", "_text", "_unfinished",
    )  # fmt: skip

    def __init__(self, limits: Limits, *, masked: bool, decompressor: Decompressor | None) -> None:
        self._limits = limits
        self._masked = masked
        self._mask = MASK if masked else 0
        self._shortest = 6 if masked else 2  # bytes that a header has at least
        self._most = min(limits.frame, limits.message)
        self._decompressor = decompressor
        self._header: FrameHeader | None = None  # of the frame whose payload is coming
        self._payload: Pieces | None = None  # what has come of that, unmasked
        self._between = True  # neither a frame nor a message is in progress
        self._unfinished = False  # a message is in progress
        self._text = False  # the message is text
        self._compressed = False  # the message is compressed
        self._size = 0  # bytes of the message so far, inflated
        self._frames = 0  # frames of the message so far
        self._tail = b""  # beginning of a character that the next frame of the message has to finish

    def read_message(self, buffer: ReadBuffer) -> Event | None:
        """A message that is one frame, uncompressed and all there, as most are; None for anything else.

        What may be wrong with a frame is left for ``read`` to say, which would read these too. Measured with a masked
        message of 16 bytes, this makes receiving 1.7 times as fast.
        """
        data, start = buffer.data, buffer.pos + self._shortest
        if not self._between or len(data) < start:
            return None
        kind = _WHOLE_MESSAGE.get(data[buffer.pos])
        length = data[buffer.pos + 1] ^ self._mask
        if length >= LENGTH_16:
            if length > LENGTH_16 or len(data) < start + 2:
                return None
            length = data[buffer.pos + 2] << 8 | data[buffer.pos + 3]
            if length < LENGTH_16:
                return None
            start += 2
        end = start + length
        if kind is None or len(data) < end or length > self._most:
            return None
        payload = data[start:end]
        if self._mask:
            payload = masked(payload, data[start - 4 : start])
        try:
            event = Text(payload.decode()) if kind is Text else Binary(bytes(payload))
        except UnicodeDecodeError:
            return None
        buffer.pos = end
        return event

    def read(self, buffer: ReadBuffer) -> Event | None:
        """The event of the next frame; None where more bytes are needed.

        Raises:
            RemoteProtocolError: the frame breaks a rule.
        """
        header = self._header
        if header is None:
            header = read_frame_header(buffer.data, buffer.pos)
            if header is None:
                return None
            self._judge(header, buffer.offset)
            buffer.pos += header.size
        if self._payload is None and len(buffer) >= header.length:
            payload = _take(buffer, header.masking_key, header.length)
        else:
            self._header = header
            self._between = False
            whole = self._gather(header, buffer)
            if whole is None:
                return None
            payload = whole
        event = self._event(header, payload, buffer.offset - header.length)
        self._between = not self._unfinished
        return event

    def _judge(self, header: FrameHeader, offset: int) -> None:
        """Find what is wrong with a header that begins at ``offset`` (RFC 6455 §5.2 to §5.5, RFC 7692 §6)."""
        first, length = header.first, header.length
        opcode = first & OPCODE
        if first & RSV and (first & RSV != RSV1 or self._decompressor is None):
            raise broken("websocket.frame.reserved-bits", offset, f"{first:#04x}")
        if opcode not in OPCODES:
            raise broken("websocket.frame.opcode", offset, str(opcode))
        if header.masked is not self._masked:
            raise broken("websocket.frame.not-masked" if self._masked else "websocket.frame.masked", offset + 1)
        if not header.minimal:
            raise broken("websocket.frame.length-not-minimal", offset + 1, str(length))
        if opcode >= FIRST_CONTROL_OPCODE:
            self._judge_control(first, length, offset)
        else:
            self._judge_data(first, opcode, length, offset)

    def _judge_control(self, first: int, length: int, offset: int) -> None:
        if first & RSV1:
            raise broken("websocket.frame.compressed-continuation", offset)
        if not first & FIN:
            raise broken("websocket.control.fragmented", offset)
        if length > MOST_CONTROL_PAYLOAD:
            raise broken("websocket.control.too-long", offset + 1, f"{length} bytes")

    def _judge_data(self, first: int, opcode: int, length: int, offset: int) -> None:
        limits = self._limits
        if opcode == Opcode.CONTINUATION:
            if first & RSV1:
                raise broken("websocket.frame.compressed-continuation", offset)
            if not self._unfinished:
                raise broken("websocket.fragment.nothing-to-continue", offset)
        elif self._unfinished:
            raise broken("websocket.fragment.not-continued", offset)
        if length > _MOST_LENGTH:
            raise broken("websocket.frame.length-too-large", offset + 2)
        if length > limits.frame:
            raise broken("websocket.frame.too-big", offset + 1, f"{length} bytes, the limit is {limits.frame}")
        if opcode != Opcode.CONTINUATION:
            self._text = opcode == Opcode.TEXT
            self._compressed = first & RSV1 != 0
            self._size = self._frames = 0
        self._frames += 1
        if self._frames > limits.frames:
            raise broken("websocket.message.too-many-frames", offset, f"the limit is {limits.frames}")
        if not self._compressed:
            self._size += length
            if self._size > limits.message:
                raise broken("websocket.message.too-big", offset + 1, f"the limit is {limits.message} bytes")

    def _gather(self, header: FrameHeader, buffer: ReadBuffer) -> bytes | bytearray | None:
        """The payload of a frame that comes in pieces, once it is complete; its text is judged piece by piece."""
        payload = self._payload
        if payload is None:
            payload = self._payload = Pieces()
        offset = buffer.offset
        turn = payload.size % 4
        key = header.masking_key[turn:] + header.masking_key[:turn]
        piece = _take(buffer, key, min(header.length - payload.size, len(buffer)))
        if self._text and not self._compressed and header.first & OPCODE < FIRST_CONTROL_OPCODE:
            self._judge_text(payload, piece, offset)
        payload.add(piece)
        if payload.size < header.length:
            return None
        self._header = self._payload = None
        return payload.whole()

    def _judge_text(self, before: Pieces, piece: bytes | bytearray, offset: int) -> None:
        """Fail at the first impossible byte of a text whose frame is not complete (RFC 6455 §8.1).

        A character has at most three bytes before its last, so that is how far before the piece one may have begun.
        """
        context = before.last(3)
        if len(context) < 3:
            context = (self._tail + context)[-3:]
        start = start_of_character(context)
        decode(context[start:] + piece, offset - (len(context) - start))

    def _event(self, header: FrameHeader, payload: bytes | bytearray, offset: int) -> Event:
        """What a complete frame, whose payload begins at ``offset`` of the stream, means."""
        opcode = header.first & OPCODE
        if opcode >= FIRST_CONTROL_OPCODE:
            return _CONTROL_EVENT[opcode](bytes(payload), offset)
        end = header.first >= FIN
        if self._compressed:
            payload = self._inflate(payload, offset, end)
        self._unfinished = not end
        if not self._text:
            return Binary(bytes(payload), end)
        return Text(self._characters(payload, offset, end), end)

    def _inflate(self, payload: bytes | bytearray, offset: int, end: bool) -> bytes:
        assert self._decompressor is not None  # else RSV1 was refused
        try:
            inflated = self._decompressor.decompress(payload, self._limits.message - self._size, end=end)
        except TooLong:
            limit = self._limits.message
            raise broken("websocket.message.inflates-too-big", offset, f"the limit is {limit} bytes") from None
        except zlib.error as error:
            raise broken("websocket.message.not-deflate", offset, str(error)) from None
        self._size += len(inflated)
        return inflated

    def _characters(self, payload: bytes | bytearray, offset: int, end: bool) -> str:
        """The text of a frame: whole characters, with what the frame before it left over and without what it leaves."""
        data = self._tail + payload if self._tail else payload
        where = offset if self._compressed else offset - len(self._tail)
        text, used = decode(data, where, derived=self._compressed)
        self._tail = bytes(data[used:])
        if end and self._tail:
            raise broken("websocket.message.not-utf-8", where + (0 if self._compressed else len(data)), "it ends early")
        return text


def _take(buffer: ReadBuffer, masking_key: bytes, count: int) -> bytes | bytearray:
    """The next ``count`` bytes of a payload; unmasked where there is a key, without a copy in between."""
    if not masking_key:
        return buffer.take(count)
    with memoryview(buffer.data)[buffer.pos : buffer.pos + count] as view:
        payload = masked(view, masking_key)
    buffer.pos += count
    return payload


def _close(payload: bytes, offset: int) -> Close:
    """A close frame's code and reason (RFC 6455 §5.5.1)."""
    if not payload:
        return Close()
    if len(payload) == 1:
        raise broken("websocket.close.one-byte", offset)
    code = int.from_bytes(payload[:2], "big")
    if code not in close_codes.SENDABLE:
        raise broken("websocket.close.code", offset, str(code))
    try:
        return Close(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise broken("websocket.close.reason-not-utf-8", offset + 2) from None


_CONTROL_EVENT: dict[int, Callable[[bytes, int], Event]] = {
    Opcode.CLOSE: _close,
    Opcode.PING: lambda payload, _: Ping(payload),
    Opcode.PONG: lambda payload, _: Pong(payload),
}
