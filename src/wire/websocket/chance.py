"""What nobody can foresee: masking keys (RFC 6455 §5.3, §10.3) and the key of a handshake (RFC 6455 §4.1).

The one place where a codec takes something from the world around it. Whoever needs the same bytes each time, such as a
test, hands in keys of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

_KEYS_AT_ONCE = 64


def masking_keys() -> Iterator[bytes]:
    """Keys of four bytes for the frames of one connection, without end, none of them used before.

    They are drawn from the system's own source in batches, since asking it costs as much as masking a short message.
    """
    while True:
        batch = secrets.token_bytes(4 * _KEYS_AT_ONCE)
        for start in range(0, len(batch), 4):
            yield batch[start : start + 4]


def handshake_nonce() -> bytes:
    """The sixteen bytes that ``Sec-WebSocket-Key`` holds in base64."""
    return secrets.token_bytes(16)
