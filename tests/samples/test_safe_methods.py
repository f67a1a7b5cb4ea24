"""What a sample does by POST cannot be had by a safe method, whatever the target's parameters say (RFC 9110 §9.2.1)."""

from __future__ import annotations

import pytest

from wire.net.messages import Request
from wire.samples.app import SAMPLES, app

BY_POST = [sample.path for sample in SAMPLES if sample.method == "POST"]


@pytest.mark.spec("rfc9110-9.2.1-6", "rfc9110-9.1-10b", "rfc9110-15.5.6-1")
@pytest.mark.parametrize("path", BY_POST)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "?_method=POST", "?action=post&arg1=a&arg2=1"])
async def test_a_safe_method_is_not_allowed_there(method: str, path: str, query: str) -> None:
    override = [(b"host", b"a"), (b"x-http-method-override", b"POST")]
    response = await app(Request(method, path + query, override))
    assert response.status == 405
    assert (b"allow", b"OPTIONS, POST") in [
        (bytes_of(name).lower(), bytes_of(value)) for name, value in response.fields
    ]


def bytes_of(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
