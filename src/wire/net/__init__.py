"""Sockets: servers and clients for each codec, on trio.

``serve`` runs a handler behind a port, and ``run`` is a whole program that does; ``Request``, ``Response`` and
``Router`` are what a handler is made of.
"""

from wire.net.messages import (
    ContentTooLarge,
    Disconnected,
    Handler,
    Problem,
    Request,
    Response,
    Stream,
)
from wire.net.routing import Route, Router
from wire.net.run import run
from wire.net.server import Server, serve, serving
from wire.net.server.access_log import AccessLogWriter
from wire.net.server.limits import ServerLimits
from wire.net.tap import Flow, Tap

__all__ = [
    "AccessLogWriter",
    "ContentTooLarge",
    "Disconnected",
    "Flow",
    "Handler",
    "Problem",
    "Request",
    "Response",
    "Route",
    "Router",
    "Server",
    "ServerLimits",
    "Stream",
    "Tap",
    "run",
    "serve",
    "serving",
]
