"""A node: links to the other one, of which one at a time is in use, and what is said over it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import trio

from wire.errors import RemoteProtocolError
from wire.net.client.errors import ClientError
from wire.net.messages import Request, Response
from wire.net.websocket import Backoff, ConnectionClosed, Limits, Options, WebSocket, connect
from wire.samples.peers.ledger import Ledger
from wire.samples.peers.messages import Violation, read, write

logger = logging.getLogger("wire.peers")

OUTBOX = 1000
INBOX = 100
"""How many messages wait at most: to be acknowledged, and to be taken."""

TEXT = 256 << 10
"""The longest message, in bytes of UTF-8."""

LIMITS = Limits(frame=8 * TEXT, message=8 * TEXT)
OPTIONS = Options(ping_interval=2.0, ping_timeout=4.0)
"""Room for the longest message in JSON, where one byte may take six; a link that falls silent is soon given up."""

PATIENCE = 10.0
"""Seconds in which two nodes have to agree on a link."""

BACKOFF = Backoff(first=0.1, most=5.0)
"""The pauses before dialling again."""


@dataclass(eq=False)
class Link:
    """A connection to the other node; ``number`` is known once it is decided that it is the one to use."""

    websocket: WebSocket
    number: int = 0
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)


class Node:
    """One of two nodes.

    Attributes:
        ledger: what was said and heard.
        links: number of links that have been in use so far.
    """

    def __init__(self, name: str) -> None:
        self.ledger = Ledger(name)
        self.links = 0
        self._link: Link | None = None
        self._decided = 0  # the number of the last link that this node decided for
        self._changed = trio.Event()

    @property
    def linked(self) -> bool:
        """Whether there is a link."""
        return self._link is not None

    async def send(self, text: str) -> int:
        """Say something; wait while too much is not acknowledged. The number that will be acknowledged.

        Raises:
            ValueError: it is too long, or not Unicode.
        """
        if len(text.encode()) > TEXT:
            raise ValueError(f"a message has {TEXT} bytes at most")
        await self._until(lambda: len(self.ledger.outbox) < OUTBOX)
        number = self.ledger.say(text)
        self._change()
        return number

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        """Wait for the next that the other says; asking for it acknowledges the one before."""
        self.ledger.finish()
        self._change()
        await self._until(lambda: self.ledger.inbox)
        return self.ledger.take()

    async def acknowledged(self, number: int) -> None:
        """Wait until the other is done with the message of this number."""
        await self._until(lambda: self.ledger.acknowledged >= number)

    async def answer(self, request: Request) -> Response:
        """Be dialled: a handler. A page in somebody's browser is no node, so no origin is let in (RFC 6455 §10.2)."""
        return await request.websocket(self._talk, origins=(), limits=LIMITS, options=OPTIONS)

    async def dial(self, url: str) -> None:
        """Connect to the other whenever there is no link, until cancelled."""
        pauses, failure = BACKOFF.pauses(), ""
        while True:
            await self._until(lambda: not self.linked)
            links = self.links
            try:
                async with connect(url, limits=LIMITS, options=OPTIONS) as websocket:
                    await self._talk(websocket)
            except (ClientError, RemoteProtocolError) as error:
                if str(error) != failure:
                    failure = str(error)
                    logger.info("no link yet: %s", failure)
            if self.links > links:
                pauses = BACKOFF.pauses()
            await trio.sleep(next(pauses))

    async def _talk(self, websocket: WebSocket) -> None:
        """Agree on a link over this connection, and use it until it is lost or another takes its place."""
        link = Link(websocket)
        try:
            with trio.fail_after(PATIENCE):
                agreed = await self._agree(link)
            if agreed:
                with link.scope:
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(self._write, websocket)
                        await self._read(websocket)
            await websocket.close(1000, "another link is in use")
        except* Violation as violations:
            why = str(violations.exceptions[0])
            logger.warning("a link was refused: %s", why)
            await websocket.close(1008, why)  # policy violation (RFC 6455 §7.4.1)
        except* (ConnectionClosed, trio.TooSlowError):
            pass  # there will be another
        finally:
            if self._link is link:
                self._link = None
                logger.info("the link with %s is lost", self.ledger.peer)
                self._change()

    async def _agree(self, link: Link) -> bool:
        """Say hello, and find out whether this is the link to use."""
        await link.websocket.send(write("hello", **self.ledger.hello()))
        hello = read(await link.websocket.receive(), "hello")
        if self.ledger.meet(hello):
            self._replace(None)  # the process at the other end of the link that was in use is gone
        if self.ledger.node < hello["node"]:
            self._decided += 1
            link.number = self._decided
            self._replace(link)
            await link.websocket.send(write("use", link=link.number))
            return True
        link.number = read(await link.websocket.receive(), "use")["link"]
        if self.ledger.peer_run != hello["run"] or (self._link is not None and self._link.number > link.number):
            return False
        self._replace(link)
        return True

    def _replace(self, link: Link | None) -> None:
        """Use this link from now on, and no other."""
        if self._link is not None:
            self._link.scope.cancel()
        self._link = link
        if link is not None:
            self.links += 1
            logger.info("linked with %s", self.ledger.peer)
        self._change()

    async def _read(self, websocket: WebSocket) -> None:
        while True:
            said = read(await websocket.receive(), "message", "ack")
            if said["type"] == "ack":
                self.ledger.acknowledge(said["number"])
            else:
                await self._until(lambda: len(self.ledger.inbox) < INBOX)
                self.ledger.hear(said["number"], said["text"])
            self._change()

    async def _write(self, websocket: WebSocket) -> None:
        sent, acknowledged = self.ledger.acknowledged, 0
        while True:
            if self.ledger.done > acknowledged:
                acknowledged = self.ledger.done
                await websocket.send(write("ack", number=acknowledged))
            elif message := self.ledger.after(sent):
                sent, text = message
                await websocket.send(write("message", number=sent, text=text))
            else:
                await self._changed.wait()

    def _change(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            await self._changed.wait()
