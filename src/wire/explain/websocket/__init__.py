"""WebSocket explained: what each byte of a handshake and of the frames behind it means (RFC 6455, RFC 7692).

The codec gives the verdict and the events, a frame at a time (``follow``); ``frames`` draws them with ``headers`` and
``payloads``; ``meaning`` says numbers in words; ``handshake`` tells where HTTP/1.1 ends and what was agreed on there.
"""

from wire.explain.websocket.frames import begins_like_frames, explain, sender_of
from wire.explain.websocket.handshake import explain_both, go_on

__all__ = ["begins_like_frames", "explain", "explain_both", "go_on", "sender_of"]
