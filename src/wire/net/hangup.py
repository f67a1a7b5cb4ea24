"""Noticing that a client went away while its answer is still being made.

Reading from the socket would tell, but it would also take in bytes that nobody asked for. Linux can say it without a
read: ``EPOLLRDHUP`` is the peer closing its sending side, ``EPOLLHUP`` and ``EPOLLERR`` the end of both. One epoll of
our own serves all connections, and only those whose handler has been running for a while, or asks, are put into it: a
request that is answered at once costs nothing here.

On a system without epoll a lost client is noticed when something is next sent to it.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable
from typing import TypeAlias

import trio

Hangup: TypeAlias = Callable[[bool], None]
"""Called with True where the connection is dead, False where the peer has closed its sending side only."""


class HangupWatcher:
    """Calls back when the peer of a watched socket hangs up."""

    def __init__(self) -> None:
        self._epoll = select.epoll() if hasattr(select, "epoll") else None
        self._watched: dict[int, Hangup] = {}

    def watch(self, sock: socket.socket, hangup: Hangup) -> None:
        """Watch a socket until ``forget``; it is at most called once for each half of the connection."""
        if self._epoll is not None and sock.fileno() not in self._watched:
            self._watched[sock.fileno()] = hangup
            self._epoll.register(sock, select.EPOLLRDHUP | select.EPOLLONESHOT)

    def forget(self, sock: socket.socket) -> None:
        """Watch no longer. To be called before the socket is closed, since its number will be another's."""
        if self._watched.pop(sock.fileno(), None) is not None and self._epoll is not None:
            with contextlib.suppress(OSError):
                self._epoll.unregister(sock)

    async def run(self) -> None:
        """Dispatch until cancelled."""
        while self._epoll is not None:
            await trio.lowlevel.wait_readable(self._epoll.fileno())
            for number, events in self._epoll.poll(0):
                self._dispatch(self._epoll, number, events)

    def close(self) -> None:
        """Give the epoll back, once all connections have ended."""
        if self._epoll is not None:
            self._epoll.close()

    def _dispatch(self, epoll: select.epoll, number: int, events: int) -> None:
        hangup = self._watched.get(number)
        if hangup is None:
            return
        dead = bool(events & (select.EPOLLHUP | select.EPOLLERR))
        if not dead:
            epoll.modify(number, select.EPOLLONESHOT)  # from now on only the end of both directions counts
        hangup(dead)
