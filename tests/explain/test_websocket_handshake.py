"""A handshake explained: its fields have meaning for each other, its faults a place, and frames follow it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explain.canned import DOWN, HANDSHAKE, UP, conversation
from wire import http1
from wire.explain import Explanation, check_tiling
from wire.explain.conversation import Conversation, annotate
from wire.explain.http1 import explain as http1_explain
from wire.explain.websocket import explain_both, go_on
from wire.fuzz.websocket import strategies
from wire.fuzz.websocket.draft import Stream
from wire.websocket import RULES, Role

REQUEST, RESPONSE = HANDSHAKE
HELLO_UP = bytes.fromhex("818537fa213d7f9f4d5158")
HELLO_DOWN = b"\x81\x05Hello"
PACKED_DOWN = bytes.fromhex("c107f248cdc9c90700")


def explained(talk: Conversation) -> tuple[Explanation, Explanation]:
    annotated = annotate(talk, explain_both)
    for explanation in annotated.explanations.values():
        check_tiling(explanation.data, explanation.spans)
    return annotated.explanations[UP], annotated.explanations[DOWN]


def names(explanation: Explanation) -> list[str]:
    return [span.name for span in explanation.spans]


def note(explanation: Explanation, field: bytes) -> str:
    return next(
        line.note
        for top in explanation.spans
        for line in top.walk()
        if isinstance(line.value, bytes) and line.value.startswith(field + b": ")
    )


def test_frames_follow_in_both_directions() -> None:
    client, server = explained(
        conversation((UP, REQUEST), (DOWN, RESPONSE), (UP, HELLO_UP), (DOWN, HELLO_DOWN + PACKED_DOWN))
    )
    assert names(client) == ["request", "text frame"]
    assert names(server) == ["interim response", "text frame", "text frame"]
    assert client.fault is server.fault is None
    assert server.spans[2].value == "Hello"
    assert (client.protocol, client.subject) == ("WebSocket", "handshake and frames of a client")


def test_the_fields_say_what_they_are_for() -> None:
    client, server = explained(conversation((UP, REQUEST), (DOWN, RESPONSE)))
    assert "16 bytes of chance" in note(client, b"sec-websocket-key")
    assert "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11" in note(server, b"sec-websocket-accept")
    assert "could speak" in note(client, b"sec-websocket-protocol")
    assert "chose" in note(server, b"sec-websocket-protocol")
    assert "offers to compress" in note(client, b"sec-websocket-extensions")
    terms = note(server, b"sec-websocket-extensions")
    assert "the server may refer back 1,024 bytes, within a message; the client may refer back 32,768 bytes" in terms


REQUEST_FAULTS = {
    "websocket.handshake.method": (b"GET /", b"PUT /", b"PUT"),
    "websocket.handshake.version": (b"Version: 13", b"Version: 8", b"Sec-WebSocket-Version: 8\r\n"),
    "websocket.handshake.key": (b"dGhl", b"dGh", b"Sec-WebSocket-Key: dGhIHNhbXBsZSBub25jZQ==\r\n"),
    "websocket.handshake.subprotocol": (b"chat, superchat", b"a, a", b"Sec-WebSocket-Protocol: a, a\r\n"),
    "websocket.handshake.extensions": (
        b"permessage-deflate; client_max_window_bits",
        b"a;;",
        b"Sec-WebSocket-Extensions: a;;\r\n",
    ),
    "websocket.handshake.origin": (b"\r\n\r\n", b"\r\nOrigin: a\r\nOrigin: b\r\n\r\n", b"Origin: b\r\n"),
}
RESPONSE_FAULTS = {
    "websocket.response.accept": (b"s3pP", b"s4pP", b"Sec-WebSocket-Accept: s4pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
    "websocket.response.subprotocol": (b": chat", b": talk", b"Sec-WebSocket-Protocol: talk\r\n"),
    "websocket.response.extensions": (
        b"; server_no_context_takeover; server_max_window_bits=10",
        b"; unknown",
        b"Sec-WebSocket-Extensions: permessage-deflate; unknown\r\n",
    ),
}


@pytest.mark.parametrize("rule", REQUEST_FAULTS)
def test_a_request_that_breaks_a_rule_of_the_handshake(rule: str) -> None:
    right, wrong, blamed = REQUEST_FAULTS[rule]
    client, _server = explained(conversation((UP, REQUEST.replace(right, wrong, 1))))
    assert client.fault is not None
    assert (client.fault.rule, client.fault.allowed) == (rule, RULES[rule].allowed)
    assert client.data[client.fault.offset : client.fault.end] == blamed
    assert client.fault.status == RULES[rule].answer


@pytest.mark.parametrize("rule", RESPONSE_FAULTS)
def test_a_response_that_breaks_a_rule_of_the_handshake(rule: str) -> None:
    right, wrong, blamed = RESPONSE_FAULTS[rule]
    _client, server = explained(
        conversation((UP, REQUEST), (DOWN, RESPONSE.replace(right, wrong, 1)), (DOWN, HELLO_DOWN))
    )
    assert server.fault is not None
    assert (server.fault.rule, server.fault.allowed) == (rule, RULES[rule].allowed)
    assert server.data[server.fault.offset : server.fault.end] == blamed
    assert names(server) == ["interim response", "not read"]


def test_what_is_missing_is_missing_at_the_end_of_the_head() -> None:
    lines = [line for line in REQUEST.split(b"\r\n") if b"-Key" not in line]
    client, _server = explained(conversation((UP, b"\r\n".join(lines))))
    assert client.fault is not None
    assert client.fault.rule == "websocket.handshake.key"
    assert client.fault.offset == client.fault.end == len(client.data) - 2


def test_a_refused_handshake_is_plain_http() -> None:
    refusal = b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n"
    old = REQUEST.replace(b": 13", b": 8")
    client, server = explained(conversation((UP, old), (DOWN, refusal)))
    assert client.fault is not None
    assert server.fault is None
    client, server = explained(conversation((UP, old), (DOWN, refusal), (UP, REQUEST), (DOWN, RESPONSE)))
    assert client.fault is server.fault is None, "the second attempt succeeds"
    assert names(client) == ["request", "request"]
    assert names(server) == ["response", "interim response"]


def test_an_upgrade_to_something_else_is_left_alone() -> None:
    other = (part.replace(b"websocket", b"x") for part in HANDSHAKE)
    client, server = explained(conversation((UP, next(other)), (DOWN, next(other)), (UP, b"!"), (DOWN, b"?")))
    assert names(client) == ["request", "switched data"]
    assert names(server) == ["interim response", "switched data"]


def test_an_end_without_a_close_frame_is_told() -> None:
    client, server = explained(conversation((UP, REQUEST), (DOWN, RESPONSE), (DOWN, b""), (UP, HELLO_UP)))
    assert "1006" in server.awaiting
    assert client.awaiting == ""


@pytest.mark.parametrize("sender", Role, ids=lambda role: role.value)
def test_one_direction_alone_is_gone_on_with(sender: Role) -> None:
    data = REQUEST + HELLO_UP if sender is Role.CLIENT else RESPONSE + HELLO_DOWN + PACKED_DOWN
    explanation = go_on(http1_explain(data, http1.Role(sender.value)), sender)
    check_tiling(data, explanation.spans)
    assert explanation.fault is None
    assert names(explanation)[1:] == ["text frame"] * (1 if sender is Role.CLIENT else 2)
    plain = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert go_on(http1_explain(plain, http1.Role.CLIENT), Role.CLIENT) == http1_explain(plain, http1.Role.CLIENT)


@given(
    stream=strategies.streams(deflate=True),
    noise=strategies.noise(),
    cut=st.integers(0, 600),
    wrong=st.sampled_from([b"", *(right for right, _wrong, _blamed in (REQUEST_FAULTS | RESPONSE_FAULTS).values())]),
)
def test_any_bytes_both_ways(stream: Stream, noise: bytes, cut: int, wrong: bytes) -> None:
    request, response = (part.replace(wrong, b"") if wrong else part for part in HANDSHAKE)
    to_server, to_client = request + stream.wire(), response + noise
    explained(conversation((UP, to_server[:cut]), (DOWN, to_client[:cut])))
    explained(conversation((UP, to_server), (DOWN, to_client[:cut]), (UP, b""), (DOWN, b"")))
