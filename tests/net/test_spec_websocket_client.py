"""What RFC 6455 asks of a client around the frames: URIs, connecting, waiting, failing, and who closes first."""

from __future__ import annotations

import ssl
from functools import partial
from itertools import islice

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from tests.net.raw import eventually
from tests.net.scripted import PATIENCE, Peer, scripted
from tests.net.websocket_raw import CLOSE, PING, PONG, TEXT, Frame, frame
from tests.net.websocket_scripted import accepting, heard, opened, unmasked, url_of
from wire.errors import RemoteProtocolError
from wire.net.client.errors import ClientError, InvalidUrl
from wire.net.client.url import parse_websocket_url
from wire.net.tls import client_context, development_authority
from wire.net.websocket import Backoff, ConnectionClosed, Options
from wire.net.websocket.client import connect

SOON = Options(close_timeout=0.1)


@pytest.mark.spec("rfc6455-3-4", "rfc6455-4.1-4a", "rfc6455-4.1-25", "rfc6455-4.1-26", "rfc6455-3-11b")
@pytest.mark.spec("rfc6455-11.1.1-8", "rfc6455-11.1.1-9", "rfc6455-11.1.2-8", "rfc6455-11.1.2-9")
@pytest.mark.parametrize(("scheme", "port"), [("ws", 80), ("wss", 443)])
@pytest.mark.parametrize(
    ("rest", "host", "authority", "target"),
    [
        ("example.com", "example.com", "example.com", "/"),
        ("example.com/chat?room=1", "example.com", "example.com", "/chat?room=1"),
        ("example.com?room=1", "example.com", "example.com", "/?room=1"),
        ("[::1]/chat", "::1", "[::1]", "/chat"),
        ("example.com/%23chat", "example.com", "example.com", "/%23chat"),
        ("b\xfccher.example/", "xn--bcher-kva.example", "xn--bcher-kva.example", "/"),
        ("example.com/caf\xe9?\u2603", "example.com", "example.com", "/caf%C3%A9?%E2%98%83"),
    ],
)
def test_what_a_uri_means(scheme: str, port: int, rest: str, host: str, authority: str, target: str) -> None:
    url = parse_websocket_url(f"{scheme}://{rest}")
    assert (url.origin.host, url.origin.port, url.origin.is_secure) == (host, port, scheme == "wss")
    assert (url.authority, url.target) == (authority, target)


@pytest.mark.spec("rfc6455-3-11a", "rfc6455-4.1-4b")
@pytest.mark.parametrize(
    "text",
    [
        "ws://127.0.0.1:{port}/chat#top",
        "ws://127.0.0.1:{port}/chat#",
        "ws://127.0.0.1:{port}/a\r\nb",
        "ws://user@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/",
        "ws:127.0.0.1:{port}",
        "//127.0.0.1:{port}/",
    ],
)
async def test_with_an_invalid_uri_nobody_is_called(text: str) -> None:
    async with scripted(Peer.head) as server:
        with pytest.raises(InvalidUrl):
            async with connect(text.format(port=server.port)):
                pytest.fail("there is nothing to connect to")
        await wait_all_tasks_blocked()
        assert server.connections == 0


@pytest.mark.spec("rfc6455-4.1-18", "rfc6455-7.2.1-1")
async def test_where_nobody_listens_the_attempt_fails() -> None:
    with trio.socket.socket() as unused:
        await unused.bind(("127.0.0.1", 0))
        with pytest.raises(ClientError):
            async with connect(f"ws://127.0.0.1:{unused.getsockname()[1]}/"):
                pytest.fail("nobody listens there")


