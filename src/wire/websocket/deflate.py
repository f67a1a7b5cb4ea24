"""Compression: the permessage-deflate extension (RFC 7692), its parameters and its two machines."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from wire.websocket.rules import refused

EXTENSION = "permessage-deflate"
MOST_WINDOW_BITS = 15
LEAST_WINDOW_BITS = 8

TAIL = b"\x00\x00\xff\xff"
"""What DEFLATE's flush ends with; it is not sent, and put back by the receiver (RFC 7692 §7.2.1)."""

_MOST_FINAL_BLOCKS = 16  # each costs a new window, so a frame full of them would be an attack
_STEP = 65536  # bytes to inflate at a time, at least


@dataclass(frozen=True, slots=True)
class Deflate:
    """What both sides agreed on (RFC 7692 §7.1).

    Attributes:
        server_no_context_takeover: the server forgets its window after each message.
        client_no_context_takeover: the client does.
        server_max_window_bits: the server's window has at most two to the power of this many bytes, 8 to 15.
        client_max_window_bits: the client's.

    Raises:
        LocalProtocolError: there is no window of that size.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = MOST_WINDOW_BITS
    client_max_window_bits: int = MOST_WINDOW_BITS

    def __post_init__(self) -> None:
        check_window_bits(self.server_max_window_bits)
        check_window_bits(self.client_max_window_bits)


def check_window_bits(bits: int) -> None:
    """Let no size of window pass that does not exist (RFC 7692 §7.1.2).

    Raises:
        LocalProtocolError: this is one.
    """
    if not LEAST_WINDOW_BITS <= bits <= MOST_WINDOW_BITS:
        raise refused("websocket.send.handshake", f"{bits} window bits")


class Compressor:
    """Compresses the messages of one side (RFC 7692 §7.2.1).

    zlib's memory, up to 256 KiB, is there only while a window is: from the first message on, or during one.
    """

    __slots__ = ("_deflate", "_forget", "window_bits")

    def __init__(self, window_bits: int, *, no_context_takeover: bool) -> None:
        self.window_bits = window_bits
        self._forget = no_context_takeover
        self._deflate: zlib._Compress | None = None

    def compress(self, data: bytes, *, end: bool) -> bytes:
        """The payload of a frame with ``data``; ``end`` where it is the last of its message."""
        deflate = self._deflate
        if deflate is None:
            deflate = self._deflate = _compressobj(self.window_bits)
        payload = deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
        if not end:
            return payload
        if self._forget:
            self._deflate = None
        # RFC 7692 §7.2.3.6: where there was nothing since its last flush, zlib says nothing; one zero byte says so.
        return payload[: -len(TAIL)] or b"\x00"

    def forget(self) -> None:
        """Begin the next message with an empty window."""
        self._deflate = None


def _compressobj(window_bits: int) -> zlib._Compress:
    if window_bits == LEAST_WINDOW_BITS:
        # zlib has no window of 256 bytes; without back-references any window will do.
        return zlib.compressobj(wbits=-LEAST_WINDOW_BITS - 1, strategy=zlib.Z_HUFFMAN_ONLY)
    return zlib.compressobj(wbits=-window_bits)


class TooLong(Exception):
    """A message would inflate past its limit."""


class Decompressor:
    """Inflates the messages of one side (RFC 7692 §7.2.2), never further than a limit.

    zlib's memory, up to 44 KiB, is there as that of a ``Compressor`` is.
    """

    __slots__ = ("_bits", "_forget", "_inflate")

    def __init__(self, window_bits: int, *, no_context_takeover: bool) -> None:
        self._bits = window_bits
        self._forget = no_context_takeover
        self._inflate: zlib._Decompress | None = None

    def decompress(self, payload: bytes | bytearray, limit: int, *, end: bool) -> bytes:
        """What the payload of a frame inflates to; ``end`` where it is the last of its message.

        Raises:
            TooLong: that is more than ``limit`` bytes; no more than one byte past it was made.
            zlib.error: it is not DEFLATE data.
        """
        inflate = self._inflate or zlib.decompressobj(wbits=-self._bits)
        inflated = _up_to(inflate, payload + TAIL if end else payload, limit)
        restarts = 0
        while inflate.eof:
            # RFC 7692 §7.2.3.4: a block with BFINAL set ends nothing but itself. zlib thinks that all is over, and
            # what lies further back than this frame is lost to it.
            restarts += 1
            if restarts > _MOST_FINAL_BLOCKS:
                raise zlib.error("too many final blocks in one frame")
            data = inflate.unused_data
            inflate = zlib.decompressobj(wbits=-self._bits, zdict=inflated[-(1 << self._bits) :])
            inflated += _up_to(inflate, data, limit - len(inflated))
        self._inflate = None if end and self._forget else inflate
        return inflated


def _up_to(inflate: zlib._Decompress, data: bytes | bytearray, limit: int) -> bytes:
    """What ``data`` inflates to, made in steps: zlib takes twice the memory of what it gives at a time."""
    pieces = []
    room = limit + 1
    most = max(_STEP, limit // 8)  # what is left of the input is copied for each step
    while room:
        step = min(most, room)
        piece = inflate.decompress(data, step)
        pieces.append(piece)
        room -= len(piece)
        if len(piece) < step:
            return b"".join(pieces)
        data = inflate.unconsumed_tail
    raise TooLong
