"""What the bytes look like: the frame header of RFC 6455 §5.2, and the masking of §5.3.

 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|F|R|R|R| opcode|M| length (7)  | length (16 or 64, if 7 says   |
|I|S|S|S|  (4)  |A|             | 126 or 127)                   |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
| masking-key (32, if MASK)     | payload …                     |
+-------------------------------+-------------------------------+
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

FIN = 0x80
RSV1 = 0x40
RSV = 0x70
OPCODE = 0x0F
MASK = 0x80
LENGTH = 0x7F
LENGTH_16 = 126
LENGTH_64 = 127
MOST_CONTROL_PAYLOAD = 125


class Opcode(enum.IntEnum):
    """What a frame is (RFC 6455 §11.8)."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


OPCODES = frozenset(int(opcode) for opcode in Opcode)

FIRST_CONTROL_OPCODE = 8
"""Those from here on are control frames (RFC 6455 §5.5)."""


@dataclass(slots=True)
class FrameHeader:
    """A frame without its payload.

    Attributes:
        first: the first byte, FIN, RSV1 to RSV3 and opcode.
        masked: whether the payload is masked.
        length: of the payload, in bytes.
        masking_key: four bytes; empty where the payload is not masked.
        size: bytes that the header itself takes.
        minimal: whether the length stands in the shortest form that holds it.
    """

    first: int
    masked: bool
    length: int
    masking_key: bytes
    size: int
    minimal: bool


def read_frame_header(data: bytes | bytearray, pos: int) -> FrameHeader | None:
    """The frame header at ``pos``; None while it is incomplete. What it may say is not judged here."""
    available = len(data) - pos
    if available < 2:
        return None
    first, second = data[pos], data[pos + 1]
    length = second & LENGTH
    size, minimal = 2, True
    if length == LENGTH_16:
        size = 4
        if available < size:
            return None
        length = int.from_bytes(data[pos + 2 : pos + 4], "big")
        minimal = length >= LENGTH_16
    elif length == LENGTH_64:
        size = 10
        if available < size:
            return None
        length = int.from_bytes(data[pos + 2 : pos + 10], "big")
        minimal = length > 0xFFFF
    key = b""
    if second & MASK:
        size += 4
        if available < size:
            return None
        key = bytes(data[pos + size - 4 : pos + size])
    return FrameHeader(first, second >= MASK, length, key, size, minimal)


_pack_header_7 = struct.Struct("!BB").pack
_pack_header_16 = struct.Struct("!BBH").pack
_pack_header_64 = struct.Struct("!BBQ").pack


def write_frame(first: int, payload: bytes, masking_key: bytes = b"") -> bytes:
    """A whole frame; masked where there is a key."""
    length = len(payload)
    mask = MASK if masking_key else 0
    if length < LENGTH_16:
        header = _pack_header_7(first, mask | length)
    elif length <= 0xFFFF:
        header = _pack_header_16(first, mask | LENGTH_16, length)
    else:
        header = _pack_header_64(first, mask | LENGTH_64, length)
    if mask:
        return b"".join((header, masking_key, masked(payload, masking_key)))
    return header + payload


_number = int.from_bytes
_XOR = [bytes(byte ^ key for byte in range(256)) for key in range(256)]
_EVERY_4TH, _AFTER_1, _AFTER_2, _AFTER_3 = (slice(first, None, 4) for first in range(4))
_SHORT = 512
_BLOCK = 1 << 16


def masked(data: bytes | bytearray | memoryview, masking_key: bytes | bytearray) -> bytes | bytearray:
    """Mask or unmask: octet i is XORed with octet i mod 4 of the key (RFC 6455 §5.3).

    Measured on CPython 3.11: as one big number, 16 bytes take 0.4 µs and 1 KiB takes 2.2 µs; by a table for each octet
    of the key, 0.8 µs and 1.6 µs, and 64 KiB takes a third of the other. Slices and tables of a bytearray are faster
    than those of bytes. Blocks keep what is made on the way small: 1 MiB takes 1.2 ms by them and 2.1 ms at once, where
    the heap has room for it; where it has not, getting memory from the system costs as much as masking, either way.
    """
    length = len(data)
    if length <= _SHORT:
        key = (masking_key * (length // 4 + 1))[:length]
        return (_number(data, "little") ^ _number(key, "little")).to_bytes(length, "little")
    if length > _BLOCK:
        with memoryview(data) as view:
            return b"".join([masked(view[at : at + _BLOCK], masking_key) for at in range(0, length, _BLOCK)])
    octets = bytearray(data)
    key_0, key_1, key_2, key_3 = masking_key
    octets[_EVERY_4TH] = octets[_EVERY_4TH].translate(_XOR[key_0])
    octets[_AFTER_1] = octets[_AFTER_1].translate(_XOR[key_1])
    octets[_AFTER_2] = octets[_AFTER_2].translate(_XOR[key_2])
    octets[_AFTER_3] = octets[_AFTER_3].translate(_XOR[key_3])
    return octets


def apply_mask(data: bytes, masking_key: bytes) -> bytes:
    """What ``masked`` gives, as bytes."""
    return bytes(masked(data, masking_key))
