"""WebSocket on tour: from a handshake to a close, with a message in pieces, some compressed, and one against the rules.

The server is the sample; the client is the codec with its bytes in the scene's own hands, so that it can send one frame
at a time, and one that no client may send.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from wire import http1
from wire.cli.scenes.stage import HOST, Line, Part, Scene, Stage
from wire.explain.websocket import explain_both
from wire.net import Router
from wire.samples.ws_echo import ws_echo
from wire.websocket import Close, Connection, ConnectionClosed, Event, Ping, Role, Text
from wire.websocket.extensions import DeflateOffer
from wire.websocket.frames import FIN, Opcode, write_frame
from wire.websocket.handshake import Offer, opening_request, read_answer

_KEY_OCTETS = 16
_MASK_OCTETS = 4


@dataclass(slots=True)
class _Client:
    """A client behind its handshake."""

    line: Line
    connection: Connection

    async def say(self, *events: Event) -> None:
        """Write some events at once."""
        for event in events:
            self.connection.send(event)
        await self.line.send(self.connection.bytes_to_send())

    async def hear(self) -> Event:
        """What the server says next."""
        heard = next(self.connection.receive(), None)
        while heard is None:
            heard = next(self.connection.receive(await self.line.receive()), None)
        return heard

    async def hear_end(self) -> None:
        """Read until the server has closed."""
        while not isinstance(await self.hear(), ConnectionClosed):
            pass


@asynccontextmanager
async def _opened(stage: Stage, *offers: DeflateOffer) -> AsyncIterator[_Client]:
    """Shake hands, and leave politely in the end, which is not recorded."""
    offer = Offer(base64.b64encode(stage.octets(_KEY_OCTETS)), deflate=offers)
    opening = http1.Connection(http1.Role.CLIENT)
    async with stage.line() as line:
        opening.send(opening_request(b"/ws/echo", HOST.encode("ascii"), offer))
        opening.send(http1.EndOfMessage())
        await line.send(opening.bytes_to_send())
        answer = None
        while answer is None:
            answer = next(opening.receive(await line.receive()), None)
        assert isinstance(answer, http1.InformationalResponse)
        agreement = read_answer(answer, offer)
        client = _Client(
            line,
            Connection(Role.CLIENT, deflate=agreement.deflate, masking_key=lambda: stage.octets(_MASK_OCTETS)),
        )
        yield client
        if stage.recording:
            return
        await client.say(Close(1000))
        await client.hear_end()


async def handshake(stage: Stage) -> None:
    """A request and a response; from then on the connection is a WebSocket."""
    async with _opened(stage):
        stage.recording = False


async def text(stage: Stage) -> None:
    """A message each way."""
    async with _opened(stage) as client:
        stage.skip()
        await client.say(Text("Hello"))
        await client.hear()
        stage.recording = False


async def fragments(stage: Stage) -> None:
    """A message in two frames, and a ping between them."""
    async with _opened(stage) as client:
        stage.skip()
        await client.say(Text("One half, ", end=False))
        await client.say(Ping(b"still there?"))
        await client.hear()
        await client.say(Text("and the other."))
        await client.hear()
        stage.recording = False


async def compression(stage: Stage) -> None:
    """The same message twice: the second time it is little more than a reference to the first."""
    async with _opened(stage, DeflateOffer()) as client:
        for _time in range(2):
            await client.say(Text("Tick, tock, tick, tock, tick, tock."))
            await client.hear()
        stage.recording = False


async def error(stage: Stage) -> None:
    """A frame that is not masked. Our own client cannot write it."""
    async with _opened(stage) as client:
        stage.skip()
        await client.line.send(write_frame(FIN | Opcode.TEXT, b"Hello"))
        await client.hear_end()


async def close(stage: Stage) -> None:
    """Both sides say that they are done."""
    async with _opened(stage) as client:
        stage.skip()
        await client.say(Close(1000, "Goodbye"))
        await client.hear_end()


SCENE = Scene(
    title="WebSocket",
    text="Over one TCP connection a client and a server send each other messages, whenever either has one. Every byte "
    "that they write stands on the left, what it means on the right, with the section that says so. A part that shows "
    "no handshake begins behind one like the first.",
    handler=Router([("GET", "/ws/echo", ws_echo)]),
    explainer=explain_both,
    parts=(
        Part(
            "handshake",
            "A handshake",
            "A WebSocket begins as a request of HTTP/1.1 that asks for another protocol. The server hashes the key of "
            "the client together with a fixed identifier, which no other server would think of: so it proves that it "
            "has understood. Behind the empty line of its 101, HTTP is over.",
            handshake,
        ),
        Part(
            "text",
            "A text message each way",
            "A message travels in frames, this one in a single frame, whose header says what it is and how long. What "
            "a client sends is masked: XORed with four bytes that are others for each frame, so that no script can "
            "make a browser send bytes that a proxy on the way would take for HTTP. What a server sends is not masked. "
            "This server sends every message back.",
            text,
        ),
        Part(
            "fragments",
            "A message in two frames, with a ping between them",
            "Who does not know yet how long a message will be sends it in fragments: FIN is set on the last one, and "
            "all behind the first are continuation frames. Control frames, such as a ping, may come between them, and "
            "the other side answers at once.",
            fragments,
        ),
        Part(
            "deflate",
            "Compressed messages",
            "The client offers to compress, and the server accepts. RSV1 then says that a message is compressed. Each "
            "side keeps what it has sent in a window, so when the same text is sent again, there is little left to "
            "say. The four bytes that end each message's DEFLATE data are always the same, and left away.",
            compression,
        ),
        Part(
            "error",
            "A frame that breaks a rule, and its close code",
            "This client forgets to mask. The server may not go on: it says why in a close frame, with a code for "
            "programs and a reason for people, and closes the connection.",
            error,
        ),
        Part(
            "close",
            "The closing handshake",
            "Either side may end it: it sends a close frame and nothing behind that, the other side answers with a "
            "close frame of its own, and the server closes the TCP connection. So both know that they have heard all "
            "that was said.",
            close,
        ),
    ),
)
