"""What can go wrong for a client apart from the protocol: no connection, no answer in time, too much of an answer.

What a server says against the protocol is a ``RemoteProtocolError``, whichever of these modules finds it.
"""

from __future__ import annotations


class ClientError(Exception):
    """A request that got no response, or none that could be read to its end. ``str`` of it is one sentence."""


class InvalidUrl(ClientError, ValueError):
    """A URL that no request can be made of.

    Attributes:
        url: the URL; empty where it holds something that should not be repeated.
    """

    def __init__(self, message: str, url: str) -> None:
        super().__init__(f"{message}: {url[:200]!r}" if url else message)
        self.url = url


class ConnectFailed(ClientError):
    """Nobody could be reached; nothing was asked. ``__cause__`` is what the system or TLS said."""


class NameNotFound(ConnectFailed):
    """The host's name could not be resolved."""


class HandshakeFailed(ConnectFailed):
    """TLS could not be agreed on."""


class CertificateRefused(HandshakeFailed):
    """The server could not prove that it is who the URL names (RFC 9110 §4.3.4)."""


class ConnectionLost(ClientError):
    """The connection broke before the response was complete; the request may have been carried out or not."""


class TimedOut(ClientError):
    """Something took longer than ``Timeouts`` allow.

    Attributes:
        phase: ``"connect"``, ``"handshake"``, ``"write"``, ``"read"`` or ``"total"``.
        seconds: how long was waited.
    """

    def __init__(self, phase: str, seconds: float) -> None:
        super().__init__(f"{_WAITED_FOR[phase]} within {seconds:g} seconds")
        self.phase = phase
        self.seconds = seconds


_WAITED_FOR = {
    "connect": "no connection was made",
    "handshake": "TLS was not agreed on",
    "write": "the server took nothing more of the request",
    "read": "nothing more of the response came",
    "total": "the request was not answered",
}


class ResponseTooLarge(ClientError):
    """The body of a response is longer than was to be held.

    Attributes:
        limit: in bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"the response's body is longer than {limit} bytes")
        self.limit = limit


class LengthNeeded(ClientError):
    """A body of unknown length for a server that knows HTTP/1.0 only, and so no chunked (RFC 9112 §6.3)."""
