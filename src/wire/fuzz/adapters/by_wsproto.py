"""wsproto as a reader of frames and of opening handshakes."""

from __future__ import annotations

from collections.abc import Sequence

from wsproto import ConnectionType
from wsproto.connection import Connection, ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.handshake import H11Handshake
from wsproto.utilities import RemoteProtocolError

from wire.fuzz.readings import Reading
from wire.fuzz.websocket.reading import (
    AGREED,
    AVAILABLE,
    KEY,
    Listener,
    answer_head,
    choose,
    is_response,
    role_of,
    tell_agreement,
)
from wire.websocket import Deflate, Role
from wire.websocket.handshake import Agreement


def extensions(deflate: Deflate | None) -> list[PerMessageDeflate]:
    """The extension that speaks as this was agreed on."""
    if deflate is None:
        return []
    extension = PerMessageDeflate(
        client_no_context_takeover=deflate.client_no_context_takeover,
        client_max_window_bits=deflate.client_max_window_bits,
        server_no_context_takeover=deflate.server_no_context_takeover,
        server_max_window_bits=deflate.server_max_window_bits,
    )
    extension.finalize(extension.name)
    return [extension]


def connection(role: Role, deflate: Deflate | None) -> Connection:
    """A connection behind its handshake."""
    side = ConnectionType.SERVER if role is Role.SERVER else ConnectionType.CLIENT
    return Connection(side, list(extensions(deflate)))


def read_frames(pieces: Sequence[bytes], deflate: Deflate | None = AGREED) -> Reading:
    """What the side reads that these frames are meant for."""
    reader = connection(role_of(b"".join(pieces)), deflate)
    listener = Listener()
    for piece in filter(None, pieces):
        reader.receive_data(piece)
        for event in reader.events():
            if isinstance(event, TextMessage):
                listener.data(b"text", event.data.encode(), end=event.message_finished)
            elif isinstance(event, BytesMessage):
                listener.data(b"binary", bytes(event.data), end=event.message_finished)
            elif isinstance(event, (Ping, Pong)):
                listener.control(type(event).__name__.lower().encode(), bytes(event.payload))
            elif isinstance(event, CloseConnection):
                if reader.state is ConnectionState.OPEN:  # so it tells of a violation: nobody has sent a close frame
                    return listener.reading(event.reason or "violation", int(event.code))
                listener.close(int(event.code), event.reason or "")
                return listener.reading()
    return listener.reading()


def read_handshake(pieces: Sequence[bytes]) -> Reading:
    """What a server reads of a request and answers to it, or a client of a response."""
    client = is_response(b"".join(pieces))
    handshake = H11Handshake(ConnectionType.CLIENT if client else ConnectionType.SERVER)
    if client:
        offered = PerMessageDeflate()
        handshake.send(Request(host="a", target="/", extensions=[offered], subprotocols=list(AVAILABLE)))
        handshake._nonce = KEY  # noqa: SLF001 (it takes none)
    try:
        for piece in filter(None, pieces):
            handshake.receive_data(piece)
            for event in handshake.events():
                if isinstance(event, Request):
                    subprotocol = choose(event.subprotocols)
                    accepted = AcceptConnection(extensions=[PerMessageDeflate()], subprotocol=subprotocol)
                    return answer_head(handshake.send(accepted))
                if isinstance(event, AcceptConnection):
                    return tell_agreement(Agreement(event.subprotocol, agreed(event.extensions)))
                if isinstance(event, RejectConnection):
                    return Reading(error=f"status {event.status_code}")
    except RemoteProtocolError as error:
        hint = error.event_hint
        if client or not isinstance(hint, RejectConnection):
            return Reading(error=str(error))
        return Reading(error=str(error), answer=hint.status_code)
    except (ValueError, IndexError) as error:  # it stumbles over a value that it takes for a number
        return Reading(error=repr(error))
    return Reading(error="it breaks off")


def agreed(extensions: Sequence[Extension]) -> Deflate | None:
    """What its extensions take for agreed on for compression."""
    for extension in extensions:
        if isinstance(extension, PerMessageDeflate) and extension.enabled():
            return Deflate(
                extension.server_no_context_takeover,
                extension.client_no_context_takeover,
                extension.server_max_window_bits,
                extension.client_max_window_bits,
            )
    return None
