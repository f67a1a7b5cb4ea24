"""Several processes on one port: the kernel shares the connections out among sockets that are bound alike.

The parent makes the sockets (so that a port in use is noticed before anything starts), forks, and waits. A signal to
stop is passed on to the workers; a worker that dies by itself takes the others down in good order; and workers whose
parent has died drain and leave too.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import NoReturn, TypeAlias

import trio

STOP = (signal.SIGTERM, signal.SIGINT)

Work: TypeAlias = Callable[[list[socket.socket], int], int]


def listen(host: str, port: int, workers: int, backlog: int) -> list[list[socket.socket]]:
    """Listening sockets for each worker: one for every address of ``host``, all on one port.

    Args:
        host: a name or an address; ``""`` for all addresses of this machine.
        port: 0 for any that is free.
        workers: how many sets of sockets to make.
        backlog: connections that the kernel holds for each socket until they are accepted.

    Raises:
        OSError: the host is unknown, or the port is taken or not for us.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    if workers > 1 and port:
        for family, _, _, _, address in addresses:  # two groups of workers would share one port without a word
            _bind(family, address, shared=False).close()
    sets: list[list[socket.socket]] = []
    for _ in range(workers):
        sockets = []
        for family, _, _, _, address in addresses:
            bound = _bind(family, (address[0], port, *address[2:]), shared=workers > 1)
            bound.listen(backlog)
            port = port or bound.getsockname()[1]
            sockets.append(bound)
        sets.append(sockets)
    return sets


def _bind(family: int, address: tuple[object, ...], *, shared: bool) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def supervise(sets: Iterable[list[socket.socket]], work: Work, ready: Callable[[], None]) -> int:
    """Run ``work(sockets, lifeline)`` in a process for each set of sockets, until all of them have ended.

    ``work`` begins with the signals of ``STOP`` blocked, and unblocks them when it is ready to hear them. Its lifeline
    is a file descriptor that becomes readable when the parent is gone. It returns the exit status of its process.
    ``ready`` is called in the parent once all workers are there.

    Returns:
        0 when every worker ended with 0 and was told to; else the status to exit with.
    """
    # Signals that wait until they are asked for need no handler, and so there is no moment at which they are lost.
    heard = {*STOP, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    lifeline, held = os.pipe()
    workers = set()
    for sockets in sets:
        pid = os.fork()
        if pid == 0:
            os.close(held)
            _be_a_worker(sockets, lifeline, work)
        workers.add(pid)
        for each in sockets:
            each.close()
    os.close(lifeline)
    try:
        ready()
        return _wait(workers, heard)
    finally:
        os.close(held)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_a_worker(sockets: list[socket.socket], lifeline: int, work: Work) -> NoReturn:
    """Work and end here, so that the parent's own clean-up happens in the parent alone."""
    status = 1
    try:
        # A terminal sends Ctrl-C to the whole group; the parent passes it on, and it should count once.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        status = work(sockets, lifeline)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _wait(workers: set[int], heard: set[signal.Signals]) -> int:
    told = False
    status = 0
    while workers:
        number = signal.sigwait(heard)
        if number == signal.SIGCHLD:
            ended = _reap(workers)
            if not ended:
                continue
            status = max(status, *(abs(code) for code in ended.values()), 0 if told else 1)
            if told:
                continue
        told = True
        for pid in workers:
            os.kill(pid, signal.SIGTERM)
    return status


def _reap(workers: set[int]) -> dict[int, int]:
    """Take the workers that have ended out of the set; their exit codes by process id, negative for a signal."""
    ended = {}
    for pid in list(workers):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            workers.discard(pid)
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


async def gone(lifeline: int) -> None:
    """Return when the parent at the other end of the lifeline is gone."""
    await trio.lowlevel.wait_readable(lifeline)
