"""What ``wire http`` and ``wire ws`` show beside what they receive: each byte explained, and what went wrong."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

import click
import trio
from rich.console import Console

from wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from wire.explain.conversation import Conversation, Direction, annotate
from wire.explain.terminal import Terminal
from wire.explain.websocket import explain_both
from wire.net.client.url import Origin
from wire.net.http1 import (
    CertificateRefused,
    ClientError,
    ConnectFailed,
    ConnectionLost,
    HandshakeFailed,
    InvalidUrl,
    LengthNeeded,
    NameNotFound,
    ResponseTooLarge,
    TimedOut,
)
from wire.net.tap import Flow, Tap

HTTP_ERROR, CONNECTION_LOST, BAD_AUTHORITIES = 22, 56, 77
"""Exit statuses, as curl has them."""

# The first that fits counts. The numbers are curl's, so that scripts need not learn others.
_EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (LocalProtocolError, 2),
    (InvalidUrl, 3),
    (NameNotFound, 6),
    (CertificateRefused, 60),
    (HandshakeFailed, 35),
    (ConnectFailed, 7),
    (TimedOut, 28),
    (ConnectionLost, CONNECTION_LOST),
    (LengthNeeded, 2),
    (ResponseTooLarge, 63),
    (RemoteProtocolError, 8),
)
_EXIT_CODES_BY_RULE = {"http1.eof.no-response": 52, "http1.eof.in-body": 18}

CONNECTION_MEMORY = 1 << 20
LIVE_MEMORY = 128 << 10
"""Bytes of a connection that are kept to be shown: at its end, and as it goes on, where each write costs a look at all
that was before it."""


class Failed(click.ClickException):
    """What went wrong, in one line, and the exit status that says it to scripts."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # which click reads from the instance


def failure(error: ClientError | ProtocolError) -> Failed:
    """What an error of the client means to a user."""
    by_kind = next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)
    return Failed(str(error), _EXIT_CODES_BY_RULE.get(getattr(error, "rule", ""), by_kind))


@dataclass(slots=True)
class _Connection:
    """A connection that is recorded; ``room`` is for how many bytes more, ``seen`` counts the segments shown so far."""

    origin: Origin
    room: int
    conversation: Conversation = field(default_factory=Conversation)
    seen: int = 0


class Recorder:
    """Records each connection of a client, to be explained when all is over, or, ``live``, as it goes on."""

    def __init__(self, *, live: bool = False) -> None:
        self._live = live
        self._began = time.monotonic()
        self._connections: list[_Connection] = []
        self._news = trio.Event()

    def __call__(self, origin: Origin) -> Tap:
        """The tap for a new connection."""
        connection = _Connection(origin, LIVE_MEMORY if self._live else CONNECTION_MEMORY)
        self._connections.append(connection)

        def tap(flow: Flow, data: bytes) -> None:
            if connection.room > 0 or (not data and not connection.room):
                direction = Direction.TO_SERVER if flow is Flow.SENT else Direction.TO_CLIENT
                connection.conversation.add(time.monotonic() - self._began, direction, data[: connection.room])
                self._news.set()
            connection.room -= len(data)

        return tap

    async def show_on_and_on(self) -> None:
        """Write the annotated conversations to standard error as they go on."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            self.show()

    def show(self) -> None:
        """Write to standard error what has not been shown yet of the annotated conversations."""
        sys.stdout.flush()
        if sys.stdout.isatty() and not self._live:
            click.echo(err=True)  # the body may have ended in the middle of a line
        console = Console(stderr=True, highlight=False)
        if not self._connections:
            console.print("No connection was made.")
        for connection in self._connections:
            conversation = connection.conversation
            if 0 < connection.seen == len(conversation.segments):
                continue
            if connection.seen:
                console.print()
            else:
                console.print(f"Connection to {connection.origin}", markup=False, style="bold")
            conversation.first_shown, connection.seen = connection.seen, len(conversation.segments)
            Terminal(console).conversation(annotate(conversation, explain_both))
            if connection.room < 0:
                console.print("What follows on this connection is too much to be shown.")
