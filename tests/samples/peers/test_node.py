"""A node and whoever says something else to it than another node would."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from tests.serving import PATIENCE
from wire.net.server import Server
from wire.net.server.running import serving
from wire.net.websocket import ConnectionClosed, Refused, WebSocket, connect
from wire.samples.peers.messages import write
from wire.samples.peers.node import TEXT, Node


@asynccontextmanager
async def dialled(node: Node) -> AsyncIterator[WebSocket]:
    """A connection to the node, over which it has said hello."""
    async with serving(node.answer) as server, connect(address(server)) as websocket:
        assert (await hear(websocket))["type"] == "hello"
        yield websocket


def address(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/peer"


async def hear(websocket: WebSocket) -> dict[str, Any]:
    with trio.fail_after(PATIENCE):
        said: dict[str, Any] = json.loads(await websocket.receive())
    return said


async def closed(websocket: WebSocket) -> tuple[int, str]:
    with trio.fail_after(PATIENCE), pytest.raises(ConnectionClosed) as raised:
        await websocket.receive()
    return raised.value.code, raised.value.reason


def hello(node: str, run: str = "1", first: int = 1) -> str:
    return write("hello", node=node, run=run, first=first, knows=None, done=0)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["Hello!"], "expected hello"),
        ([hello("a")], "both have the same name"),
        ([hello("b"), "Hello!"], "expected message or ack"),
        ([hello("b"), b"bytes"], "expected message or ack"),
        ([hello("b"), write("message", number=2, text="x")], "number 2 follows 0"),
        ([hello("b"), write("ack", number=1)], "number 1 was never said"),
    ],
)
async def test_what_no_node_says_ends_the_link(said: list[str | bytes], why: str) -> None:
    async with dialled(Node("a")) as websocket:
        for message in said:
            await websocket.send(message)
        if len(said) > 1:
            assert await hear(websocket) == {"type": "use", "link": 1}
        assert await closed(websocket) == (1008, why)


async def test_the_smaller_name_decides_for_the_newest_link() -> None:
    node = Node("a")
    async with serving(node.answer) as server, connect(address(server)) as old, connect(address(server)) as new:
        for number, websocket in enumerate((old, new), 1):
            await hear(websocket)
            await websocket.send(hello("b"))
            assert await hear(websocket) == {"type": "use", "link": number}
        assert await closed(old) == (1000, "another link is in use")
        await node.send("over the new one")
        assert await hear(new) == {"type": "message", "number": 1, "text": "over the new one"}


async def test_the_greater_name_keeps_the_link_that_was_decided_for_last() -> None:
    node = Node("b")
    async with serving(node.answer) as server, connect(address(server)) as one, connect(address(server)) as other:
        for websocket in (one, other):
            await hear(websocket)
            await websocket.send(hello("a"))
        await other.send(write("use", link=2))
        await node.send("over the second")
        assert await hear(other) == {"type": "message", "number": 1, "text": "over the second"}
        await one.send(write("use", link=1))  # it was on its way for longer
        assert await closed(one) == (1000, "another link is in use")
        assert node.links == 1


async def test_a_node_that_starts_again_takes_the_place_of_its_old_link() -> None:
    node = Node("b")
    async with serving(node.answer) as server, connect(address(server)) as old, connect(address(server)) as new:
        await hear(old)
        await old.send(hello("a", run="1"))
        await old.send(write("use", link=7))
        await node.send("to each run")
        assert (await hear(old))["number"] == 1
        await hear(new)
        await new.send(hello("a", run="2"))
        await new.send(write("use", link=1))
        assert (await hear(new))["number"] == 1
        assert (await closed(old))[0] == 1000


async def test_what_is_heard_is_acknowledged_when_the_next_is_asked_for() -> None:
    node = Node("a")
    async with dialled(node) as websocket:
        for said in (hello("b"), write("message", number=1, text="one"), write("message", number=2, text="two")):
            await websocket.send(said)
        assert (await hear(websocket))["type"] == "use"
        assert await anext(node) == "one"
        assert node.ledger.done == 0
        assert await anext(node) == "two"
        assert await hear(websocket) == {"type": "ack", "number": 1}


async def test_the_longest_message_fits_whatever_json_makes_of_it() -> None:
    a, b = Node("a"), Node("b")
    async with serving(a.answer) as server, trio.open_nursery() as nursery:
        nursery.start_soon(b.dial, address(server))
        for text in ("\0" * TEXT, "😀" * (TEXT // 4), ""):
            await b.send(text)
            with trio.fail_after(PATIENCE):
                assert await anext(a) == text
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("text", ["x" * (TEXT + 1), "ü" * (TEXT // 2 + 1), "\ud800"])
async def test_what_could_not_be_carried_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"at most|surrogates"):
        await Node("a").send(text)


async def test_a_page_in_a_browser_is_no_node() -> None:
    node = Node("a")
    async with serving(node.answer) as server:
        with pytest.raises(Refused) as refused:
            async with connect(address(server), origin=server.url):
                pass
    assert refused.value.status == 403
