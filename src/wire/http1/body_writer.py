"""Message bodies onto the wire: a writer for each way to delimit them (RFC 9112 §6, §7)."""

from __future__ import annotations

from typing import Protocol

from wire.http1.events import Fields
from wire.http1.field_names import FORBIDDEN_TRAILERS
from wire.http1.field_writer import encode_fields
from wire.http1.framing import Framing, Kind
from wire.http1.rules import refused


class BodyWriter(Protocol):
    """Turns the events of a body into bytes; raises LocalProtocolError where they don't fit what was announced."""

    def data(self, data: bytes) -> bytes:
        """The bytes on the wire for some bytes of the body."""

    def end(self, trailers: Fields) -> bytes:
        """The bytes that end the body."""


def _no_trailers(trailers: Fields) -> None:
    if trailers:
        raise refused("http1.send.trailer", "this message is not chunked")  # RFC 9110 §6.5.1


class LengthWriter:
    """A body of a known number of bytes (RFC 9112 §6.2)."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def data(self, data: bytes) -> bytes:
        """See ``BodyWriter.data``."""
        if len(data) > self._left:
            raise refused("http1.send.too-much-data", f"{len(data)} bytes where {self._left} are left")
        self._left -= len(data)
        return data

    def end(self, trailers: Fields) -> bytes:
        """See ``BodyWriter.end``."""
        _no_trailers(trailers)
        if self._left:
            raise refused("http1.send.too-little-data", f"{self._left} bytes are missing")
        return b""


class UntilCloseWriter:
    """A body that ends with the connection."""

    __slots__ = ()

    def data(self, data: bytes) -> bytes:
        """See ``BodyWriter.data``."""
        return data

    def end(self, trailers: Fields) -> bytes:
        """See ``BodyWriter.end``."""
        _no_trailers(trailers)
        return b""


class ChunkedWriter:
    """A chunked body (RFC 9112 §7.1): each piece of data is a chunk."""

    __slots__ = ()

    def data(self, data: bytes) -> bytes:
        """See ``BodyWriter.data``. No data is no chunk: an empty one would end the body."""
        return b"%x\r\n%b\r\n" % (len(data), data) if data else b""

    def end(self, trailers: Fields) -> bytes:
        """See ``BodyWriter.end``."""
        if not trailers:
            return b"0\r\n\r\n"
        lines, _framing = encode_fields(trailers)
        for name, _value in trailers:
            if name.lower() in FORBIDDEN_TRAILERS:
                raise refused("http1.send.trailer", name.decode("ascii"))
        return b"0\r\n%b\r\n" % lines


_CHUNKED = ChunkedWriter()
_UNTIL_CLOSE = UntilCloseWriter()


def body_writer(framing: Framing) -> BodyWriter:
    """The writer for a body that is delimited by ``framing``."""
    if framing.kind is Kind.LENGTH:
        return LengthWriter(framing.length)
    return _CHUNKED if framing.kind is Kind.CHUNKED else _UNTIL_CLOSE
