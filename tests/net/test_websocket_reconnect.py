"""Reconnecting: after what, after how long, what becomes of messages meanwhile, and when it is given up."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pytest
import trio
from trio.testing import MockClock

from tests.net.scripted import PATIENCE, Peer, scripted
from tests.net.websocket_raw import CLOSE, TEXT
from tests.net.websocket_scripted import heard, opened, unmasked, url_of
from wire.errors import RemoteProtocolError
from wire.http1 import Response
from wire.net.client.errors import CertificateRefused, ConnectFailed, NameNotFound, TimedOut
from wire.net.client.received import ReceivedResponse
from wire.net.client.url import parse_websocket_url
from wire.net.messages import Disconnected
from wire.net.websocket import Backoff, ConnectionClosed, Options, ReconnectingWebSocket, Refused, WebSocket, connect
from wire.net.websocket.links import running
from wire.net.websocket.opening import OnConnect, goodbye
from wire.net.websocket.reconnect import reconnecting
from wire.websocket import Close, Connection, Event, Role, Text

URL = parse_websocket_url("ws://example.org/")
DEAF = Options(ping_interval=float("inf"), close_timeout=1.0)
HURRIED = Options(close_timeout=0.2)


def refused(status: int) -> Refused:
    return Refused(ReceivedResponse(URL, Response(status), [], b"", ()))


def broken_rule(rule: str) -> RemoteProtocolError:
    return RemoteProtocolError("no", rule=rule, section="RFC 9112", offset=0, status=400)


class Wire:
    """A connection to a server that a test plays, without a socket: what it says is heard at once."""

    def __init__(self) -> None:
        self.server = Connection(Role.SERVER)
        self.heard: list[Event] = []
        self._send, self._receive = trio.open_memory_channel[bytes](100)
        self._lost = False

    def say(self, *events: Event) -> None:
        for event in events:
            self.server.send(event)
        self._send.send_nowait(self.server.bytes_to_send())

    def lose(self) -> None:
        """Break, as if the network were gone."""
        self._lost = True
        self._send.close()

    async def receive_some(self) -> bytes:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            raise Disconnected from None

    def send_now(self, data: bytes | memoryview) -> int:
        if self._lost:
            raise Disconnected
        for event in self.server.receive(bytes(data)):
            self.heard.append(event)
            if isinstance(event, Close):
                if self.server.our_state.name == "OPEN":
                    self.say(event)
                self._send.close()
        return len(data)

    async def send_some(self, data: memoryview) -> int:
        return self.send_now(data)

    async def finish(self, unread: int) -> None:
        """There is nothing to finish."""

    def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Attempts:
    """Stands for an ``Opening``: each attempt fails as the next of ``failures`` says, or makes a ``Wire``."""

    failures: list[Exception | None] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    url = URL

    @contextlib.asynccontextmanager
    async def session(self, on_connect: OnConnect | None = None) -> AsyncIterator[WebSocket]:
        self.times.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.wires.append(Wire())
        session = WebSocket(Connection(Role.CLIENT), DEAF)
        async with running(session, self.wires[-1]), goodbye(session):
            if on_connect is not None:
                await on_connect(session)
            yield session

    @property
    def pauses(self) -> list[float]:
        """Between the attempts."""
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]

    async def connected(self, count: int) -> Wire:
        """Wait for so many connections; the last."""
        while len(self.wires) < count:  # noqa: ASYNC110 - the clock is not the real one
            await trio.sleep(0.01)
        return self.wires[count - 1]


def by(attempts: Attempts, backoff: Backoff | None = None, on_connect: OnConnect | None = None) -> (
    contextlib.AbstractAsyncContextManager[ReconnectingWebSocket]
):  # fmt: skip
    """Reconnecting by these attempts, of which each has its pause in full."""
    return reconnecting(attempts, backoff or Backoff(first=1, jitter=0, steady=30), on_connect)  # type: ignore[arg-type]


def test_pauses_grow_up_to_a_bound() -> None:
    assert list(islice(Backoff(first=1, factor=3, most=20, jitter=0).pauses(), 5)) == [1, 3, 9, 20, 20]
    assert list(Backoff(first=1, most=0.5, jitter=0, attempts=2).pauses()) == [0.5, 0.5]
    assert list(Backoff(attempts=0).pauses()) == []


def test_a_long_outage_does_not_overflow() -> None:
    assert next(islice(Backoff(first=1, factor=1e300, most=60, jitter=0).pauses(), 5000, None)) == 60


def test_jitter_shortens_a_pause_by_its_part_at_most() -> None:
    pauses = list(islice(Backoff(first=10, factor=1, jitter=0.2).pauses(), 1000))
    assert 8 <= min(pauses) < 8.1
    assert 9.9 < max(pauses) <= 10


def test_chance_can_be_given() -> None:
    one, other = (list(islice(Backoff(chance=random.Random(7)).pauses(), 10)) for _ in range(2))
    assert one == other


AGAIN: list[Exception] = [
    *(ConnectionClosed(code) for code in (1001, 1006, 1011, 1012, 1013, 1014)),
    *(refused(status) for status in (500, 502, 503, 504)),
    ConnectFailed("nobody is there"),
    NameNotFound("no name"),
    TimedOut("connect", 1),
    broken_rule("http1.eof.no-response"),
    broken_rule("http1.eof.in-head"),
]
FINAL: list[Exception] = [
    *(ConnectionClosed(code) for code in (1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 3000, 4999)),
    *(refused(status) for status in (200, 302, 400, 401, 403, 404, 426)),
    CertificateRefused("a stranger"),
    broken_rule("websocket.response.accept"),
    ZeroDivisionError(),
]


def test_what_is_worth_another_attempt() -> None:
    backoff = Backoff()
    assert [error for error in AGAIN if not backoff.retries(error)] == []
    assert [error for error in FINAL if backoff.retries(error)] == []
    assert Backoff(codes={4000}).retries(ConnectionClosed(4000))


async def test_the_same_object_goes_on_over_the_next_connection(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        await socket.send("one")
        attempts.wires[0].say(Text("first"))
        assert await socket.receive() == "first"
        attempts.wires[0].lose()
        assert (await _next(socket, attempts, 2)) == "second"
        await socket.send("two")
    assert [wire.heard for wire in attempts.wires] == [[Text("one")], [Text("two"), Close(1000)]]
    assert (socket.connections, socket.close_code) == (2, 1000)


async def _next(socket: ReconnectingWebSocket, attempts: Attempts, connection: int) -> str | bytes:
    """What is received while a connection is made and says "second"."""
    async with trio.open_nursery() as nursery:

        async def speak() -> None:
            (await attempts.connected(connection)).say(Text("second"))

        nursery.start_soon(speak)
        return await socket.receive()
    raise AssertionError


async def test_pauses_begin_anew_after_a_connection_that_lasted(autojump_clock: MockClock) -> None:
    down = ConnectFailed("down")
    attempts = Attempts([down, down, None, None, None])
    async with by(attempts) as socket:
        for lasting in (1, 40, 0):  # seconds; 30 are steady
            await socket.connected()
            await trio.sleep(lasting)
            attempts.wires[-1].lose()
            await trio.testing.wait_all_tasks_blocked()
    #                    down, down, lost after 1, lost after 40
    assert attempts.pauses == pytest.approx([1, 2, 1 + 4, 40 + 1])


async def test_what_is_sent_meanwhile_waits_for_the_next_connection(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].lose()
        await trio.testing.wait_all_tasks_blocked()
        assert not socket.is_connected
        await socket.send("later")
        assert socket.is_connected
    assert attempts.wires[1].heard[0] == Text("later")


async def test_what_was_said_before_a_loss_is_still_received(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].say(Text("one"), Text("two"))
        await trio.testing.wait_all_tasks_blocked()
        attempts.wires[0].lose()
        (await attempts.connected(2)).say(Text("three"))
        assert [await socket.receive() for _ in range(3)] == ["one", "two", "three"]


@pytest.mark.parametrize("code", [1001, 1012, 1013])
async def test_a_server_that_says_that_it_restarts_is_come_back_to(autojump_clock: MockClock, code: int) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].say(Close(code))
        assert (await _next(socket, attempts, 2)) == "second"


async def test_a_server_that_is_done_is_not_come_back_to(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].say(Text("goodbye"), Close(1000, "done"))
        assert [message async for message in socket] == ["goodbye"]
        for use in (socket.receive, lambda: socket.send("more"), socket.ping):
            with pytest.raises(ConnectionClosed) as closed:
                await use()
            assert (closed.value.code, closed.value.reason) == (1000, "done")
    assert (attempts.times, socket.close_code, socket.close_reason) == ([0], 1000, "done")


async def test_iteration_tells_of_an_end_that_was_none(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].say(Close(4001))
        with pytest.raises(ConnectionClosed, match="4001"):
            await anext(aiter(socket))


async def test_attempts_have_an_end(autojump_clock: MockClock) -> None:
    attempts = Attempts([None, *(ConnectFailed(f"down {number}") for number in range(5))])
    async with by(attempts, Backoff(first=1, factor=1, jitter=0, attempts=3)) as socket:
        attempts.wires[0].lose()
        with pytest.raises(ConnectFailed, match="down 2"):
            await socket.receive()
        with pytest.raises(ConnectFailed, match="down 2"):
            await socket.send("x")
    assert attempts.times == [0, 1, 2, 3]


async def test_the_first_connection_is_tried_again_too(autojump_clock: MockClock) -> None:
    attempts = Attempts([refused(503), ConnectFailed("down"), None])
    async with by(attempts) as socket:
        assert socket.connections == 1
    assert attempts.times == [0, 1, 3]


@pytest.mark.parametrize("failure", [refused(401), CertificateRefused("a stranger"), ZeroDivisionError()])
async def test_a_final_failure_is_raised_at_once(autojump_clock: MockClock, failure: Exception) -> None:
    attempts = Attempts([failure])
    with pytest.raises(type(failure)):
        async with by(attempts):
            pytest.fail("there is no connection")
    assert attempts.times == [0]


async def test_what_must_be_said_anew_comes_first_on_each_connection(autojump_clock: MockClock) -> None:
    async def subscribe(session: WebSocket) -> None:
        await session.send("subscribe")

    attempts = Attempts()
    async with by(attempts, on_connect=subscribe) as socket:
        attempts.wires[0].lose()
        await trio.testing.wait_all_tasks_blocked()
        await socket.send("hello")
    assert [wire.heard[:2] for wire in attempts.wires] == [
        [Text("subscribe")],
        [Text("subscribe"), Text("hello")],
    ]


async def test_a_mistake_in_saying_it_ends_all(autojump_clock: MockClock) -> None:
    seen: list[WebSocket] = []

    async def subscribe(session: WebSocket) -> None:
        seen.append(session)
        if len(seen) == 2:
            raise ZeroDivisionError

    attempts = Attempts()
    async with by(attempts, on_connect=subscribe) as socket:
        attempts.wires[0].lose()
        with pytest.raises(ZeroDivisionError):
            await socket.receive()
    assert attempts.wires[1].heard == [Close(1011)]


async def test_close_while_there_is_no_connection_makes_no_other(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].lose()
        await trio.testing.wait_all_tasks_blocked()
        await socket.close()
        with pytest.raises(ConnectionClosed):
            await socket.send("x")
        await trio.sleep(100)
    assert (attempts.times, socket.close_code) == ([0], 1006)


@pytest.mark.parametrize("end", [Close(1001), None], ids=["close", "lost"])
async def test_a_server_that_has_ended_is_sent_nothing_more(end: Close | None, autojump_clock: MockClock) -> None:
    """Though the user has not come for another message yet, as whoever answers one first has not."""
    attempts = Attempts()
    async with by(attempts) as socket:
        first = await attempts.connected(1)
        first.say(Text("question"))
        assert await socket.receive() == "question"
        if end is None:
            first.lose()
        else:
            first.say(Text("unread"), end)
        await trio.testing.wait_all_tasks_blocked()
        await socket.send("answer")
        assert (await attempts.connected(2)).heard == [Text("answer")]
        assert Text("answer") not in first.heard
        if end is not None:
            assert await socket.receive() == "unread"
    assert attempts.pauses == [1.0]


async def test_close_is_final_though_the_server_does_not_answer(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        attempts.wires[0].send_now = len  # type: ignore[method-assign, assignment] # it takes all and hears nothing
        await socket.close(4000)
        with pytest.raises(ConnectionClosed):
            await socket.receive()
    assert attempts.times == [0]


async def test_a_close_that_may_not_be_said_changes_nothing(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    async with by(attempts) as socket:
        with pytest.raises(Exception, match="1006"):
            await socket.close(1006)
        attempts.wires[0].lose()
        assert (await _next(socket, attempts, 2)) == "second"


@pytest.mark.parametrize("wait", [lambda socket: socket.receive(), lambda socket: socket.send("x")])
async def test_waiting_for_a_connection_can_be_cancelled(
    autojump_clock: MockClock, wait: Callable[[ReconnectingWebSocket], Awaitable[object]]
) -> None:
    attempts = Attempts([None, *(ConnectFailed("down") for _ in range(100))])
    async with by(attempts) as socket:
        attempts.wires[0].lose()
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(20) as scope:
            await wait(socket)
        assert scope.cancelled_caught


async def test_a_block_that_is_cancelled_leaves_no_connection(autojump_clock: MockClock) -> None:
    attempts = Attempts()
    with trio.move_on_after(5):
        async with by(attempts) as socket:
            await socket.receive()
    assert attempts.wires[0].heard == [Close(1001)]
    with pytest.raises(ConnectionClosed):
        await socket.send("x")


async def test_a_message_goes_over_one_connection_only(autojump_clock: MockClock) -> None:
    attempts = Attempts()

    async def pieces() -> AsyncGenerator[str, None]:
        yield "a"
        yield "b"
        attempts.wires[0].lose()
        await trio.sleep(0.1)
        yield "c"

    async with by(attempts) as socket:
        async with contextlib.aclosing(pieces()) as message:
            with pytest.raises(ConnectionClosed):
                await socket.send_pieces(message)
        await socket.send("next")
    assert attempts.wires[1].heard[0] == Text("next")


async def test_sockets_that_break_are_replaced() -> None:
    """The same over real ones: the first connection is cut inside a frame, the second says that it restarts."""

    async def cut(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"one") + unmasked(TEXT, b"lost")[:3])

    async def restart(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"two") + unmasked(CLOSE, b"\x03\xf4"))
        assert (await heard(peer)).code == 1012

    async def stay(peer: Peer) -> None:
        await opened(peer)
        await peer.send(unmasked(TEXT, b"three"))
        assert (await heard(peer)).code == 1000

    async with scripted(cut, restart, stay) as server:
        with trio.fail_after(PATIENCE):
            async with connect(url_of(server), reconnect=Backoff(first=0.01), options=HURRIED) as socket:
                assert [await socket.receive() for _ in range(3)] == ["one", "two", "three"]
                assert socket.connections == 3


SERVER = """
import sys
from websockets.sync.server import serve

def echo(socket):
    for message in socket:
        socket.send(message)

with serve(echo, "127.0.0.1", int(sys.argv[1])) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
"""


@contextlib.contextmanager
def echoing(port: int = 0) -> Iterator[int]:
    """A server of ``websockets`` in a process of its own, which is killed at the end; its port."""
    with subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGKILL)


async def test_a_server_that_is_killed_and_started_again_is_found_again() -> None:
    async def hello(session: WebSocket) -> None:
        await session.send("hello")
        assert await session.receive() == "hello"

    with contextlib.ExitStack() as servers, trio.fail_after(6 * PATIENCE):
        first = servers.enter_context(contextlib.ExitStack())
        port = first.enter_context(echoing())
        backoff = Backoff(first=0.05, most=0.2)
        async with connect(f"ws://127.0.0.1:{port}/", reconnect=backoff, on_connect=hello) as socket:
            for number in range(3):
                await socket.send(str(number))
                assert await socket.receive() == str(number)
                first.close()
                with pytest.raises(trio.TooSlowError), trio.fail_after(0.3):
                    await socket.receive()
                assert not socket.is_connected
                first.enter_context(echoing(port))
            await socket.send("still here")
            assert await socket.receive() == "still here"
            assert socket.connections == 4
