"""The JSON routes described for machines: an OpenAPI 3.1 document, made from the table that the server routes by."""

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


def openapi(samples: Iterable[Sample]) -> Handler:
    """A handler that gives the description of those ``samples`` that speak JSON, as the table is when it is asked."""

    async def handler(request: Request) -> Response:
        return Response.json(describe(samples))

    return handler


def describe(samples: Iterable[Sample]) -> dict[str, Any]:
    """The OpenAPI document of the samples that give JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for sample in samples:
        if sample.gives is not None:
            paths.setdefault(sample.path, {})[sample.method.lower()] = _operation(sample, sample.gives)
    return {
        "openapi": "3.1.0",
        "info": {"title": "wire samples", "version": "1", "description": "The JSON routes of `wire serve`."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM_SCHEMA}},
    }


def _operation(sample: Sample, gives: Schema) -> dict[str, Any]:
    responses = {"200": {"description": "Done.", "content": {"application/json": {"schema": gives}}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sample.problems:
        responses[str(status)] = {"description": MEANINGS[status], "content": problem}
    operation: dict[str, Any] = {"summary": sample.summary, "responses": responses}
    names = re.findall(r"\{(\w+)\}", sample.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in names
        ]
    if sample.takes is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": sample.takes}}}
    return operation
