"""A body that streams both ways: what comes in goes out at once, however long it is."""

from __future__ import annotations

from wire.net.fields import FieldLine
from wire.net.messages import Request, Response


async def echo(request: Request) -> Response:
    """Give back the body and its content type, and its trailers to a client that wants them.

    The request's body is the response's body: a chunk is read when the one before it has been written, so that memory
    stays constant and a client that reads slowly slows its own upload down.
    """
    # A browser must not take what somebody had it post for a page of this server.
    fields: list[FieldLine] = [("x-content-type-options", "nosniff")]
    content_type = request.field("content-type")
    if content_type is not None:
        fields.append(("content-type", content_type))
    # RFC 9110 §6.5.1: trailers are sent to those who said that they keep them.
    wants_trailers = "trailers" in (request.field("te") or "").lower()
    return Response(200, request.body, fields, trailers=(lambda: request.trailers) if wants_trailers else None)
