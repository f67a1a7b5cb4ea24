"""Requests and responses by themselves."""

from __future__ import annotations

import json

import pytest

from wire.errors import LocalProtocolError
from wire.net import ContentTooLarge, Problem, Request, Response
from wire.net.server.instead import refusal
from wire.net.server.response_fields import REASONS, response_fields

DATE = (b"date", b"now")


@pytest.mark.parametrize(
    ("method", "target", "authority", "path", "query"),
    [
        ("GET", "/a%20b?c=d?e", "host", "/a b", "c=d?e"),
        ("GET", "http://other:8080/x?y", "other:8080", "/x", "y"),
        ("GET", "http://other", "other", "/", ""),
        ("OPTIONS", "*", "host", "*", ""),
        ("CONNECT", "far:443", "far:443", "", ""),
        ("GET", "//double//slash", "host", "//double//slash", ""),
        ("GET", "/?u=http://other/", "host", "/", "u=http://other/"),
        ("GET", "//other/?a=://", "host", "//other/", "a=://"),
        ("GET", "http://[V1.a]/x", "[V1.a]", "/x", ""),
        ("GET", "urn:x", "host", "x", ""),
    ],
)
def test_the_four_forms_of_a_target(method: str, target: str, authority: str, path: str, query: str) -> None:
    request = Request(method, target, [(b"host", b"host")])
    assert (request.authority, request.path, request.query) == (authority, path, query)


@pytest.mark.spec("rfc9110-5.3-1")
def test_fields_of_one_name_are_joined() -> None:
    request = Request("GET", "/", [(b"accept", b"a"), (b"x", b"1"), (b"accept", b"b")])
    assert (request.field("Accept"), request.field("X"), request.field("y")) == ("a, b", "1", None)


async def test_a_request_made_by_hand_has_a_body() -> None:
    assert await Request("POST", "/", body=b"abc").read() == b"abc"
    assert [chunk async for chunk in Request("POST", "/").body] == []
    with pytest.raises(ContentTooLarge) as caught:
        await Request("POST", "/", body=b"abc").read(2)
    assert caught.value.status == 413
    with pytest.raises(ContentTooLarge):
        await Request("POST", "/", [(b"content-length", b"3")], body=b"").read(2)


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (413, "Content Too Large"),
        (414, "URI Too Long"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Content"),
        (431, "Request Header Fields Too Large"),
    ],
)
def test_phrases_are_those_of_rfc_9110_under_every_version_of_python(status: int, phrase: str) -> None:
    assert json.loads(Response.problem(status).body)["title"] == phrase  # type: ignore[arg-type]
    assert REASONS[status] == phrase.encode()


def test_a_problem_document() -> None:
    response = Response.problem(422, "N is missing.", errors=["N"], nothing=None)
    assert (response.status, response.fields) == (422, [(b"content-type", b"application/problem+json")])
    assert json.loads(response.body) == {  # type: ignore[arg-type]
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "N is missing.",
        "errors": ["N"],
    }
    odd = Response.problem(499, kind="https://example.org/odd", title="Odd")
    assert json.loads(odd.body) == {"type": "https://example.org/odd", "title": "Odd", "status": 499}  # type: ignore[arg-type]
    assert Problem(429, fields=[("retry-after", "3")]).response.fields[1] == ("retry-after", "3")


def test_half_a_surrogate_pair_is_json() -> None:
    assert Response.json("\ud800").body == b'"\\ud800"'
    assert Response.json("ß").body == '"ß"'.encode()


def fields_of(response: Response, method: str = "GET") -> dict[bytes, bytes]:
    return dict(response_fields(response, DATE, Request(method, "/")))


@pytest.mark.spec("rfc9110-8.6-8a", "rfc9110-8.6-8b", "rfc9110-8.6-9")
def test_which_responses_have_a_content_length() -> None:
    assert fields_of(Response(200))[b"content-length"] == b"0"
    assert fields_of(Response.text("abc"))[b"content-length"] == b"3"
    assert fields_of(Response.text("abc"), "HEAD")[b"content-length"] == b"3"
    assert b"content-length" not in fields_of(Response(204))
    assert b"content-length" not in fields_of(Response(304))
    assert b"content-length" not in fields_of(Response(200), "CONNECT")
    assert fields_of(Response(403), "CONNECT")[b"content-length"] == b"0"
    assert fields_of(Response(fields=[("Content-Length", "7"), ("Date", "then")]), "HEAD") == {
        b"Content-Length": b"7",
        b"Date": b"then",
    }


@pytest.mark.parametrize(
    "response", [Response(304, b"x"), Response(205, b"x"), Response(fields=[("content-length", "1")])], ids=str
)
def test_lengths_that_are_wrong(response: Response) -> None:
    with pytest.raises((ValueError, LocalProtocolError)):
        fields_of(response)


@pytest.mark.spec("rfc9110-7.4-3b", "rfc9110-10.1.1-5")
def test_requests_that_no_handler_can_answer() -> None:
    assert refusal(Request("GET", "/", [(b"expect", b"100-Continue")])) is None
    unmet = refusal(Request("GET", "/", [(b"expect", b"100-continue, x=y")]))
    insecure = refusal(Request("GET", "HTTPS://a/"))
    assert (unmet and unmet.status, insecure and insecure.status) == (417, 421)
    assert refusal(Request("GET", "https://a/", scheme="https")) is None
    foreign = refusal(Request("GET", "ftp://a/"))
    assert (foreign and foreign.status) == 421
    assert refusal(Request("GET", "/", [(b"expect", b", ,")])) is None
