"""WebSocket codecs: masked messages received, and messages sent, beside wsproto and beside websockets with its C part.

Receiving is from a read of the socket to the message that a user is given: find the frame, unmask it, check that text
is UTF-8, make the event, join the message. Each side does all of it: websockets leaves the text to its user, so it is
decoded here as its own ``recv`` does. The user has one message in hand at a time. Of what a read may call for beside
that (sending pongs, and ``data_to_send`` of websockets) nothing is counted, for any side. A message comes in one read;
where the row says so, in several, or several come in one.

Sending is from the message to the bytes for the socket. Short messages are ASCII texts, long ones random bytes; nothing
is compressed. Every side is one connection for all of the messages.

At 64 KiB and above nearly all of the time is spent on masking, which ours and wsproto do by the same tables.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from bench.harness import Opener, Side, Unavailable, Work
from bench.timed import Timed, opener
from bench.websocket_frames import binaries, masked_frames, texts, unmasked
from wire.websocket import Binary, Connection, Role, Text

READ_SIZE = 1 << 16

Messages: TypeAlias = list[str] | list[bytes]
Received: TypeAlias = deque[str | bytes]


class Receiving(Timed):
    """Receives messages on a server's connection: ``reads`` hold ``count`` of them. The last is kept, as users do."""

    def __init__(self, count: int, reads: list[bytes]) -> None:
        super().__init__()
        self.count = count
        self.reads = reads
        self.receive = self.receiver(deque(maxlen=1))

    def receiver(self, received: Received) -> Callable[[bytes], None]:
        """What takes a read, on a new connection, and appends each message that is complete."""
        raise NotImplementedError

    def outcome(self) -> object:
        """All messages."""
        received: Received = deque()
        receive = self.receiver(received)
        for data in self.reads:
            receive(data)
        assert len(received) == self.count
        return list(received)

    def one_pass(self) -> tuple[float, float]:
        """See ``Timed.one_pass``."""
        receive = self.receive
        start = time.process_time()
        for data in self.reads:
            receive(data)
        return self.count, time.process_time() - start


class WireReceiving(Receiving):
    def receiver(self, received: Received) -> Callable[[bytes], None]:
        connection = Connection(Role.SERVER)

        def receive(data: bytes) -> None:
            for event in connection.receive(data):
                if isinstance(event, (Text, Binary)) and event.end:
                    message = event.data
                    received.append(message)

        return receive


class WsprotoReceiving(Receiving):
    """wsproto after its handshake, driven as its documentation shows."""

    def receiver(self, received: Received) -> Callable[[bytes], None]:
        from wsproto.connection import Connection, ConnectionType
        from wsproto.events import Message

        connection = Connection(ConnectionType.SERVER)
        parts: list[Any] = []  # where a message comes in several reads, it gives an event for each

        def receive(data: bytes) -> None:
            connection.receive_data(data)
            for event in connection.events():
                if isinstance(event, Message):
                    if not event.message_finished:
                        parts.append(event.data)
                    elif parts:
                        parts.append(event.data)
                        received.append(parts[0][:0].join(parts))
                        parts.clear()
                    else:
                        received.append(event.data)

        return receive


class WebsocketsReceiving(Receiving):
    """The Sans-I/O protocol of websockets, after its handshake, with the masking that it has in C."""

    def receiver(self, received: Received) -> Callable[[bytes], None]:
        from websockets import frames as framing
        from websockets import speedups
        from websockets.frames import Opcode
        from websockets.protocol import State
        from websockets.server import ServerProtocol

        if vars(framing)["apply_mask"] is not speedups.apply_mask:
            raise Unavailable("websockets does not use its C extension")
        connection = ServerProtocol(state=State.OPEN)
        text = Opcode.TEXT

        def receive(data: bytes) -> None:
            connection.receive_data(data)
            frames: list[Any] = connection.events_received()
            for frame in frames:
                if frame.fin:
                    message = frame.data.decode() if frame.opcode is text else frame.data
                    received.append(message)

        return receive


