"""Which connection serves another request, in which order, and how either side leaves (RFC 9112 §9)."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass

import pytest

from tests.http1.attacks.case import get, head, ok, post
from tests.http1.support import EMPTY_ANSWER, asking_client, get_request, listen, refused_by, server_hears, states
from wire.errors import RemoteProtocolError
from wire.fuzz.contract import footprint
from wire.http1 import (
    Connection,
    ConnectionClosed,
    Data,
    EndOfMessage,
    InformationalResponse,
    Limits,
    Request,
    Response,
    Role,
    State,
)


@dataclass(frozen=True)
class Life:
    """What both sides say of the connection, and whether it outlives the exchange."""

    name: str
    request: bytes
    response: Response
    persists: bool
    adds: bytes = b""

    def answered(self) -> tuple[Connection, bytes]:
        """A server after the exchange, and the head that it sent."""
        server = Connection(Role.SERVER)
        listen(server, [self.request])
        server.send(self.response)
        server.send(EndOfMessage())
        return server, server.bytes_to_send()


_OLD = head(b"GET / HTTP/1.0")
_OLD_KEEP = head(b"GET / HTTP/1.0", b"Connection: Keep-Alive")
_SAYS_CLOSE = b"connection: close\r\n"
_SAYS_KEEP = b"connection: keep-alive\r\n"
_EMPTY = [(b"content-length", b"0")]

LIVES = [
    Life("HTTP/1.1", get(), EMPTY_ANSWER, True),
    Life("HTTP/1.1, keep-alive", get(b"Connection: keep-alive"), EMPTY_ANSWER, True),
    Life("HTTP/1.1, client says close", get(b"Connection: close"), EMPTY_ANSWER, False, _SAYS_CLOSE),
    Life("HTTP/1.1, client says CLOSE", get(b"Connection: CLOSE"), EMPTY_ANSWER, False, _SAYS_CLOSE),
    Life("HTTP/1.1, close among others", get(b"Connection: te, close, x"), EMPTY_ANSWER, False, _SAYS_CLOSE),
    Life("HTTP/1.1, close on a second line", get(b"Connection: x", b"Connection: close"), EMPTY_ANSWER, False,
         _SAYS_CLOSE),
    Life("HTTP/1.1, close and keep-alive", get(b"Connection: keep-alive, close"), EMPTY_ANSWER, False, _SAYS_CLOSE),
    Life("HTTP/1.1, a field named Close", get(b"Close: yes"), EMPTY_ANSWER, True),
    Life("HTTP/1.1, server says close", get(), Response(200, [*_EMPTY, (b"Connection", b"close")]), False),
    Life("HTTP/1.1, without a length", get(), Response(200), True, b"transfer-encoding: chunked\r\n"),
    Life("HTTP/1.2", head(b"GET / HTTP/1.2", b"Host: a"), EMPTY_ANSWER, True),
    Life("HTTP/1.0", _OLD, EMPTY_ANSWER, False, _SAYS_CLOSE),
    Life("HTTP/1.0, keep-alive", _OLD_KEEP, EMPTY_ANSWER, True, _SAYS_KEEP),
    Life("HTTP/1.0, keep-alive and close", head(b"GET / HTTP/1.0", b"Connection: keep-alive, close"), EMPTY_ANSWER,
         False, _SAYS_CLOSE),
    Life("HTTP/1.0, keep-alive without a length", _OLD_KEEP, Response(200), False, _SAYS_CLOSE),
    Life("HTTP/1.0, keep-alive, 304", _OLD_KEEP, Response(304), True, _SAYS_KEEP),
    Life("HTTP/1.0, a Keep-Alive field only", head(b"GET / HTTP/1.0", b"Keep-Alive: 5"), EMPTY_ANSWER, False,
         _SAYS_CLOSE),
]  # fmt: skip


@pytest.mark.spec("rfc9112-9.3-1", "rfc9112-9.6-6b", "rfc9112-9.6-1", "rfc9110-6.2-7a")
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_both_sides_agree_whether_the_connection_persists(life: Life) -> None:
    server, sent = life.answered()
    assert sent.split(b"\r\n\r\n")[0].split(b"\r\n")[0] == b"HTTP/1.1 %d " % life.response.status
    assert life.adds in sent
    assert server.keep_alive is life.persists
    assert server.our_state is (State.IDLE if life.persists else State.MUST_CLOSE)
    asked = server_hears(life.request).events[0]
    assert isinstance(asked, Request)
    if asked.version == b"1.2":
        return  # our client does not speak it
    client = asking_client(Request(asked.method, asked.target, asked.fields, asked.version))
    assert listen(client, [sent] if life.persists else [sent, b""]).error is None
    assert client.keep_alive is life.persists
    assert client.our_state is (State.IDLE if life.persists else State.MUST_CLOSE)


@pytest.mark.spec("rfc9112-9.6-6c", "rfc9112-9.6-7b", "rfc9112-9.6-6a")
@pytest.mark.parametrize("life", [life for life in LIVES if not life.persists], ids=lambda life: life.name)
def test_nothing_after_close_is_processed(life: Life) -> None:
    server, _sent = life.answered()
    assert listen(server, [get(), b""]).events == [ConnectionClosed()]
    with refused_by("http1.send.state"):
        server.send(EMPTY_ANSWER)


@pytest.mark.spec("rfc9112-9.3-6")
@pytest.mark.parametrize("life", [life for life in LIVES if life.persists], ids=lambda life: life.name)
def test_another_request_on_the_same_connection(life: Life) -> None:
    server, _sent = life.answered()
    assert listen(server, [get()], EMPTY_ANSWER).messages == [(b"/", b"")]


@pytest.mark.spec("rfc9112-9.6-5a", "rfc9112-9.6-8a")
@pytest.mark.parametrize("says", [b"request", b"response"])
def test_the_client_sends_nothing_after_close(says: bytes) -> None:
    close = (b"connection", b"close")
    client = asking_client(get_request(b"GET", [close] if says == b"request" else []))
    listen(client, [ok(b"Content-Length: 0", b"Connection: close" if says == b"response" else b"X: y")])
    assert states(client) == (State.MUST_CLOSE, State.MUST_CLOSE)
    with refused_by("http1.send.state"):
        client.send(get_request())
    client.send(ConnectionClosed())
    assert states(client)[0] is State.CLOSED


@pytest.mark.spec("rfc9112-9.3-7b")
def test_the_client_reads_the_response_to_its_end_before_the_next_request() -> None:
    client = asking_client()
    listen(client, [ok(b"Content-Length: 5", body=b"hell")])
    with refused_by("http1.send.state"):
        client.send(get_request())
    listen(client, [b"o"])
    client.send(get_request())


@pytest.mark.spec("rfc9112-9.3-7a")
def test_the_server_goes_on_only_after_the_whole_request_body() -> None:
    server = Connection(Role.SERVER)
    listen(server, [post(b"Content-Length: 5", body=b"he")])
    server.send(EMPTY_ANSWER)
    server.send(EndOfMessage())
    assert server.our_state is State.DONE
    heard = listen(server, [b"llo" + get()])
    assert heard.events[:2] == [Data(b"llo"), EndOfMessage()]
    assert heard.messages[1:] == [(b"/", b"")]


@pytest.mark.spec("rfc9112-9.3.2-1c", "rfc9112-9.2-2b")
def test_pipelined_requests_wait_for_their_turn() -> None:
    server = Connection(Role.SERVER)
    requests = b"".join(head(b"GET /%d HTTP/1.1" % number, b"Host: a") for number in range(3))
    heard = listen(server, [requests])
    events = heard.events
    for number in range(3):
        assert [event.target for event in events if isinstance(event, Request)] == [b"/%d" % number]
        server.send(EMPTY_ANSWER)
        assert list(server.receive()) == [], "not before the response is complete"
        server.send(EndOfMessage())
        events = list(server.receive())
    assert events == []


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_waits_behind_an_unanswered_request_is_bounded(size: int) -> None:
    def listening(waiting: int) -> Connection:
        server = Connection(Role.SERVER, Limits(pipelined=100))
        listen(server, [get()])
        data = b"x" * waiting
        error = listen(server, [data[at : at + size] for at in range(0, waiting, size)]).error
        if waiting > 100:
            assert error is not None
            assert (error.rule, error.offset, error.status) == ("http1.pipeline.too-much", len(get()) + 100, 400)
        else:
            assert error is None
        return server

    listening(101)
    assert listening(100).waiting == 100


def test_too_much_is_pipelined_only_while_the_answer_is_missing() -> None:
    """A burst of requests in one read is fine, if each is answered before the next is asked for."""
    burst = get() * 50
    heard = server_hears(burst, Limits(pipelined=len(burst)))
    assert len(heard.messages) == 50


@pytest.mark.spec("rfc9112-9.5-3")
def test_a_half_closed_client_still_gets_its_answer() -> None:
    """RFC 9112 §9.6: half-close neither ends a request nor withdraws it."""
    server = Connection(Role.SERVER)
    heard = listen(server, [get(), b""])
    assert isinstance(heard.events[0], Request)
    assert heard.events[-1] == ConnectionClosed()
    assert server.their_state is State.CLOSED
    server.send(Response(200))
    server.send(Data(b"hi"))
    server.send(EndOfMessage())
    assert server.our_state is State.MUST_CLOSE
    assert b"connection: close\r\n" in server.bytes_to_send()


def test_a_half_closed_client_gets_answers_to_all_it_pipelined() -> None:
    heard = server_hears([get() * 3, b""])
    assert len(heard.messages) == 3
    assert heard.events[-1] == ConnectionClosed()


@pytest.mark.spec("rfc9112-8-1")
def test_a_client_that_leaves_inside_its_request_can_be_told() -> None:
    server = Connection(Role.SERVER)
    error = listen(server, [post(b"Content-Length: 5", body=b"he"), b""]).error
    assert error is not None
    assert server.their_state is State.ERROR
    server.send(Response(error.status or 0, [(b"content-length", b"0")]))
    server.send(EndOfMessage())
    assert server.bytes_to_send().startswith(b"HTTP/1.1 400 ")


@pytest.mark.spec("rfc9112-9.5-5a", "rfc9110-7.5-3")
def test_an_early_response_is_heard_while_the_body_goes_out() -> None:
    client = Connection(Role.CLIENT)
    client.send(Request(b"POST", b"/", [(b"host", b"a"), (b"content-length", b"5")]))
    heard = listen(client, [head(b"HTTP/1.1 413 Too Large", b"Connection: close", b"Content-Length: 0")])
    assert heard.messages == [(413, b"")]
    assert not client.keep_alive
    client.send(Data(b"hello"))
    client.send(EndOfMessage())
    assert client.our_state is State.MUST_CLOSE


@pytest.mark.spec("rfc9112-9.2-3a")
def test_data_before_any_request_is_no_response() -> None:
    error = listen(Connection(Role.CLIENT), [ok(b"Content-Length: 0")]).error
    assert error is not None
    assert error.rule == "http1.response.unasked"


def test_a_server_may_answer_late_or_malformed_clients_without_a_request() -> None:
    """RFC 9110 §15.5.9: 408 goes out although no request came; the connection ends with it."""
    server = Connection(Role.SERVER)
    listen(server, [b"GET / HT"])
    server.send(Response(408, [(b"content-length", b"0")]))
    server.send(EndOfMessage())
    assert server.bytes_to_send() == b"HTTP/1.1 408 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    assert server.our_state is State.MUST_CLOSE


def test_after_an_error_every_call_says_so_again() -> None:
    server = Connection(Role.SERVER)
    first = listen(server, [b"\0\r\n\r\n"]).error
    for data in (b"more", b"", None):
        with pytest.raises(RemoteProtocolError) as again:
            list(server.receive(data))
        assert vars(again.value) == vars(first)


def test_after_an_error_nothing_of_the_input_is_kept() -> None:
    """Neither in a buffer nor by way of the error's traceback: a connection may linger for a while."""

    class Watched(Connection):
        __slots__ = ("__weakref__",)

    server = Watched(Role.SERVER)
    held = weakref.ref(server)
    error = listen(server, [b"\0\r\n" + b"x" * 1_000_000]).error
    assert error is not None
    assert server.waiting == 0
    assert footprint(server) - footprint(Connection(Role.SERVER)) < 2000
    gc.disable()
    try:
        del server, error
        assert held() is None, "it waits for the garbage collector"
    finally:
        gc.enable()


