"""WebSockets on trio: sessions over a connection that both sides have agreed on, for servers and clients.

Read ``session`` first (what a user has in hand), then what it is made of: ``engine`` (what comes in, and how it ends),
``sender`` and ``outbox`` (frames on their way to the socket), ``heartbeat`` (pings and how long they take), ``links``
(what a session needs of a connection, and the one that tasks keep going). On a server, ``upgrade`` turns a request into
a session and ``served`` runs it without a task of its own; ``broadcast`` says one thing to many. A client's door is
``client``: ``opening`` shakes hands, ``reconnect`` goes on over a new connection when one is lost, as
``backoff`` says.
"""

from wire.net.client.errors import ClientError
from wire.net.client.timeouts import Timeouts
from wire.net.websocket.backoff import Backoff
from wire.net.websocket.broadcast import broadcast
from wire.net.websocket.client import connect
from wire.net.websocket.errors import ConnectionClosed
from wire.net.websocket.opening import Refused
from wire.net.websocket.options import Options, SlowConsumer
from wire.net.websocket.reconnect import ReconnectingWebSocket
from wire.net.websocket.session import WebSocket
from wire.websocket import Deflate, Limits
from wire.websocket.extensions import DeflateOffer

__all__ = [
    "Backoff",
    "ClientError",
    "ConnectionClosed",
    "Deflate",
    "DeflateOffer",
    "Limits",
    "Options",
    "ReconnectingWebSocket",
    "Refused",
    "SlowConsumer",
    "Timeouts",
    "WebSocket",
    "broadcast",
    "connect",
]
