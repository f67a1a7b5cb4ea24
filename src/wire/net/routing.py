"""Which handler answers: a small table of method, path and handler.

    router = Router([("GET", "/hello", hello), ("POST", "/documents/{id}/words", add_word)])

A ``Router`` is a handler itself, so one can stand behind another or be called in a test without any server. ``{name}``
stands for one whole segment of the path, which the handler finds decoded in ``request.params``. GET answers HEAD too,
and OPTIONS is answered for every path (RFC 9110 §9.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import unquote

from wire.net.messages import Handler, Request, Response

Route: TypeAlias = tuple[str, str, Handler]
"""Method, path pattern, handler."""

METHODS = frozenset(("GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"))
"""The methods that every server is taken to know, if only to refuse them (RFC 9110 §9.3, RFC 5789)."""


class Router:
    """A handler that passes each request on to the route that fits.

    Args:
        routes: a path without ``{…}`` goes before any pattern, patterns in the order in which they stand.

    Raises:
        ValueError: two routes have the same method and path, or a path doesn't begin with a slash.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes: list[Route] = list(routes)
        self._plain: dict[str, dict[str, Handler]] = {}
        self._patterns: dict[tuple[str, ...], dict[str, Handler]] = {}
        for method, path, handler in self.routes:
            if not path.startswith("/"):
                raise ValueError(f"the path of a route begins with a slash, not {path!r}")
            if "{" in path:
                handlers = self._patterns.setdefault(tuple(path.split("/")), {})
            else:
                handlers = self._plain.setdefault(path, {})
            if method in handlers:
                raise ValueError(f"{method} {path} is routed twice")
            handlers[method] = handler
        self._known = METHODS.union(method for method, _, _ in self.routes)

    async def __call__(self, request: Request) -> Response:
        """Answer the request: by its route, or by 404, 405, 501 or the list of methods that OPTIONS asks for."""
        handlers = self._plain.get(request.raw_path)
        if handlers is not None:
            handler = handlers.get(request.method)
            if handler is not None:  # The path of nearly every request: two look-ups.
                return await handler(request)
        handler, allowed = self._find(request)
        if handler is not None:
            return await handler(request)
        return self._refuse(request, allowed)

    def _find(self, request: Request) -> tuple[Handler | None, set[str]]:
        """The handler for the request if there is one, and the methods that its path has at all."""
        allowed: set[str] = set()
        for handlers, params in self._fitting(request):
            method = "GET" if request.method == "HEAD" and "HEAD" not in handlers else request.method
            if method in handlers:
                request.params = params
                return handlers[method], allowed
            allowed.update(handlers)
        return None, allowed

    def _fitting(self, request: Request) -> Iterable[tuple[dict[str, Handler], dict[str, str]]]:
        """The entries of the table that the path fits. Segments are decoded one by one: ``%2F`` is no separator."""
        segments = [unquote(segment) for segment in request.raw_path.split("/")]
        if request.path in self._plain and len(segments) == request.path.count("/") + 1:
            yield self._plain[request.path], {}
        for pattern, handlers in self._patterns.items():
            params = _match(pattern, segments)
            if params is not None:
                yield handlers, params

    def _refuse(self, request: Request, allowed: set[str]) -> Response:
        method = request.method
        if method not in self._known:  # RFC 9110 §9.1
            return Response.problem(501, f"This server does not know the method {method}.")
        if method == "OPTIONS" and request.path == "*":  # RFC 9110 §9.3.7: the server as a whole
            return Response(204, fields=[_allow({method for method, _, _ in self.routes})])
        if method == "CONNECT":  # RFC 9110 §9.3.6: for proxies, which this is not
            return Response.problem(501, "This server opens no tunnels.")
        if not allowed:
            return Response.problem(404, f"There is nothing at {request.path}.")
        if method == "OPTIONS":
            return Response(204, fields=[_allow(allowed)])
        # RFC 9110 §15.5.6: Allow must say what would have been possible.
        return Response.problem(405, f"{request.path} does not answer {method}.", fields=[_allow(allowed)])


def _match(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    params: dict[str, str] = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{") and expected.endswith("}"):
            if not segment:
                return None
            params[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return params


def _allow(methods: set[str]) -> tuple[str, str]:
    implied = {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    return "allow", ", ".join(sorted(methods | implied))
