"""``wire http``: one request from the command line, with the options that users of curl know."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import click
import trio

from wire.cli.asking import basic, field, tls
from wire.cli.http_body import Body, FileBody, Output, body_of
from wire.cli.http_show import HTTP_ERROR, Failed, Recorder, failure
from wire.errors import ProtocolError
from wire.net.client.redirects import redirected
from wire.net.client.timeouts import within
from wire.net.http1 import Client, ClientError, OutgoingRequest, StreamedResponse, Timeouts
from wire.net.messages import PHRASES

TOO_MANY_REDIRECTS = 47
"""Exit status, as curl has it."""

SHORT = 65536
"""Bytes of a redirection's body that are read for the sake of its connection."""


@dataclass(frozen=True)
class Wanted:
    """What is to be done with the responses.

    Attributes:
        include: write their heads too.
        fail: take a status of 400 or more for a failure.
        redirects: how many redirections to follow.
        patience: seconds for all of it.
    """

    include: bool
    fail: bool
    redirects: int
    patience: float


@click.command(short_help="Send one HTTP request.")
@click.argument("url")
@click.option("-X", "--request", "method", metavar="METHOD", help="GET unless there is a body: then POST.")
@click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="A field line; repeatable.")
@click.option("-A", "--user-agent", metavar="NAME", help="What to call this client.")
@click.option("-u", "--user", metavar="NAME:PASSWORD", help="Basic authentication (RFC 7617).")
@click.option("-d", "--data", metavar="DATA|@FILE|@-", multiple=True, help="The body; several are joined by &.")
@click.option("--json", metavar="DATA|@FILE|@-", help="Like -d, as application/json, which is also asked for.")
@click.option("-I", "--head", is_flag=True, help="Send HEAD, and show the head of the response.")
@click.option("-i", "--include", is_flag=True, help="Show the heads of responses before the body.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write the body to a file; - is standard output.")
@click.option("-f", "--fail", is_flag=True, help="Exit with 22 and without a body when the status is 400 or more.")
@click.option("-L", "--location", is_flag=True, help="Follow redirections.")
@click.option("--max-redirs", metavar="N", type=click.IntRange(0, 1000), default=20, help="How many -L follows: 20.")
@click.option("-k", "--insecure", is_flag=True, help="Accept any certificate.")
@click.option("--cacert", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Whom to trust, in PEM.")
@click.option("--expect-continue", is_flag=True, help="Hold the body back until the server asks for it.")
@click.option("--request-target", metavar="TARGET", help="Ask for this, not the URL's path: OPTIONS with *, for one.")
@click.option(
    "-m",
    "--max-time",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="For everything; without it, for a minute of silence.",
)
@click.option("--connect-timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True), help="To connect: 10.")
@click.option("-s", "--silent", is_flag=True, help="Nothing changes: there is no progress to be silent about.")
@click.option("-v", "--verbose", is_flag=True, help="Explain the bytes of both directions on standard error.")
def command(url: str, output: str, verbose: bool, insecure: bool, cacert: str | None, **options: Any) -> None:
    """Send one request and write the body of the response to standard output.

    What -d sends goes out as application/x-www-form-urlencoded, byte for byte, unless -H gives another content type.
    One file alone is streamed. A URL without a scheme is taken for http.

    \b
    Exit status, as curl's: 0 a response came, 2 wrong use, 3 bad URL, 6 unknown host, 7 no connection,
    8 the response breaks the protocol, 18 it is cut off, 22 see -f, 23 cannot write, 26 cannot read, 28 too late,
    35 no TLS, 47 too many redirections, 52 no response, 56 connection lost, 60 certificate not trusted.

    \b
    Examples:
      wire http -v http://127.0.0.1:8080/hello
      wire http http://127.0.0.1:8080/echo -d @README.md -H 'content-type: text/markdown'
      wire http http://127.0.0.1:8080/documents --json '{"arg1": "to be or not to be", "arg2": 2}'
    """
    request = _request(url, options)
    wanted = Wanted(
        include=options["include"] or options["head"],
        fail=options["fail"],
        redirects=options["max_redirs"] if options["location"] else 0,
        patience=options["max_time"] or math.inf,
    )
    recorder = Recorder() if verbose else None
    client = Client(
        tls=tls(insecure, cacert),
        timeouts=_timeouts(options["connect_timeout"], options["max_time"]),
        tap_for=recorder,
    )
    try:
        with Output(output) as out:
            trio.run(_run, client, request, wanted, out)
    except (ClientError, ProtocolError) as error:
        raise failure(error) from error
    finally:
        if recorder is not None:
            recorder.show()


def _timeouts(connect: float | None, total: float | None) -> Timeouts:
    """The usual patience, or all that ``--max-time`` leaves."""
    endless = Timeouts(connect=math.inf, handshake=math.inf, write=math.inf, read=math.inf)
    timeouts = Timeouts() if total is None else endless
    return timeouts if connect is None else replace(timeouts, connect=connect)


def _request(url: str, options: dict[str, Any]) -> OutgoingRequest:
    """The request that the options describe."""
    data: tuple[str, ...] = options["data"]
    if data and options["json"] is not None:
        raise click.UsageError("-d and --json exclude each other.")
    if options["head"] and (data or options["json"] is not None):
        raise click.UsageError("-I sends no body.")
    fields = [field(header) for header in options["headers"]]
    defaults: list[tuple[bytes, bytes]] = []
    if options["user_agent"] is not None:
        defaults.append((b"user-agent", os.fsencode(options["user_agent"])))
    if options["user"] is not None:
        defaults.append(basic(options["user"]))
    if options["json"] is not None:
        data = (options["json"],)
        defaults = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
    elif data:
        defaults = [(b"content-type", b"application/x-www-form-urlencoded")]
    body: Body = body_of(data) if data else b""
    if isinstance(body, FileBody) and body.length is not None:
        defaults.append((b"content-length", b"%d" % body.length))
    given = {name.lower() for name, _value in fields}
    return OutgoingRequest(
        method=options["method"] or ("HEAD" if options["head"] else "POST" if data else "GET"),
        url=url if "://" in url else f"http://{url}",
        fields=[*fields, *((name, value) for name, value in defaults if name not in given)],
        body=body,
        expect_continue=options["expect_continue"],
        target=options["request_target"],
    )


async def _run(client: Client, request: OutgoingRequest, wanted: Wanted, out: Output) -> None:
    """Send the request, and those that redirections ask for, and write out what comes back."""
    with within("total", wanted.patience):
        async with client:
            for _hop in range(wanted.redirects + 1):
                async with client.open(request) as response:
                    following = redirected(request, response) if wanted.redirects else None
                    if wanted.include:
                        await out.write(b"".join(_heads(response)))
                    if following is None:
                        await _write_body(response, wanted, out)
                        return
                    await _skip_body(response)
                request = following
            raise Failed(f"the server redirects more than {wanted.redirects} times", TOO_MANY_REDIRECTS)


def _heads(response: StreamedResponse) -> Iterator[bytes]:
    """The heads of a response and of the interim ones before it, as HTTP writes them."""
    for head in (*response.interim, response.head):
        yield b"HTTP/%b %d %b\r\n" % (head.version, head.status, head.reason)
        yield from (b"%b: %b\r\n" % field for field in head.fields)
        yield b"\r\n"


async def _write_body(response: StreamedResponse, wanted: Wanted, out: Output) -> None:
    if wanted.fail and response.status >= 400:
        answer = f"{response.status} {PHRASES.get(response.status, '')}".rstrip()
        raise Failed(f"the server answered {answer}", HTTP_ERROR)
    async for piece in response.body:
        await out.write(piece)
    await response.finish_upload()  # a server may answer before it has read what it is sent


async def _skip_body(response: StreamedResponse) -> None:
    """Read a body that nobody wants, if it is short: then its connection can be used for the next request."""
    size = 0
    async for piece in response.body:
        size += len(piece)
        if size > SHORT:
            return