@pytest.mark.spec(
    "rfc6455-4.1-3", "rfc6455-4.1-14", "rfc6455-4.1-21", "rfc6455-4.1-38a", "rfc6455-9.1-7c", "rfc6455-4.1-29c"
)
async def test_the_client_asks_and_waits_and_compresses_nothing_that_was_not_agreed_on() -> None:
    async def server(peer: Peer) -> None:
        head = await peer.head()
        await wait_all_tasks_blocked()
        assert not peer.pending
        await peer.send(accepting(head))
        assert await heard(peer) == Frame(TEXT, b"aaaaaaaaaaaaaaaaaaaa", 0x81)
        assert (await heard(peer)).opcode == CLOSE

    async with scripted(server) as running:
        for _ in range(2):
            async with connect(url_of(running, "/chat?room=1"), options=SOON) as socket:
                assert socket.deflate is None
                await socket.send("a" * 20)
    first, second = running.heads
    assert first.startswith(b"GET /chat?room=1 HTTP/1.1\r\n")
    assert b"permessage-deflate" in first
    assert first != second, "each connection has a key of its own"


@pytest.mark.spec("rfc6455-4.1-19a", "rfc6455-4.1-19c", "rfc6455-4.1-20", "rfc6455-10.6-1a")
async def test_wss_is_inside_of_tls_and_names_the_host_to_it() -> None:
    authority = development_authority()
    names: list[str | None] = []
    context = authority.server_context
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    async def server(peer: Peer) -> None:
        await opened(peer)
        assert await heard(peer) == Frame(TEXT, b"inside", 0x81)
        await peer.send(unmasked(TEXT, b"here too"))
        assert (await heard(peer)).opcode == CLOSE

    async with scripted(server, wrap=partial(trio.SSLStream, ssl_context=context, server_side=True)) as running:
        url = f"wss://localhost:{running.port}/"
        async with connect(url, tls=client_context(ca_pem=authority.ca_pem), options=SOON) as socket:
            await socket.send("inside")
            assert await socket.receive() == "here too"
    assert names == ["localhost"]


@pytest.mark.spec("rfc6455-4.1-19b", "rfc6455-7.2.1-1")
async def test_a_certificate_that_nobody_vouches_for_fails_the_attempt() -> None:
    context = development_authority().server_context

    async def server(peer: Peer) -> None:
        with pytest.raises(trio.BrokenResourceError) as broken:
            await peer.head()
        assert isinstance(broken.value.__cause__, ssl.SSLError)

    async with scripted(server, wrap=partial(trio.SSLStream, ssl_context=context, server_side=True)) as running:
        with pytest.raises(ClientError):
            async with connect(f"wss://localhost:{running.port}/"):
                pytest.fail("the client does not know this authority")
    assert running.heads == []


@pytest.mark.spec("rfc6455-4.1-45", "rfc6455-7.2.1-1", "rfc6455-7.1.7-1a", "rfc6455-7.1.7-1b")
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        (["Sec-WebSocket-Protocol: other"], "websocket.response.subprotocol"),
        (["Sec-WebSocket-Extensions: other"], "websocket.response.extensions"),
        (["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], "websocket.response.accept"),
    ],
)
async def test_a_wrong_answer_is_told_to_the_user_and_not_a_frame_is_sent(fields: list[str], rule: str) -> None:
    behind: list[bytes] = []

    async def server(peer: Peer) -> None:
        await opened(peer, *fields)
        behind.append(await peer.closed())

    async with scripted(server) as running:
        with pytest.raises(RemoteProtocolError) as failed:
            async with connect(url_of(running), subprotocols=("chat",)):
                pytest.fail("this is no WebSocket")
        await eventually(lambda: running.closed)
    assert failed.value.rule == rule
    assert behind == [b""]


@pytest.mark.spec("rfc6455-5.1-1e", "rfc6455-5.1-1f", "rfc6455-7.1.7-1a", "rfc6455-7.1.7-2a")
async def test_a_masked_frame_ends_the_connection() -> None:
    async def server(peer: Peer) -> None:
        await opened(peer)
        await peer.send(frame(TEXT, b"masked") + unmasked(TEXT, b"not heard"))
        said = await heard(peer)
        assert (said.opcode, said.payload[:2]) == (CLOSE, b"\x03\xea")
        assert await peer.closed() == b""

    async with scripted(server) as running, connect(url_of(running), options=SOON) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
        assert closed.value.code == 1002


