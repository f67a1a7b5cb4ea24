"""TLS for a client: who the server is gets checked, and what is cut off gets noticed (RFC 9112 §9.7, §9.8)."""

from __future__ import annotations

import socket
import ssl

import trio

from wire.net.transport import PlainTransport, SocketStream, TLSTransport, broken_is_disconnected


class _NothingThere(Exception):
    """More bytes would have to be waited for."""


class _Ciphertext(SocketStream):
    """A TCP connection below TLS that can be told not to wait."""

    def __init__(self, transport: PlainTransport) -> None:
        super().__init__(transport)
        self.patient = True

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if not self.patient:
            raise _NothingThere
        return await super().receive_some(max_bytes)


class ClientTLSTransport(TLSTransport):
    """The client's side of TLS. A server that closes without TLS's goodbye has broken the connection, not ended it."""

    __slots__ = ("_ciphertext",)

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, server_hostname: str) -> None:
        self.socket = sock
        self._raw = self._ciphertext = _Ciphertext(PlainTransport(sock))
        self._stream = trio.SSLStream(self._raw, context, server_hostname=server_hostname)

    async def receive_some(self) -> bytes:
        """Wait for bytes of the server; ``b""`` once its closure alert has come."""
        with broken_is_disconnected():
            return bytes(await self._stream.receive_some())

    async def receive_waiting(self) -> bytes:
        """What has been received and decrypts to something, without a look at the socket; ``b""`` if nothing does."""
        self._ciphertext.patient = False
        try:
            return await self.receive_some()
        except _NothingThere:
            return b""
        finally:
            self._ciphertext.patient = True
