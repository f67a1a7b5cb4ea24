"""Pipelining: several requests leave in one write, and their responses come in the same order (RFC 9112 §9.3.2).

A codec knows one exchange at a time. So each request has a codec of its own, and what came behind the end of one
response is handed to the codec of the next.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from wire.errors import RemoteProtocolError
from wire.http1 import Connection, Data, EndOfMessage, InformationalResponse, Limits, Request, Response, Role
from wire.net.client.errors import ClientError, ConnectionLost, ResponseTooLarge
from wire.net.client.helpers import helpers
from wire.net.client.http1_link import Link, is_closed
from wire.net.client.outgoing import OutgoingRequest
from wire.net.client.received import ReceivedResponse
from wire.net.client.timeouts import within


def check_pipeline(requests: Sequence[OutgoingRequest]) -> None:
    """Refuse what cannot be pipelined safely, since any number of the requests may go unanswered.

    Raises:
        ValueError: there are none; they have different origins; a method is not idempotent (RFC 9112 §9.3.2); a body is
            not bytes, or is held back; one asks to switch protocols.
    """
    if len({request.parsed_url.origin for request in requests}) != 1:
        raise ValueError("the requests of a pipeline go to one origin")
    for request in requests:
        if not request.is_idempotent:
            raise ValueError(f"{request.method} is not idempotent: it cannot be repeated if it is not answered")
        if not isinstance(request.body, bytes) or request.expect_continue:
            raise ValueError("the body of a pipelined request is bytes, and is not held back")
        if request.names & {"upgrade", "connection"}:
            raise ValueError("a pipelined request leaves the connection as it is")


async def converse(
    link: Link, requests: Sequence[OutgoingRequest], heads: Sequence[Request], limits: Limits, body_limit: int
) -> list[ReceivedResponse]:
    """Send all requests at once, under these heads, and read the responses until one of them is the server's last.

    Returns:
        The responses in order; fewer than there were requests where the server closed in between (RFC 9112 §9.6).

    Raises:
        RemoteProtocolError: a response breaks the protocol.
        ResponseTooLarge: a body has more than ``body_limit`` bytes.
        TimedOut: in phase ``read``.
    """
    codecs = [link.codec, *(Connection(Role.CLIENT, limits) for _ in requests[1:])]
    responses: list[ReceivedResponse] = []
    async with helpers() as nursery:
        # The server may answer before it has read all, and not read on before its answers are taken.
        nursery.start_soon(_send, link, b"".join(map(_encoded, codecs, requests, heads)))
        for codec, request in zip(codecs, requests, strict=True):
            link.hand_over(codec)
            try:
                responses.append(await _response(link, request, body_limit))
            except (ConnectionLost, RemoteProtocolError) as error:
                if not is_closed(error):
                    raise
                break
            if not codec.keep_alive:
                break
    return responses


def _encoded(codec: Connection, request: OutgoingRequest, head: Request) -> bytes:
    assert isinstance(request.body, bytes)
    for event in (head, Data(request.body), EndOfMessage()):
        codec.send(event)
    return codec.bytes_to_send()


async def _send(link: Link, data: bytes) -> None:
    with contextlib.suppress(ClientError):  # whoever reads will notice
        await link.send(data)


async def _response(link: Link, request: OutgoingRequest, body_limit: int) -> ReceivedResponse:
    interim: list[InformationalResponse] = []
    head: Response | None = None
    body: list[bytes] = []
    room = body_limit
    while True:
        with within("read", link.timeouts.read):
            event = await link.next_event()
        if isinstance(event, InformationalResponse):
            interim.append(event)
        elif isinstance(event, Response):
            head = event
        elif isinstance(event, Data):
            room -= len(event.data)
            if room < 0:
                raise ResponseTooLarge(body_limit)
            body.append(event.data)
        elif isinstance(event, EndOfMessage) and head is not None:
            return ReceivedResponse(request.parsed_url, head, interim, b"".join(body), event.trailers)
