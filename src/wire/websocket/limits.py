"""How much of each thing a peer may send before it is stopped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The budget of one WebSocket connection, in bytes unless it says otherwise. Each answers with close code 1009.

    Behind each semicolon stands what the limit stops.

    Attributes:
        frame: the payload of one frame; a frame that announces 2 to the power of 63 bytes.
        message: a whole message, inflated where it was compressed; a bomb, which costs no more memory than this.
        frames: number of frames in one message; fragments without end, most of them empty.
    """

    frame: int = 1 << 20
    message: int = 1 << 20
    frames: int = 4096
