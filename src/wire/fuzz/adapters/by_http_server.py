"""The parser of ``http.server`` in the standard library, which reads heads only, as a reader."""

from __future__ import annotations

import io
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler

from wire.fuzz.readings import Message, Reading


class _Handler(BaseHTTPRequestHandler):
    """A handler that has bytes in place of a socket."""

    protocol_version = "HTTP/1.1"

    def __init__(self, data: bytes) -> None:
        self.rfile = io.BufferedReader(io.BytesIO(data))
        self.wfile = io.BytesIO()
        self.error = ""
        self.close_connection = True

    def read_one(self) -> bool:
        """Whether there is a request."""
        self.raw_requestline = self.rfile.readline(65537)
        return bool(self.raw_requestline) and self.parse_request()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Note the error in place of sending it."""
        self.error = f"{code} {message}"

    def handle_expect_100(self) -> bool:
        """Nobody waits here."""
        return True


def read_requests(pieces: Sequence[bytes]) -> Reading:
    """What ``http.server`` reads of the first request's head."""
    handler = _Handler(b"".join(pieces))
    if not handler.read_one():
        return Reading(error=handler.error or "no request", looks_at=1)
    fields = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in handler.headers.items())
    start = {"method": handler.command.encode("latin-1"), "target": handler.path.encode("latin-1")}
    if handler.request_version.startswith("HTTP/"):
        start["version"] = handler.request_version[5:].encode("latin-1")
    return Reading([Message(start, fields, None, None)], looks_at=1)
