"""The echo sample gives back what it gets, while it gets it."""

from __future__ import annotations

from collections.abc import AsyncIterable

import pytest

from wire.net.messages import Exchange, Request
from wire.samples.echo import echo


class Trickle(Exchange):
    """A body that comes in pieces, and that notes how many of them were taken."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self.pieces = pieces
        self.taken = 0

    async def __anext__(self) -> bytes:
        if self.taken == len(self.pieces):
            self.trailers = [(b"x-sum", b"7")]
            raise StopAsyncIteration
        self.taken += 1
        return self.pieces[self.taken - 1]


async def test_a_piece_goes_out_before_the_next_comes_in() -> None:
    body = Trickle([b"one", b"two", b"three"])
    response = await echo(Request("POST", "/echo", body=body))
    assert isinstance(response.body, AsyncIterable)
    assert body.taken == 0
    number = 0
    async for piece in response.body:
        assert piece == body.pieces[number]
        number += 1
        assert body.taken == number
    assert number == 3


@pytest.mark.parametrize("content_type", [None, "image/png", 'multipart/form-data; boundary="a, b"'])
async def test_the_content_type_comes_back(content_type: str | None) -> None:
    fields = [] if content_type is None else [(b"content-type", content_type.encode())]
    response = await echo(Request("POST", "/echo", fields, body=b"x"))
    assert dict(response.fields).get("content-type") == content_type


@pytest.mark.parametrize(("te", "expected"), [(None, None), (b"trailers", [(b"x-sum", b"7")]), (b"deflate", None)])
async def test_trailers_come_back_to_those_who_want_them(
    te: bytes | None, expected: list[tuple[bytes, bytes]] | None
) -> None:
    response = await echo(Request("POST", "/echo", [] if te is None else [(b"te", te)], body=Trickle([b"x"])))
    assert isinstance(response.body, AsyncIterable)
    async for _ in response.body:
        pass
    assert (response.trailers and list(response.trailers())) == expected
