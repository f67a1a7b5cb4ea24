"""The times by which something has to happen to a session, each by its name."""

from __future__ import annotations

import math


class Deadlines:
    """Times of trio's clock; ``math.inf`` for what is not awaited.

    Attributes:
        ping: the next ping is sent.
        pong: the peer has said something since the last ping, or is taken for vanished.
        answer: the user has answered what came before the peer's end; it is not waited for any longer.
        close: the peer has answered our close frame and closed TCP, or is given up.
        write: the socket has taken something of what waits for it, or the peer is given up.
        leave: the user has noticed that it is over, or is cancelled.
    """

    __slots__ = ("answer", "close", "leave", "ping", "pong", "write")

    def __init__(self) -> None:
        self.ping = self.pong = self.answer = self.close = self.write = self.leave = math.inf

    def next(self) -> float:
        """The first of them."""
        return min(self.ping, self.pong, self.answer, self.close, self.write, self.leave)
