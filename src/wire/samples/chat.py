"""Rooms to chat in over WebSocket: what one member says, all hear at once.

A member sends text messages: each is something said. It hears JSON, one object a message:

    {"event": "welcome", "name": "Ada", "members": ["Ada", "Bob"], "history": [{"event": "said", …}, …]}
    {"event": "joined", "name": "Cleo", "at": 1764000000000}
    {"event": "said", "name": "Cleo", "text": "Hello!", "at": 1764000000001}
    {"event": "left", "name": "Bob", "at": 1764000000002}

``at`` is in milliseconds since 1970, and no two events of a room have the same: who comes back after a lost connection
knows by it what is new in ``history``. A room lives in one process: with several workers each has its own.
"""

from __future__ import annotations

import json
import time
from collections import deque
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import trio

from wire.net.messages import Problem, Request, Response
from wire.net.websocket import Deflate, Limits, Options, SlowConsumer, WebSocket, broadcast

ROOMS = 200
MEMBERS = 200
HISTORY = 50
"""How much there is of everything: rooms, members in one of them, things said that it remembers."""

NAME = 40
TEXT = 1000
"""The longest names (of members and rooms) and texts, in characters."""

PAUSE = 0.02
"""Seconds before a member may speak again. Until then it is not read from, so that its own connection slows it down."""

LIMITS = Limits(frame=4 * TEXT, message=4 * TEXT)
OPTIONS = Options(send_queue=512 << 10, slow_consumer=SlowConsumer.CLOSE_1013)
"""Who does not take what the others say is dropped, and may try again later; nobody waits for it."""


class Room:
    """Who is in a room, and what was said there last."""

    def __init__(self) -> None:
        self.members: dict[str, WebSocket] = {}
        self.history: deque[dict[str, Any]] = deque(maxlen=HISTORY)
        self._last = 0

    def enter(self, websocket: WebSocket, wanted: str) -> str:
        """Take in a member, by another name where somebody has this one; its name."""
        name, number = wanted, 1
        while name in self.members:
            number += 1
            name = f"{wanted} {number}"
        self.tell("joined", name)
        self.members[name] = websocket
        welcome = {"event": "welcome", "name": name, "members": list(self.members), "history": list(self.history)}
        broadcast([websocket], json.dumps(welcome, ensure_ascii=False))
        return name

    def say(self, name: str, text: str) -> None:
        """Let everybody hear it, the speaker too."""
        self.history.append(self.tell("said", name, text=text))

    def leave(self, name: str) -> None:
        """Let a member go."""
        del self.members[name]
        self.tell("left", name)

    def tell(self, event: str, name: str, **more: str) -> dict[str, Any]:
        """Tell all members of an event: framed and compressed once, however many they are."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000)
        told = {"event": event, "name": name, **more, "at": self._last}
        broadcast(self.members.values(), json.dumps(told, ensure_ascii=False))
        return told


rooms: dict[str, Room] = {}


async def chat(request: Request) -> Response:
    """Enter the room that the path names, by the name that the query has: ``/ws/chat/lobby?name=Ada``."""
    name = clean(parse_qs(request.query).get("name", [""])[0]) or "guest"
    conversation = partial(talk, asked_room(request), name)
    return await request.websocket(conversation, deflate=Deflate(), limits=LIMITS, options=OPTIONS)


def asked_room(request: Request) -> str:
    """The name of the room that is asked for.

    Raises:
        Problem: no room can have it; 404.
    """
    name = request.params["room"]
    if len(name) > NAME:
        raise Problem(404, f"The name of a room has {NAME} characters at most.")
    return name


def clean(name: str) -> str:
    """A name that fits on one line, without what cannot be seen in it."""
    return " ".join("".join(letter for letter in name if letter.isprintable()).split())[:NAME].strip()


async def talk(room_name: str, wanted: str, websocket: WebSocket) -> None:
    """Say what the member says, until it leaves or its connection is lost."""
    room = find_room(room_name)
    if room is None or len(room.members) >= MEMBERS:
        await websocket.close(1013, "there is no room left")  # try again later (RFC 6455 §7.4, IANA's registry)
        return
    name = room.enter(websocket, wanted)
    try:
        async for message in websocket:
            if isinstance(message, bytes) or len(message) > TEXT:
                await websocket.close(1003 if isinstance(message, bytes) else 1009)
            elif message.strip():
                room.say(name, message)
                await trio.sleep(PAUSE)
    finally:
        room.leave(name)


def find_room(name: str) -> Room | None:
    """The room of this name. A new one may take the place of one that is empty; None where there is no such place."""
    if name not in rooms:
        if len(rooms) >= ROOMS:
            empty = next((other for other, room in rooms.items() if not room.members), None)
            if empty is None:
                return None
            del rooms[empty]
        rooms[name] = Room()
    return rooms[name]
