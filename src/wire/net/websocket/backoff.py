"""When a client connects anew: after which losses, and after pauses that grow with each failure in a row.

What is worth another attempt: no connection, or one that broke (1006); a server that goes away, restarts, failed or is
overloaded (``RETRIED_CODES``), and a handshake that it answers with 5xx. All else is final, since it would come out the
same the next time: 1000, a broken rule, an answer such as 401 or 404, a certificate that is not trusted.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from wire.errors import RemoteProtocolError
from wire.net.client.errors import CertificateRefused, ClientError, InvalidUrl
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.opening import Refused
from wire.websocket.close_codes import ABNORMAL

RETRIED_CODES = frozenset((1001, ABNORMAL, 1011, 1012, 1013, 1014))
"""Going away, lost, internal error, restart, try again later, bad gateway (RFC 6455 §7.4.1; the registry of §11.7)."""


@dataclass(frozen=True)
class Backoff:
    """When to connect anew. Times are in seconds.

    Attributes:
        first: the pause after the first failure.
        factor: by what each pause is longer than the one before.
        most: the longest pause.
        jitter: the part of each pause that is left to chance, 0 to 1, so that many clients that lost one server do not
            come back at the same moment.
        attempts: failures in a row after which no more is tried; None for no end.
        steady: a connection that lasted so long was no failure: after it, the pauses begin anew.
        codes: codes of closed connections after which it is tried again.
        chance: where the jitter comes from.
    """

    first: float = 0.5
    factor: float = 2.0
    most: float = 60.0
    jitter: float = 0.5
    attempts: int | None = None
    steady: float = 10.0
    codes: Collection[int] = RETRIED_CODES
    chance: random.Random = field(default_factory=random.Random, repr=False, compare=False)

    def pauses(self) -> Iterator[float]:
        """The pauses after the failures in a row, in order; the end where no more is to be tried."""
        pause, failures = min(self.first, self.most), 0
        while self.attempts is None or failures < self.attempts:
            yield pause * (1 - self.jitter * self.chance.random())
            pause, failures = min(pause * self.factor, self.most), failures + 1

    def retries(self, error: Exception) -> bool:
        """Whether it may come out otherwise the next time."""
        if isinstance(error, ConnectionClosed):
            return error.code in self.codes
        if isinstance(error, Refused):
            return error.status >= 500
        if isinstance(error, RemoteProtocolError):
            return error.rule.startswith("http1.eof.")  # it closed before it had answered
        return isinstance(error, ClientError) and not isinstance(error, (CertificateRefused, InvalidUrl))
