"""All samples on one port: the table that ``wire serve`` serves.

A line here is a route of the router, an entry of the page at ``/`` and, if it speaks JSON or becomes a WebSocket, an
operation of ``/openapi.json``.
"""

from __future__ import annotations

from wire.net.routing import Router
from wire.samples.chat import chat
from wire.samples.chat_page import chat_page
from wire.samples.documents import REQUEST_SCHEMA, RESPONSE_SCHEMA, documents
from wire.samples.echo import echo
from wire.samples.hello import hello
from wire.samples.index import index
from wire.samples.openapi import openapi
from wire.samples.sample import Sample
from wire.samples.ws_echo import ws_echo

SAMPLES: list[Sample] = []

SAMPLES += [
    Sample("GET", "/", index(SAMPLES), "This page: what there is, with a command to try each."),
    Sample("GET", "/hello", hello, "A greeting in plain text.", curl=("-i",)),
    Sample(
        "POST",
        "/echo",
        echo,
        "Your body and its content type come back while you are still sending.",
        curl=("-H", "content-type: text/plain", "-d", "Say it again."),
    ),
    Sample(
        "POST",
        "/documents",
        documents,
        "The most frequent words of a text (arg1), as many as you want (arg2).",
        curl=(
            "-H",
            "content-type: application/json",
            "-d",
            '{"arg1": "The cat, the dog and the other cat", "arg2": 2}',
        ),
        takes=REQUEST_SCHEMA,
        gives=RESPONSE_SCHEMA,
        problems=(400, 413, 415, 422),
    ),
    Sample("GET", "/ws/echo", ws_echo, "A WebSocket: each message comes back.", websocket=True),
    Sample(
        "GET",
        "/ws/chat/{room}",
        chat,
        "A room to chat in: what you say, all hear. Add ?name= for a name of your own.",
        websocket=True,
        params={"room": "lobby"},
    ),
    Sample(
        "GET",
        "/chat/{room}",
        chat_page,
        "The page to chat with from a browser. Open it twice, or send somebody the link.",
        params={"room": "lobby"},
    ),
    Sample(
        "GET",
        "/openapi.json",
        openapi(SAMPLES),
        "The JSON and WebSocket routes, described for machines (OpenAPI 3.1).",
        gives={"type": "object", "required": ["openapi", "info", "paths"]},
    ),
]

app = Router((sample.method, sample.path, sample.handler) for sample in SAMPLES)
"""The handler for the whole server."""
