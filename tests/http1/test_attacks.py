"""Every published way to smuggle a request or split a response, by its name: rejected, or accepted with the section."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.http1.attacks import chunks, fields, framing, over_limit, request_line, responses
from tests.http1.attacks.case import Case
from tests.http1.support import EMPTY_ANSWER, Heard, client_hears, listen, server_hears
from wire.errors import RemoteProtocolError
from wire.http1 import RULES, Connection, EndOfMessage, Limits, Response, Role

REQUESTS = [*request_line.CASES, *fields.CASES, *framing.CASES, *chunks.CASES, *over_limit.CASES]
RESPONSES = [*responses.CASES, *over_limit.responses()]


def named(cases: Sequence[Case]) -> list[object]:
    """The cases as parameters: each with its name, and marked with what it proves."""
    return [pytest.param(case, id=case.name, marks=pytest.mark.spec(*case.spec) if case.spec else ()) for case in cases]


def hear(case: Case) -> Heard:
    if case in REQUESTS:
        return server_hears(case.data, case.limits)
    return client_hears(case.data, case.request, case.limits)


def judge(case: Case, heard: Heard) -> None:
    assert list(heard.messages) == list(case.means)
    if case.rule is None:
        assert heard.error is None
        assert case.section  # what allows it
        return
    assert heard.error is not None, "it was accepted"
    assert (heard.error.rule, heard.error.status, heard.error.section) == (case.rule, case.status, case.section)
    data = case.data if isinstance(case.data, bytes) else b"".join(case.data)
    assert heard.error.offset is not None
    assert 0 <= heard.error.offset <= len(data)
    if case.at is not None:
        assert data[heard.error.offset :].startswith(case.at)


@pytest.mark.parametrize("case", named(REQUESTS))
def test_a_request_gets_its_verdict(case: Case) -> None:
    judge(case, hear(case))


@pytest.mark.parametrize("case", named(RESPONSES))
def test_a_response_gets_its_verdict(case: Case) -> None:
    judge(case, hear(case))


@pytest.mark.spec("rfc9112-2.2-9", "rfc9112-6.1-15b", "rfc9112-6.3-7", "rfc9112-6.3-8b")
@pytest.mark.parametrize("case", [case for case in REQUESTS if case.rule and isinstance(case.data, bytes)])
def test_the_server_answers_and_closes(case: Case) -> None:
    """What was hidden behind the error is never heard, and the answer says that the connection ends."""
    server = Connection(Role.SERVER, case.limits)
    assert isinstance(case.data, bytes)
    error = listen(server, [case.data], EMPTY_ANSWER).error
    assert error is not None
    server.bytes_to_send()
    assert error.status is not None
    server.send(Response(error.status, [(b"content-length", b"0")]))
    server.send(EndOfMessage())
    assert server.bytes_to_send() == b"HTTP/1.1 %d \r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % error.status
    assert not server.keep_alive
    with pytest.raises(RemoteProtocolError) as again:
        list(server.receive(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"))
    assert (again.value.rule, again.value.offset) == (error.rule, error.offset)


@pytest.mark.parametrize("limited", over_limit.LIMITED, ids=lambda limited: f"{limited.limit} {limited.note}")
def test_at_the_limit_it_is_accepted(limited: over_limit.Limited) -> None:
    hears: Callable[..., Heard] = client_hears if limited.response else server_hears
    data: object = limited.make(limited.least)
    if limited.note == "until close":
        data = [data, b""]
    heard = hears(data, limits=over_limit.within(limited))
    assert heard.error is None
    assert len(heard.messages) == 1


@pytest.mark.spec("rfc9112-3-5")
@pytest.mark.parametrize(
    "limited",
    [limited for limited in over_limit.LIMITED if limited.limit != "body"],  # which has none unless it is asked for
    ids=lambda limited: f"{limited.limit} {limited.note}",
)
def test_the_default_is_the_limit_too(limited: over_limit.Limited) -> None:
    """However large: where the head in one piece is no longer read at once, the verdict is the same."""
    default = getattr(Limits(), limited.limit)
    hears: Callable[..., Heard] = client_hears if limited.response else server_hears
    assert hears(limited.make(default)).error is None
    error = hears(limited.make(default + 1)).error
    assert error is not None
    assert error.rule == limited.rule


def test_names_are_unique() -> None:
    names = [case.name for case in [*REQUESTS, *RESPONSES]]
    assert [name for name in names if names.count(name) > 1] == []


def test_the_catalogue_of_rules_is_exhausted() -> None:
    """Each rule is broken by some input here, and the input's rule says the status and the section of the catalogue."""
    elsewhere = {"http1.pipeline.too-much", "http1.switch.too-early"}  # need a connection in a certain state: see there
    broken = {case.rule for case in [*REQUESTS, *RESPONSES] if case.rule}
    assert broken | elsewhere == set(RULES)
    for case in [*REQUESTS, *RESPONSES]:
        if case.rule:
            assert (RULES[case.rule].status, RULES[case.rule].section) == (case.status, case.section), case.name
