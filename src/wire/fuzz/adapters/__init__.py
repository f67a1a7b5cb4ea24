"""Parsers as the fuzzer sees them: each reads some bytes to their end and says what messages they are.

An adapter is a function from pieces of input to a ``Reading``. To compare another parser, write one and name it in
one of the tables here; its module is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from wire.fuzz.readings import Reading

Reader = Callable[[Sequence[bytes]], Reading]
"""Reads pieces of input, behind which the sender closes."""

REQUEST_READERS = {
    "wire": "wire.fuzz.adapters.ours:read_requests",
    "h11": "wire.fuzz.adapters.by_h11:read_requests",
    "httptools": "wire.fuzz.adapters.by_httptools:read_requests",
    "http.server": "wire.fuzz.adapters.by_http_server:read_requests",
}
RESPONSE_READERS = {
    "wire": "wire.fuzz.adapters.ours:read_responses",
    "h11": "wire.fuzz.adapters.by_h11:read_responses",
    "httptools": "wire.fuzz.adapters.by_httptools:read_responses",
}
FRAME_READERS = {
    "wire": "wire.fuzz.adapters.ours_websocket:read_frames",
    "wsproto": "wire.fuzz.adapters.by_wsproto:read_frames",
    "websockets": "wire.fuzz.adapters.by_websockets:read_frames",
}
HANDSHAKE_READERS = {
    "wire": "wire.fuzz.adapters.ours_websocket:read_handshake",
    "wsproto": "wire.fuzz.adapters.by_wsproto:read_handshake",
    "websockets": "wire.fuzz.adapters.by_websockets:read_handshake",
}


def load(place: str) -> Reader:
    """The reader at ``module:function``.

    Raises:
        ImportError: the parser is not installed.
    """
    module, _, function = place.partition(":")
    reader: Reader = getattr(importlib.import_module(module), function)
    return reader
