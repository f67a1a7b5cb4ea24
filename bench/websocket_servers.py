"""WebSocket servers of ours and of the peers, each as its documentation shows them, without compression.

    python -m bench.websocket_servers SERVER echo|broadcast

``echo`` sends every message back; ``broadcast`` sends every message of anybody to all who are there, as the server's
own way of doing that. What keeps a connection alive (pings each 20 seconds, but for trio-websocket) is as it comes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial

import trio


def announce(port: int) -> None:
    """Say where the server listens."""
    print(f"ws://127.0.0.1:{port}", flush=True)


def wire(work: str) -> None:
    """This project."""
    from wire.net.messages import Request, Response
    from wire.net.run import run
    from wire.net.server import Server
    from wire.net.websocket import WebSocket, broadcast

    everybody: set[WebSocket] = set()

    async def echo(websocket: WebSocket) -> None:
        async for message in websocket:
            await websocket.send(message)

    async def tell_all(websocket: WebSocket) -> None:
        everybody.add(websocket)
        try:
            async for message in websocket:
                broadcast(everybody, message)
        finally:
            everybody.remove(websocket)

    talk = {"echo": echo, "broadcast": tell_all}[work]

    async def handler(request: Request) -> Response:
        return await request.websocket(talk)

    def ready(server: Server) -> None:
        announce(server.port)

    run(handler, port=0, ready=ready)


def trio_websocket(work: str) -> None:
    """The peer trio-websocket, on wsproto. It has no broadcast of its own."""
    from trio_websocket import ConnectionClosed, WebSocketRequest, serve_websocket

    async def echo(request: WebSocketRequest) -> None:
        websocket = await request.accept()
        while True:
            try:
                await websocket.send_message(await websocket.get_message())
            except ConnectionClosed:
                break

    handler = {"echo": echo}[work]

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            server = await nursery.start(serve_websocket, handler, "127.0.0.1", 0, None)
            announce(server.port)

    trio.run(main)


def websockets_trio(work: str) -> None:
    """The peer ``websockets`` on trio, with its C extension."""
    from websockets.trio.server import Server, ServerConnection, broadcast, serve

    everybody: set[ServerConnection] = set()

    async def echo(websocket: ServerConnection) -> None:
        async for message in websocket:
            await websocket.send(message)

    async def tell_all(websocket: ServerConnection) -> None:
        everybody.add(websocket)
        try:
            async for message in websocket:
                await broadcast(everybody, message)
        finally:
            everybody.remove(websocket)

    handler = {"echo": echo, "broadcast": tell_all}[work]

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            server: Server = await nursery.start(partial(serve, handler, 0, host="127.0.0.1", compression=None))
            announce(server.listeners[0].socket.getsockname()[1])

    trio.run(main)


def websockets_asyncio(work: str) -> None:
    """The peer ``websockets`` on asyncio's own loop, with its C extension."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    everybody: set[ServerConnection] = set()

    async def echo(websocket: ServerConnection) -> None:
        async for message in websocket:
            await websocket.send(message)

    async def tell_all(websocket: ServerConnection) -> None:
        everybody.add(websocket)
        try:
            async for message in websocket:
                broadcast(everybody, message)
        finally:
            everybody.remove(websocket)

    handler = {"echo": echo, "broadcast": tell_all}[work]

    async def main() -> None:
        async with serve(handler, "127.0.0.1", 0, compression=None, backlog=2048) as server:
            announce(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    asyncio.run(main())


SERVERS: dict[str, Callable[[str], None]] = {
    "wire": wire,
    "trio-websocket": trio_websocket,
    "websockets-trio": websockets_trio,
    "websockets-asyncio": websockets_asyncio,
}

if __name__ == "__main__":
    try:
        SERVERS[sys.argv[1]](sys.argv[2])
    except ImportError as missing:
        sys.exit(str(missing))
