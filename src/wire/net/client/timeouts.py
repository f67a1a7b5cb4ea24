"""How long a client waits for what."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

import trio

from wire.net.client.errors import TimedOut


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The patience of a client, in seconds; ``math.inf`` waits for ever.

    Attributes:
        connect: for a name to be resolved and a TCP connection to stand, all of its addresses together.
        handshake: for TLS.
        write: until the server takes more of the request.
        read: until the next head of a response is complete, or more of a body comes. Counted from the end of the
            upload, if there is one. A server that sends a head byte by byte gains nothing by it.
        total: for a whole ``request``, or the whole block of a ``stream``, the caller's own code in it included; what
            stops a server whose body trickles.
        proceed: for 100 Continue, after which the body is sent without it (RFC 9110 §10.1.1).
        idle: that an unused connection is kept.
    """

    connect: float = 10.0
    handshake: float = 10.0
    write: float = 30.0
    read: float = 60.0
    total: float = math.inf
    proceed: float = 1.0
    idle: float = 30.0


@contextlib.contextmanager
def within(phase: str, seconds: float) -> Iterator[trio.CancelScope]:
    """Cancel the block after so many seconds.

    Raises:
        TimedOut: it was cancelled.
    """
    with trio.CancelScope(deadline=trio.current_time() + seconds) as scope:
        yield scope
    if scope.cancelled_caught:
        raise TimedOut(phase, seconds)
