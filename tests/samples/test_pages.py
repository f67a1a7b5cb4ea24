"""The two pages that describe the samples say what the router does."""

from __future__ import annotations

import json
import shlex
from html.parser import HTMLParser
from typing import Any

import pytest
from openapi_spec_validator import validate

from wire.net.messages import Request, Response
from wire.samples.app import SAMPLES, app
from wire.samples.hello import hello
from wire.samples.index import index
from wire.samples.openapi import describe
from wire.samples.sample import Sample


async def get(target: str, host: bytes = b"127.0.0.1:8080", scheme: str = "http") -> Response:
    return await app(Request("GET", target, [(b"host", host)], scheme=scheme))


class Text(HTMLParser):
    """The text of each element of a page, by its tag."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self._tag = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._tag, []).append(data)


async def commands(host: bytes, scheme: str = "http") -> list[list[str]]:
    """The commands on the index page, as the shell would take them apart."""
    response = await get("/", host, scheme)
    assert isinstance(response.body, bytes)
    return [shlex.split(command) for command in Text(response.body).texts["pre"]]


async def test_the_index_has_a_command_for_every_route() -> None:
    assert [command[-1] for command in await commands(b"127.0.0.1:8080")] == [
        f"{'ws' if sample.websocket else 'http'}://127.0.0.1:8080{sample.target}" for sample in SAMPLES
    ]


async def test_a_path_with_names_in_it_is_shown_as_it_is_and_leads_to_an_example() -> None:
    samples = [
        Sample("GET", "/x/{one}/{two}", hello, "A page.", params={"one": "a b", "two": "c/d"}),
        Sample("GET", "/ws/{one}", hello, "A WebSocket.", params={"one": "a b"}, websocket=True),
    ]
    response = await index(samples)(Request("GET", "/", [(b"host", b"h")], scheme="https"))
    assert isinstance(response.body, bytes)
    assert b'<a href="/x/a%20b/c%2Fd">/x/{one}/{two}</a>' in response.body
    assert b"<b>GET</b> /ws/{one}</h2>" in response.body  # a browser that follows a link does not open a WebSocket
    text = Text(response.body).texts["pre"]
    assert text == [
        "curl --cacert wire-ca.pem https://h/x/a%20b/c%2Fd",
        "wire ws --cacert wire-ca.pem wss://h/ws/a%20b",
    ]


async def test_a_route_that_is_added_later_is_on_the_page_and_in_the_description() -> None:
    samples: list[Sample] = []
    handler = index(samples)
    gives = {"type": "object"}
    samples.append(Sample("PUT", "/things/{name}", hello, "Things & more.", gives=gives, problems=(404,)))
    response = await handler(Request("GET", "/"))
    assert isinstance(response.body, bytes)
    assert b"/things/{name}" in response.body
    assert b"Things &amp; more." in response.body
    described = describe(samples)
    validate(described)
    operation: dict[str, Any] = described["paths"]["/things/{name}"]["put"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["name"]
    assert set(operation["responses"]) == {"200", "404"}


@pytest.mark.parametrize("host", [b"<script>alert(1)</script>", b"$(id)", b"'\"><b>", b"a;b`c`"])
async def test_a_host_that_is_code_stays_text_for_the_browser_and_for_the_shell(host: bytes) -> None:
    response = await get("/", host)
    assert isinstance(response.body, bytes)
    assert "script" not in Text(response.body).texts
    programs = [["wire", "ws"] if sample.websocket else ["curl"] for sample in SAMPLES]
    assert [
        command[: len(program)] for command, program in zip(await commands(host), programs, strict=True)
    ] == programs
    assert (await commands(host))[0][-1] == f"http://{host.decode()}/"


async def test_over_tls_the_commands_name_the_authority_to_trust() -> None:
    for command in await commands(b"localhost:8443", "https"):
        assert command[-3 if command[0] == "wire" else 1 :][:2] == ["--cacert", "wire-ca.pem"]
        assert command[-1].startswith(("https://localhost:8443/", "wss://localhost:8443/"))


async def test_the_page_stands_alone() -> None:
    response = await get("/")
    assert isinstance(response.body, bytes)
    policy = dict(response.fields)["content-security-policy"]
    assert str(policy).startswith("default-src 'none'")
    assert b"<script" not in response.body
    assert b"@import" not in response.body
    assert b"url(" not in response.body


async def test_the_description_is_valid_openapi_and_has_every_route_for_machines() -> None:
    response = await get("/openapi.json")
    assert isinstance(response.body, bytes)
    described = json.loads(response.body)
    assert described["openapi"].startswith("3.1.")
    validate(described)
    assert {(method.upper(), path) for path, item in described["paths"].items() for method in item} == {
        ("POST", "/documents"),
        ("GET", "/openapi.json"),
        ("GET", "/ws/echo"),
        ("GET", "/ws/chat/{room}"),
    }
    assert set(described["paths"]["/ws/echo"]["get"]["responses"]) == {"101", "400", "403", "426"}
