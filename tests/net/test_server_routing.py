"""The table of routes, called as the handler that it is."""

from __future__ import annotations

import json

import pytest

from tests.net.handlers import hello
from wire.net import Request, Response, Router


async def params(request: Request) -> Response:
    return Response.json(request.params)


async def upload(request: Request) -> Response:
    return Response.text("stored", 201)


ROUTER = Router(
    [
        ("GET", "/hello", hello),
        ("GET", "/documents/{id}", params),
        ("PUT", "/documents/{id}", upload),
        ("GET", "/documents/{id}/words/{word}", params),
        ("GET", "/documents/new", hello),
        ("PURGE", "/hello", hello),
    ]
)


def body(response: Response) -> object:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/documents/7", {"id": "7"}),
        ("/documents/7?x=y", {"id": "7"}),
        ("/documents/a%2Fb", {"id": "a/b"}),
        ("/documents/gr%C3%BC%C3%9F", {"id": "grüß"}),
        ("/documents/7/words/the", {"id": "7", "word": "the"}),
        ("http://example.org/documents/7", {"id": "7"}),
    ],
)
async def test_a_name_stands_for_one_segment(target: str, found: dict[str, str]) -> None:
    assert body(await ROUTER(Request("GET", target))) == found


@pytest.mark.parametrize(
    "target", ["/documents", "/documents/", "/documents/7/", "/documents/7/words", "/documents%2F7", "/"]
)
async def test_other_paths_are_not_found(target: str) -> None:
    response = await ROUTER(Request("GET", target))
    assert response.status == 404
    assert response.fields == [(b"content-type", b"application/problem+json")]


async def test_a_plain_path_goes_before_a_pattern_however_it_is_written() -> None:
    assert (await ROUTER(Request("GET", "/documents/new"))).body == b"Hello, world!"
    assert (await ROUTER(Request("GET", "/documents/n%65w"))).body == b"Hello, world!"
    assert (await ROUTER(Request("PUT", "/documents/new"))).status == 201


@pytest.mark.spec("rfc9110-9.1-9a")
async def test_head_is_answered_by_get() -> None:
    assert (await ROUTER(Request("HEAD", "/hello"))).status == 200
    assert (await ROUTER(Request("HEAD", "/documents/7"))).status == 200


@pytest.mark.spec("rfc9110-9.1-10a", "rfc9110-9.1-10b", "rfc9110-15.5.6-1", "rfc9110-9.3.7-4")
@pytest.mark.parametrize(
    ("method", "target", "status", "allowed"),
    [
        ("POST", "/hello", 405, "GET, HEAD, OPTIONS, PURGE"),
        ("TRACE", "/hello", 405, "GET, HEAD, OPTIONS, PURGE"),
        ("DELETE", "/documents/7", 405, "GET, HEAD, OPTIONS, PUT"),
        ("DELETE", "/documents/new", 405, "GET, HEAD, OPTIONS, PUT"),
        ("OPTIONS", "/documents/7", 204, "GET, HEAD, OPTIONS, PUT"),
        ("OPTIONS", "*", 204, "GET, HEAD, OPTIONS, PURGE, PUT"),
        ("OPTIONS", "/nowhere", 404, None),
        ("BREW", "/hello", 501, None),
        ("get", "/hello", 501, None),
        ("CONNECT", "example.org:443", 501, None),
    ],
)
async def test_methods(method: str, target: str, status: int, allowed: str | None) -> None:
    response = await ROUTER(Request(method, target))
    assert response.status == status
    assert dict(response.fields).get("allow") == allowed


def test_mistakes_in_the_table_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Router([("GET", "/a/{x}", hello), ("GET", "/a/{x}", hello)])
    with pytest.raises(ValueError, match="slash"):
        Router([("GET", "hello", hello)])
