"""What a terminal shows: kept in golden files, never wider than it, and never more than text."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console

from tests.explain import canned
from tests.golden import check_golden
from wire.explain import websocket
from wire.explain.conversation import Direction, Explainer, annotate
from wire.explain.http1 import explain, explain_both, sender_of
from wire.explain.terminal import NARROWEST, Terminal
from wire.fuzz.strategies import Spoilt
from wire.fuzz.websocket import strategies
from wire.http1 import Role as Http1Role
from wire.websocket import Deflate, Role

GOLDEN = Path(__file__).parent / "golden"


def console(width: int, *, colour: bool = False) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=width, force_terminal=colour, color_system="truecolor" if colour else None), file


def shown(data: bytes, width: int, *, everything: bool = False) -> str:
    target, file = console(width)
    sender = sender_of(data)
    direction = Direction.TO_SERVER if sender is Http1Role.CLIENT else Direction.TO_CLIENT
    Terminal(target, everything=everything).explanation(explain(data, sender, closed=True), direction)
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize("name", ["REQUEST", "SMUGGLING", "SPACE_BEFORE_COLON", "INCOMPLETE", "SWITCHED"])
def test_one_direction(name: str, width: int) -> None:
    check_golden(GOLDEN / f"{name.lower()}-{width}.txt", shown(getattr(canned, name), width))


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(("name", "explainer"), [("UPLOAD", explain_both), ("WEBSOCKET", websocket.explain_both)])
def test_a_conversation(name: str, explainer: Explainer, width: int) -> None:
    target, file = console(width)
    Terminal(target).conversation(annotate(getattr(canned, name), explainer))
    check_golden(GOLDEN / f"{name.lower()}-{width}.txt", file.getvalue())


def test_what_is_not_for_the_reader_only_gives_the_rest_its_meaning() -> None:
    target, file = console(100)
    talk = canned.conversation((canned.UP, canned.OPENING), (canned.DOWN, canned.ANSWER), (canned.DOWN, b"\x81\x02Hi"))
    talk.first_shown = 2
    Terminal(target).conversation(annotate(talk, websocket.explain_both))
    assert "101" not in file.getvalue()
    assert "a whole text message, 2 bytes" in file.getvalue()
    assert f"< {len(canned.ANSWER):04x}  81 02" in file.getvalue()


def test_colour_changes_nothing_but_colour() -> None:
    plain, plain_file = console(100)
    coloured, coloured_file = console(100, colour=True)
    for target in (plain, coloured):
        Terminal(target).conversation(annotate(canned.UPLOAD, explain_both))
    assert "\x1b[" in coloured_file.getvalue()
    text = "\n".join(line.plain for line in AnsiDecoder().decode(coloured_file.getvalue()))
    assert text.rstrip() == plain_file.getvalue().rstrip()


FAMILIAR = [b"GET / HTTP/1.1\r\n", b"Host: a\r\n", b"X: \x1b[31m", b"\xc2\x9b31m", "漢字".encode(), b"\r\n", b"\r"]
HOSTILE = (
    st.binary(max_size=80)
    | st.just(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 300 + b"x")
    | st.lists(st.sampled_from(FAMILIAR)).map(b"".join)
)


@given(data=HOSTILE, width=st.integers(1, 200))
def test_any_bytes_at_any_width(data: bytes, width: int) -> None:
    check_lines(shown(data, width), width)


@given(spoilt=strategies.inputs(masked=True), width=st.integers(1, 200))
def test_any_frames_at_any_width(spoilt: Spoilt, width: int) -> None:
    target, file = console(width)
    Terminal(target).explanation(websocket.explain(spoilt.data, Role.CLIENT, deflate=Deflate()), Direction.TO_SERVER)
    check_lines(file.getvalue(), width)


def check_lines(text: str, width: int) -> None:
    for line in text.splitlines():
        assert cell_len(line) <= max(width, NARROWEST)
        assert line == line.rstrip()
        assert line.isprintable(), "nothing of the input reaches the terminal but as text"


def test_every_byte_is_there_when_asked_for() -> None:
    body = bytes(range(256)) * 8
    data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    everything = shown(data, 80, everything=True)
    codes = bytes.fromhex("".join(line[8:32] for line in everything.splitlines()))
    assert codes == data
    assert "more" in shown(data, 80)


def test_nothing_to_show() -> None:
    assert shown(b"", 80) == "There are no bytes.\n"
