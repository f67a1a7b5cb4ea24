"""``wire explain``: what captured bytes mean, up to the byte where they go wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import BinaryIO

import click

from wire.cli.showing import console, print_json, print_page
from wire.explain import http1
from wire.explain.conversation import Direction
from wire.explain.explanation import Explanation
from wire.explain.page import explanation_page
from wire.explain.terminal import Terminal
from wire.http1 import Request, Role

_DIRECTIONS = {"requests": Direction.TO_SERVER, "responses": Direction.TO_CLIENT}
_SENDERS = {"http1-request": Role.CLIENT, "http1-response": Role.SERVER}
_GUESSED = ("auto", "http1")
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
    type=click.Choice([*_GUESSED, *_SENDERS]),
    default="auto",
    show_default=True,
    help="What the bytes are; http1 tells requests from responses by how they begin.",
)
@click.option(
    "--answering",
    metavar="METHOD",
    multiple=True,
    help="The method that a response answers: HEAD and CONNECT have no body. Once for each response; GET for the rest.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the spans as JSON.")
@click.option("--html", "as_html", is_flag=True, help="Print a page that stands alone.")
@click.option("--all", "everything", is_flag=True, help="Show long bodies in full.")
@click.option("--width", type=click.IntRange(64, 160), help="Columns; otherwise as the terminal has.")
def command(
    file: BinaryIO,
    form: str,
    answering: Sequence[str],
    as_json: bool,
    as_html: bool,
    everything: bool,
    width: int | None,
) -> None:
    """Say what each byte of FILE means, and which section of which specification says so.

    FILE holds what one side of a connection sent; - is standard input. The end of FILE is taken for the end of the
    connection. Wireshark saves such a file from Follow TCP Stream: one direction, shown as Raw. Exit status: 0 if FILE
    is complete and right, 1 if it breaks a rule or ends too early.

    \b
    Examples:
      printf 'GET / HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n' | wire explain -
      wire explain capture.bin --as http1-response --answering HEAD
      wire explain capture.bin --html > capture.html
    """
    if as_json and as_html:
        raise click.UsageError("--json and --html exclude each other.")
    data = file.read()
    if form == "auto" and _PACKETS.match(data):
        raise click.ClickException(
            "This is a file of packets; save one direction of one stream from it (Wireshark: Follow TCP Stream, Raw)."
        )
    sender = _SENDERS.get(form) or http1.sender_of(data)
    explanation = http1.explain(data, sender, requests=[_request(method) for method in answering], closed=True)
    _show(explanation, as_json, as_html, everything, width)
    if explanation.fault is not None:
        sys.exit(1)


def _request(method: str) -> Request:
    if not (method.isascii() and method.isalpha()):
        raise click.BadParameter(f"{method!r} is no method.", param_hint="--answering")
    name = method.upper().encode("ascii")
    return Request(name, b"example.com:443" if name == b"CONNECT" else b"/")


def _show(explanation: Explanation, as_json: bool, as_html: bool, everything: bool, width: int | None) -> None:
    direction = _DIRECTIONS[explanation.subject]
    if as_json:
        print_json(explanation.to_json())
    elif as_html:
        print_page(explanation_page(explanation, direction))
    else:
        Terminal(console(width), everything=everything).explanation(explanation, direction)
