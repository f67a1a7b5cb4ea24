"""``connect`` against servers that nobody here wrote: those of ``websockets`` and ``trio-websocket``."""

from __future__ import annotations

import contextlib
import functools
import random
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
import trio
import trio_websocket
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.net.scripted import PATIENCE
from tests.net.test_client_tls import AUTHORITY, CERTIFICATE
from wire.net.tls import client_context
from wire.net.websocket import ConnectionClosed, Refused, connect
from wire.websocket import Limits
from wire.websocket.extensions import DeflateOffer

BIG = Limits(frame=1 << 24, message=1 << 24)


def websockets_echo(socket: ServerConnection) -> None:
    for message in socket:
        if message == "close":
            socket.close(4001, "as you wish")
        elif message == "pieces":
            socket.send(["one ", "two ", "three"])
        elif message == "ping":
            socket.send(str(socket.ping().wait(PATIENCE)))
        elif message == "drop":
            socket.socket.close()
        else:
            socket.send(message)


def choose(_socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Its own choice would refuse whoever offers nothing."""
    return Subprotocol("chat") if "chat" in offered else None


@contextlib.asynccontextmanager
async def websockets_server(tls: ssl.SSLContext | None = None, **how: Any) -> AsyncIterator[str]:
    """The threaded server of ``websockets``; its URL."""
    how = {"select_subprotocol": choose, "max_size": 1 << 24, **how}
    with serve(websockets_echo, "127.0.0.1", 0, ssl=tls, **how) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{'ws' if tls is None else 'wss'}://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            thread.join(PATIENCE)


async def trio_echo(request: trio_websocket.WebSocketRequest) -> None:
    chosen = "chat" if "chat" in request.proposed_subprotocols else None
    socket = await request.accept(subprotocol=chosen)
    with contextlib.suppress(trio_websocket.ConnectionClosed):
        while True:
            message = await socket.get_message()
            if message == "close":
                await socket.aclose(4001, "as you wish")
            elif message == "ping":
                await socket.ping()
                await socket.send_message("True")
            else:
                await socket.send_message(message)


@contextlib.asynccontextmanager
async def trio_websocket_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The server of ``trio-websocket``; its URL."""
    start = functools.partial(
        trio_websocket.serve_websocket, trio_echo, "127.0.0.1", 0, tls, max_message_size=1 << 24
    )  # fmt: skip
    async with trio.open_nursery() as nursery:
        server = await nursery.start(start)
        yield f"{'ws' if tls is None else 'wss'}://127.0.0.1:{server.port}/"
        nursery.cancel_scope.cancel()


Serving = Callable[..., contextlib.AbstractAsyncContextManager[str]]
SERVERS = {"websockets": websockets_server, "trio-websocket": trio_websocket_server}


@pytest.fixture(params=SERVERS)
def serving(request: pytest.FixtureRequest) -> Serving:
    return SERVERS[request.param]


async def test_messages_of_all_sizes_come_back(serving: Serving) -> None:
    chance = random.Random(6455)
    async with serving() as url, connect(url, limits=BIG, subprotocols=["other", "chat"]) as socket:
        assert socket.subprotocol == "chat"
        for size in (0, 1, 125, 126, 127, 65535, 65536, 1 << 20, 5_000_000):
            for message in ("\u00fc" * (size // 2), chance.randbytes(size)):
                await socket.send(message)
                assert await socket.receive() == message
        assert await socket.ping() > 0
        await socket.send("ping")
        assert await socket.receive() == "True"
    assert (socket.close_code, socket.close_reason) == (1000, "")


@pytest.mark.parametrize(
    "offer",
    [
        None,
        DeflateOffer(),
        DeflateOffer(client_no_context_takeover=True, server_no_context_takeover=True),
        DeflateOffer(server_max_window_bits=10, client_max_window_bits=9),
        DeflateOffer(client_max_window_bits=None),
    ],
)
async def test_compression_is_as_was_agreed_on(offer: DeflateOffer | None) -> None:
    async with websockets_server() as url, connect(url, deflate=offer) as socket:
        assert (socket.deflate is None) == (offer is None)
        for number in range(20):
            message = f"much the same each time, but for {number}, " * 50
            await socket.send(message)
            assert await socket.receive() == message


async def test_messages_go_out_and_come_in_in_pieces() -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ("a", "", "\u20ac" * 1000, "z"):
            yield piece

    async with websockets_server() as url, connect(url) as socket:
        await socket.send_pieces(pieces())
        assert await socket.receive() == "a" + "\u20ac" * 1000 + "z"
        await socket.send("pieces")
        assert await socket.receive() == "one two three"


async def test_the_server_may_close_first(serving: Serving) -> None:
    async with serving() as url, connect(url) as socket:
        await socket.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
    assert (closed.value.code, closed.value.reason) == (4001, "as you wish")


async def test_the_client_may_close_first_with_a_reason(serving: Serving) -> None:
    async with serving() as url, connect(url) as socket:
        await socket.close(3000, "\u2603")
        assert (socket.close_code, socket.close_reason) == (3000, "\u2603")


async def test_a_server_that_drops_the_connection() -> None:
    async with websockets_server() as url, connect(url) as socket:
        await socket.send("drop")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
    assert closed.value.code == 1006


async def test_both_under_tls(serving: Serving) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)
    trusting = client_context(ca_pem=AUTHORITY.cert_pem.bytes())
    async with serving(context) as url, connect(url, tls=trusting, limits=BIG) as socket:
        for message in ("hello", bytes(range(256)) * 10_000):
            await socket.send(message)
            assert await socket.receive() == message
    assert socket.close_code == 1000


async def test_a_refusal_of_a_foreign_server() -> None:
    def no(connection: ServerConnection, _request: object) -> object:
        return connection.respond(401, "who are you?")

    async with websockets_server(process_request=no) as url:
        with pytest.raises(Refused) as refused:
            async with connect(url):
                pytest.fail("it does not know us")
    assert (refused.value.status, refused.value.response.body) == (401, b"who are you?")


async def test_many_at_a_time(serving: Serving) -> None:
    done: list[int] = []

    async def talk(url: str, number: int) -> None:
        async with connect(url) as socket:
            for turn in range(10):
                await socket.send(f"{number} {turn}")
            for turn in range(10):
                assert await socket.receive() == f"{number} {turn}"
        done.append(number)

    async with serving() as url:
        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(talk, url, number)
        assert sorted(done) == list(range(20))
