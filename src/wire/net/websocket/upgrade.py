"""From a request to a WebSocket: the server's side of the opening handshake (RFC 6455 §4.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from wire.errors import RemoteProtocolError
from wire.http1 import Request as RequestHead
from wire.net.fields import FieldLine, encode_fields
from wire.net.messages import Problem, Request, Response
from wire.net.websocket.options import Options
from wire.net.websocket.served import Talk, converse
from wire.net.websocket.session import WebSocket
from wire.websocket import Connection, Deflate, Limits, Role
from wire.websocket.handshake import agree, check_origin, opening_response, read_opening, refusal


def upgrade(
    request: Request,
    talk: Talk,
    *,
    subprotocols: Sequence[str] = (),
    origins: Collection[str] | None = None,
    deflate: Deflate | None = None,
    limits: Limits | None = None,
    options: Options | None = None,
    fields: Iterable[FieldLine] = (),
) -> Response:
    """The response that switches to a WebSocket and lets ``talk`` have it; see ``Request.websocket``.

    Raises:
        Problem: the request is no opening handshake, or not one for us; 400, 403 or 426.
    """
    head = RequestHead(
        request.method.encode("ascii"),
        request.target.encode("latin-1"),
        request.fields,
        request.http_version.encode("ascii"),
    )
    try:
        offer = read_opening(head)
        check_origin(offer, request.authority, request.scheme, origins)
    except RemoteProtocolError as error:
        answer = refusal(error)
        raise Problem(
            answer.status, error.message, fields=answer.fields, rule=error.rule, section=error.section
        ) from error
    agreement = agree(offer, subprotocols, deflate)
    response = opening_response(offer, agreement, encode_fields(fields))
    session = WebSocket(
        Connection(Role.SERVER, limits or Limits(), deflate=agreement.deflate),
        options or Options(),
        subprotocol=agreement.subprotocol,
        deflate=agreement.deflate,
        request=request,
    )
    return Response(response.status, fields=list(response.fields), takeover=partial(converse, session, talk))
