"""What ``wire http`` shows beside the body: the conversation byte by byte, and what went wrong, as curl numbers it."""

from __future__ import annotations

import sys
import time

import click
from rich.console import Console

from wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from wire.explain.conversation import Conversation, Direction, annotate
from wire.explain.http1 import explain_both
from wire.explain.terminal import Terminal
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

# The first that fits counts. The numbers are curl's, so that scripts need not learn others.
_EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (LocalProtocolError, 2),
    (InvalidUrl, 3),
    (NameNotFound, 6),
    (CertificateRefused, 60),
    (HandshakeFailed, 35),
    (ConnectFailed, 7),
    (TimedOut, 28),
    (ConnectionLost, 56),
    (LengthNeeded, 2),
    (ResponseTooLarge, 63),
    (RemoteProtocolError, 8),
)
_EXIT_CODES_BY_RULE = {"http1.eof.no-response": 52, "http1.eof.in-body": 18}

CONNECTION_MEMORY = 1 << 20
"""Bytes of a connection that are kept to be shown."""


class Failed(click.ClickException):
    """What went wrong, in one line, and the exit status that says it to scripts."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # which click reads from the instance


def failure(error: ClientError | ProtocolError) -> Failed:
    """What an error of the client means to a user."""
    by_kind = next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)
    return Failed(str(error), _EXIT_CODES_BY_RULE.get(getattr(error, "rule", ""), by_kind))


class Recorder:
    """Records each connection of a client, to be explained when all is over."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._connections: list[tuple[Origin, Conversation]] = []

    def __call__(self, origin: Origin) -> Tap:
        """The tap for a new connection."""
        conversation = Conversation()
        self._connections.append((origin, conversation))
        room = CONNECTION_MEMORY

        def tap(flow: Flow, data: bytes) -> None:
            nonlocal room
            if room > 0 or not data:
                direction = Direction.TO_SERVER if flow is Flow.SENT else Direction.TO_CLIENT
                conversation.add(time.monotonic() - self._began, direction, data[:room])
            room -= len(data)

        return tap

    def show(self) -> None:
        """Write the annotated conversations to standard error."""
        sys.stdout.flush()
        if sys.stdout.isatty():
            click.echo(err=True)  # the body may have ended in the middle of a line
        console = Console(stderr=True, highlight=False)
        if not self._connections:
            console.print("No connection was made.")
        for origin, conversation in self._connections:
            console.print(f"Connection to {origin}", markup=False, style="bold")
            Terminal(console).conversation(annotate(conversation, explain_both))
