"""The chat over real sockets: who hears what, and what is bounded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
import trio

from tests.serving import PATIENCE
from wire.net.messages import Request
from wire.net.server import Server
from wire.net.server.running import serving
from wire.net.websocket import ConnectionClosed, Refused, WebSocket, connect
from wire.samples import chat
from wire.samples.app import app


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    chat.rooms.clear()
    async with serving(app) as running:
        yield running


def entering(server: Server, name: str, room: str = "garden", **options: Any) -> AbstractAsyncContextManager[WebSocket]:
    return connect(f"ws://127.0.0.1:{server.port}/ws/chat/{quote(room, safe='')}?name={quote(name)}", **options)


async def hear(member: WebSocket) -> dict[str, Any]:
    with trio.fail_after(PATIENCE):
        event: dict[str, Any] = json.loads(await member.receive())
    return event


async def hear_all(member: WebSocket, count: int) -> list[tuple[str, str]]:
    """So many events: what happened, and who it was or what they said."""
    events = [await hear(member) for _ in range(count)]
    return [(event["event"], event.get("text", event["name"])) for event in events]


async def closed(member: WebSocket) -> ConnectionClosed:
    """How it ends, whatever is heard before that."""
    with trio.fail_after(PATIENCE):
        while True:
            try:
                await member.receive()
            except ConnectionClosed as error:
                return error


async def test_all_hear_what_one_says_and_who_comes_and_goes(server: Server) -> None:
    async with entering(server, "Ada") as ada:
        assert await hear(ada) == {"event": "welcome", "name": "Ada", "members": ["Ada"], "history": []}
        async with entering(server, "Bob") as bob:
            assert (await hear(bob))["members"] == ["Ada", "Bob"]
            await bob.send("Hello, Ada!")
            assert await hear_all(bob, 1) == [("said", "Hello, Ada!")]
        assert await hear_all(ada, 3) == [("joined", "Bob"), ("said", "Hello, Ada!"), ("left", "Bob")]


async def test_rooms_are_apart(server: Server) -> None:
    async with entering(server, "Ada", "a/b") as ada, entering(server, "Bob", "b") as bob:
        assert (await hear(ada))["members"] == ["Ada"]
        assert (await hear(bob))["members"] == ["Bob"]
        await bob.send("Is nobody here?")
        await hear(bob)
        await ada.send("Nobody.")
        assert await hear_all(ada, 1) == [("said", "Nobody.")]


async def test_who_comes_hears_what_was_said_last(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "PAUSE", 0)
    said = [f"{number}" for number in range(chat.HISTORY + 10)]
    async with entering(server, "Ada") as ada:
        for text in said:
            await ada.send(text)
        await hear_all(ada, 1 + len(said))
        async with entering(server, "Bob") as bob:
            history = (await hear(bob))["history"]
    assert [event["text"] for event in history] == said[10:]
    times = [event["at"] for event in history]
    assert times == sorted(set(times))


async def test_a_name_that_somebody_has_gets_a_number(server: Server) -> None:
    async with (
        entering(server, "Ada") as one,
        entering(server, " A\u202ed\x00a ") as other,
        entering(server, "") as third,
    ):
        assert (await hear(one))["name"] == "Ada"
        assert (await hear(other))["name"] == "Ada 2"
        assert (await hear(third))["name"] == "guest"


@pytest.mark.parametrize(
    ("message", "code"), [(b"bytes", 1003), ("x" * (chat.TEXT + 1), 1009), ("x" * (4 * chat.TEXT + 1), 1009)]
)
async def test_what_cannot_be_said_ends_the_connection(server: Server, message: str | bytes, code: int) -> None:
    async with entering(server, "Bob") as bob, entering(server, "Ada") as ada:
        await hear(ada)
        await ada.send(message)
        assert (await closed(ada)).code == code
        assert await hear_all(bob, 3) == [("welcome", "Bob"), ("joined", "Ada"), ("left", "Ada")]


async def test_nothing_is_not_said(server: Server) -> None:
    async with entering(server, "Ada") as ada:
        for text in ("", " \n", "x"):
            await ada.send(text)
        assert await hear_all(ada, 2) == [("welcome", "Ada"), ("said", "x")]


async def test_a_full_room_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MEMBERS", 1)
    async with entering(server, "Ada") as ada, entering(server, "Bob") as bob:
        assert (await closed(bob)).code == 1013
        await ada.send("Alone.")
        assert await hear_all(ada, 2) == [("welcome", "Ada"), ("said", "Alone.")]


async def test_a_new_room_takes_the_place_of_an_empty_one_and_of_no_other(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "ROOMS", 2)
    async with entering(server, "Ada", "one") as ada:
        await hear(ada)
        async with entering(server, "Bob", "two") as bob:
            await hear(bob)
            async with entering(server, "Cleo", "three") as cleo:
                assert (await closed(cleo)).code == 1013
        with trio.fail_after(PATIENCE):
            while chat.rooms["two"].members:  # noqa: ASYNC110
                await trio.sleep(0.01)
        async with entering(server, "Cleo", "three") as cleo:
            await hear(cleo)
            assert set(chat.rooms) == {"one", "three"}


async def test_the_name_of_a_room_is_bounded(server: Server) -> None:
    for path in ("/chat/", "/ws/chat/"):
        request = Request("GET", path + "x" * (chat.NAME + 1), [(b"host", b"a")])
        with pytest.raises(Exception, match="40 characters"):
            await app(request)


async def test_a_server_that_shuts_down_says_goodbye(server: Server) -> None:
    async with entering(server, "Ada") as ada:
        await hear(ada)
        server.shutdown()
        assert (await closed(ada)).code == 1001


async def test_who_does_not_listen_is_dropped_and_the_others_hear_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "PAUSE", 0)
    monkeypatch.setattr(chat, "OPTIONS", replace(chat.OPTIONS, close_timeout=0.5))
    text = "x" * chat.TEXT
    async with entering(server, "Ada") as ada, entering(server, "deaf", deflate=None) as deaf:
        await hear(deaf)
        # Its client takes what it has room for and then stops to read, so the server's own queue fills.
        said = 0
        gone = False
        while not gone:
            for _ in range(50):
                await ada.send(text)
            heard = 0
            while heard < 50:
                event = await hear(ada)
                heard += event["event"] == "said"
                gone = gone or (event["event"], event["name"]) == ("left", "deaf")
            said += heard
        assert said * len(text) > chat.OPTIONS.send_queue
        assert (await closed(deaf)).code in (1006, 1013)


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/chat/garden"])
async def test_a_page_from_elsewhere_is_refused(server: Server, path: str) -> None:
    url = f"ws://127.0.0.1:{server.port}{path}"
    with pytest.raises(Refused) as refused:
        async with connect(url, origin="http://elsewhere.example"):
            pass
    assert refused.value.status == 403
    async with connect(url, origin=server.url) as websocket:
        await websocket.send("welcome")
        assert "welcome" in await websocket.receive()
