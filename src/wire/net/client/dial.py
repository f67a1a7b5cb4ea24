"""From an origin to a connection: names, addresses, TCP, TLS."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TypeAlias

import trio

from wire.net.client.errors import CertificateRefused, ConnectFailed, HandshakeFailed, NameNotFound
from wire.net.client.timeouts import Timeouts, within
from wire.net.client.tls import ClientTLSTransport
from wire.net.client.url import Origin
from wire.net.messages import Disconnected
from wire.net.transport import PlainTransport

ClientTransport: TypeAlias = PlainTransport | ClientTLSTransport


async def dial(origin: Origin, tls: ssl.SSLContext | None, timeouts: Timeouts) -> ClientTransport:
    """Connect to an origin, by whichever of its addresses answers first (RFC 8305).

    Args:
        origin: where to.
        tls: what an https server has to prove; None speaks plain TCP.
        timeouts: ``connect`` and ``handshake``.

    Raises:
        ConnectFailed: nobody is there, or TLS failed.
        TimedOut: in phase ``connect`` or ``handshake``.
    """
    sock = await _connect(origin, timeouts)
    if tls is None:
        return PlainTransport(sock)
    transport = ClientTLSTransport(sock, tls, origin.host)
    try:
        with within("handshake", timeouts.handshake):
            await transport.handshake()
    except BaseException as error:
        transport.close()
        if isinstance(error, Disconnected):
            raise _handshake_error(origin, _root(error)) from error
        raise
    return transport


async def _connect(origin: Origin, timeouts: Timeouts) -> socket.socket:
    try:
        with within("connect", timeouts.connect):
            stream = await trio.open_tcp_stream(origin.host, origin.port)
    except (socket.gaierror, UnicodeError) as error:
        raise NameNotFound(f"the name {origin.host!r} cannot be resolved: {_reason(error)}") from error
    except OSError as error:
        raise ConnectFailed(f"cannot connect to {origin.host} port {origin.port}: {_reason(error)}") from error
    sock = socket.socket(fileno=stream.socket.detach())
    sock.setblocking(False)
    return sock


def _reason(error: BaseException) -> str:
    """What the system said."""
    error = _root(error)
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)  # without the address, which the sentence names already
    return getattr(error, "strerror", None) or str(error)


def _root(error: BaseException) -> BaseException:
    """What an error goes back to; where several things failed, the last of them."""
    while isinstance(error, BaseExceptionGroup) or error.__cause__ is not None:
        error = error.exceptions[-1] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error
    return error


def _handshake_error(origin: Origin, error: BaseException) -> HandshakeFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefused(f"the certificate of {origin.host} is not trusted: {error.verify_message}")
    said = error.reason if isinstance(error, ssl.SSLError) and error.reason else _reason(error)
    return HandshakeFailed(f"no TLS with {origin.host} port {origin.port}: {said or 'the connection was closed'}")
