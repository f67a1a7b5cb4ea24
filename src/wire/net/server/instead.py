"""What is answered instead: where the handler isn't asked, where it cannot answer, and where there was no request."""

from __future__ import annotations

import logging

from wire.errors import RemoteProtocolError
from wire.net.messages import Problem, Request, Response

logger = logging.getLogger("wire.net")

NO_REQUEST = Request("", "", http_version="")
"""What an answer answers where no request could be read: it was malformed, or too slow (RFC 9110 §15.5.9)."""

SPEAK_TLS = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 43\r\nconnection: close\r\n\r\n"
    b"This port speaks https: ask with https://.\n"
)
"""What a client hears that asks without TLS where TLS is wanted; it would not understand an alert."""


def refusal(request: Request) -> Response | None:
    """The response to a request that no handler here could answer as it asks; None for all others."""
    if not request.is_for_scheme(request.scheme):  # RFC 9110 §7.4
        return Response.problem(421, f"This connection serves {request.scheme} and not the scheme of the target.")
    for name, value in request.fields:
        if name == b"expect" and value.strip(b", \t").lower() not in (b"", b"100-continue"):  # RFC 9110 §10.1.1
            return Response.problem(417, f"Nothing here can meet the expectation {value.decode('latin-1')!r}.")
    return None


def failure(request: Request, error: Exception) -> Response:
    """The response in place of one that a handler could not give."""
    if isinstance(error, Problem):
        return error.response
    if isinstance(error, RemoteProtocolError):  # in the body that the handler was reading
        return protocol_problem(error)
    logger.error("%s %s could not be answered", request.method, request.target, exc_info=error)
    return Response.problem(500)  # RFC 9110 §15.6.1: what went wrong is nobody else's business


def protocol_problem(error: RemoteProtocolError) -> Response:
    """What a client hears about the rule that it broke."""
    return Response.problem(
        error.status or 400, error.message, rule=error.rule, section=error.section, offset=error.offset
    )
