"""WebSocket explained: what each byte of a handshake and of the frames behind it means (RFC 6455, RFC 7692).

The codec gives the verdict and the events, a frame at a time (``follow``); ``frames`` draws them with ``headers`` and
``payloads``; ``meaning`` says numbers in words; ``handshake`` finds where HTTP/1.1 ends and what was agreed on there.
"""

from wire.explain.http1 import explain_both
from wire.explain.websocket.frames import explain, sender_of

__all__ = ["explain", "explain_both", "sender_of"]
