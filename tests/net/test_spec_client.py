"""What RFC 9110 asks of a client beyond framing."""

from __future__ import annotations

import pytest

from tests.net.scripted import repeating, scripted
from wire.net.http1 import Client

REFUSAL = b"HTTP/1.1 %s\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nreason"


@pytest.mark.spec("rfc9110-15.5.4-2a")
@pytest.mark.parametrize(
    "status", [b"403 Forbidden", b"408 Request Timeout", b"413 Content Too Large", b"421 Misdirected"]
)
async def test_a_refusal_is_handed_to_the_caller_and_not_tried_again(status: bytes) -> None:
    async with scripted(repeating(REFUSAL % status)) as server, Client() as client:
        response = await client.request("GET", server.url + "/", fields=[("authorization", "Basic YTpi")])
        assert (response.status, response.body) == (int(status[:3]), b"reason")
        assert len(server.heads) == 1
