"""The bytes of one accepted connection: a raw socket, or TLS over one, behind the same few verbs.

trio's own ``SocketStream`` and ``socket`` are not used for plain TCP: their checks and layers cost as much again as the
codec. What is left is the system call, and a wait where it would block. A read always waits for the socket first, so
that a connection on which there is always something to read still lets others run.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from typing import Protocol

import trio

from wire.net.tap import Flow, Tap

RECEIVE_SIZE = 65536
"""Bytes that are asked of the socket at a time."""

TLS_PIECE = 65536
"""Bytes handed to TLS at a time, so that the progress of a long send can be seen."""


class Transport(Protocol):
    """What a connection does with its bytes.

    Every method may raise OSError or ``trio.BrokenResourceError`` where the peer is gone.
    """

    socket: socket.socket

    async def handshake(self) -> str | None:
        """Agree on keys, where there are any; return the protocol that ALPN chose, if it did."""

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer; ``b""`` once it has closed its sending side."""

    def send_now(self, data: bytes) -> int:
        """Send what fits without waiting; return how much that was."""

    async def send_some(self, data: memoryview) -> int:
        """Wait until something of ``data`` could be sent; return how much that was."""

    async def finish(self, unread: int) -> None:
        """Close the sending side and read until the peer has closed its own, ``unread`` bytes at most."""

    def close(self) -> None:
        """Close at once."""


class PlainTransport:
    """A non-blocking TCP socket."""

    __slots__ = ("socket",)

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    async def handshake(self) -> str | None:
        return None

    async def receive_some(self) -> bytes:
        while True:
            await trio.lowlevel.wait_readable(self.socket)
            try:
                return self.socket.recv(RECEIVE_SIZE)
            except BlockingIOError:
                continue  # woken for nothing

    def send_now(self, data: bytes) -> int:
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0

    async def send_some(self, data: memoryview) -> int:
        while True:
            await trio.lowlevel.wait_writable(self.socket)
            try:
                return self.socket.send(data)
            except BlockingIOError:
                continue

    async def finish(self, unread: int) -> None:
        # RFC 9112 §9.6: closing both directions while the peer still sends makes its kernel throw away our last answer.
        self.socket.shutdown(socket.SHUT_WR)
        while unread >= 0:
            data = await self.receive_some()
            if not data:
                break
            unread -= len(data)

    def close(self) -> None:
        self.socket.close()


class _SocketStream(trio.abc.Stream):
    """A plain transport as the stream that trio's TLS wants, whose close lingers as ``PlainTransport.finish`` does."""

    def __init__(self, transport: PlainTransport) -> None:
        self.transport = transport
        self.unread = 0

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        try:
            return await self.transport.receive_some()
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        try:
            with memoryview(data) as view:
                sent = self.transport.send_now(bytes(view))
                while sent < len(view):
                    sent += await self.transport.send_some(view[sent:])
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.wait_writable(self.transport.socket)

    async def aclose(self) -> None:
        try:
            with contextlib.suppress(OSError):
                await self.transport.finish(self.unread)
        finally:
            self.transport.close()


class TLSTransport:
    """TLS over a TCP socket, on trio's SSL stream."""

    __slots__ = ("_raw", "_stream", "socket")

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.socket = sock
        self._raw = _SocketStream(PlainTransport(sock))
        # HTTP says where its messages end, so a peer that closes without TLS's goodbye is no truncation attack.
        self._stream = trio.SSLStream(self._raw, context, server_side=True, https_compatible=True)

    async def handshake(self) -> str | None:
        await self._stream.do_handshake()
        return self._stream.selected_alpn_protocol()

    async def receive_some(self) -> bytes:
        return bytes(await self._stream.receive_some())

    def send_now(self, data: bytes) -> int:
        return 0

    async def send_some(self, data: memoryview) -> int:
        piece = data[:TLS_PIECE]
        await self._stream.send_all(piece)
        return len(piece)

    async def finish(self, unread: int) -> None:
        # TLS cannot close one direction only, but its alert says that nothing more follows (RFC 8446 §6.1).
        self._raw.unread = unread
        await self._stream.aclose()

    def close(self) -> None:
        self.socket.close()


class TappedTransport:
    """Any transport, its bytes shown to a tap as they pass."""

    __slots__ = ("_inner", "_tap", "socket")

    def __init__(self, inner: Transport, tap: Tap) -> None:
        self.socket = inner.socket
        self._inner = inner
        self._tap = tap

    async def handshake(self) -> str | None:
        return await self._inner.handshake()

    async def receive_some(self) -> bytes:
        data = await self._inner.receive_some()
        self._tap(Flow.RECEIVED, data)
        return data

    def send_now(self, data: bytes) -> int:
        sent = self._inner.send_now(data)
        if sent:
            self._tap(Flow.SENT, data[:sent])
        return sent

    async def send_some(self, data: memoryview) -> int:
        sent = await self._inner.send_some(data)
        self._tap(Flow.SENT, bytes(data[:sent]))
        return sent

    async def finish(self, unread: int) -> None:
        await self._inner.finish(unread)

    def close(self) -> None:
        self._inner.close()


def reset_on_close(sock: socket.socket) -> None:
    """Let ``close`` reset the connection, so that a message whose end is the close is seen to be incomplete."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
