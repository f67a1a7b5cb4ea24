"""A sample: a handler, where it is found, and what is said of it to people and to machines."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

from wire.net.messages import Handler

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema (draft 2020-12, which is what OpenAPI 3.1 speaks)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One route of the sample server.

    Attributes:
        method: the HTTP method.
        path: the path pattern, as the router takes it.
        handler: what answers.
        summary: one sentence about it.
        curl: the options that a curl command needs to try it, URL left out.
        takes: the schema of the JSON that it takes, None where it takes none.
        gives: the schema of the JSON that it gives, None where that is not JSON.
        problems: the statuses of the problem documents that it may answer with.
        websocket: whether it goes on as a WebSocket.
        params: what to put in place of the names in the path to try it.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    curl: tuple[str, ...] = ()
    takes: Schema | None = None
    gives: Schema | None = None
    problems: tuple[int, ...] = ()
    websocket: bool = False
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """A path to try it by: the pattern, with ``params`` in place of its names."""
        target = self.path
        for name, value in self.params.items():
            target = target.replace(f"{{{name}}}", quote(value, safe=""))
        return target

    def command(self, base: str, *options: str) -> str:
        """A line for the shell that tries this sample on the server at ``base``, such as ``"http://127.0.0.1:8080"``."""
        if self.websocket:  # RFC 6455 §3: ws for http, wss for https
            return shlex.join(["wire", "ws", *options, "ws" + base.removeprefix("http") + self.target])
        return shlex.join(["curl", *options, *self.curl, base + self.target])
