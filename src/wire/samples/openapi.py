"""The JSON and WebSocket routes described for machines: an OpenAPI 3.1 document, made from the server's own table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wire.net.messages import Handler, Request, Response
from wire.samples.sample import Sample, Schema

PROBLEM_SCHEMA: Schema = {
    "description": "A problem document (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong, and the JSON Pointer to where it is.",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status"],
}

MEANINGS = {
    400: "The body is not JSON.",
    404: "There is no such thing.",
    409: "It is not in the state for this.",
    413: "The body is too long.",
    415: "The body is not application/json, or compressed.",
    422: "The body is JSON, but not what is asked for.",
    429: "Too much at once.",
}
"""What each problem status means, for the descriptions that OpenAPI requires."""

HANDSHAKE_MEANINGS = {
    400: "The opening handshake is broken (RFC 6455 §4.2.1).",
    403: "The page that asks comes from elsewhere (RFC 6455 §10.2).",
    426: "It is no opening handshake, or for another version (RFC 6455 §4.4).",
}
"""What they mean where a WebSocket is to begin."""


def openapi(samples: Iterable[Sample]) -> Handler:
    """A handler that describes those ``samples`` that speak JSON or WebSocket, as the table is when it is asked."""

    async def handler(request: Request) -> Response:
        return Response.json(describe(samples))

    return handler


def describe(samples: Iterable[Sample]) -> dict[str, Any]:
    """The OpenAPI document of the samples that give JSON or a WebSocket."""
    paths: dict[str, dict[str, Any]] = {}
    for sample in samples:
        if sample.gives is not None or sample.websocket:
            paths.setdefault(sample.path, {})[sample.method.lower()] = _operation(sample)
    return {
        "openapi": "3.1.0",
        "info": {"title": "wire samples", "version": "1", "description": "What programs may ask of `wire serve`."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM_SCHEMA}},
    }


def _operation(sample: Sample) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": sample.summary, "responses": _responses(sample)}
    names = re.findall(r"\{(\w+)\}", sample.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in names
        ]
    if sample.takes is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": sample.takes}}}
    return operation


def _responses(sample: Sample) -> dict[str, Any]:
    if sample.websocket:
        responses: dict[str, Any] = {"101": {"description": "A WebSocket: what follows is not HTTP."}}
        meanings = HANDSHAKE_MEANINGS
    else:
        content = {"application/json": {"schema": sample.gives}}
        responses = {"200": {"description": "Done.", "content": content}}
        meanings = {status: MEANINGS[status] for status in sample.problems}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, meaning in meanings.items():
        responses[str(status)] = {"description": meaning, "content": problem}
    return responses
