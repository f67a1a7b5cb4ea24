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
from typing import Any, NoReturn, TypeAlias

import click
import trio

from wire.net.server.binding import bind

STOP = (signal.SIGTERM, signal.SIGINT)
"""The signals that ask for an end."""

Work: TypeAlias = Callable[[list[socket.socket], int], int]


class _ResolverWithoutThreads(trio.abc.HostnameResolver):
    """Looks names up while the loop stands still: there is nothing else in it that could run.

    trio would take a thread for it, and keep that for a while. It would still be there when the process forks, and when
    the parent waits for signals with these blocked: then it might get them instead.
    """

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> list[Any]:
        """What the system's resolver says of a name."""
        return socket.getaddrinfo(*args, **kwargs)

    async def getnameinfo(self, *args: Any, **kwargs: Any) -> tuple[str, str]:
        """What it says of an address."""
        return socket.getnameinfo(*args, **kwargs)


async def listen(host: str, port: int, workers: int) -> list[list[socket.socket]]:
    """Listening sockets for each worker, one for every address of ``host``, all on one port.

    Args:
        host: a name or an address.
        port: 0 for any that is free.
        workers: how many sets of sockets to make.

    Raises:
        OSError: the host is unknown, or the port is taken or not for us.
    """
    trio.socket.set_custom_hostname_resolver(_ResolverWithoutThreads())
    if workers > 1 and port:  # two groups of workers would share one port without a word
        for probe in await bind(host, port):
            probe.close()
    sets: list[list[socket.socket]] = []
    for _ in range(workers):
        sets.append(await bind(host, port, reuse_port=workers > 1))
        port = sets[0][0].getsockname()[1]
    for sockets in sets:
        for each in sockets:
            each.listen()  # from now on clients wait instead of being refused
    return sets


def supervise(sets: list[list[socket.socket]], work: Work, ready: Callable[[], None]) -> int:
    """Run ``work(sockets, lifeline)`` in a process for each set of sockets, until all of them have ended.

    ``work`` begins with the signals of ``STOP`` blocked, and unblocks them when it is ready to hear them. Its lifeline
    is a file descriptor that becomes readable when the parent is gone. It returns the exit status of its process.
    ``ready`` is called in the parent once all workers are there.

    Returns:
        0 where every worker ended with 0, and not by itself; else the status to exit with.
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
            _close(other for other in sets if other is not sockets)  # or a port would outlive its server
            _be_a_worker(sockets, lifeline, work)
        workers.add(pid)
    _close(sets)
    os.close(lifeline)
    try:
        ready()
        return _wait(workers, heard)
    finally:
        os.close(held)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _close(sets: Iterable[list[socket.socket]]) -> None:
    for sockets in sets:
        for each in sockets:
            each.close()


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
    """Pass signals on until no worker is left."""
    told = False
    status = 0
    while workers:
        if signal.sigwait(heard) == signal.SIGCHLD:
            for pid, code in _reap(workers).items():
                status = max(status, abs(code))
                if not told:
                    end = f"ended with status {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
                    click.echo(f"wire: worker {pid} {end}; stopping the others", err=True)
                    status = status or 1
                    told = _tell(workers)
        else:
            told = _tell(workers)
    return status


def _tell(workers: set[int]) -> bool:
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
    return True


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
