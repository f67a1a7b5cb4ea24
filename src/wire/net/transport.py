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
from collections.abc import Iterator
from typing import Protocol

import trio

from wire.net.messages import Disconnected
from wire.net.tap import Flow, Tap

RECEIVE_SIZE = 65536
"""Bytes that are asked of the socket at a time."""

TLS_PIECE = 65536
"""Bytes handed to TLS at a time, so that the progress of a long send can be seen."""


class Transport(Protocol):
    """What a connection does with its bytes.

    Every method but ``close`` may raise ``Disconnected``: the connection broke.
    """

    socket: socket.socket

    async def handshake(self) -> str | None:
        """Agree on keys, where there are any; return the protocol that ALPN chose, if it did."""

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer; ``b""`` once it has closed its sending side."""

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits without waiting; return how much that was."""

    async def send_some(self, data: memoryview) -> int:
        """Wait until something of ``data`` could be sent; return how much that was."""

    async def finish(self, unread: int) -> None:
        """Close the sending side; then read until the peer has closed its own, or has sent ``unread`` bytes."""

    def close(self) -> None:
        """Close at once."""


class PlainTransport:
    """A non-blocking TCP socket."""

    __slots__ = ("socket",)

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    async def handshake(self) -> str | None:
        """Agree on keys."""
        return None

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer."""
        while True:
            await trio.lowlevel.wait_readable(self.socket)
            try:
                return self.socket.recv(RECEIVE_SIZE)
            except BlockingIOError:
                continue  # woken for nothing
            except OSError as error:
                raise Disconnected from error

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits without waiting."""
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Disconnected from error

    async def send_some(self, data: memoryview) -> int:
        """Wait until something could be sent."""
        while True:
            await trio.lowlevel.wait_writable(self.socket)
            try:
                return self.socket.send(data)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Disconnected from error

    async def finish(self, unread: int) -> None:
        """Close the sending side and wait for the peer to do so too."""
        # RFC 9112 §9.6: closing both directions while the peer still sends makes its kernel throw away our last answer.
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Disconnected from error
        while unread > 0 and (data := await self.receive_some()):
            unread -= len(data)

    def close(self) -> None:
        """Close at once."""
        self.socket.close()


class SocketStream(trio.abc.Stream):
    """A plain transport as the stream that trio's TLS wants, whose close lingers as ``PlainTransport.finish`` does."""

    def __init__(self, transport: PlainTransport) -> None:
        self.transport = transport
        self.unread = 0

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Wait for bytes of the peer."""
        try:
            return await self.transport.receive_some()
        except Disconnected as error:
            raise trio.BrokenResourceError from error

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it."""
        try:
            with memoryview(data) as view:
                sent = self.transport.send_now(bytes(view))
                while sent < len(view):
                    sent += await self.transport.send_some(view[sent:])
        except Disconnected as error:
            raise trio.BrokenResourceError from error

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room for something."""
        await trio.lowlevel.wait_writable(self.transport.socket)

    async def aclose(self) -> None:
        """Linger and close."""
        try:
            with contextlib.suppress(Disconnected):
                await self.transport.finish(self.unread)
        finally:
            self.transport.close()


@contextlib.contextmanager
def broken_is_disconnected() -> Iterator[None]:
    """Say of a stream of trio's that broke what a transport would say."""
    try:
        yield
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise Disconnected from error


class PlainHttp(Disconnected):
    """The client speaks HTTP without TLS where TLS is wanted."""


class TLSTransport:
    """TLS over a TCP socket, on trio's SSL stream."""

    __slots__ = ("_raw", "_stream", "socket")

    def __init__(self, plain: PlainTransport, context: ssl.SSLContext) -> None:
        self.socket = plain.socket
        self._raw = SocketStream(plain)
        self._stream = trio.SSLStream(self._raw, context, server_side=True)

    async def handshake(self) -> str | None:
        """Agree on keys.

        Raises:
            PlainHttp: what came is an HTTP request.
        """
        try:
            with broken_is_disconnected():
                await self._stream.do_handshake()
        except Disconnected as error:
            broken = error.__cause__
            if broken is not None and getattr(broken.__cause__, "reason", "") == "HTTP_REQUEST":
                raise PlainHttp from error
            raise
        protocol: str | None = self._stream.selected_alpn_protocol()
        return protocol

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer."""
        try:
            return bytes(await self._stream.receive_some())
        except trio.BrokenResourceError as error:
            # RFC 9112 §9.8: a request says where it ends, so a client that closes without an alert just closes.
            if isinstance(error.__cause__, ssl.SSLEOFError):
                return b""
            raise Disconnected from error

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits without waiting."""
        return 0

    async def send_some(self, data: memoryview) -> int:
        """Wait until something could be sent."""
        piece = data[:TLS_PIECE]
        with broken_is_disconnected():
            await self._stream.send_all(piece)
        return len(piece)

    async def finish(self, unread: int) -> None:
        """Close the sending side and wait for the peer to do so too."""
        # TLS cannot close one direction only, but its alert says that nothing more follows (RFC 8446 §6.1).
        self._raw.unread = unread
        with broken_is_disconnected():
            await self._stream.aclose()

    def close(self) -> None:
        """Close at once."""
        self._raw.transport.close()


class TappedTransport:
    """Any transport, its bytes shown to a tap as they pass."""

    __slots__ = ("_inner", "_tap", "socket")

    def __init__(self, inner: Transport, tap: Tap) -> None:
        self.socket = inner.socket
        self._inner = inner
        self._tap = tap

    async def handshake(self) -> str | None:
        """Agree on keys."""
        return await self._inner.handshake()

    async def receive_some(self) -> bytes:
        """Wait for bytes of the peer."""
        data = await self._inner.receive_some()
        self._tap(Flow.RECEIVED, data)
        return data

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what fits without waiting."""
        sent = self._inner.send_now(data)
        if sent:
            self._tap(Flow.SENT, bytes(data[:sent]))
        return sent

    async def send_some(self, data: memoryview) -> int:
        """Wait until something could be sent."""
        sent = await self._inner.send_some(data)
        self._tap(Flow.SENT, bytes(data[:sent]))
        return sent

    async def finish(self, unread: int) -> None:
        """Close the sending side and wait for the peer to do so too."""
        await self._inner.finish(unread)

    def close(self) -> None:
        """Close at once."""
        self._inner.close()


def reset_on_close(sock: socket.socket) -> None:
    """Let ``close`` reset the connection, so that a message whose end is the close is seen to be incomplete."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
