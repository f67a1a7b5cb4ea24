"""What an HTTP/1.1 connection says: requests, responses, their bodies and their ends, as plain data.

A message is a head (``Request``, ``InformationalResponse`` or ``Response``), any number of ``Data``, and an
``EndOfMessage``; ``InformationalResponse`` stands alone. Field names that were received are in lower case, values have
the whitespace around them removed (RFC 9112 §5); everything is bytes, since HTTP does not say what characters they are.
Two ``Data`` side by side mean the same as one that joins them: where the one ends and the other begins is an accident
of the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Field: TypeAlias = tuple[bytes, bytes]
"""A field line: ``(name, value)``."""

Fields: TypeAlias = Sequence[Field]
"""Field lines in the order in which they stand, names repeated where the lines were."""


@dataclass(slots=True)
class Request:
    """A request-line and its field lines (RFC 9112 §3)."""

    method: bytes
    target: bytes
    fields: Fields = ()
    version: bytes = b"1.1"


@dataclass(slots=True)
class InformationalResponse:
    """An interim response, status 100 to 199; 101 hands the connection over (RFC 9110 §15.2, §7.8)."""

    status: int
    fields: Fields = ()
    reason: bytes = b""
    version: bytes = b"1.1"


@dataclass(slots=True)
class Response:
    """A final response's status-line and field lines, status 200 or more (RFC 9112 §4)."""

    status: int
    fields: Fields = ()
    reason: bytes = b""
    version: bytes = b"1.1"


@dataclass(slots=True)
class Data:
    """Some bytes of the message body, its transfer coding removed (RFC 9112 §6)."""

    data: bytes


@dataclass(slots=True)
class EndOfMessage:
    """The message is complete; its trailer fields, where it was chunked and had any (RFC 9112 §7.1.2)."""

    trailers: Fields = ()


@dataclass(slots=True)
class SwitchedData:
    """Bytes of the protocol that took over after a 101 or a CONNECT, untouched (RFC 9110 §7.8, §9.3.6)."""

    data: bytes


@dataclass(slots=True)
class ConnectionClosed:
    """The peer will send nothing more (RFC 9112 §9.6); this side may still finish what it is sending."""


Event: TypeAlias = Request | InformationalResponse | Response | Data | EndOfMessage | SwitchedData | ConnectionClosed
