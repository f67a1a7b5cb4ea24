"""``wire explain``: what captured bytes mean, up to the byte where they go wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import BinaryIO

import click

from wire.cli.showing import console, print_json, print_page
from wire.explain import http1, websocket
from wire.explain.conversation import Direction
from wire.explain.explanation import Explanation
from wire.explain.page import explanation_page
from wire.explain.terminal import Terminal
from wire.http1 import Request
from wire.http1 import Role as Http1Role
from wire.websocket import Deflate, Role

_HTTP1 = {"http1": None, "http1-request": Role.CLIENT, "http1-response": Role.SERVER}
_WEBSOCKET = {"websocket": None, "websocket-client": Role.CLIENT, "websocket-server": Role.SERVER}
_DIRECTIONS = {Role.CLIENT: Direction.TO_SERVER, Role.SERVER: Direction.TO_CLIENT}
_PACKETS = re.compile(
    rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d"  # pcap, in either order of bytes
    rb"|\n\r\r\n.{4}(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)",  # pcapng
    re.DOTALL,
)
"""How the files of tcpdump and Wireshark begin."""


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--as",
    "form",
    type=click.Choice(["auto", *_HTTP1, *_WEBSOCKET]),
    default="auto",
    show_default=True,
    help="What the bytes are, and who sent them; how they begin tells what is left open. HTTP/1.1 goes on as WebSocket "
    "where it switches to that; websocket is frames without a handshake.",
)
@click.option(
    "--answering",
    metavar="METHOD",
    multiple=True,
    help="The method that a response answers: HEAD and CONNECT have no body. Once for each response; GET for the rest.",
)
@click.option("--deflate", is_flag=True, help="Frames without a handshake: it agreed on permessage-deflate.")
@click.option("--json", "as_json", is_flag=True, help="Print the spans as JSON.")
@click.option("--html", "as_html", is_flag=True, help="Print a page that stands alone.")
@click.option("--all", "everything", is_flag=True, help="Show long bodies in full.")
@click.option("--width", type=click.IntRange(64, 160), help="Columns; otherwise as the terminal has.")
def command(
    file: BinaryIO,
    form: str,
    answering: Sequence[str],
    deflate: bool,
    as_json: bool,
    as_html: bool,
    everything: bool,
    width: int | None,
) -> None:
    """Say what each byte of FILE means, and which section of which specification says so.

    FILE holds what one side of a connection sent; - is standard input. The end of FILE is taken for the end of the
    connection, though frames need no close frame there. Wireshark saves such a file from Follow TCP Stream: one
    direction, shown as Raw. Exit status: 0 if FILE is complete and right, 1 if it breaks a rule or ends too early.

    \b
    Examples:
      printf 'GET / HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n' | wire explain -
      wire explain capture.bin --as http1-response --answering HEAD
      wire explain capture.bin --html > capture.html
      printf '\\201\\005Hello' | wire explain -
    """
    if as_json and as_html:
        raise click.UsageError("--json and --html exclude each other.")
    data = file.read()
    if form == "auto" and _PACKETS.match(data):
        raise click.ClickException(
            "This is a file of packets; save one direction of one stream from it (Wireshark: Follow TCP Stream, Raw)."
        )
    requests = [_request(method) for method in answering]
    if form in _WEBSOCKET or (form == "auto" and websocket.begins_like_frames(data)):
        sender = _WEBSOCKET.get(form) or websocket.sender_of(data)
        explanation = websocket.explain(data, sender, deflate=Deflate() if deflate else None)
    else:
        sender = _HTTP1.get(form) or Role(http1.sender_of(data).value)
        in_http1 = http1.explain(data, Http1Role(sender.value), requests=requests, closed=True)
        explanation = websocket.go_on(in_http1, sender)
    _show(explanation, _DIRECTIONS[sender], as_json, as_html, everything, width)
    if explanation.fault is not None or explanation.awaiting:
        sys.exit(1)


def _request(method: str) -> Request:
    if not (method.isascii() and method.isalpha()):
        raise click.BadParameter(f"{method!r} is no method.", param_hint="--answering")
    name = method.upper().encode("ascii")
    return Request(name, b"example.com:443" if name == b"CONNECT" else b"/")


def _show(
    explanation: Explanation, direction: Direction, as_json: bool, as_html: bool, everything: bool, width: int | None
) -> None:
    if as_json:
        print_json(explanation.to_json())
    elif as_html:
        print_page(explanation_page(explanation, direction))
    else:
        Terminal(console(width), everything=everything).explanation(explanation, direction)
