"""``wire serve``: the samples on one port, until a signal tells it to finish what it is doing and stop."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import resource
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial

import click
import trio

from wire.cli.workers import STOP, gone, listen, supervise
from wire.net.server import Server, serve
from wire.net.server.access_log import AccessLogWriter
from wire.net.tls import development_authority, server_context
from wire.samples.app import SAMPLES, app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The name or address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--tls", is_flag=True, help="Speak HTTPS, with a throw-away certificate unless --certfile gives one.")
@click.option("--certfile", type=click.Path(exists=True, dir_okay=False), help="Certificate chain in PEM.")
@click.option("--keyfile", type=click.Path(exists=True, dir_okay=False), help="Its private key, if not in --certfile.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Number of processes.")
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A line a request, on stderr.")
@click.option(
    "--grace", type=click.FloatRange(0), default=10.0, show_default=True, help="Seconds to finish in when told to stop."
)
@click.option("-q", "--quiet", is_flag=True, help="Print where it serves and nothing else; no access log.")
def command(
    host: str,
    port: int,
    tls: bool,
    certfile: str | None,
    keyfile: str | None,
    workers: int,
    access_log: bool,
    grace: float,
    quiet: bool,
) -> None:
    """Serve the samples to curl, a browser or any other client.

    Ctrl-C or SIGTERM stops it: requests that are being answered may be finished first, WebSockets are closed (1001),
    for as long as --grace says; what is left then is cut off. A second one stops at once, and with 128 plus its number
    as the exit status; all else that was asked for ends with 0.

    Each of several workers has chat rooms of its own.

    \b
    Examples:
      wire serve                               http://127.0.0.1:8080, this machine only
      wire serve --port 0 --tls                HTTPS on a free port, with a certificate of its own
      wire serve --host 0.0.0.0 --port 443 --certfile chain.pem --keyfile key.pem --workers 4
    """
    if keyfile and not certfile:
        raise click.UsageError("--keyfile needs --certfile.")
    logging.basicConfig(format="wire: %(message)s", level=logging.INFO)
    _allow_open_files()
    with contextlib.ExitStack() as stack:
        context, authority = None, None
        if certfile:
            context = _context(certfile, keyfile)
        elif tls:
            context, authority = stack.enter_context(_throw_away(host))
        sets = _sockets(host, port, workers)
        banner = _banner(_url(host, sets[0][0], context is not None), authority, quiet)
        log = access_log and not quiet
        if workers == 1:
            sys.exit(trio.run(_serve, sets[0], context, log, grace, partial(_say, banner)))

        def work(sockets: list[socket.socket], lifeline: int) -> int:
            return trio.run(_serve, sockets, context, log, grace, None, lifeline)

        sys.exit(supervise(sets, work, partial(_say, banner)))


def _allow_open_files() -> None:
    """Raise the limit of open files as far as this process may: each connection is one.

    The usual 1,024 are for programs that call ``select``, which can count no further. Idle connections that are kept
    alive would meet them long before the server's own cap.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS calls it infinite, and then takes no more than the kernel's
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _context(certfile: str, keyfile: str | None) -> ssl.SSLContext:
    try:
        return server_context(certfile, keyfile)
    except ssl.SSLError as error:
        why = error.reason or ("not PEM" if keyfile else "not PEM, or --keyfile has to name its key")
        raise click.ClickException(f"{certfile}: no usable certificate and key: {why}") from error


@contextlib.contextmanager
def _throw_away(host: str) -> Iterator[tuple[ssl.SSLContext, str]]:
    """A context with a certificate of its own, and the file with the authority that vouches for it, while it lasts."""
    names = ["localhost", "127.0.0.1", "::1"]
    authority = development_authority([*names, host] if host not in names else names)
    with tempfile.NamedTemporaryFile(prefix="wire-ca-", suffix=".pem") as file:
        file.write(authority.ca_pem)
        file.flush()
        yield authority.server_context, file.name


def _sockets(host: str, port: int, workers: int) -> list[list[socket.socket]]:
    try:
        return trio.run(listen, host, port, workers)
    except OSError as error:
        where = f"cannot listen on {host} port {port}"
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(f"{where}: it is in use; --port 0 takes a free one") from error
        raise click.ClickException(f"{where}: {error.strerror}") from error


def _url(host: str, listening: socket.socket, secure: bool) -> str:
    """Where a client on this machine finds the server: an address that stands for all of them is none to connect to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "localhost"}.get(host, host)
    literal = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{literal}:{listening.getsockname()[1]}"


def _banner(url: str, authority: str | None, quiet: bool) -> str:
    """What is printed when the server is ready; programs may rely on the first line, and under ``--tls`` the second."""
    lines = [f"wire: serving {url}"]
    if authority:
        lines.append(f"wire: clients must trust {authority}")
    if not quiet:
        options = ("--cacert", authority) if authority else ()
        for sample in SAMPLES:
            lines += ["", f"  # {sample.summary}", f"  {sample.command(url, *options)}"]
        lines += ["", "Ctrl-C finishes what is being answered and stops; twice stops at once."]
    return "\n".join(lines)


def _say(banner: str) -> None:
    click.echo(banner)
    sys.stdout.flush()


async def _serve(
    sockets: list[socket.socket],
    tls: ssl.SSLContext | None,
    log: bool,
    grace: float,
    ready: Callable[[], None] | None = None,
    lifeline: int | None = None,
) -> int:
    """Serve until told to stop; the exit status to leave with: 0, or 128 plus the signal that stopped it at once."""
    status = 0
    heard = STOP if lifeline is None else (signal.SIGTERM,)
    with trio.open_signal_receiver(*heard) as signals:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        async with trio.open_nursery() as nursery:
            writer = AccessLogWriter(sys.stderr) if log else None
            if writer is not None:
                nursery.start_soon(writer.run)
            if lifeline is not None:
                nursery.start_soon(_stop_with, lifeline)

            async def until_drained(*, task_status: trio.TaskStatus[Server]) -> None:
                await serve(app, sockets=sockets, tls=tls, access_log=writer, task_status=task_status)
                nursery.cancel_scope.cancel()

            server = await nursery.start(until_drained)
            if ready is not None:
                ready()
            await anext(signals)
            server.shutdown(grace)
            status = 128 + await anext(signals)
            nursery.cancel_scope.cancel()
    return status


async def _stop_with(lifeline: int) -> None:
    """Drain when the parent is gone, as if it had said so."""
    await gone(lifeline)
    os.kill(os.getpid(), signal.SIGTERM)
