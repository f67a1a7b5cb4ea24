"""One input by name, and what has to become of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from wire.fuzz.websocket.draft import Frame, Meaning
from wire.websocket import Deflate, Limits, Role

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
KEEPING = Deflate()
HEADER = {Role.SERVER: 6, Role.CLIENT: 2}
"""Bytes before the payload of a short frame, as a server and as a client reads it."""


@dataclass(frozen=True)
class Case:
    """An input and its verdict. Before it, the test puts a message that is in order.

    Attributes:
        name: what the input is called where it is known, or what is odd about it.
        frames: what the peer sends, as frames.
        rule: the rule that rejects it; None where it is accepted.
        at: the byte at fault, counted from the beginning of the first of these frames.
        means: the messages and control frames that are heard, up to the error.
        role: who reads it.
        section: where it is accepted, the section that allows it.
        spec: ids of the requirements that this proves.
        limits: of the connection.
        deflate: what was agreed on for compression.
        raw: bytes that stand behind the frames.
    """

    name: str
    frames: tuple[Frame, ...] = ()
    rule: str | None = None
    at: int = 0
    means: tuple[Meaning, ...] = ()
    role: Role = Role.SERVER
    section: str = ""
    spec: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    deflate: Deflate | None = None
    raw: bytes = b""
