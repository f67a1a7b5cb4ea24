"""``wire ws``: a WebSocket from the command line, as users of websocat and wscat know it."""

from __future__ import annotations

import contextlib
import logging
import math
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import click
import trio

from wire.cli.asking import basic, field, tls
from wire.cli.http_body import Output, StandardInput, value_of
from wire.cli.http_show import CONNECTION_LOST, HTTP_ERROR, Failed, Recorder, failure
from wire.cli.ws_dialogue import Dialogue, Manners, harmless, lines
from wire.errors import ProtocolError
from wire.explain.text import is_text, readable
from wire.net.client.helpers import helpers
from wire.net.websocket import (
    Backoff,
    ClientError,
    ConnectionClosed,
    DeflateOffer,
    Limits,
    Options,
    ReconnectingWebSocket,
    Refused,
    Timeouts,
    WebSocket,
    connect,
)
from wire.websocket import close_codes

_LONGEST_REASON = 300
_SECONDS = click.FloatRange(0)


@click.command(short_help="Talk to a WebSocket.")
@click.argument("url")
@click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="A field line; repeatable.")
@click.option("-A", "--user-agent", metavar="NAME", help="What to call this client.")
@click.option("-u", "--user", metavar="NAME:PASSWORD", help="Basic authentication (RFC 7617).")
@click.option("-o", "--origin", metavar="ORIGIN", help="Say that the page of this origin asks.")
@click.option("-s", "--subprotocol", "subprotocols", metavar="NAME", multiple=True, help="To offer; repeatable.")
@click.option("--no-deflate", is_flag=True, help="Do not offer compression.")
@click.option(
    "-d", "--data", metavar="DATA|@FILE|@-", multiple=True, help="Send this message, not what is typed; repeatable."
)
@click.option("-b", "--binary/--text", help="Send binary messages; text unless told otherwise.")
@click.option("--raw", is_flag=True, help="Write messages as they are, with nothing between them.")
@click.option("-n", "--max-messages", metavar="N", type=click.IntRange(1), help="Close after N messages have come.")
@click.option(
    "-w", "--wait", metavar="SECONDS", type=_SECONDS, default=1.0,
    help="Close when all is said and no message has come for so long: 1; inf leaves it to the server.",
)  # fmt: skip
@click.option("--close-code", metavar="CODE", type=int, default=1000, help="Close with this: 1000.")
@click.option(
    "--ping-interval", metavar="SECONDS", type=_SECONDS, help="Between pings that keep the way open: 20; 0 for none."
)
@click.option("--ping", is_flag=True, help="Show how long pings take, one a second unless --ping-interval says else.")
@click.option(
    "--max-size", metavar="BYTES", type=click.IntRange(1), default=16 << 20, help="The longest message: 16 MiB."
)
@click.option("--reconnect", is_flag=True, help="Connect anew after a loss, as often as it takes.")
@click.option("-k", "--insecure", is_flag=True, help="Accept any certificate.")
@click.option("--cacert", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Whom to trust, in PEM.")
@click.option("--connect-timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True), help="To connect: 10.")
@click.option("-v", "--verbose", is_flag=True, help="Explain each byte of both directions on standard error.")
def command(url: str, data: Sequence[str], verbose: bool, reconnect: bool, **options: Any) -> None:
    """Send each line of standard input as a message, and write each message that comes to standard output, as a line.

    Binary messages are written in hexadecimal; --raw has them as they are. A terminal does not get control characters
    that the server sends. At the end of the input the connection is closed, once no message has come for a while. A URL
    without a scheme is taken for ws.

    \b
    Exit status, as curl's where there is one: 0 closed in good order, 1 closed with another code,
    2 wrong use, 3 bad URL, 6 unknown host, 7 no connection, 8 the server breaks the protocol,
    22 it refuses, 23 cannot write, 26 cannot read, 28 too late, 35 no TLS, 52 no answer,
    56 connection lost, 60 certificate not trusted.

    \b
    Examples:
      wire ws ws://127.0.0.1:8080/ws/echo
      wire ws -v ws://127.0.0.1:8080/ws/echo -d hello
      seq 3 | wire ws ws://127.0.0.1:8080/ws/echo
    """
    if options["close_code"] not in close_codes.SENDABLE:
        raise click.UsageError(f"{options['close_code']} is no code that may be sent (RFC 6455 §7.4).")
    recorder = Recorder(live=True) if verbose else None
    manners, how = _manners(options, types=not data), _how(options, recorder)
    if reconnect:
        how["reconnect"] = Backoff()
        _tell_of_losses()
    said = _given([value_of(value) for value in data]) if data else lines(StandardInput())
    try:
        with Output("-") as out:
            trio.run(_run, url if "://" in url else f"ws://{url}", how, said, out, manners, recorder)
    except (ClientError, ProtocolError) as error:
        raise _failure(error) from error
    finally:
        if recorder is not None:
            recorder.show()


def _manners(options: dict[str, Any], *, types: bool) -> Manners:
    """How to talk, by the options."""
    return Manners(
        types=types,
        binary=options["binary"],
        raw=options["raw"],
        most=options["max_messages"],
        wait=options["wait"],
        code=options["close_code"],
        pings=(options["ping_interval"] or 1.0) if options["ping"] else None,
    )


def _how(options: dict[str, Any], recorder: Recorder | None) -> dict[str, Any]:
    """How to connect, by the options: arguments of ``connect``."""
    interval = options["ping_interval"]
    return {
        "subprotocols": options["subprotocols"],
        "fields": _fields(options),
        "origin": options["origin"],
        "deflate": None if options["no_deflate"] else DeflateOffer(),
        "tls": tls(options["insecure"], options["cacert"]),
        "timeouts": Timeouts(connect=options["connect_timeout"] or Timeouts().connect),
        "limits": Limits(frame=options["max_size"], message=options["max_size"]),
        "options": Options(ping_interval=Options().ping_interval if interval is None else interval or math.inf),
        "tap_for": recorder,
    }


def _fields(options: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    fields = [field(header) for header in options["headers"]]
    if options["user_agent"] is not None:
        fields.append(field(f"user-agent: {options['user_agent']}"))
    if options["user"] is not None:
        fields.append(basic(options["user"]))
    return fields


async def _given(messages: Sequence[bytes]) -> AsyncIterator[bytes]:
    for message in messages:
        yield message


async def _run(
    url: str, how: dict[str, Any], said: AsyncIterator[bytes], out: Output, manners: Manners, recorder: Recorder | None
) -> None:
    """Connect and talk, and say what went wrong."""
    async with helpers() as nursery:
        if recorder is not None:
            nursery.start_soon(recorder.show_on_and_on)
        end = None
        async with connect(url, **how) as socket:
            if manners.types and sys.stdin.isatty():
                click.echo(_greeting(socket), err=True)
            with contextlib.suppress(ConnectionClosed):
                end = await Dialogue(socket, said, out, manners).run()
    if end is not None and not (end.ok or end.code in (close_codes.NO_STATUS, manners.code)):
        raise _loss(end)


def _greeting(socket: WebSocket | ReconnectingWebSocket) -> str:
    """What was agreed on."""
    terms = [f"subprotocol {socket.subprotocol}"] if socket.subprotocol else []
    terms += ["compression"] if socket.deflate else []
    return f"connected{' with ' if terms else ''}{' and '.join(terms)}; Ctrl-D closes"


def _loss(end: ConnectionClosed) -> Failed:
    """What it means that the connection ended otherwise than in good order."""
    if end.error is not None:
        return failure(end.error)
    reason = f": {readable(end.reason, _LONGEST_REASON)}" if end.reason else ""
    if end.code == close_codes.ABNORMAL:
        return Failed(f"the connection was lost{reason}", CONNECTION_LOST)
    return Failed(f"the server closed the connection with {end.code}{reason}", 1)


def _failure(error: ClientError | ProtocolError) -> Failed:
    if not isinstance(error, Refused):
        return failure(error)
    body = error.response.body
    why = f": {readable(body, _LONGEST_REASON)}" if body and is_text(body) else ""
    return Failed(f"{error}{why}", HTTP_ERROR)


class _Losses(logging.Handler):
    """Tells of losses on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        click.echo(f"wire: {harmless(record.getMessage())}", err=True)


def _tell_of_losses() -> None:
    logger = logging.getLogger("wire.net.websocket")
    logger.setLevel(logging.INFO)
    logger.handlers = [_Losses()]
