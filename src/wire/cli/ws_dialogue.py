"""What ``wire ws`` does while it is connected: what is typed goes out, what comes in is printed."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

import click
import trio

from wire.cli.http_body import CannotRead, Output
from wire.net.websocket import ConnectionClosed, ReconnectingWebSocket, WebSocket

LONGEST_LINE = 16 << 20
"""Bytes; a line is held until its end has come."""


@dataclass(frozen=True)
class Manners:
    """How the dialogue goes.

    Attributes:
        types: what is sent comes from standard input.
        binary: send lines as binary messages, not as text.
        raw: write messages as they are, with nothing behind them.
        most: how many messages to wait for; None for no end.
        wait: seconds without a message, after all has been said, until this side closes.
        code: with which it closes.
        pings: seconds between pings whose round trip is told; None for none.
    """

    types: bool = True
    binary: bool = False
    raw: bool = False
    most: int | None = None
    wait: float = 1.0
    code: int = 1000
    pings: float | None = None


async def lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The lines in what is typed, or piped in, without their LF; the last one needs none.

    Raises:
        CannotRead: a line is too long.
    """
    begun = bytearray()
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        begun += first
        for other in others:
            yield bytes(begun)
            begun = bytearray(other)
        if len(begun) > LONGEST_LINE:
            raise CannotRead(f"a line is longer than {LONGEST_LINE} bytes")
    if begun:
        yield bytes(begun)


class Dialogue:
    """One conversation, from the first message to the close frame.

    Args:
        socket: what to talk over.
        said: the messages to send, as bytes.
        out: where to write messages.
        manners: how.
    """

    def __init__(
        self,
        socket: WebSocket | ReconnectingWebSocket,
        said: AsyncIterable[bytes],
        out: Output,
        manners: Manners,
    ) -> None:
        self._socket = socket
        self._said = said
        self._out = out
        self._manners = manners
        self._escapes = sys.stdout.isatty() and not manners.raw
        self._hearing = trio.CancelScope()  # after all was said

    async def run(self) -> ConnectionClosed | None:
        """Talk; return how the connection ended, if that was not what this side wanted."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._speak)
            if self._manners.pings is not None:
                nursery.start_soon(self._measure, self._manners.pings)
            end = await self._listen()
            nursery.cancel_scope.cancel()
        return end

    async def _listen(self) -> ConnectionClosed | None:
        count = 0
        while self._manners.most is None or count < self._manners.most:
            try:
                message = await self._socket.receive()
            except ConnectionClosed as closed:
                return closed
            count += 1
            self._hear_on()
            await self._out.write(self._written(message))
        return None

    async def _speak(self) -> None:
        try:
            async for message in self._said:
                await self._socket.send(message if self._manners.binary else _text(message))
            self._hear_on()
            with self._hearing:
                await trio.sleep_forever()
            await self._socket.close(self._manners.code)
        except ConnectionClosed:
            pass  # which is heard as well

    def _hear_on(self) -> None:
        """Give the server time for another message."""
        self._hearing.deadline = trio.current_time() + self._manners.wait

    async def _measure(self, pause: float) -> None:
        try:
            while True:
                took = await self._socket.ping()
                click.echo(f"pong after {took * 1000:.1f} ms", err=True)
                await trio.sleep(pause)
        except ConnectionClosed:
            pass

    def _written(self, message: str | bytes) -> bytes:
        """A message as it is written: text in UTF-8, binary in hexadecimal, and nothing that a terminal would obey."""
        if self._manners.raw:
            return message.encode() if isinstance(message, str) else message
        if isinstance(message, bytes):
            return message.hex(" ").encode() + b"\n"
        return (harmless(message) if self._escapes else message).encode() + b"\n"


def harmless(text: str) -> str:
    """Text with escapes for what a terminal would obey and not show; line ends and tabs stay."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise CannotRead(f"{message[:40]!r} is not UTF-8: only --binary can send it") from error
