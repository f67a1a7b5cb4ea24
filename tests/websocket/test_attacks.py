"""Every way to break a rule of framing, by its name: rejected at its byte with its close code, or accepted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.websocket.attacks import compression, control, fragments, frames, over_limit, text
from tests.websocket.attacks.case import Case
from tests.websocket.support import Heard, hears, listen, said, wire
from wire.errors import RemoteProtocolError
from wire.fuzz.websocket.draft import Frame
from wire.websocket import RULES, Close, Connection, Limits, Role
from wire.websocket.frames import Opcode

CASES: list[Case] = [
    *frames.CASES, *fragments.CASES, *control.CASES, *text.CASES, *compression.CASES, *over_limit.CASES,
]  # fmt: skip
BROKEN = [case for case in CASES if case.rule]


def named(cases: Sequence[Case]) -> list[object]:
    """The cases as parameters: each with its name, and marked with what it proves."""
    return [pytest.param(case, id=case.name, marks=pytest.mark.spec(*case.spec) if case.spec else ()) for case in cases]


def message_before(case: Case) -> bytes:
    """A message that is in order, so that no byte at fault is the first of all."""
    return wire(Frame(Opcode.BINARY, b"ok"), role=case.role)


def hear(case: Case) -> Heard:
    data = message_before(case) + wire(*case.frames, role=case.role) + case.raw
    return hears(case.role, data, case.limits, case.deflate)


@pytest.mark.parametrize("case", named(CASES))
def test_an_input_gets_its_verdict(case: Case) -> None:
    heard = hear(case)
    assert heard.means == [(b"binary", b"ok"), *case.means]
    if case.rule is None:
        assert heard.error is None
        assert case.section  # what allows it
        return
    rule = RULES[case.rule]
    assert heard.verdict == (case.rule, rule.answer, rule.section, len(message_before(case)) + case.at)


@pytest.mark.spec("rfc6455-7.1.7-2a", "rfc6455-7.1.7-2c", "rfc6455-10.7-1a", "rfc6455-10.7-1c")
@pytest.mark.parametrize("case", [case for case in BROKEN if "," not in case.name], ids=lambda case: case.name)
def test_what_follows_is_never_heard_and_the_close_frame_says_why(case: Case) -> None:
    connection = Connection(case.role, case.limits, deflate=case.deflate)
    data = wire(*case.frames, role=case.role) + case.raw
    error = listen(connection, [data]).error
    assert error is not None
    assert error.code is not None
    for more in (wire(Frame(Opcode.TEXT, b"more"), role=case.role), b""):
        with pytest.raises(RemoteProtocolError) as again:
            list(connection.receive(more))
        assert (again.value.rule, again.value.offset, again.value.code) == (error.rule, error.offset, error.code)
    answer = said(connection, Close(error.code, error.message))
    other = Role.CLIENT if case.role is Role.SERVER else Role.SERVER
    assert list(Connection(other).receive(answer)) == [Close(error.code, error.message)]


@pytest.mark.parametrize("limited", over_limit.LIMITED, ids=lambda limited: limited.name)
def test_at_the_limit_it_is_accepted(limited: over_limit.Limited) -> None:
    heard = hears(Role.SERVER, wire(*limited.make(limited.least)), limited.within(limited.least), limited.deflate)
    assert heard.error is None
    assert [payload for kind, payload in heard.means if kind != b"ping"]


WITH_DEFAULT = [limited for limited in over_limit.LIMITED if limited.note in ("16 bits", "two frames", "short ones")]


@pytest.mark.parametrize("limited", WITH_DEFAULT, ids=lambda limited: limited.limit)
def test_the_default_is_the_limit_too(limited: over_limit.Limited) -> None:
    default = getattr(Limits(), limited.limit)
    for size, rule in ((default, None), (default + 1, limited.rule)):
        error = listen(Connection(Role.SERVER), [wire(*limited.make(size))]).error
        assert (error and error.rule) == rule


def test_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert [name for name in names if names.count(name) > 1] == []


def test_the_catalogue_of_rules_is_exhausted() -> None:
    """Each rule that a frame can break is broken by some input here."""
    of_handshake = {rule for rule in RULES if rule.startswith(("websocket.handshake.", "websocket.response."))}
    assert {case.rule for case in BROKEN} | of_handshake == set(RULES)
