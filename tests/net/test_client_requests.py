"""What the client sends: targets, Host, framing, expectations (RFC 9112 §3, §6; RFC 9110 §10.1.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio
import trio.testing

from tests.net.scripted import OK, Peer, Scripted, answering, repeating, scripted
from wire.errors import LocalProtocolError
from wire.net.http1 import Client, InvalidUrl, LengthNeeded, OutgoingRequest, Timeouts

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def head_of(method: str, url: str, **options: Any) -> bytes:
    """The request-line and Host that a request would be sent with."""
    head = OutgoingRequest(method, url, **options).head()
    [host] = [value for name, value in head.fields if name == b"host"]
    return b"%b %b | %b" % (head.method, head.target, host)


@pytest.mark.parametrize(
    ("method", "url", "sent"),
    [
        ("GET", "http://example.org", b"GET / | example.org"),
        ("GET", "http://example.org/a/b?c=d&e#fragment", b"GET /a/b?c=d&e | example.org"),
        ("GET", "http://example.org?q", b"GET /?q | example.org"),
        ("GET", "HTTP://Example.org:80/", b"GET / | Example.org:80"),
        ("GET", "https://example.org:8443/", b"GET / | example.org:8443"),
        ("GET", "http://example.org:/", b"GET / | example.org:"),
        ("GET", "http://[::1]:8080/", b"GET / | [::1]:8080"),
        ("GET", "http://[2001:DB8::1]/", b"GET / | [2001:DB8::1]"),
        ("GET", "http://bücher.example/ü?ö=ä", b"GET /%C3%BC?%C3%B6=%C3%A4 | xn--bcher-kva.example"),
        ("GET", "http://faß.example/", b"GET / | xn--fa-hia.example"),
        ("GET", "http://example.org/a b/%41%2f", b"GET /a%20b/%41%2f | example.org"),
        ("GET", 'http://example.org/"<>?`{}|\\^[]', b"GET /%22%3C%3E?%60%7B%7D%7C%5C%5E%5B%5D | example.org"),
        ("CONNECT", "http://example.org", b"CONNECT example.org:80 | example.org"),
        ("CONNECT", "https://example.org", b"CONNECT example.org:443 | example.org"),
        ("CONNECT", "http://[::1]:99", b"CONNECT [::1]:99 | [::1]:99"),
    ],
)
@pytest.mark.spec(
    "rfc9112-3.2-5a", "rfc9112-3.2-5b", "rfc9112-3.2.1-3a", "rfc9112-3.2.1-3b", "rfc9112-3.2.3-3", "rfc9110-7.2-4a"
)
def test_target_and_host_follow_from_the_url(method: str, url: str, sent: bytes) -> None:
    assert head_of(method, url) == sent


@pytest.mark.parametrize(
    ("method", "target", "sent"),
    [
        ("OPTIONS", "*", b"OPTIONS * | proxy.example:3128"),
        ("GET", "http://example.org/x?y", b"GET http://example.org/x?y | example.org"),
        ("CONNECT", "example.org:443", b"CONNECT example.org:443 | example.org:443"),
        ("GET", "/other", b"GET /other | proxy.example:3128"),
    ],
)
@pytest.mark.spec("rfc9112-3.2.4-3", "rfc9112-3.2.2-6")
def test_a_target_of_another_form_can_be_asked_for(method: str, target: str, sent: bytes) -> None:
    assert head_of(method, "http://proxy.example:3128/", target=target) == sent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "http:/example.org",
        "http://",
        "http:///path",
        "http://:80/",
        "https://?query",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:8o/",
        "http://example.org:80:80/",
        "http://[::1/",
        "http://[::g]/",
        "http://[fe80::1%25eth0]/",
        "http://exa mple.org/",
        "http://example%2eorg/",
        "http://example.org\\@evil.example/",
        "http://example.org/\r\nx: y",
        "http://example.org/\x00",
        "http://-\u00ad.example/",
        "http://example.org/\ud83d",
    ],
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        OutgoingRequest("GET", url).head()
    assert "secret" not in str(refused.value)


@pytest.mark.spec("rfc9110-7.2-4b", "rfc9110-6.2-5a")
async def test_a_request_goes_out_as_it_should_look() -> None:
    async with scripted(repeating()) as server, Client() as client:
        await client.request("GET", f"{server.url}/x", fields=[("Accept", "text/html"), (b"x-odd", b"\xff")])
    authority = server.url.removeprefix("http://").encode()
    assert server.heads == [
        b"GET /x HTTP/1.1\r\nhost: %b\r\nuser-agent: wire\r\nAccept: text/html\r\nx-odd: \xff\r\n\r\n" % authority
    ]


@pytest.mark.parametrize(
    ("method", "options", "framing"),
    [
        ("POST", {"body": b"hello"}, (b"content-length", b"5")),
        ("POST", {"body": b""}, (b"content-length", b"0")),
        ("PUT", {}, (b"content-length", b"0")),
        ("POST", {"body": pieces()}, (b"transfer-encoding", b"chunked")),
        ("POST", {"body": pieces(), "fields": [("Content-Length", "9")]}, (b"Content-Length", b"9")),
        ("GET", {}, None),
        ("HEAD", {}, None),
        ("DELETE", {}, None),
    ],
)
@pytest.mark.spec(
    "rfc9112-6.3-15", "rfc9112-6.3-16a", "rfc9110-8.6-5a", "rfc9110-8.6-5b", "rfc9110-9.3.1-6a", "rfc9110-9.3.2-3a"
)
def test_a_body_is_framed_by_its_length_where_that_is_known(
    method: str, options: dict[str, Any], framing: tuple[bytes, bytes] | None
) -> None:
    fields = OutgoingRequest(method, "http://example.org/", **options).head().fields
    found = [field for field in fields if field[0].lower() in (b"content-length", b"transfer-encoding")]
    assert found == ([framing] if framing else [])


async def test_a_streamed_body_arrives_in_chunks_with_its_trailers() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.until(b"\r\n\r\n"))
        await peer.send(OK)

    bodies: list[bytes] = []
    async with scripted(script) as server, Client() as client:
        body = pieces(b"one", b"", b"two")
        response = await client.request("POST", server.url, body=body, trailers=lambda: [("x-sum", "6")])
    assert response.body == b"ok"
    assert bodies == [b"3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 6\r\n\r\n"]


@pytest.mark.spec("rfc9112-6.3-16b")
async def test_chunked_is_not_sent_to_a_server_that_is_known_to_speak_http_1_0() -> None:
    async with scripted(answering(OK.replace(b"/1.1", b"/1.0")), repeating()) as server, Client() as client:
        await client.request("GET", server.url)
        with pytest.raises(LengthNeeded):
            await client.request("POST", server.url, body=pieces(b"x"))
        await client.request("POST", server.url, body=b"x")  # answered with HTTP/1.1
        assert (await client.request("POST", server.url, body=pieces())).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        [("x", "a\r\ny: b")],
        [("x y", "a")],
        [("x", "\x00")],
        [("x", "…")],
        [("content-length", "1"), ("transfer-encoding", "chunked")],
        [("content-length", "99")],
        [("host", "a"), ("host", "b")],
    ],
)
async def test_what_would_break_the_framing_never_leaves(fields: list[tuple[str, str]]) -> None:
    async with scripted(repeating()) as server, Client() as client:
        with pytest.raises(LocalProtocolError):
            await client.request("POST", server.url, fields=fields, body=b"x")
    assert server.heads == []


async def expecting(script: Any, *more: Any, proceed: float = 5.0) -> tuple[Scripted, Any]:
    """Send ``body`` with an expectation to a scripted server; the server and the response."""
    async with scripted(script, *more) as server, Client(timeouts=Timeouts(proceed=proceed)) as client:
        response = await client.request("PUT", server.url, body=b"body", expect_continue=True)
        await trio.testing.wait_all_tasks_blocked()
    return server, response


@pytest.mark.spec("rfc9110-10.1.1-11b", "rfc9110-15.2-3a")
async def test_a_body_is_held_back_until_100() -> None:
    async def script(peer: Peer) -> None:
        assert b"\r\nexpect: 100-continue\r\n" in await peer.head()
        with trio.move_on_after(0.1):
            early.append(await peer.exactly(1))
        await peer.send(b"HTTP/1.1 102 Processing\r\n\r\n" + CONTINUE)
        early.append(await peer.exactly(4))
        await peer.send(OK)

    early: list[bytes] = []
    _server, response = await expecting(script)
    assert early == [b"body"]
    assert [interim.status for interim in response.interim] == [102, 100]


async def test_a_body_that_is_not_wanted_is_not_sent() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
        rest.append(await peer.closed())

    rest: list[bytes] = []
    _server, response = await expecting(script)
    assert response.status == 401
    assert rest == [b""]


@pytest.mark.spec("rfc9110-10.1.1-11c", "rfc9110-10.1.1-11d")
async def test_a_server_that_ignores_the_expectation_gets_the_body_after_a_while() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.exactly(4))
        await peer.send(OK)

    bodies: list[bytes] = []
    _server, response = await expecting(script, proceed=0.05)
    assert (bodies, response.status) == ([b"body"], 200)


@pytest.mark.spec("rfc9110-10.1.1-11e")
@pytest.mark.parametrize("proceed", [0.01, 5.0], ids=["body-sent-meanwhile", "body-held-back"])
async def test_a_server_that_knows_no_expectations_is_asked_again_without(proceed: float) -> None:
    async def refusing(peer: Peer) -> None:
        assert b"expect" in await peer.head()
        with trio.move_on_after(0.1):
            await peer.exactly(4)
        await peer.send(b"HTTP/1.1 417 No\r\ncontent-length: 0\r\n\r\n")
        await peer.closed()

    async def script(peer: Peer) -> None:
        assert b"expect" not in await peer.head()
        assert await peer.exactly(4) == b"body"
        await peer.send(OK)

    server, response = await expecting(refusing, script, proceed=proceed)
    assert (response.status, server.connections) == (200, 2)


@pytest.mark.spec("rfc9110-10.1.1-11a")
async def test_without_a_body_nothing_is_expected() -> None:
    async with scripted(repeating()) as server, Client() as client:
        await client.request("POST", server.url, expect_continue=True)
    assert b"expect" not in server.heads[0]
