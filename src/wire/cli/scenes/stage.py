"""A stage for the scenes of the tour: a real server and real clients over loopback, and a record of what each writes.

Both sides' writes are recorded where they are made, so the record is the same however the network cuts the bytes. With
a seed, the clock is made up as well, and the record is the same each time.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from wire.explain.conversation import Conversation, Direction, Explainer
from wire.net import Flow, Handler
from wire.net.http1 import Client
from wire.net.server import Server, serving

HOST = "tour.example"
"""What the clients call the server: a port that is free today would make each day's bytes different."""

PATIENCE = 20.0
"""Seconds that a scene may take."""

_EPOCH = 1735689600.0  # 1 January 2025: the day on which every seeded tour takes place
_STEP = 0.0004


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a scene shows.

    Attributes:
        name: what ``--only`` takes.
        title: its heading.
        text: what a newcomer has to know before seeing the bytes.
        play: does it, on one connection.
    """

    name: str
    title: str
    text: str
    play: Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tour shows of one protocol.

    Attributes:
        title: its heading.
        text: what it is about.
        handler: what the server does.
        explainer: says what the bytes mean.
        parts: what is shown, in order.
    """

    title: str
    text: str
    handler: Handler
    explainer: Explainer
    parts: Sequence[Part]


class Clock:
    """The time: the machine's, or one that a seed makes up, which moves on a little whenever it is looked at."""

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self.restart("")

    def restart(self, part: str) -> None:
        """Begin at zero again; with a seed, a part takes its time whatever is played before it."""
        self._random = None if self._seed is None else random.Random(f"{self._seed} {part}")
        self._began = time.monotonic()
        self._made_up = 0.0

    def elapsed(self) -> float:
        """Seconds since the beginning."""
        if self._random is None:
            return time.monotonic() - self._began
        now = self._made_up
        self._made_up += _STEP * (0.5 + self._random.random())
        return now

    def today(self) -> float:
        """Seconds since 1970, for ``Date``."""
        return time.time() if self._random is None else _EPOCH


@dataclass(slots=True)
class Stage:
    """A server that runs, and the record of one connection to it.

    Attributes:
        server: the server.
        clock: the time.
        octets: gives as many bytes of chance as it is asked for; the same ones each time with a seed.
        conversation: the record.
        recording: whether it goes on.
    """

    server: Server
    clock: Clock
    octets: Callable[[int], bytes]
    conversation: Conversation = field(default_factory=Conversation)
    recording: bool = True

    def url(self, path: str) -> str:
        """Where the server has ``path``."""
        return self.server.url + path

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client whose writes are recorded."""
        async with Client(tap=self._tap(Direction.TO_SERVER)) as client:
            yield client

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """A bare connection, on which the scene itself says what the client says."""
        async with await trio.open_tcp_stream(*self.server.address) as stream:
            yield Line(stream, self)

    async def raw(self, data: bytes) -> None:
        """Write ``data`` to the server as it is, and read whatever comes until the server closes."""
        async with self.line() as line:
            await line.send(data)
            while await line.receive():
                pass

    def record(self, direction: Direction, data: bytes) -> None:
        """Record what one side writes; nothing for its end."""
        if self.recording:
            self.conversation.add(self.clock.elapsed(), direction, data)

    def skip(self) -> None:
        """Let the reader begin here: what came before is known from another part."""
        self.conversation.first_shown = len(self.conversation.segments)

    def _tap(self, direction: Direction) -> Callable[[Flow, bytes], None]:
        def tap(flow: Flow, data: bytes) -> None:
            if flow is Flow.SENT:
                self.record(direction, data)

        return tap

    def server_tap(self, flow: Flow, data: bytes) -> None:
        """Record what the server writes."""
        self._tap(Direction.TO_CLIENT)(flow, data)


@dataclass(slots=True)
class Line:
    """A connection whose client is the scene."""

    stream: trio.SocketStream
    stage: Stage

    async def send(self, data: bytes) -> None:
        """Write ``data`` as it is."""
        self.stage.record(Direction.TO_SERVER, data)  # beforehand: the answer may be written before send_all returns
        await self.stream.send_all(data)

    async def receive(self) -> bytes:
        """What the server has written, which is recorded where it writes it; nothing when it has closed."""
        data = await self.stream.receive_some()
        if not data:
            self.stage.record(Direction.TO_CLIENT, data)
        return bytes(data)


def _octets(seed: int | None, part: str) -> Callable[[int], bytes]:
    return secrets.token_bytes if seed is None else random.Random(f"octets {seed} {part}").randbytes


async def perform(scene: Scene, parts: Sequence[Part], seed: int | None) -> list[Conversation]:
    """Play some parts of a scene, and give the record of each.

    Raises:
        trio.TooSlowError: it takes longer than it may.
    """
    clock = Clock(seed)
    stages: list[Stage] = []

    def tap(flow: Flow, data: bytes) -> None:
        stages[-1].server_tap(flow, data)

    with trio.fail_after(PATIENCE):
        async with serving(scene.handler, tap=tap, clock=clock.today) as server:
            for part in parts:
                clock.restart(part.name)
                stages.append(Stage(server, clock, _octets(seed, part.name)))
                await part.play(stages[-1])
    return [stage.conversation for stage in stages]
