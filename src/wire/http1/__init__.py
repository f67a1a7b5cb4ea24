"""HTTP/1.1, RFC 9112: bytes to events and back, for clients and servers.

Read in this order: ``grammar`` (what the bytes look like), ``rules`` (what can be wrong with them), ``events`` (what
they mean), ``framing`` (where a message ends), ``state`` (what may follow what), ``connection`` (all of it together).
Heads, field lines and bodies have a reader and a writer each, which ``connection`` calls.
"""

from wire.http1.connection import Connection
from wire.http1.events import (
    ConnectionClosed,
    Data,
    EndOfMessage,
    Event,
    Fields,
    InformationalResponse,
    Request,
    Response,
    SwitchedData,
)
from wire.http1.limits import Limits
from wire.http1.rules import RULES, Rule
from wire.http1.state import Role, State

__all__ = [
    "RULES",
    "Connection",
    "ConnectionClosed",
    "Data",
    "EndOfMessage",
    "Event",
    "Fields",
    "InformationalResponse",
    "Limits",
    "Request",
    "Response",
    "Role",
    "Rule",
    "State",
    "SwitchedData",
]
