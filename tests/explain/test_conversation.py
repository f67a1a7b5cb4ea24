"""Both directions of a connection: each is explained with what the other says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.explain.canned import DOWN, SMUGGLING, UP, UPLOAD, conversation
from wire.explain import Explanation, check_tiling
from wire.explain.conversation import Conversation, Direction, annotate
from wire.explain.http1 import explain_both
from wire.explain.outline import Outline
from wire.fuzz import strategies
from wire.fuzz.strategies import Spoilt


def names(explanation: Explanation) -> list[str]:
    return [span.name for span in explanation.spans]


def explained(conversation: Conversation) -> tuple[Explanation, Explanation]:
    annotated = annotate(conversation, explain_both)
    for explanation in annotated.explanations.values():
        check_tiling(explanation.data, explanation.spans)
    return annotated.explanations[UP], annotated.explanations[DOWN]


def test_an_upload_and_what_follows_it() -> None:
    requests, responses = explained(UPLOAD)
    assert names(requests) == ["request"] * 3
    assert names(responses) == ["interim response"] + ["response"] * 3
    assert requests.fault is responses.fault is None


def test_a_response_to_head_has_no_body() -> None:
    head = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    _requests, responses = explained(conversation((UP, head + head), (DOWN, answer + answer)))
    assert names(responses) == ["response", "response"]
    assert responses.awaiting == ""


def test_a_broken_request_has_an_answer_all_the_same() -> None:
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    requests, responses = explained(conversation((UP, SMUGGLING), (DOWN, answer), (DOWN, b"")))
    assert requests.fault is not None
    assert requests.fault.rule == "http1.transfer-encoding.with-content-length"
    assert responses.fault is None
    assert names(responses) == ["response"]


def test_a_response_that_nobody_asked_for() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    _requests, responses = explained(conversation((UP, get), (DOWN, answer + answer)))
    assert responses.fault is not None
    assert (responses.fault.rule, responses.fault.offset) == ("http1.response.unasked", len(answer))


def test_a_request_without_an_answer() -> None:
    get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    _requests, responses = explained(conversation((UP, get), (DOWN, b"")))
    assert responses.fault is not None
    assert responses.fault.rule == "http1.eof.no-response"


def test_a_tunnel_begins_where_the_server_says_so() -> None:
    connect = b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"
    opened = conversation((UP, connect), (DOWN, b"HTTP/1.1 200 OK\r\n\r\n"), (UP, b"\x00\x01"), (DOWN, b"\x02"))
    requests, responses = explained(opened)
    assert names(requests) == ["request", "switched data"]
    assert names(responses) == ["response", "switched data"]
    refused = conversation(
        (UP, connect),
        (DOWN, b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
        (UP, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    )
    assert names(explained(refused)[0]) == ["request", "request"]


def test_a_protocol_is_switched_where_the_server_says_so() -> None:
    offer = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    switch = b"HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    plain = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    both = conversation((UP, offer), (DOWN, switch), (UP, plain), (DOWN, b"!"))
    requests, responses = explained(both)
    assert names(requests) == ["request", "switched data"]
    assert names(responses) == ["interim response", "switched data"]


def test_segments_say_what_they_carry() -> None:
    annotated = annotate(UPLOAD, explain_both)
    outlines = {direction: Outline(explanation) for direction, explanation in annotated.explanations.items()}
    said = [outlines[segment.direction].carries(segment.start, segment.end) for segment in UPLOAD.segments]
    assert said == [
        ["request 1"],
        ["interim response 1"],
        ["more of request 1"],
        ["response 1"],
        ["more of response 1"],
        ["request 2", "request 3"],
        ["response 2", "response 3"],
        [],
    ]


def test_a_side_closes_once() -> None:
    assert len(conversation((UP, b"x"), (UP, b""), (UP, b"")).segments) == 2


def test_json_has_the_segments_and_both_explanations() -> None:
    form = annotate(UPLOAD, explain_both).to_json()
    assert [segment["direction"] for segment in form["segments"]][:2] == ["client to server", "server to client"]
    assert form["segments"][-1]["closed"]
    assert form["segments"][1]["time"] == 0.001
    data = bytes.fromhex(form["explanations"]["client to server"]["data"])
    assert data == UPLOAD.stream(UP)


@given(
    to_server=strategies.inputs(strategies.mutated_requests(), strategies.request_bytes(), first=False),
    to_client=strategies.inputs(strategies.mutated_responses(), strategies.response_bytes(), first=False),
    start_line=st.sampled_from(
        [b"", b"GET / HTTP/1.2", b"CONNECT a:1 HTTP/1.0", b"HEAD / HTTP/1.0", b"GET / HTTP/1.1"]
    ),
    fields=st.lists(
        st.sampled_from([b"Connection: close, upgrade", b"Upgrade: x/1, y", b"Connection: te", b"Upgrade:"])
    ),
    closed=st.sets(st.sampled_from(Direction)),
)
def test_any_bytes_both_ways(
    to_server: Spoilt, to_client: Spoilt, start_line: bytes, fields: list[bytes], closed: set[Direction]
) -> None:
    first = b"".join(line + b"\r\n" for line in [start_line, b"Host: a", *fields, b""]) if start_line else b""
    both = conversation((UP, first + to_server.data), (DOWN, to_client.data), *((side, b"") for side in closed))
    explained(both)
