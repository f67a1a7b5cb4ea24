"""What both sides have to remember of a request until it is answered: it decides what the response may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wire.http1.framing import FramingFields


@dataclass(slots=True)
class Exchange:
    """The request that is being answered, and how far the answer has come.

    Attributes:
        method: of the request; empty where there was none, as for a response to what never became a request.
        version: of the request; empty likewise.
        upgrade: protocols that the request offers to switch to, lower case (RFC 9110 §7.8).
        interim: number of interim responses so far.
    """

    method: bytes = b""
    version: bytes = b""
    upgrade: Sequence[bytes] = ()
    interim: int = 0


def offered_protocols(said: FramingFields, version: bytes) -> Sequence[bytes]:
    """What a request offers to switch to; in HTTP/1.0 the field is ignored (RFC 9110 §7.8)."""
    return said.upgrade if b"upgrade" in said.options and version != b"1.0" else ()
