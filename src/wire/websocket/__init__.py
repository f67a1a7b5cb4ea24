"""WebSocket, RFC 6455 and RFC 7692: bytes to events and back, for clients and servers.

Read in this order: ``frames`` (what the bytes look like), ``rules`` (what can be wrong with them), ``events`` (what
they mean), ``state`` (what may follow what), ``incoming`` and ``outgoing`` (from the one to the other, by ``text`` and
``deflate``), ``connection`` (all of it together). ``handshake`` and ``extensions`` tell how it begins.
"""

from wire.websocket.connection import Connection
from wire.websocket.deflate import Deflate
from wire.websocket.events import Binary, Close, ConnectionClosed, Event, Ping, Pong, Text
from wire.websocket.limits import Limits
from wire.websocket.rules import RULES, Rule
from wire.websocket.shared import SharedMessage
from wire.websocket.state import Role, State

__all__ = [
    "RULES",
    "Binary",
    "Close",
    "Connection",
    "ConnectionClosed",
    "Deflate",
    "Event",
    "Limits",
    "Ping",
    "Pong",
    "Role",
    "Rule",
    "SharedMessage",
    "State",
    "Text",
]