def test_bytes_after_the_end_are_a_mistake_of_the_caller() -> None:
    server = Connection(Role.SERVER)
    assert list(server.receive(b"")) == [ConnectionClosed()]
    with refused_by("http1.receive.after-close"):
        server.receive(b"GET")


def test_an_interim_response_leaves_the_connection_as_it_is() -> None:
    server = Connection(Role.SERVER)
    listen(server, [get()])
    server.send(InformationalResponse(103, [(b"link", b"</a.css>")]))
    assert states(server) == (State.SEND_RESPONSE, State.DONE)
    server.send(EMPTY_ANSWER)
    server.send(EndOfMessage())
    assert states(server) == (State.IDLE, State.IDLE)


def test_what_answers_no_request_does_not_follow_the_method_of_the_one_before() -> None:
    server = Connection(Role.SERVER)
    listen(server, [head(b"HEAD / HTTP/1.1", b"Host: a")])
    server.send(EMPTY_ANSWER)
    server.send(EndOfMessage())
    with pytest.raises(RemoteProtocolError):
        list(server.receive(b"GET\r\n"))
    server.bytes_to_send()
    server.send(Response(400, [(b"content-length", b"3")]))
    server.send(Data(b"no!"))
    server.send(EndOfMessage())
    assert server.bytes_to_send().endswith(b"\r\n\r\nno!")


def test_a_205_says_that_it_is_empty() -> None:
    server = Connection(Role.SERVER)
    listen(server, [get()])
    server.send(Response(205))
    server.send(EndOfMessage())
    assert server.bytes_to_send() == b"HTTP/1.1 205 \r\ncontent-length: 0\r\n\r\n"
    assert server.keep_alive