@pytest.mark.spec("rfc6455-5.5.2-3a", "rfc6455-7.1.7-3", "rfc6455-7.2.1-3", "rfc6455-7.3-1b")
async def test_a_client_that_has_nothing_to_say_stays_and_answers_pings() -> None:
    done = trio.Event()

    async def server(peer: Peer) -> None:
        await opened(peer)
        await wait_all_tasks_blocked()
        assert not peer.pending
        await peer.send(unmasked(PING, b"there?"))
        assert await heard(peer) == Frame(PONG, b"there?", 0x8A)
        done.set()
        assert (await heard(peer)).opcode == CLOSE

    async with scripted(server) as running, connect(url_of(running), options=SOON):
        with trio.fail_after(PATIENCE):
            await done.wait()


@pytest.mark.spec("rfc6455-5.5.1-6a", "rfc6455-5.5.1-6c", "rfc6455-7.1.1-2d")
@pytest.mark.parametrize("server_begins", [False, True])
async def test_the_client_leaves_it_to_the_server_to_close_tcp(server_begins: bool) -> None:
    let_go = trio.Event()

    async def server(peer: Peer) -> None:
        await opened(peer)
        if server_begins:
            await peer.send(unmasked(CLOSE, b"\x03\xe8"))
        assert (await heard(peer)).opcode == CLOSE
        if not server_begins:
            await peer.send(unmasked(CLOSE, b"\x03\xe8"))
        with trio.move_on_after(0.2) as waiting:
            await peer.stream.receive_some()
        assert waiting.cancelled_caught, "the client closed, or said more"
        let_go.set()

    async with scripted(server) as running:
        with trio.fail_after(PATIENCE):
            async with connect(url_of(running), options=Options(close_timeout=PATIENCE)) as socket:
                if server_begins:
                    with pytest.raises(ConnectionClosed):
                        await socket.receive()
        assert let_go.is_set()


@pytest.mark.spec("rfc6455-5.5.1-6d", "rfc6455-7.1.1-2b")
@pytest.mark.parametrize("answers", [False, True])
async def test_the_client_closes_tcp_itself_where_the_server_does_not(answers: bool) -> None:
    async def server(peer: Peer) -> None:
        await opened(peer)
        assert (await heard(peer)).opcode == CLOSE
        if answers:
            await peer.send(unmasked(CLOSE, b"\x03\xe8"))
        await peer.closed()

    async with scripted(server) as running:
        with trio.fail_after(PATIENCE):
            async with connect(url_of(running), options=SOON):
                pass
            await eventually(lambda: running.closed)


@pytest.mark.spec("rfc6455-7.2.3-2", "rfc6455-7.2.3-3a", "rfc6455-7.2.3-3b", "rfc6455-7.2.3-4")
def test_pauses_before_reconnecting_are_left_to_chance_and_grow_up_to_a_bound() -> None:
    backoff = Backoff(first=1, factor=2, most=10, jitter=0.5)
    longest = [1, 2, 4, 8, 10, 10]
    rows = [list(islice(backoff.pauses(), len(longest))) for _ in range(100)]
    for most, pauses in zip(longest, zip(*rows, strict=True), strict=True):
        assert most / 2 <= min(pauses) < max(pauses) <= most
        assert len(set(pauses)) > 90
    assert list(Backoff(first=1, factor=3, most=100, jitter=0, attempts=3).pauses()) == [1, 3, 9]


@pytest.mark.spec("rfc6455-7.2.3-2", "rfc6455-7.2.3-3a")
async def test_no_reconnection_comes_before_its_pause() -> None:
    times: list[float] = []

    async def server(peer: Peer) -> None:
        times.append(trio.current_time())
        if len(times) < 3:
            return
        await opened(peer)
        await peer.closed()

    async with scripted(server) as running:
        backoff = Backoff(first=0.1, factor=2, jitter=0)
        async with connect(url_of(running), options=SOON, reconnect=backoff) as socket:
            assert socket.connections == 1
    assert times[1] - times[0] >= 0.1
    assert times[2] - times[1] >= 0.2
