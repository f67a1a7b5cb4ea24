"""``connect``: what it asks for, how refusals are told, what comes behind the 101, and how the block's end closes."""

from __future__ import annotations

import functools

import pytest
import trio

from tests.net.raw import eventually
from tests.net.scripted import PATIENCE, Peer, Script, Scripted, scripted, silent
from tests.net.test_client_tls import AUTHORITY, tls
from tests.net.websocket_raw import CLOSE, TEXT, Frame
from tests.net.websocket_scripted import accepting, heard, opened, unmasked, url_of
from wire.errors import LocalProtocolError
from wire.net.client.errors import CertificateRefused, TimedOut
from wire.net.client.timeouts import Timeouts
from wire.net.tap import Flow
from wire.net.tls import client_context
from wire.net.websocket import ConnectionClosed, Options, Refused, WebSocket, connect
from wire.websocket import Deflate, Limits
from wire.websocket.extensions import DeflateOffer

HURRIED = Options(close_timeout=0.2)
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"


class Witness:
    """A server that keeps the code of the close frame with which a client leaves, and answers it."""

    def __init__(self, *fields: str) -> None:
        self.codes: list[int] = []
        self._fields = fields

    async def __call__(self, peer: Peer) -> None:
        await opened(peer, *self._fields)
        frame = await heard(peer)
        self.codes.append(frame.code)
        await peer.send(unmasked(CLOSE, frame.payload))


async def test_everything_that_is_asked_for_is_in_the_request() -> None:
    witness = Witness("Sec-WebSocket-Protocol: superchat", f"{DEFLATE}; server_max_window_bits=10")
    async with scripted(witness) as server:
        offer = DeflateOffer(server_max_window_bits=10, client_no_context_takeover=True)
        async with connect(
            url_of(server, "/chat?x"),
            subprotocols=["chat", "superchat"],
            fields=[("Authorization", "Bearer t"), ("Cookie", "a=b")],
            origin="http://example.org",
            deflate=offer,
        ) as socket:
            assert socket.subprotocol == "superchat"
            assert socket.deflate == Deflate(server_max_window_bits=10, client_no_context_takeover=True)
    first, *lines = server.heads[0].decode().lower().splitlines()
    assert first == "get /chat?x http/1.1"
    assert {
        f"host: 127.0.0.1:{server.port}",
        "upgrade: websocket",
        "connection: upgrade",
        "sec-websocket-version: 13",
        "sec-websocket-protocol: chat, superchat",
        "origin: http://example.org",
        "authorization: bearer t",
        "cookie: a=b",
        "user-agent: wire",
    } <= set(lines)
    [extensions] = [line for line in lines if line.startswith("sec-websocket-extensions")]
    assert "permessage-deflate" in extensions
    assert "client_no_context_takeover" in extensions
    assert "server_max_window_bits=10" in extensions


async def test_compression_is_not_offered_where_it_is_not_wanted() -> None:
    async with scripted(Witness()) as server, connect(url_of(server), deflate=None, fields=[("User-Agent", "probe")]):
        pass
    head = server.heads[0].lower()
    assert b"extensions" not in head
    assert head.count(b"user-agent") == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"fields": [("Sec-WebSocket-Key", "x")]},
        {"fields": [("X", "a\r\nY: b")]},
        {"fields": [("X", "\u2603")]},
        {"subprotocols": ["two words"]},
        {"subprotocols": ["chat", "chat"]},
        {"origin": "http://a\r\nX: b"},
    ],
)
async def test_what_may_not_be_asked_for_is_refused_before_anybody_is_called(asked: dict[str, object]) -> None:
    async with scripted(silent) as server:
        with pytest.raises(LocalProtocolError):
            async with connect(url_of(server), **asked):  # type: ignore[call-overload]
                pytest.fail("the request is malformed")
        assert server.connections == 0


