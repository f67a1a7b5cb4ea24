"""A tap on the wire: whoever wants to see the bytes of a connection is handed each run of them as it passes.

``wire http -v`` and ``wire tour`` draw their conversations from it. What a tap sees is what the codec sees, so under
TLS it is the plain text. A connection without a tap pays nothing for it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TypeAlias


class Flow(enum.Enum):
    """The direction in which bytes pass, as seen from the side that holds the tap."""

    SENT = "sent"
    RECEIVED = "received"


Tap: TypeAlias = Callable[[Flow, bytes], None]
"""Called with each run of bytes, in order; it must not block. An empty run that was received is the peer's end."""
