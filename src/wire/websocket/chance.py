"""What nobody can foresee: masking keys (RFC 6455 §5.3, §10.3) and the key of a handshake (RFC 6455 §4.1).

The one place where a codec takes something from the world around it. Whoever needs the same bytes each time, such as a
test, hands in keys of its own.
"""

from __future__ import annotations

import secrets


def masking_key() -> bytes:
    """Four bytes from the system's own source, anew for each frame."""
    return secrets.token_bytes(4)


def handshake_nonce() -> bytes:
    """The sixteen bytes that ``Sec-WebSocket-Key`` holds in base64."""
    return secrets.token_bytes(16)
