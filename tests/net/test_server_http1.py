"""What the server says on an HTTP/1.1 connection, byte by byte where that matters."""

from __future__ import annotations

import json
import logging
import time
from email.utils import parsedate_to_datetime

import pytest
import trio

from tests.net.handlers import app, hello
from tests.net.raw import connected, dechunked
from wire.net import Flow, Request, Response, ServerLimits, Stream, serving


@pytest.mark.spec("rfc9110-6.6.1-6a", "rfc9110-6.2-7a", "rfc9110-8.6-9", "rfc9112-9.3-1")
async def test_a_response_is_dated_and_measured_and_the_connection_goes_on() -> None:
    async with serving(app, clock=lambda: 784111777.9) as server, connected(server) as client:
        for _ in range(3):
            await client.send(b"GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
            assert await client.until(b"world!") == (
                b"HTTP/1.1 200 OK\r\n"
                b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                b"content-type: text/plain; charset=utf-8\r\n"
                b"content-length: 13\r\n"
                b"\r\n"
                b"Hello, world!"
            )


@pytest.mark.spec("rfc9110-6.6.1-5", "rfc9110-5.6.7-7b", "rfc9110-5.6.7-24")
async def test_the_date_is_now() -> None:
    async with serving(app) as server, connected(server) as client:
        date = (await client.get()).fields["date"]
        assert date.endswith(" GMT")
        assert len(date) == 29
        assert abs(time.time() - parsedate_to_datetime(date).timestamp()) < 5


@pytest.mark.spec("rfc9112-9.3.2-1c")
async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(
            b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
            b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        replies = [await client.reply() for _ in range(4)]
        assert [reply.status for reply in replies] == [200, 200, 404, 200]
        assert replies[1].body == b"3"


@pytest.mark.spec("rfc9110-9.3.2-1", "rfc9110-9.3.2-2a", "rfc9110-8.6-6b")
async def test_head_gets_the_head_of_get() -> None:
    async with serving(app, clock=lambda: 0) as server, connected(server) as client:
        got = await client.get()
        head = await client.get(method="HEAD")
        assert head.fields == got.fields
        missing = await client.get("/nowhere", method="HEAD")
        assert (missing.status, missing.fields["content-type"]) == (404, "application/problem+json")
        assert (await client.get("/count", method="HEAD")).status == 200
        assert (await client.get()).body == b"Hello, world!"


@pytest.mark.spec("rfc9112-9.6-6a", "rfc9112-9.6-6b", "rfc9112-9.6-6c", "rfc9112-9.6-7a", "rfc9112-9.6-7b")
async def test_close_is_answered_by_close_and_nothing_after_it() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(
            b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        assert (await client.reply()).fields["connection"] == "close"
        assert await client.rest() == b""


@pytest.mark.spec("rfc9112-6.1-13b", "rfc9110-15.2-1")
async def test_http_1_0_gets_no_chunks_and_its_end_is_the_close() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"GET /count HTTP/1.0\r\n\r\n")
        reply = await client.reply()
        assert reply.body == b"onetwothree"
        assert "transfer-encoding" not in reply.fields
        assert reply.fields["connection"] == "close"


async def test_http_1_0_may_ask_to_stay() -> None:
    async with serving(app) as server, connected(server) as client:
        for _ in range(2):
            await client.send(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert (await client.reply()).fields["connection"] == "keep-alive"


@pytest.mark.spec("rfc9110-6.6.2-4", "rfc9112-7.1-1")
async def test_a_streamed_response_is_chunked_and_has_its_trailers() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"GET /count HTTP/1.1\r\nHost: a\r\n\r\n")
        head = await client.until(b"\r\n\r\n")
        assert head.endswith(b"trailer: x-count\r\ntransfer-encoding: chunked\r\n\r\n")
        body = await client.until(b"\r\n\r\n")
        assert body == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\nx-count: 3\r\n\r\n"
        assert (await client.get()).status == 200


async def test_request_trailers_are_there_when_the_body_has_ended() -> None:
    async def handler(request: Request) -> Response:
        before = len(request.trailers)
        body = await request.read()
        return Response.json([before, body.decode(), [(a.decode(), b.decode()) for a, b in request.trailers]])

    async with serving(handler) as server, connected(server) as client:
        await client.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"
        )
        assert json.loads((await client.reply()).body) == [0, "abc", [["x-sum", "6"]]]


async def test_a_body_is_echoed_while_it_comes() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert (await client.until(b"first\r\n")).endswith(b"\r\n\r\n5\r\nfirst\r\n")
        for word in (b"second", b"third"):
            await client.send(b"%x\r\n%b\r\n" % (len(word), word))
            assert dechunked(await client.until(word + b"\r\n") + b"0\r\n") == word
        await client.send(b"0\r\n\r\n")
        assert await client.until(b"0\r\n\r\n") == b"0\r\n\r\n"


@pytest.mark.spec("rfc9112-6.3-8a")
@pytest.mark.parametrize("lines", ["Content-Length: 5, 5\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n"])
async def test_a_length_said_twice_alike_is_a_length_also_where_nobody_reads_the_body(lines: str) -> None:
    async with serving(app) as server, connected(server) as client:
        for target, status in (("/ignore", 200), ("/hello", 405)):
            await client.send(f"POST {target} HTTP/1.1\r\nHost: a\r\n{lines}\r\nhello".encode())
            assert (await client.reply()).status == status


async def test_a_malformed_request_behind_a_head_request_is_answered_with_a_body() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.get(method="HEAD")
        await client.send(b"GET\r\n\r\n")
        reply = await client.reply()
        assert (reply.status, json.loads(reply.body)["rule"]) == (400, "http1.request-line.no-version")


async def test_a_body_broken_from_the_beginning_gets_its_status_although_the_response_streams() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await client.send(b"0x5\r\nhello\r\n0\r\n\r\n")
        assert (await client.reply()).status == 400


async def test_a_body_whose_first_read_is_broken_gets_its_status_although_it_began_well() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(
            b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n+1\r\nx\r\n"
        )
        assert (await client.reply()).status == 400


async def test_a_response_that_the_client_itself_broke_off_reaches_it_as_far_as_it_went() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await client.until(b"5\r\nhello\r\n")
        await client.send(b"bad\n" + b"x" * 1000)
        assert await client.rest() == b""


@pytest.mark.spec("rfc9110-10.1.1-14", "rfc9110-10.1.1-16", "rfc9110-10.1.1-13c")
async def test_100_is_sent_when_the_handler_wants_the_body() -> None:
    async with serving(app) as server, connected(server) as client:
        for target in ("/length", "/echo"):
            await client.send(
                f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n".encode()
            )
            assert (await client.reply()).status == 100
            await client.send(b"abc")
            assert (await client.reply()).status == 200


@pytest.mark.spec("rfc9110-10.1.1-13b")
async def test_100_is_left_out_when_the_body_has_come() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
        assert (await client.reply()).status == 200
        assert (await client.get()).status == 200


@pytest.mark.parametrize("target", ["/ignore", "/length", "/nowhere", "/broken"])
@pytest.mark.spec("rfc9110-10.1.1-13d", "rfc9110-10.1.1-14")
async def test_100_is_left_out_when_the_answer_comes_first(target: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(
            f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        reply = await client.reply()
        assert reply.status == {"/ignore": 200, "/length": 413, "/nowhere": 404, "/broken": 405}[target]
        # Nobody can know whether what comes next is that body or a request.
        assert reply.fields["connection"] == "close"


@pytest.mark.spec("rfc9110-10.1.1-13a")
async def test_an_expectation_in_http_1_0_is_ignored() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
        assert (await client.reply()).body == b"3"


@pytest.mark.spec("rfc9110-10.1.1-5")
async def test_another_expectation_is_answered_417() -> None:
    async with serving(app) as server, connected(server) as client:
        assert (await client.get("/hello", "Expect: miracles")).status == 417


async def test_interim_responses_go_ahead_of_the_final_one_but_not_to_http_1_0() -> None:
    async def handler(request: Request) -> Response:
        await request.inform(103, [("link", "</style.css>; rel=preload")])
        return Response.text("page")

    async with serving(handler) as server, connected(server) as client:
        early = await client.get()
        assert (early.status, early.fields) == (103, {"link": "</style.css>; rel=preload"})
        assert (await client.reply()).body == b"page"
        await client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert (await client.reply()).body == b"page"


@pytest.mark.spec("rfc9112-9.3-7a")
async def test_a_small_body_that_nobody_read_is_read_away() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        reply = await client.reply()
        assert (reply.body, "connection" in reply.fields) == (b"ignored", False)
        await client.send(b"x" * 1000 + b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.reply()).body == b"Hello, world!"


@pytest.mark.spec("rfc9112-9.3-7a", "rfc9112-9.6-1", "rfc9110-15.5.14-1a", "rfc9110-15.5.14-1b")
async def test_a_large_body_that_nobody_read_closes_the_connection_after_the_answer() -> None:
    """The client sees the answer although it is still sending: no reset overtakes it (RFC 9112 §9.6)."""
    size = 8 << 20
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * 100_000)
        reply = await client.reply()
        assert (reply.status, reply.fields["connection"]) == (413, "close")
        assert await client.rest() == b""


async def test_a_long_chunked_body_that_nobody_read_closes_the_connection() -> None:
    async with serving(app, limits=ServerLimits(unread=10_000)) as server, connected(server) as client:
        await client.send(b"POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await client.reply()).body == b"ignored"
        await client.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await client.send((b"1000\r\n" + b"x" * 4096 + b"\r\n") * 2)
        assert await client.rest() == b""


@pytest.mark.spec("rfc9112-2.2-9", "rfc9112-8-1", "rfc9110-15.5-1a")
async def test_a_broken_request_hears_which_rule_it_broke() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n")
        reply = await client.reply()
        problem = json.loads(reply.body)
        assert (reply.status, reply.fields["connection"]) == (400, "close")
        assert reply.fields["content-type"] == "application/problem+json"
        assert problem["rule"].startswith("http1.")
        assert problem["section"].startswith("RFC 9112")
        assert problem["offset"] == len(b"GET /hello HTTP/1.1\r\nHost")
        assert await client.rest() == b""


async def test_requests_ahead_of_a_broken_one_are_answered() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\nwhat?\r\n\r\n")
        assert [(await client.reply()).status, (await client.reply()).status] == [200, 400]


async def test_a_body_that_breaks_a_rule_is_answered_too() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd")
        reply = await client.reply()
        assert (reply.status, reply.fields["connection"]) == (400, "close")
        assert await client.rest() == b""


async def test_a_failing_handler_is_answered_500_and_its_secret_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(app) as server, connected(server) as client:
        reply = await client.get("/broken")
        assert reply.status == 500
        assert json.loads(reply.body) == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
        assert (await client.get()).status == 200
    [record] = caplog.records
    assert record.exc_info is not None
    assert "the secret of this house" in str(record.exc_info[1])


async def never(stream: Stream) -> None:
    raise AssertionError("nobody asked for this")


@pytest.mark.parametrize(
    "response",
    [
        Response(200, b"", [("x-note", "line\r\nset-cookie: split=1")]),
        Response(200, b"", [("bad name", "x")]),
        Response(200, b"", [("x-note", "\N{SNOWMAN}")]),
        Response(200, b"abc", [("content-length", "4")]),
        Response(204, b"abc"),
        Response(304, b"abc"),
        Response(101),
        Response(200, takeover=never),
        Response(99),
        None,
        "Hello",
    ],
    ids=str,
)
async def test_what_cannot_be_sent_is_a_failure_of_the_handler(
    response: Response, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: Request) -> Response:
        return response

    async with serving(handler) as server, connected(server) as client:
        reply = await client.get()
        assert reply.status == 500
        assert "set-cookie" not in reply.fields
    assert caplog.records


@pytest.mark.parametrize("version", ["1.1", "1.0"])
async def test_a_response_that_breaks_off_is_not_taken_for_a_whole_one(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(f"GET /half HTTP/{version}\r\nHost: a\r\n\r\n".encode())
        with pytest.raises(trio.BrokenResourceError):
            await client.rest()
    assert caplog.records[0].levelno == logging.ERROR


@pytest.mark.spec("rfc9112-3.2.2-8", "rfc9112-3.2.2-9", "rfc9110-7.4-3b")
async def test_the_absolute_form_says_who_is_meant() -> None:
    async def handler(request: Request) -> Response:
        return Response.text(f"{request.authority} {request.path} {request.query}")

    async with serving(handler) as server, connected(server) as client:
        assert (await client.get("http://example.org/a%20b?c=d")).body == b"example.org /a b c=d"
        assert (await client.get("/a")).body == b"test /a "
        assert (await client.get("https://example.org/")).status == 421


@pytest.mark.spec("rfc9110-9.3.7-4", "rfc9110-9.1-10a", "rfc9110-9.1-10b", "rfc9110-15.5.6-1")
async def test_methods_and_paths_that_are_not_served() -> None:
    async with serving(app) as server, connected(server) as client:
        assert (await client.get("/nowhere")).status == 404
        refused = await client.get("/hello", method="DELETE")
        assert (refused.status, refused.fields["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert (await client.get("/hello", method="BREW")).status == 501
        options = await client.get("/echo", method="OPTIONS")
        assert (options.status, options.fields["allow"]) == (204, "OPTIONS, POST")
        everything = await client.get("*", method="OPTIONS")
        assert (everything.status, everything.fields["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert (await client.get("test:1", method="CONNECT")).status == 501


async def test_a_preface_of_http2_is_told_that_it_is_not_spoken_here() -> None:
    async with serving(app) as server, connected(server) as client:
        for piece in (b"PRI * HT", b"TP/2.0\r\n\r\nSM\r\n\r\n"):
            await client.send(piece)
        assert (await client.reply()).status == 505


@pytest.mark.spec("rfc9110-7.8-6a", "rfc9110-15.2.2-1", "rfc9110-7.8-17", "rfc9110-7.8-16a")
async def test_a_handler_may_take_the_connection_over() -> None:
    async def shout(stream: Stream) -> None:
        while data := await stream.receive_some():
            await stream.send_all(data.upper())

    async def handler(request: Request) -> Response:
        return Response(101, fields=[("upgrade", "shout"), ("connection", "upgrade")], takeover=shout)

    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: shout\r\nConnection: upgrade\r\n"
    async with serving(handler) as server:
        async with connected(server) as client:
            await client.send(upgrade + b"\r\nthis came along")
            assert await client.until(b"\r\n\r\n") == (
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\n"
            )
            assert await client.exactly(15) == b"THIS CAME ALONG"
            await client.send(b"more")
            assert await client.exactly(4) == b"MORE"
            await client.stream.send_eof()
            assert await client.rest() == b""
        async with connected(server) as client:
            await client.send(upgrade + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            assert (await client.reply()).status == 100
            await client.send(b"abc")
            assert (await client.reply()).status == 101


@pytest.mark.spec("rfc9110-9.3.6-12a", "rfc9110-8.6-8b", "rfc9112-6.1-10b")
async def test_connect_opens_a_tunnel_where_a_handler_wants_one() -> None:
    async def tunnel(stream: Stream) -> None:
        await stream.send_all(b"through: " + await stream.receive_some())

    async def handler(request: Request) -> Response:
        return Response(200, takeover=tunnel)

    async with serving(handler) as server, connected(server) as client:
        await client.send(b"CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\nbytes")
        head = await client.until(b"\r\n\r\n")
        assert b"content-length" not in head
        assert b"transfer-encoding" not in head
        assert await client.rest() == b"through: bytes"


@pytest.mark.spec("rfc9112-9.5-3")
async def test_a_connection_may_be_limited_to_some_requests() -> None:
    async with serving(hello, limits=ServerLimits(requests=2)) as server, connected(server) as client:
        assert "connection" not in (await client.get()).fields
        assert (await client.get()).fields["connection"] == "close"
        assert await client.rest() == b""


async def test_a_response_that_could_not_be_sent_does_not_count_among_them() -> None:
    async def handler(request: Request) -> Response:
        return Response(204, b"none allowed")

    async with serving(handler, limits=ServerLimits(requests=2)) as server, connected(server) as client:
        assert "connection" not in (await client.get()).fields
        reply = await client.get()
        assert (reply.status, reply.fields["connection"]) == (500, "close")
        assert await client.rest() == b""


async def test_a_client_that_has_closed_its_side_still_gets_its_answer() -> None:
    async with serving(app) as server, connected(server) as client:
        await client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.stream.send_eof()
        assert (await client.reply()).body == b"Hello, world!"
        assert await client.rest() == b""


async def test_the_tap_sees_every_byte() -> None:
    seen: list[tuple[Flow, bytes]] = []
    async with serving(app, tap=lambda *run: seen.append(run)) as server, connected(server) as client:
        await client.get("/nowhere")
    assert seen[0] == (Flow.RECEIVED, b"GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n")
    assert seen[1][0] == Flow.SENT
    assert seen[1][1].startswith(b"HTTP/1.1 404 Not Found\r\n")
