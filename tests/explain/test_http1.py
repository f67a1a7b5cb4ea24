"""What is explained of HTTP/1.1 tiles the input and says what the codec says, whatever the input is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explain.spelling import heard, spelled
from tests.http1.attacks.case import Case
from tests.http1.support import get_request
from tests.http1.test_attacks import REQUESTS as ATTACKS_BY_CLIENTS
from tests.http1.test_attacks import RESPONSES as ATTACKS_BY_SERVERS
from wire.explain import Explanation, Span, check_tiling
from wire.explain.http1 import explain, sender_of
from wire.fuzz import strategies
from wire.fuzz.contract import Subject, transcript
from wire.fuzz.strategies import Spoilt
from wire.fuzz.subjects import CONNECT, GET, HEAD, UPGRADE, client, server
from wire.http1 import RULES, ConnectionClosed, EndOfMessage, Limits, Request, Role

TIGHT = Limits(
    start_line=40, method=6, empty_lines=1, field_line=30, field_lines=4, head=70, trailer_lines=1, trailers=20,
    chunk_size_digits=3, chunk_extension=8, chunk_extensions=12, body=30, interim_responses=2,
)  # fmt: skip
Trailers = tuple[tuple[bytes, bytes], ...]
ANSWERED_BY_200 = [200] * 100

REQUESTS = strategies.inputs(
    strategies.mutated_requests() | strategies.mutated_chunks(), strategies.request_bytes(), first=False
)
RESPONSES = strategies.inputs(strategies.mutated_responses(), strategies.response_bytes(), first=False)


def _handed_out(trailers: Trailers, events: Sequence[object]) -> Trailers:
    """Trailers are drawn as they come; the codec hands them out with the end of the message."""
    last = next((event for event in reversed(events) if not isinstance(event, ConnectionClosed)), None)
    return trailers if isinstance(last, EndOfMessage) else ()


ENDS = st.none() | st.integers(0, 200)
"""Where an input is cut off."""


def hold(explanation: Explanation, subject: Subject, closed: bool) -> None:
    """Check an explanation against what the codec makes of the same bytes."""
    data = explanation.data
    check_tiling(data, explanation.spans)
    leaves = [leaf for span in explanation.spans for leaf in span.leaves()]
    assert b"".join(data[leaf.start : leaf.end] for leaf in leaves) == data
    said = transcript(subject, [piece for piece in ([data, b""] if closed else [data]) if piece or closed])
    fault = explanation.fault
    assert (fault and (fault.rule, fault.offset)) == (said.error and (said.error[0], said.error[1]))
    messages, switched = heard(said.events)
    drawn, drawn_switched = spelled(explanation.spans)
    if messages and len(drawn) == len(messages):
        drawn[-1].trailers = _handed_out(drawn[-1].trailers, said.events)
    assert drawn[: len(messages)] == messages
    assert len(drawn) <= len(messages) + 1, "at most one more head, which was never complete"
    assert drawn_switched == switched
    if fault is not None:
        assert fault.allowed == RULES[fault.rule].allowed
        assert fault.offset <= fault.end <= len(data)


@pytest.mark.parametrize("limits", [Limits(), TIGHT], ids=["limits", "tight limits"])
@given(spoilt=REQUESTS, end=ENDS, closed=st.booleans())
def test_explained_requests_are_what_the_codec_hears(
    limits: Limits, spoilt: Spoilt, end: int | None, closed: bool
) -> None:
    explanation = explain(spoilt.data[:end], Role.CLIENT, answers=ANSWERED_BY_200, closed=closed, limits=limits)
    hold(explanation, server(limits), closed)


@pytest.mark.parametrize("limits", [Limits(), TIGHT], ids=["limits", "tight limits"])
@given(
    spoilt=RESPONSES,
    asked=st.sampled_from([[GET, GET, GET], [HEAD, GET], [GET, HEAD], [CONNECT], [UPGRADE, GET]]),
    end=ENDS,
    closed=st.booleans(),
)
def test_explained_responses_are_what_the_codec_hears(
    limits: Limits, spoilt: Spoilt, asked: Sequence[Request], end: int | None, closed: bool
) -> None:
    data = spoilt.data[:end]
    explanation = explain(data, Role.SERVER, requests=asked, only_these=True, closed=closed, limits=limits)
    hold(explanation, client(asked, limits), closed)


@pytest.mark.parametrize("case", [*ATTACKS_BY_CLIENTS, *ATTACKS_BY_SERVERS], ids=lambda case: case.name)
def test_each_published_attack_is_explained_as_the_codec_judges_it(case: Case) -> None:
    pieces = [case.data] if isinstance(case.data, bytes) else case.data
    data, closed = b"".join(pieces), b"" in pieces
    if case in ATTACKS_BY_CLIENTS:
        explanation = explain(data, Role.CLIENT, answers=ANSWERED_BY_200, closed=closed, limits=case.limits)
        hold(explanation, server(case.limits), closed)
    else:
        asked = [case.request or get_request()]
        explanation = explain(data, Role.SERVER, requests=asked, only_these=True, closed=closed, limits=case.limits)
        hold(explanation, client(asked, case.limits), closed)
    assert (explanation.fault.rule if explanation.fault else None) == case.rule


def named(explanation: Explanation, name: str) -> list[Span]:
    return [span for top in explanation.spans for span in top.walk() if span.name == name]


def values(explanation: Explanation, name: str) -> list[object]:
    return [span.value for span in named(explanation, name)]


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        (b"/a/b?c=d", {"absolute-path": b"/a/b", "?": None, "query": b"c=d"}),
        (b"/a", {}),
        (
            b"http://a:1/b?c",
            {"scheme": b"http", "://": None, "authority": b"a:1", "path": b"/b", "?": None, "query": b"c"},
        ),
        (b"urn:a", {"scheme": b"urn", ":": None, "path": b"a"}),
    ],
)
def test_the_parts_of_a_target(target: bytes, parts: dict[str, bytes | None]) -> None:
    explanation = explain(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target, Role.CLIENT)
    (span,) = named(explanation, "request-target")
    assert {child.name: child.value for child in span.children} == parts


def test_a_chunked_body_points_back_to_its_bytes() -> None:
    data = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n'
    explanation = explain(data, Role.SERVER)
    (body,) = named(explanation, "message-body")
    assert body.derived is not None
    assert body.derived.data == b"abcde"
    assert [data[piece.origin_start : piece.origin_end] for piece in body.derived.pieces] == [b"abc", b"de"]
    assert values(explanation, "chunk-ext-val") == [b'"b"']
    assert values(explanation, "chunk-size") == [3, 2, 0]


def test_a_folded_line_is_one_field() -> None:
    explanation = explain(b"HTTP/1.1 204 \r\nX: a\r\n\t b \r\n c\r\n\r\n", Role.SERVER)
    assert values(explanation, "field-line") == [b"x: a b c"]
    assert len(named(explanation, "obs-fold")) == 2


@pytest.mark.parametrize(
    ("data", "awaiting"),
    [
        (b"GET", "the rest of the request-line: SP, request-target, SP, HTTP-version, CRLF"),
        (b"GET / HTTP/1.1\r", "the LF that ends the request-line"),
        (b"GET / HTTP/1.1\r\n", "a field line, or the empty line that ends the section"),
        (b"GET / HTTP/1.1\r\nHost", "the rest of the field line: field-name, :, field-value, CRLF"),
        (b"GET / HTTP/1.1\r\nHost: a", "the rest of the field line: field-value, CRLF"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", "1 byte of the body"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "the size of the next chunk"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3", "the rest of the chunk-size line"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "1 byte of the chunk"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r", "the CRLF behind the chunk"),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", "more of the body, or the end of the connection"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""),
    ],
)
def test_what_is_still_to_come(data: bytes, awaiting: str) -> None:
    explanation = explain(data, sender_of(data))
    assert explanation.fault is None
    assert explanation.awaiting == awaiting


@pytest.mark.parametrize("rest", [b"", b"\r", b"xyz", b"xyz\r", b"1;a=", b"1;a=\r", b"1\r\na", b"0\r\nX", b"0\r\n\r"])
def test_a_chunked_body_cut_anywhere(rest: bytes) -> None:
    data = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + rest
    for closed in (False, True):
        explanation = explain(data, Role.CLIENT, answers=ANSWERED_BY_200, closed=closed)
        hold(explanation, server(), closed)
        assert explanation.awaiting


def test_the_bytes_to_blame() -> None:
    both = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"
    cases = {
        both: b"Transfer-Encoding: chunked\r\n",
        b"GET a:b@c HTTP/1.1\r\nHost: a\r\n\r\n".replace(b"a:b@c", b"nowhere"): b"nowhere",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n": b" ",
        b"GET / HTTP/1.1\r\n\r\nGET": b"",
    }
    for data, blamed in cases.items():
        fault = explain(data, Role.CLIENT).fault
        assert fault is not None
        assert data[fault.offset : fault.end] == blamed


def test_what_stands_behind_close_is_discarded() -> None:
    explanation = explain(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b", Role.CLIENT, closed=True)
    assert explanation.fault is None
    assert [span.name for span in explanation.spans] == ["request", "discarded"]


def test_an_upgrade_is_taken_for_accepted_where_no_request_follows() -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    assert [span.name for span in explain(upgrade + b"\x81\x00", Role.CLIENT).spans] == ["request", "switched data"]
    assert [span.name for span in explain(upgrade * 2, Role.CLIENT).spans] == ["request", "request"]
    refused = explain(upgrade + b"\x81\x00", Role.CLIENT, answers=[200]).fault
    assert refused is not None
    assert (refused.rule, refused.offset) == ("http1.request-line.method", len(upgrade))
    assert named(explain(upgrade + b"\x81\x00\r\n", Role.CLIENT, answers=[200]), "at fault")


@pytest.mark.parametrize(
    ("data", "sender"),
    [
        (b"", Role.CLIENT),
        (b"HT", Role.SERVER),
        (b"HTTP/1.1 200 OK\r\n", Role.SERVER),
        (b"\r\nGET / HTTP/1.1", Role.CLIENT),
        (b"HTTQ", Role.CLIENT),
        (b"\x89PNG", Role.CLIENT),
    ],
)
def test_who_sent_it(data: bytes, sender: Role) -> None:
    assert sender_of(data) is sender


def test_a_long_input_takes_linear_time() -> None:
    """A quadratic walk over these 60,000 chunks and 4,000 requests would take minutes."""
    chunks = b"1\r\na\r\n" * 60_000 + b"0\r\n\r\n"
    long = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    many = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" * 4_000
    assert len(named(explain(long, Role.CLIENT), "chunk")) == 60_000
    assert len(explain(many, Role.CLIENT).spans) == 4_000
