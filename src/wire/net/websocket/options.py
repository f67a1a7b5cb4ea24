"""How long a session waits for its peer, and how much of everything it holds, each for what it prevents."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class SlowConsumer(enum.Enum):
    """What becomes of a peer that does not read what it is sent, once ``Options.send_queue`` is full.

    ``broadcast`` cannot wait: it closes those who would have to be waited for as ``CLOSE_1013`` does.
    """

    WAIT = 0
    """``send`` waits until there is room: the sender goes no faster than the peer."""

    CLOSE_1008 = 1008
    """The connection is closed: whoever cannot keep up breaks the rules here (RFC 6455 §7.4.1)."""

    CLOSE_1013 = 1013
    """The connection is closed: the peer may try again later (the registry of RFC 6455 §11.7)."""


@dataclass(frozen=True, slots=True)
class Options:
    """The patience and the budget of one session. Times are in seconds; ``math.inf`` is no deadline.

    A server looks at its deadlines every ``ServerLimits.sweep``; they fire up to that late, and never early.

    Attributes:
        ping_interval: between two pings; they keep the way open through whatever is in between, and measure it.
        ping_timeout: from a ping until the peer says anything at all; a peer that has vanished.
        close_timeout: from a close frame to the peer's own, or until the handler has answered what came before the
            peer's, and once more until the handler has noticed; a peer or a handler that never comes back.
        write_timeout: until the peer takes more of what waits for it; one that reads nothing.
        send_queue: bytes that may wait for the socket; what comes then, ``slow_consumer`` says. It can be exceeded by
            one message and by what a heartbeat needs. A peer that is sent much and reads little.
        slow_consumer: the policy for such a peer.
        receive_queue: messages that have come and wait for ``receive``; when they are that many, nothing more is read
            from the socket. A peer that sends faster than it is listened to.
        receive_bytes: the same for their size, in bytes of binary messages and characters of text.
    """

    ping_interval: float = 20.0
    ping_timeout: float = 20.0
    close_timeout: float = 5.0
    write_timeout: float = 30.0
    send_queue: int = 1 << 20
    slow_consumer: SlowConsumer = SlowConsumer.WAIT
    receive_queue: int = 64
    receive_bytes: int = 1 << 20
