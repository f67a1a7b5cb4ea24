"""TLS for a client: who the server is gets checked, and what is cut off gets noticed (RFC 9112 §9.7, §9.8)."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

import trio

from wire.net.messages import Disconnected
from wire.net.transport import TLS_PIECE, PlainTransport


class _NothingThere(Exception):
    """More bytes would have to be waited for."""


class _Ciphertext(trio.abc.Stream):
    """A TCP connection as the stream that trio's TLS wants. It can be told not to wait."""

    def __init__(self, transport: PlainTransport) -> None:
        self._transport = transport
        self.patient = True

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if not self.patient:
            raise _NothingThere
        try:
            return await self._transport.receive_some()
        except Disconnected as error:
            raise trio.BrokenResourceError from error.__cause__

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        try:
            with memoryview(data) as view:
                sent = self._transport.send_now(bytes(view))
                while sent < len(view):
                    sent += await self._transport.send_some(view[sent:])
        except Disconnected as error:
            raise trio.BrokenResourceError from error.__cause__

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.wait_writable(self._transport.socket)

    async def aclose(self) -> None:
        self._transport.close()


@contextlib.contextmanager
def _broken_is_disconnected() -> Iterator[None]:
    try:
        yield
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise Disconnected from (error.__cause__ or error)


class ClientTLSTransport:
    """A ``Transport`` over TLS. A peer that closes without TLS's goodbye is an error, not an end."""

    __slots__ = ("_ciphertext", "_stream", "socket")

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, server_hostname: str) -> None:
        self.socket = sock
        self._ciphertext = _Ciphertext(PlainTransport(sock))
        self._stream = trio.SSLStream(self._ciphertext, context, server_hostname=server_hostname)

    async def handshake(self) -> str | None:
        """Agree on keys, and check who the server is; the cause of ``Disconnected`` is what was wrong."""
        with _broken_is_disconnected():
            await self._stream.do_handshake()
        protocol: str | None = self._stream.selected_alpn_protocol()
        return protocol

    async def receive_some(self) -> bytes:
        """Wait for bytes of the server."""
        with _broken_is_disconnected():
            return bytes(await self._stream.receive_some())

    async def receive_waiting(self) -> bytes:
        """What has been received and decrypts to something, without a look at the socket; ``b""`` if nothing does."""
        self._ciphertext.patient = False
        try:
            with _broken_is_disconnected():
                return bytes(await self._stream.receive_some())
        except _NothingThere:
            return b""
        finally:
            self._ciphertext.patient = True

    def send_now(self, data: bytes) -> int:
        """Send nothing: TLS may have to wait before it can."""
        return 0

    async def send_some(self, data: memoryview) -> int:
        """Send the next piece of ``data``."""
        piece = data[:TLS_PIECE]
        with _broken_is_disconnected():
            await self._stream.send_all(piece)
        return len(piece)

    async def finish(self, unread: int) -> None:
        """Send the closure alert and close; a client need not wait for the server's alert (RFC 9112 §9.8)."""
        with _broken_is_disconnected():
            await self._stream.aclose()

    def close(self) -> None:
        """Close at once."""
        self.socket.close()
