"""The handshakes of wsproto and websockets, as functions: from bytes to what they agree on, or to None."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.http11 import Request as WebsocketsRequest
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection
from wsproto.events import Request as WsprotoRequest
from wsproto.extensions import Extension
from wsproto.extensions import PerMessageDeflate as WsprotoDeflate
from wsproto.utilities import ProtocolError

from wire.fuzz.adapters import by_websockets, by_wsproto
from wire.websocket import Deflate
from wire.websocket.handshake import Agreement, Offer

HOST = "server.example.com"


@dataclass(frozen=True)
class Accepted:
    """What a peer made of a request.

    Attributes:
        response: its answer, as bytes.
        agreement: what it thinks that holds.
    """

    response: bytes
    agreement: Agreement


Server = Callable[[bytes, Sequence[str], Deflate | None], Accepted | None]
"""From a request, and what the peer speaks itself, to its answer; None where it refuses."""

Answering = Callable[[bytes], bytes]
Client = Callable[[Offer, Answering], Agreement | None]
"""From an offer (without its key), and what answers a request, to what the peer thinks that holds; None for nothing."""


def websockets_server(request: bytes, subprotocols: Sequence[str], deflate: Deflate | None) -> Accepted | None:
    server = ServerProtocol(
        # Its own choice would refuse whoever offers none that it speaks, which RFC 6455 §4.2.2 leaves to the server.
        select_subprotocol=lambda _server, offered: next(
            (Subprotocol(name) for name in subprotocols if name in offered), None
        ),
        extensions=[
            ServerPerMessageDeflateFactory(
                deflate.server_no_context_takeover,
                deflate.client_no_context_takeover,
                # The largest window is none to speak of.
                deflate.server_max_window_bits if deflate.server_max_window_bits < 15 else None,
                deflate.client_max_window_bits if deflate.client_max_window_bits < 15 else None,
            )
        ]
        if deflate
        else None,
    )
    server.receive_data(request)
    events = server.events_received()
    if not events or server.handshake_exc:
        return None
    assert isinstance(events[0], WebsocketsRequest)
    response = server.accept(events[0])
    if response.status_code != 101:
        return None
    server.send_response(response)
    return Accepted(b"".join(server.data_to_send()), Agreement(server.subprotocol, by_websockets.agreed(server)))


def websockets_client(offer: Offer, answering: Answering) -> Agreement | None:
    client = ClientProtocol(
        parse_uri(f"ws://{HOST}/chat"),
        subprotocols=[Subprotocol(name) for name in offer.subprotocols] or None,
        extensions=[
            ClientPerMessageDeflateFactory(
                terms.server_no_context_takeover,
                terms.client_no_context_takeover,
                terms.server_max_window_bits,
                terms.client_max_window_bits,
            )
            for terms in offer.deflate
        ]
        or None,
    )
    client.send_request(client.connect())
    client.receive_data(answering(b"".join(client.data_to_send())))
    if client.handshake_exc or not client.events_received():
        return None
    return Agreement(client.subprotocol, by_websockets.agreed(client))


def wsproto_server(request: bytes, subprotocols: Sequence[str], deflate: Deflate | None) -> Accepted | None:
    server = WSConnection(ConnectionType.SERVER)
    with suppress(ProtocolError, UnicodeError, ValueError):
        server.receive_data(request)
        event = next(server.events(), None)
        if not isinstance(event, WsprotoRequest):
            return None
        chosen = next((name for name in subprotocols if name in event.subprotocols), None)
        extension = deflate and WsprotoDeflate(
            deflate.client_no_context_takeover,
            deflate.client_max_window_bits,
            deflate.server_no_context_takeover,
            deflate.server_max_window_bits,
        )
        extensions: list[Extension] = [extension] if extension else []
        response = server.send(AcceptConnection(subprotocol=chosen, extensions=extensions))
        return Accepted(response, Agreement(chosen, by_wsproto.agreed(extensions)))
    return None


def wsproto_client(offer: Offer, answering: Answering) -> Agreement | None:
    client = WSConnection(ConnectionType.CLIENT)
    extensions: list[Extension] = [
        WsprotoDeflate(
            terms.client_no_context_takeover,
            None if terms.client_max_window_bits is True else terms.client_max_window_bits,
            terms.server_no_context_takeover,
            terms.server_max_window_bits,
        )
        for terms in offer.deflate
    ]
    request = client.send(WsprotoRequest(HOST, "/chat", subprotocols=list(offer.subprotocols), extensions=extensions))
    with suppress(ProtocolError, UnicodeError, ValueError):
        client.receive_data(answering(request))
        event = next(client.events(), None)
        if isinstance(event, AcceptConnection):
            return Agreement(event.subprotocol, by_wsproto.agreed(event.extensions))
    return None


SERVERS: dict[str, Server] = {"websockets": websockets_server, "wsproto": wsproto_server}
CLIENTS: dict[str, Client] = {"websockets": websockets_client, "wsproto": wsproto_client}
