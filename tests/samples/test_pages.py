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
        f"http://127.0.0.1:8080{sample.path}" for sample in SAMPLES
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
    assert [command[0] for command in await commands(host)] == ["curl"] * len(SAMPLES)
    assert (await commands(host))[0][-1] == f"http://{host.decode()}/"


async def test_over_tls_the_commands_name_the_authority_to_trust() -> None:
    for command in await commands(b"localhost:8443", "https"):
        assert command[1:3] == ["--cacert", "wire-ca.pem"]
        assert command[-1].startswith("https://localhost:8443/")


async def test_the_page_stands_alone() -> None:
    response = await get("/")
    assert isinstance(response.body, bytes)
    policy = dict(response.fields)["content-security-policy"]
    assert str(policy).startswith("default-src 'none'")
    assert b"<script" not in response.body
    assert b"@import" not in response.body
    assert b"url(" not in response.body


async def test_the_description_is_valid_openapi_and_has_every_json_route() -> None:
    response = await get("/openapi.json")
    assert isinstance(response.body, bytes)
    described = json.loads(response.body)
    assert described["openapi"].startswith("3.1.")
    validate(described)
    assert {(method.upper(), path) for path, item in described["paths"].items() for method in item} == {
        ("POST", "/documents"),
        ("GET", "/openapi.json"),
    }
