"""The bodies of ``wire http``: where that of a request comes from, and where that of a response goes."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO

import click
import trio

PIECE = 65536
"""Bytes that are read of a file at a time."""


class CannotRead(click.ClickException):
    """What was to be sent cannot be read."""

    exit_code = 26


class CannotWrite(click.ClickException):
    """There is no room or no right to write what was received."""

    exit_code = 23


class FileBody:
    """A file as a body; it is opened each time that it is iterated over, as a redirection may make necessary.

    Attributes:
        length: in bytes; None for what is no regular file.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        try:
            status = os.stat(name)  # noqa: PTH116 - the name stays as the user gave it
        except OSError as error:
            raise CannotRead(f"{name}: {error.strerror}") from error
        self.length = status.st_size if stat.S_ISREG(status.st_mode) else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async with await trio.open_file(self._name, "rb") as file:
                while piece := await file.read(PIECE):
                    yield piece
        except OSError as error:
            raise CannotRead(f"{self._name}: {error.strerror}") from error


class StandardInput:
    """Standard input as a body, sent as it comes."""

    length = None

    def __init__(self) -> None:
        self._begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._begun:
            raise CannotRead("standard input has been read already, and would have to be sent again")
        self._begun = True
        while piece := await trio.to_thread.run_sync(os.read, sys.stdin.fileno(), PIECE, abandon_on_cancel=True):
            yield piece


Body = bytes | FileBody | StandardInput


def body_of(values: Sequence[str]) -> Body:
    """The body that ``-d`` describes: the values joined by ``&``, files as they are.

    One file alone is streamed. Several values are read into memory.

    Raises:
        CannotRead: a file is not there.
    """
    if len(values) == 1 and values[0].startswith("@"):
        return StandardInput() if values[0] == "@-" else FileBody(values[0][1:])
    return b"&".join(map(value_of, values))


def value_of(value: str) -> bytes:
    """What one value stands for: itself, or, behind ``@``, the content of a file.

    Raises:
        CannotRead: the file is not there.
    """
    if not value.startswith("@"):
        return os.fsencode(value)
    if value == "@-":
        return sys.stdin.buffer.read()
    try:
        with open(value[1:], "rb") as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError as error:
        raise CannotRead(f"{value[1:]}: {error.strerror}") from error


class Output:
    """A file that is made when there is something to write into it.

    Args:
        name: of the file; ``-`` is standard output.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: BinaryIO | None = None

    def __enter__(self) -> Output:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None and self._name != "-":
            self._file.close()

    async def write(self, data: bytes) -> None:
        """Write, in a thread: a pipe takes as long as whoever reads from it.

        Raises:
            CannotWrite: the system refuses.
            BrokenPipeError: nobody reads any more.
        """
        try:
            await trio.to_thread.run_sync(self._write, data, abandon_on_cancel=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CannotWrite(f"{self._name}: {error.strerror}") from error

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._file = sys.stdout.buffer if self._name == "-" else open(self._name, "wb")  # noqa: PTH123, SIM115
        self._file.write(data)
        self._file.flush()
