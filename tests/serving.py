"""``wire serve`` as a process of its own, for tests that talk to it as anybody would."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PATIENCE = 30.0
"""Seconds after which a process that should have ended is taken to hang."""


@dataclass
class Served:
    """A running ``wire serve``.

    Attributes:
        url: what its first line says it serves.
        authority: the file that its clients must trust, where it made a certificate.
    """

    process: subprocess.Popen[str]
    url: str
    authority: str | None
    errors: IO[str] = field(repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=PATIENCE)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def workers(self) -> list[int]:
        """The process ids of its children."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


@contextlib.contextmanager
def serving(*options: str) -> Iterator[Served]:
    """Run ``wire serve`` on a free port until the block ends."""
    command = [sys.executable, "-m", "wire", "serve", "--port", "0", *options]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True) as process,
    ):
        try:
            assert process.stdout is not None
            served = Served(process, "", None, errors)
            first = process.stdout.readline()
            found = re.fullmatch(r"wire: serving (https?://.*:\d+)\n", first)
            assert found, f"the first line was {first!r}; {served.stderr()}"
            served.url = found[1]
            if "--tls" in options:
                served.authority = process.stdout.readline().removeprefix("wire: clients must trust ").rstrip("\n")
            yield served
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
