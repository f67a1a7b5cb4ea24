"""The Sans-I/O protocol of websockets as a reader of frames and of opening handshakes.

It leaves it to its connections to decode text, so that is done here, as they do it: when a message is complete.
"""

from __future__ import annotations

from collections.abc import Sequence

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame
from websockets.frames import Opcode as Op
from websockets.http11 import Request, Response
from websockets.protocol import Protocol, Side
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from wire.fuzz.readings import Reading
from wire.fuzz.websocket.reading import (
    AGREED,
    AVAILABLE,
    KEY,
    Listener,
    answer_of,
    choose,
    is_response,
    role_of,
    tell_agreement,
)
from wire.websocket import Deflate, Role
from wire.websocket.handshake import Agreement

_NOT_TEXT = 1007


def connection(role: Role, deflate: Deflate | None) -> Protocol:
    """A connection behind its handshake."""
    protocol = Protocol(Side.SERVER if role is Role.SERVER else Side.CLIENT, max_size=1 << 20)
    if deflate is not None:
        of_server = deflate.server_no_context_takeover, deflate.server_max_window_bits
        of_client = deflate.client_no_context_takeover, deflate.client_max_window_bits
        ours, theirs = (of_server, of_client) if role is Role.SERVER else (of_client, of_server)
        protocol.extensions = [PerMessageDeflate(theirs[0], ours[0], theirs[1], ours[1])]
    return protocol


def read_frames(pieces: Sequence[bytes], deflate: Deflate | None = AGREED) -> Reading:
    """What the side reads that these frames are meant for."""
    protocol = connection(role_of(b"".join(pieces)), deflate)
    frames = _Frames()
    for piece in filter(None, pieces):
        protocol.receive_data(piece)
        try:
            for event in protocol.events_received():
                if isinstance(event, Frame):
                    frames.take(event, protocol)
        except UnicodeDecodeError as error:
            return frames.listener.reading(str(error), _NOT_TEXT)
        if protocol.parser_exc is not None:
            code = protocol.close_sent.code if protocol.close_sent is not None else None
            return frames.listener.reading(str(protocol.parser_exc) or type(protocol.parser_exc).__name__, code)
    return frames.listener.reading()


class _Frames:
    """Makes messages of frames."""

    def __init__(self) -> None:
        self.listener = Listener()
        self._text = False
        self._so_far = b""

    def take(self, frame: Frame, protocol: Protocol) -> None:
        """Take a frame.

        Raises:
            UnicodeDecodeError: it ends a text that is not UTF-8.
        """
        data = bytes(frame.data)
        if frame.opcode is Op.CLOSE:
            if protocol.close_rcvd is not None:
                self.listener.close(int(protocol.close_rcvd.code), protocol.close_rcvd.reason)
        elif frame.opcode in (Op.PING, Op.PONG):
            self.listener.control(frame.opcode.name.lower().encode(), data)
        else:
            if frame.opcode is not Op.CONT:
                self._text = frame.opcode is Op.TEXT
                self._so_far = b""
            self._so_far += data
            if self._text and frame.fin:
                self._so_far.decode()
            self.listener.data(b"text" if self._text else b"binary", data, end=frame.fin)


def read_handshake(pieces: Sequence[bytes]) -> Reading:
    """What a server reads of a request and answers to it, or a client of a response."""
    return _client(pieces) if is_response(b"".join(pieces)) else _server(pieces)


def _server(pieces: Sequence[bytes]) -> Reading:
    protocol = ServerProtocol(
        select_subprotocol=lambda _protocol, offered: choose(offered),  # type: ignore[arg-type, return-value]
        extensions=[ServerPerMessageDeflateFactory()],
    )
    for piece in filter(None, pieces):
        protocol.receive_data(piece)
        for event in protocol.events_received():
            if isinstance(event, Request):
                response = protocol.accept(event)
                if response.status_code != 101:
                    return Reading(error=str(protocol.handshake_exc), answer=response.status_code)
                return answer_of([(k.lower().encode(), v.encode()) for k, v in response.headers.raw_items()])
        if protocol.handshake_exc is not None:
            return Reading(error=repr(protocol.handshake_exc.__cause__))
    return Reading(error="it breaks off")


def _client(pieces: Sequence[bytes]) -> Reading:
    protocol = ClientProtocol(
        parse_uri("ws://a/"),
        subprotocols=list(AVAILABLE),  # type: ignore[arg-type]
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
    )
    protocol.key = KEY.decode()
    protocol.send_request(protocol.connect())
    for piece in filter(None, pieces):
        protocol.receive_data(piece)
        if protocol.handshake_exc is not None:
            error = protocol.handshake_exc
            return Reading(error=str(error) if isinstance(error, WebSocketException) else repr(error))
        for event in protocol.events_received():
            if isinstance(event, Response):
                return tell_agreement(Agreement(protocol.subprotocol, agreed(protocol)))
    return Reading(error="it breaks off")


def agreed(protocol: Protocol) -> Deflate | None:
    """What it takes for agreed on for compression."""
    for extension in protocol.extensions:
        if isinstance(extension, PerMessageDeflate):
            ours = extension.local_no_context_takeover, extension.local_max_window_bits
            theirs = extension.remote_no_context_takeover, extension.remote_max_window_bits
            of_server, of_client = (ours, theirs) if protocol.side is Side.SERVER else (theirs, ours)
            return Deflate(of_server[0], of_client[0], of_server[1], of_client[1])
    return None
