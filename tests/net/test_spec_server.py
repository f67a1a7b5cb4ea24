"""What RFC 9110 asks of a server beyond framing: methods, lists, and what it must not rely on."""

from __future__ import annotations

import pytest

from tests.net.handlers import app
from tests.net.raw import connected
from wire.net import Request, Response, serving


@pytest.mark.spec("rfc9110-9.1-9a", "rfc9110-9.1-9b", "rfc9110-9.3.2-1", "rfc9110-9.3.2-2a")
async def test_get_and_head_are_supported_and_the_rest_is_optional() -> None:
    async with serving(app) as server, connected(server) as client:
        got = await client.get("/hello")
        head = await client.get("/hello", method="HEAD")
        assert (got.status, got.body) == (200, b"Hello, world!")
        assert (head.status, head.body) == (200, b"")
        assert {name: value for name, value in head.fields.items() if name != "date"} == {
            name: value for name, value in got.fields.items() if name != "date"
        }
        assert (await client.get("/hello", method="PUT")).status == 405


@pytest.mark.spec("rfc9110-9.3.2-2b")
async def test_head_does_not_make_the_content_to_find_out_its_trailers() -> None:
    async with serving(app) as server, connected(server) as client:
        head = await client.get("/count", method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert (await client.get("/hello")).status == 200, "nothing of a body went out"


@pytest.mark.spec("rfc9110-5.6.1.1-1", "rfc9110-5.6.3-2a")
@pytest.mark.parametrize(("method", "target"), [("DELETE", "/hello"), ("OPTIONS", "*")])
async def test_lists_have_no_empty_members_and_one_space_behind_each_comma(method: str, target: str) -> None:
    async with serving(app) as server, connected(server) as client:
        allow = (await client.get(target, method=method)).fields["allow"]
        members = allow.split(", ")
        assert len(members) >= 3
        assert all(member.isalpha() for member in members)


@pytest.mark.spec("rfc9110-9.3.1-6b", "rfc9110-9.3.2-3b")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_content_where_none_is_expected_is_read_away_and_changes_nothing(method: str) -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(f"{method} /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nPOST ".encode())
        assert (await client.reply(method)).status == 200
        assert (await client.get("/hello")).body == b"Hello, world!"


@pytest.mark.spec("rfc9110-5.3-1", "rfc9110-5.1-6b", "rfc9110-5.5-4b", "rfc9110-7.6.2-5")
async def test_fields_are_joined_in_their_order_and_unknown_ones_do_no_harm() -> None:
    seen: list[str | None] = []

    async def handler(request: Request) -> Response:
        seen.extend((request.field("x-list"), request.field("X-Text")))
        return Response.text("fine")

    async with serving(handler) as server, connected(server) as client:
        reply = await client.get("/", "X-List: a", "Max-Forwards: 0", "x-list: b, c", "X-Text: \N{SNOWMAN}")
        assert reply.status == 200
    assert seen == ["a, b, c", "\N{SNOWMAN}".encode().decode("latin-1")]


@pytest.mark.spec("rfc9110-6.6.1-6b", "rfc9110-15.5-1a")
async def test_errors_are_dated_and_explain_themselves_but_not_to_head() -> None:
    async with serving(app) as server, connected(server) as client:
        for target, status in (("/broken", 500), ("/nowhere", 404)):
            reply = await client.get(target)
            assert (reply.status, reply.fields["content-type"]) == (status, "application/problem+json")
            assert "date" in reply.fields
            assert b'"title"' in reply.body
        head = await client.get("/nowhere", method="HEAD")
        assert (head.status, head.body) == (404, b"")


@pytest.mark.spec("rfc9110-7.4-3a")
async def test_a_target_that_its_scheme_does_not_allow_is_refused() -> None:
    """An http URI has a host, and no userinfo (RFC 9110 §4.2)."""
    for target in ("http:///hello", "http://:80/hello", "http://user@test/hello", "http://test:99999/hello"):
        async with serving(app) as server, connected(server) as client:
            assert (await client.get(target)).status == 400, target


@pytest.mark.spec("rfc9112-6.1-8")
async def test_a_handler_gets_content_and_no_chunks() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await client.send(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        assert (await client.reply()).body == b"5"
