"""WebSocket explained: what each byte of a handshake and of the frames behind it means (RFC 6455, RFC 7692)."""

from wire.explain.http1 import explain_both

__all__ = ["explain_both"]
