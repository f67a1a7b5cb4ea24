"""One connection of HTTP/1.1 on the server's side: the socket and the codec that belong together.

What reads from it and what writes to it meet here, and need not know each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator

from wire.http1 import Connection as Codec
from wire.http1 import Event, Role
from wire.net.server.connection import Connection


class Http1Link:
    """What all requests of a connection share.

    Attributes:
        connection: the socket, its deadline and what the server has to say about it.
        codec: the state of the protocol.
        events: those of the bytes that were read last; the head of a request is followed by its body here.
        answered: number of final responses that have begun.
    """

    __slots__ = ("answered", "codec", "connection", "events")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.codec = Codec(Role.SERVER, limits=connection.service.limits.http1)
        self.events: Iterator[Event] = iter(())
        self.answered = 0

    def flush(self) -> Awaitable[None]:
        """Send what the codec has to say, in one system call if the socket takes it; to be awaited."""
        return self.connection.send_all(self.codec.bytes_to_send())
