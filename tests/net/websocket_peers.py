"""Clients and servers that nobody here wrote, all made to do the same: the conversations of ``test_websocket_peers``.

A client sends each message and wants it back, pings, and then closes or is closed. A server echoes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias

import trio
import trio_websocket
import websockets.asyncio.client
import websockets.asyncio.server
import websockets.exceptions
import websockets.sync.client
import websockets.sync.server

MOST = 1 << 24
"""Bytes of a message that a peer takes."""

BYE = "bye"
"""Whoever echoes closes with these when it hears this word."""
BYE_CODE, BYE_REASON = 4001, "as you like"

Message: TypeAlias = str | bytes


@dataclass
class Outcome:
    """What a client went through.

    Attributes:
        echoes: what came back.
        extensions: what the handshake agreed on, as in its field.
        code, reason: how it ended.
    """

    echoes: list[Message]
    extensions: str
    code: int | None
    reason: str | None


@dataclass
class Wanted:
    """What a client is to do: say all of it, ping, and close with a code or, if there is none, say ``BYE``."""

    messages: list[Message]
    deflate: bool
    code: int | None


def _compression(wanted: bool) -> str | None:
    return "deflate" if wanted else None


def websockets_sync(url: str, wanted: Wanted) -> Outcome:
    compression = _compression(wanted.deflate)
    with websockets.sync.client.connect(url, compression=compression, max_size=MOST, proxy=None) as client:
        echoes = []
        for message in wanted.messages:
            client.send(message)
            echoes.append(client.recv())
        assert client.ping().wait(10)
        client.send(["in ", "three ", "fragments"])
        echoes.append(client.recv())
        if wanted.code is None:
            client.send(BYE)
            with contextlib.suppress(websockets.exceptions.ConnectionClosed):
                client.recv()
        else:
            client.close(wanted.code, "done")
        assert client.response is not None
        extensions = client.response.headers.get("Sec-WebSocket-Extensions", "")
        return Outcome(echoes, extensions, client.close_code, client.close_reason)


def websockets_asyncio(url: str, wanted: Wanted) -> Outcome:
    async def talk() -> Outcome:
        compression = _compression(wanted.deflate)
        async with websockets.asyncio.client.connect(url, compression=compression, max_size=MOST, proxy=None) as client:
            echoes = []
            for message in wanted.messages:
                await client.send(message)
                echoes.append(await client.recv())
            assert await (await client.ping()) >= 0
            await client.send(["in ", "three ", "fragments"])
            echoes.append(await client.recv())
            if wanted.code is None:
                await client.send(BYE)
                await client.wait_closed()
            else:
                await client.close(wanted.code, "done")
            assert client.response is not None
            extensions = client.response.headers.get("Sec-WebSocket-Extensions", "")
            return Outcome(echoes, extensions, client.close_code, client.close_reason)

    return asyncio.run(talk())


async def trio_websocket_client(url: str, wanted: Wanted) -> Outcome:
    """It offers no compression, and sends no fragments."""
    async with trio_websocket.open_websocket_url(url, max_message_size=MOST) as client:
        echoes = []
        for message in wanted.messages:
            await client.send_message(message)
            echoes.append(await client.get_message())
        await client.ping(b"there?")
        if wanted.code is None:
            await client.send_message(BYE)
            with contextlib.suppress(trio_websocket.ConnectionClosed):
                await client.get_message()
            await client._stream.aclose()  # left to the garbage collector where the server closed first
        else:
            await client.aclose(wanted.code, "done")
        assert client.closed is not None
        return Outcome(echoes, "", client.closed.code, client.closed.reason)


@contextlib.asynccontextmanager
async def websockets_sync_server(deflate: bool) -> AsyncIterator[str]:
    def talk(connection: websockets.sync.server.ServerConnection) -> None:
        for message in connection:
            if message == BYE:
                connection.close(BYE_CODE, BYE_REASON)
                return
            connection.send(message)

    compression = _compression(deflate)
    with websockets.sync.server.serve(talk, "127.0.0.1", 0, compression=compression, max_size=MOST) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            await trio.to_thread.run_sync(thread.join)


@contextlib.contextmanager
def _asyncio_server(deflate: bool) -> Iterator[str]:
    """An event loop of asyncio in a thread of its own."""
    ready, port = threading.Event(), 0
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def talk(connection: websockets.asyncio.server.ServerConnection) -> None:
        async for message in connection:
            if message == BYE:
                await connection.close(BYE_CODE, BYE_REASON)
                return
            await connection.send(message)

    async def serve() -> None:
        nonlocal port
        compression = _compression(deflate)
        async with websockets.asyncio.server.serve(
            talk, "127.0.0.1", 0, compression=compression, max_size=MOST
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextlib.asynccontextmanager
async def websockets_asyncio_server(deflate: bool) -> AsyncIterator[str]:
    with _asyncio_server(deflate) as url:
        yield url


@contextlib.asynccontextmanager
async def trio_websocket_server(deflate: bool) -> AsyncIterator[str]:
    """It knows no compression, and turns down what is offered."""

    async def talk(request: trio_websocket.WebSocketRequest) -> None:
        connection = await request.accept()
        with contextlib.suppress(trio_websocket.ConnectionClosed):
            while (message := await connection.get_message()) != BYE:
                await connection.send_message(message)
            await connection.aclose(BYE_CODE, BYE_REASON)

    async with trio.open_nursery() as nursery:
        serve = trio_websocket.serve_websocket
        server = await nursery.start(
            lambda task_status: serve(talk, "127.0.0.1", 0, None, max_message_size=MOST, task_status=task_status)
        )
        yield f"ws://127.0.0.1:{server.port}/"
        nursery.cancel_scope.cancel()


CLIENTS: dict[str, Callable[[str, Wanted], Outcome]] = {
    "websockets.sync": websockets_sync,
    "websockets.asyncio": websockets_asyncio,
}
"""Those that compress, each to be called in a thread."""

SERVERS: dict[str, Callable[[bool], AbstractAsyncContextManager[str]]] = {
    "websockets.sync": websockets_sync_server,
    "websockets.asyncio": websockets_asyncio_server,
    "trio-websocket": trio_websocket_server,
}
"""What each yields is its URL; the argument is whether it may compress."""