def answer(status: str, *fields: str, body: bytes = b"") -> bytes:
    lines = (f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


def answering(data: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(data)
        await peer.closed()

    return script


@pytest.mark.spec("rfc6455-4.1-38b")
@pytest.mark.parametrize(
    ("status", "field", "words"),
    [
        ("401 Unauthorized", "WWW-Authenticate: Basic", "401 Unauthorized"),
        ("403 Forbidden", "X: y", "403 Forbidden"),
        ("426 Upgrade Required", "Sec-WebSocket-Version: 8", "426 Upgrade Required"),
        ("503 Busy", "Retry-After: 1", "503 Service Unavailable"),
        ("200 OK", "X: y", "200 OK"),
        ("302 Found", "Location: ws://elsewhere.example/", "302 Found and names 'ws://elsewhere.example/'"),
    ],
)
async def test_a_refusal_carries_the_response(status: str, field: str, words: str) -> None:
    async with scripted(answering(answer(status, field, body=b"because"))) as server:
        with pytest.raises(Refused) as refused:
            async with connect(url_of(server)):
                pytest.fail("the server did not switch")
        await eventually(lambda: server.closed)
        assert server.connections == 1
    response = refused.value.response
    assert (refused.value.status, response.body) == (int(status[:3]), b"because")
    name, value = field.split(": ")
    assert response.field(name) == value
    assert words in str(refused.value)


async def test_of_a_refusal_without_end_the_beginning_is_kept() -> None:
    async def endless(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 403 No\r\n\r\n")
        while True:
            await peer.send(b"no " * 10_000)

    async with scripted(endless) as server:
        with pytest.raises(Refused) as refused:
            async with connect(url_of(server)):
                pytest.fail("the server did not switch")
    assert refused.value.response.body == (b"no " * 30_000)[:65536]


@pytest.mark.parametrize("ending", [b"", b"-1\r\n"], ids=["silence", "nonsense"])
async def test_of_a_refusal_that_breaks_off_the_beginning_is_kept(ending: bytes) -> None:
    head = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n"
    async with scripted(answering(head + ending)) as server:
        with pytest.raises(Refused) as refused:
            async with connect(url_of(server), timeouts=Timeouts(read=0.5)):
                pytest.fail("the server did not switch")
    assert refused.value.response.body == b"no"


async def test_interim_responses_come_before_the_answer() -> None:
    async def server(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" + accepting(await peer.head()))
        assert (await heard(peer)).code == 1000

    async with scripted(server) as running, connect(url_of(running), options=HURRIED):
        pass


async def test_what_comes_in_one_read_with_the_101_belongs_to_the_session() -> None:
    async def server(peer: Peer) -> None:
        head = await peer.head()
        await peer.send(accepting(head) + unmasked(TEXT, b"at once") + unmasked(TEXT, b"cut")[:3])
        await peer.send(unmasked(TEXT, b"cut")[3:])
        await peer.closed()

    async with scripted(server) as running, connect(url_of(running), options=HURRIED) as socket:
        assert await socket.receive() == "at once"
        assert await socket.receive() == "cut"


async def test_a_tap_sees_the_handshake_and_every_frame() -> None:
    seen: dict[Flow, bytes] = dict.fromkeys(Flow, b"")

    def tap(flow: Flow, data: bytes) -> None:
        seen[flow] += data

    async with scripted(Witness()) as server, connect(url_of(server), tap=tap):
        pass
    sent, received = seen[Flow.SENT], seen[Flow.RECEIVED]
    assert sent.startswith(b"GET / HTTP/1.1\r\n")
    assert sent[sent.index(b"\r\n\r\n") + 4] == 0x88
    assert received.startswith(b"HTTP/1.1 101 ")
    assert received.endswith(unmasked(CLOSE, b"\x03\xe8"))


async def test_wss_goes_through_tls_and_a_stranger_is_refused() -> None:
    async def server(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"x" * 100_000))
        assert await heard(peer) == Frame(TEXT, b"hi", 0x81)
        assert (await heard(peer)).code == 1000

    async with scripted(server, wrap=tls()) as running:
        trusting = client_context(ca_pem=AUTHORITY.cert_pem.bytes())
        async with connect(url_of(running), tls=trusting, options=HURRIED) as socket:
            assert await socket.receive() == "x" * 100_000
            await socket.send("hi")
        with pytest.raises(CertificateRefused):
            async with connect(url_of(running)):
                pytest.fail("nobody vouches for this server")


@pytest.mark.parametrize(
    ("script", "timeouts", "phase"),
    [
        (silent, Timeouts(read=0.1), "read"),
        (silent, Timeouts(total=0.1), "total"),
    ],
)
async def test_a_server_that_does_not_answer_is_left(script: Script, timeouts: Timeouts, phase: str) -> None:
    async with scripted(script) as server:
        with pytest.raises(TimedOut) as late:
            async with connect(url_of(server), timeouts=timeouts):
                pytest.fail("nothing was answered")
        assert late.value.phase == phase
        await eventually(lambda: server.closed)


async def test_the_patience_for_the_handshake_is_not_that_of_the_block() -> None:
    async with scripted(Witness()) as server, connect(url_of(server), timeouts=Timeouts(read=0.2, total=0.2)) as socket:
        await trio.sleep(0.4)
        assert socket.is_open


@pytest.mark.spec("rfc6455-7.4.1-1", "rfc6455-7.1.2-1a")
async def test_a_block_that_ends_closes_with_1000() -> None:
    witness = Witness()
    async with scripted(witness) as server:
        async with connect(url_of(server)) as socket:
            pass
        assert (witness.codes, socket.close_code) == ([1000], 1000)


async def test_a_block_that_raises_closes_with_1011_and_raises_on() -> None:
    witness = Witness()
    async with scripted(witness) as server:
        with pytest.raises(ZeroDivisionError):
            async with connect(url_of(server)):
                _ = 1 / 0
        assert witness.codes == [1011]


async def test_a_block_that_is_cancelled_closes_with_1001_and_does_not_wait() -> None:
    codes: list[int] = []

    async def deaf(peer: Peer) -> None:
        await opened(peer)
        codes.append((await heard(peer)).code)
        await peer.closed()

    async with scripted(deaf) as server:
        with trio.fail_after(PATIENCE):
            with trio.move_on_after(0.1) as scope:
                async with connect(url_of(server), options=Options(close_timeout=PATIENCE * 10)) as socket:
                    await socket.receive()
            assert scope.cancelled_caught
        await eventually(lambda: server.closed)
    assert codes == [1001]


async def test_a_block_that_closed_says_no_second_goodbye() -> None:
    witness = Witness()
    async with scripted(witness) as server:
        async with connect(url_of(server)) as socket:
            await socket.close(4000, "enough")
            with pytest.raises(ConnectionClosed):
                await socket.send("more")
        assert witness.codes == [4000]


async def test_where_the_server_closed_the_block_hears_of_it_and_may_pass_it_on() -> None:
    async def server(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(CLOSE, b"\x0f\xa1no more"))
        assert (await heard(peer)).code == 4001

    async with scripted(server) as running:
        with pytest.raises(ConnectionClosed) as closed:
            async with connect(url_of(running)) as socket:
                await socket.receive()
    assert (closed.value.code, closed.value.reason) == (4001, "no more")


async def test_a_message_that_is_on_its_way_when_the_server_closes_arrives_and_so_does_the_close() -> None:
    received: list[bytes] = []
    sent = trio.Event()

    async def server(peer: Peer) -> None:
        await opened(peer)
        await sent.wait()
        await peer.send(unmasked(CLOSE, b"\x03\xe9"))
        received.append(await peer.exactly(14 + len(message) + 8))

    message = bytes(8 << 20)  # more than a socket takes at once
    async with scripted(server) as running, connect(url_of(running), deflate=None) as socket:
        await socket.send(message)
        sent.set()
        async for _ in socket:
            pass
        assert socket.close_code == 1001
    assert len(received[0]) == 14 + len(message) + 8
    assert received[0][-8:-6] == b"\x88\x82"


async def test_a_cancelled_block_leaves_whole_frames_or_a_closed_connection() -> None:
    """What reached the server of a message that was being sent is a beginning of it, and then the end of TCP."""
    received: list[bytes] = []
    let_go = trio.Event()

    async def slow(peer: Peer) -> None:
        await opened(peer)
        await let_go.wait()
        received.append(await peer.closed())

    message = bytes(8 << 20)
    async with scripted(slow) as server:
        with trio.fail_after(PATIENCE):
            async with trio.open_nursery() as nursery:

                async def send() -> None:
                    async with connect(url_of(server), deflate=None, options=Options(send_queue=1)) as socket:
                        await socket.send(message)  # begun, and far from done
                        await socket.send(b"another")

                nursery.start_soon(send)
                await eventually(lambda: server.heads)
                await trio.sleep(0.2)
                nursery.cancel_scope.cancel()
            let_go.set()
        await eventually(lambda: received)
    [data] = received
    assert data[:2] == b"\x82\xff"
    assert 14 < len(data) < len(message)


async def test_what_must_be_said_first_is_said_first() -> None:
    said: list[bytes] = []

    async def server(peer: Peer) -> None:
        await opened(peer)
        said.append((await heard(peer)).payload)
        await peer.send(unmasked(TEXT, b"welcome"))
        said.append((await heard(peer)).payload)
        await peer.closed()

    async def sign_in(socket: WebSocket) -> None:
        await socket.send("it is me")
        assert await socket.receive() == "welcome"

    async with scripted(server) as running, connect(url_of(running), on_connect=sign_in, options=HURRIED) as socket:
        await socket.send("hello")
    assert said == [b"it is me", b"hello"]


async def test_a_failure_to_say_it_closes_the_connection() -> None:
    async def fail(_socket: WebSocket) -> None:
        raise ZeroDivisionError

    witness = Witness()
    async with scripted(witness) as server:
        with pytest.raises(ZeroDivisionError):
            async with connect(url_of(server), on_connect=fail):
                pytest.fail("it was not said")
        assert witness.codes == [1011]


async def test_limits_are_those_that_were_asked_for() -> None:
    async def server(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"12345"))
        assert (await heard(peer)).code == 1009

    async with scripted(server) as running, connect(url_of(running), limits=Limits(message=4)) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
    assert closed.value.code == 1009
    assert closed.value.error is not None


async def test_many_connections_at_a_time_are_apart() -> None:
    async def echo(peer: Peer) -> None:
        await opened(peer)
        while (frame := await heard(peer)).opcode != CLOSE:
            await peer.send(unmasked(frame.opcode, frame.payload))
        await peer.send(unmasked(CLOSE, frame.payload))

    answers: list[tuple[int, str | bytes]] = []

    async def ask(server: Scripted, number: int) -> None:
        async with connect(url_of(server)) as socket:
            await socket.send(str(number))
            answers.append((number, await socket.receive()))

    async with scripted(echo) as server, trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(functools.partial(ask, server, number))
    assert sorted(answers) == [(number, str(number)) for number in range(20)]
