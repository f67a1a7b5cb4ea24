"""The request that follows a redirection (RFC 9110 §15.4)."""

from __future__ import annotations

import pytest

from wire.http1 import Response
from wire.net.client.received import ResponseHead
from wire.net.client.redirects import redirected
from wire.net.http1 import InvalidUrl, OutgoingRequest

URL = "http://a.example/dir/page?q"


def follow(request: OutgoingRequest, status: int, location: str | None) -> OutgoingRequest | None:
    fields = [] if location is None else [(b"location", location.encode())]
    return redirected(request, ResponseHead(request.parsed_url, Response(status, fields), []))


@pytest.mark.parametrize(
    ("status", "methods"),
    [
        (301, {"GET": "GET", "HEAD": "HEAD", "POST": "GET", "PUT": "PUT"}),
        (302, {"GET": "GET", "HEAD": "HEAD", "POST": "GET", "PUT": "PUT"}),
        (303, {"GET": "GET", "HEAD": "HEAD", "POST": "GET", "PUT": "GET"}),
        (307, {"GET": "GET", "HEAD": "HEAD", "POST": "POST", "PUT": "PUT"}),
        (308, {"GET": "GET", "HEAD": "HEAD", "POST": "POST", "PUT": "PUT"}),
    ],
)
def test_the_method_changes_where_it_should(status: int, methods: dict[str, str]) -> None:
    fields = [("Content-Type", "text/plain"), ("Accept", "*/*")]
    for method, becomes in methods.items():
        following = follow(OutgoingRequest(method, URL, fields, b"body", expect_continue=True), status, "/x")
        assert following is not None
        assert following.method == becomes
        kept = becomes == method
        assert following.body == (b"body" if kept else b"")
        assert following.expect_continue == kept
        assert following.names == ({"accept", "content-type"} if kept else {"accept"})


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305, 306, 399, 404])
def test_other_statuses_do_not_redirect(status: int) -> None:
    assert follow(OutgoingRequest("GET", URL), status, "/x") is None


def test_nothing_follows_without_a_location() -> None:
    assert follow(OutgoingRequest("GET", URL), 301, None) is None


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/x?y#z", "http://a.example/x?y"),
        ("x", "http://a.example/dir/x"),
        ("../x", "http://a.example/x"),
        ("?r", "http://a.example/dir/page?r"),
        ("//b.example/x", "http://b.example/x"),
        ("https://b.example", "https://b.example/"),
        ("HTTP://B.example:8080/ü", "http://B.example:8080/%C3%BC"),
        ("", "http://a.example/dir/page?q"),
        ("#z", "http://a.example/dir/page?q"),
        ("./", "http://a.example/dir/"),
        ("..", "http://a.example/"),
        ("../../x/./y/..", "http://a.example/x/"),
        ("/x/../../y?/../z", "http://a.example/y?/../z"),
        ("x/y:z", "http://a.example/dir/x/y:z"),
    ],
)
def test_a_location_is_resolved_against_what_was_asked_for(location: str, leads_to: str) -> None:
    following = follow(OutgoingRequest("GET", URL, target="/something/else"), 302, location)
    assert following is not None
    assert str(following.parsed_url) == leads_to
    assert following.target is None


@pytest.mark.parametrize(
    "location",
    ["ftp://b.example/", "file:///etc/passwd", "http://", "http://u:p@b.example/", "//[/", f"http://a:{'9' * 5000}/"],
)
def test_a_location_that_is_no_http_url_is_refused(location: str) -> None:
    with pytest.raises(InvalidUrl):
        follow(OutgoingRequest("GET", URL), 302, location)


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("/x", True),
        ("http://A.example:80/x", True),
        ("http://b.example/x", False),
        ("https://a.example/x", False),
        ("http://a.example:8080/x", False),
    ],
)
def test_secrets_stay_with_the_origin_they_were_meant_for(location: str, kept: bool) -> None:
    secrets = {"authorization", "cookie", "host", "proxy-authorization", "referer"}
    fields = [(name.title(), "x") for name in sorted(secrets)] + [("Accept", "*/*")]
    following = follow(OutgoingRequest("GET", URL, fields), 307, location)
    assert following is not None
    assert following.names == ({"accept", *secrets} if kept else {"accept"})
