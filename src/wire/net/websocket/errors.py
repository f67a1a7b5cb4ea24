"""What the user of a WebSocket hears when it is over."""

from __future__ import annotations

from wire.errors import RemoteProtocolError
from wire.websocket.close_codes import GOING_AWAY, NORMAL


class ConnectionClosed(Exception):
    """Nothing more can be received, or sent.

    Attributes:
        code: why, as in RFC 6455 §7.4.1: what stood in the peer's close frame, 1005 where nothing stood in it, 1006
            where there was none. Where the peer broke a rule it is what the peer was told.
        reason: what the peer, or this side where it gave up, has to say about it.
        error: the rule that the peer broke; None where it broke none.
    """

    def __init__(self, code: int, reason: str = "", error: RemoteProtocolError | None = None) -> None:
        super().__init__(f"{code} {reason}".rstrip())
        self.code = code
        self.reason = reason
        self.error = error

    @property
    def ok(self) -> bool:
        """Whether it ended as it should: 1000, or 1001 for a page that was left or a server that shut down."""
        return self.code in (NORMAL, GOING_AWAY)
