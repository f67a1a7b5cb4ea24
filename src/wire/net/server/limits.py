"""How long a server waits for a client, and how much of everything it holds, each for the attack that it stops."""

from __future__ import annotations

from dataclasses import dataclass, field

from wire.http1.limits import Limits


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The budget of a server and of each of its connections. Times are in seconds.

    One task checks the deadlines of all connections, each ``sweep`` seconds or each quarter of the shortest deadline;
    they fire up to twice that late, and never early.

    Attributes:
        handshake: from the connection to the end of the TLS handshake; a client that connects and says nothing.
        head: from the first byte of a request to the end of its head, or from the connection to the first byte
            [408, or nothing where nothing had come]; slowloris, a head that arrives a byte at a time.
        idle: between two requests of one connection; connections that are kept for their own sake.
        body: until more of a body comes, each time that its handler waits for it [408]; an upload that stops.
        body_rate: bytes per second that a body must reach over all the time that its handler waited for it, beyond the
            first ``body`` seconds [408]; slow POST (R-U-D-Y), an upload that trickles. 0 for no such demand.
        write: until the client takes more of a response; slow read, a client that asks for much and reads nothing.
        half_closed: that a response may still take once its client has closed its sending side; a long poll
            whose client went away without a reset. (A reset cancels the handler at once.)
        close: that a closing connection waits for its client to close too (RFC 9112 §9.6).
        unread: bytes of a request body that are read and thrown away after the response, in order to keep the
            connection, or for the client to see the response at all (RFC 9112 §9.6); an upload that nobody wants.
        sweep: between two looks at all deadlines.
        connections: at once; those beyond it wait in the backlog, unaccepted, until one ends. Exhaustion of memory.
        backlog: connections that the kernel holds until they are accepted.
        requests: of one connection, which then closes; None for no limit. It lets a load balancer spread clients anew.
        http1: what the HTTP/1.1 codec allows.
    """

    handshake: float = 10.0
    head: float = 15.0
    idle: float = 75.0
    body: float = 30.0
    body_rate: int = 256
    write: float = 30.0
    half_closed: float = 10.0
    close: float = 5.0
    unread: int = 256 * 1024
    sweep: float = 0.5
    connections: int = 20_000
    backlog: int = 2048
    requests: int | None = None
    http1: Limits = field(default_factory=Limits)