class Sending(Timed):
    """Sends texts. ``sender`` makes the frame of one: what is to go on the socket."""

    def __init__(self, messages: list[str], masked: bool) -> None:
        super().__init__()
        self.messages = messages
        self.masked = masked
        self.send = self.sender()

    def sender(self) -> Callable[[str], bytes]:
        """What sends a message, on a new connection of a client (masked) or of a server."""
        raise NotImplementedError

    def outcome(self) -> object:
        """All frames; those of a client without their masks, since nobody else has drawn the same keys."""
        sent = [bytes(self.send(message)) for message in self.messages]
        return [unmasked(data) for data in sent] if self.masked else sent

    def one_pass(self) -> tuple[float, float]:
        """See ``Timed.one_pass``."""
        send, messages = self.send, self.messages
        start = time.process_time()
        for message in messages:
            send(message)
        return len(messages), time.process_time() - start


class WireSending(Sending):
    def sender(self) -> Callable[[str], bytes]:
        connection = Connection(Role.CLIENT if self.masked else Role.SERVER)

        def send(message: str) -> bytes:
            connection.send(Text(message))
            return connection.bytes_to_send()

        return send


class WsprotoSending(Sending):
    def sender(self) -> Callable[[str], bytes]:
        from wsproto.connection import Connection, ConnectionType
        from wsproto.events import TextMessage

        connection = Connection(ConnectionType.CLIENT if self.masked else ConnectionType.SERVER)
        return lambda message: connection.send(TextMessage(data=message))


def _in_reads(size: int) -> Callable[[Messages], list[bytes]]:
    """All of it as a stream, cut into reads of that size."""

    def reads(messages: Messages) -> list[bytes]:
        stream = b"".join(masked_frames(messages))
        return [stream[start : start + size] for start in range(0, len(stream), size)]

    return reads


def _receive(
    name: str,
    what: str,
    messages: Callable[[bool], Messages],
    reads: Callable[[Messages], list[bytes]],
    goals: dict[str, float | None],
) -> Work:
    sides: dict[str, type[Receiving]] = {"wsproto": WsprotoReceiving, "websockets": WebsocketsReceiving}
    labels = {"wsproto": "wsproto", "websockets": "with its C extension"}

    def side(make: type[Receiving]) -> Opener:
        def receiving(quick: bool) -> Receiving:
            all_messages = messages(quick)
            return make(len(all_messages), reads(all_messages))

        return opener(receiving)

    return Work(
        f"websocket.receive-{name}",
        f"codec: {what} in, masked",
        "messages/s",
        ours=Side("wire", side(WireReceiving)),
        peers={peer: Side(labels[peer], side(sides[peer]), (peer,), goal) for peer, goal in goals.items()},
        rounds=25,
    )


def _send(name: str, what: str, size: int, masked: bool, goal: float | None) -> Work:
    def side(make: type[Sending]) -> Opener:
        return opener(lambda quick: make(texts(size, 20 if quick else 500), masked))

    return Work(
        f"websocket.send-{name}",
        f"codec: {what} out",
        "messages/s",
        ours=Side("wire", side(WireSending)),
        peers={"wsproto": Side("wsproto", side(WsprotoSending), ("wsproto",), goal)},
        rounds=25,
    )


def _texts(size: int) -> Callable[[bool], Messages]:
    return lambda quick: texts(size, 20 if quick else 500)


def _binaries(size: int) -> Callable[[bool], Messages]:
    return lambda quick: binaries(size, 2 if quick else 4)


WORKS = (
    _receive("16", "text of 16 B", _texts(16), masked_frames, {"wsproto": 4.0, "websockets": 1.0}),
    _receive("1k", "text of 1 KiB", _texts(1 << 10), masked_frames, {"wsproto": 3.0, "websockets": 1.0}),
    _receive("64k", "binary of 64 KiB", _binaries(1 << 16), masked_frames, {"wsproto": 1.5, "websockets": None}),
    _receive("1m", "binary of 1 MiB", _binaries(1 << 20), masked_frames, {"wsproto": 1.5, "websockets": None}),
    _receive(
        "1m-in-64k", "binary of 1 MiB in 17 reads", _binaries(1 << 20), _in_reads(READ_SIZE),
        {"wsproto": None, "websockets": None},
    ),
    _receive(
        "16-by-8", "text of 16 B, eight in a read", _texts(16), _in_reads(8 * 22),
        {"wsproto": None, "websockets": None},
    ),
    _send("16", "text of 16 B, by a server,", 16, False, 4.0),
    _send("1k", "text of 1 KiB, by a server,", 1 << 10, False, 4.0),
    _send("16-masked", "text of 16 B, by a client,", 16, True, None),
    _send("1k-masked", "text of 1 KiB, by a client,", 1 << 10, True, None),
)  # fmt: skip
