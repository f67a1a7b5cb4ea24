"""Finding addresses to listen at, and binding to them."""

from __future__ import annotations

import contextlib
import errno
import socket

import trio

_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""An address that a name has, but not on this machine, such as ``::1`` where IPv6 is switched off."""


async def bind(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """Bind a socket to each address of ``host``, all at one port.

    Args:
        host: a name or address.
        port: 0 for any that is free.
        reuse_port: let several sockets, of several processes, be bound there; the kernel shares connections out.

    Raises:
        OSError: the name is unknown, or none of its addresses can be bound.
    """
    found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    failure: OSError | None = None
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            chosen = bound[0].getsockname()[1] if bound and port == 0 else port
            try:
                bound.append(_bind(family, kind, protocol, (address[0], chosen, *address[2:]), reuse_port))
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                failure = error
    except BaseException:
        for sock in bound:
            sock.close()
        raise
    if not bound:
        raise failure or OSError(f"{host} has no address")
    return bound


def _bind(family: int, kind: int, protocol: int, address: tuple[str | int, ...], reuse_port: bool) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        return sock
    except BaseException:
        sock.close()
        raise
