"""``wire tour websocket``: the same text each time with a seed, and what it promises to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner, Result

from tests.golden import check_golden
from wire.cli import main
from wire.cli.scenes import load, stage
from wire.explain import Explanation, Span
from wire.explain.conversation import Annotated, Direction, annotate

GOLDEN = Path(__file__).parent / "golden"
UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def run(*args: str, columns: int = 100) -> Result:
    return CliRunner().invoke(main, ["tour", "websocket", *args], env={"COLUMNS": str(columns)})


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_tour(width: int) -> None:
    result = run("--seed", "1", columns=width)
    assert result.exit_code == 0
    check_golden(GOLDEN / f"tour-websocket-{width}.txt", result.output)


def test_a_seed_fixes_the_pages_and_the_json_too() -> None:
    for form in ("--json", "--html"):
        assert run("--seed", "1", form).output == run("--seed", "1", form).output


def test_without_a_seed_keys_are_others_each_time() -> None:
    keys = [line for _time in range(2) for line in run("--only", "handshake").output.splitlines() if "-key: " in line]
    assert len(keys) == 2
    assert keys[0] != keys[1]


def test_one_part_alone_is_as_in_the_whole() -> None:
    part, whole = run("--seed", "1", "--only", "fragments").output, run("--seed", "1").output
    begin, end = whole.index("3. A message in two frames"), whole.index("4. Compressed")
    assert part[part.index("3. A message") :].strip() == whole[begin:end].strip()


@pytest.fixture(scope="module")
def played() -> dict[str, Annotated]:
    """The parts of the tour as they were recorded."""
    scene = load("websocket")
    conversations = trio.run(stage.perform, scene, scene.parts, 1)
    return {
        part.name: annotate(conversation, scene.explainer)
        for part, conversation in zip(scene.parts, conversations, strict=True)
    }


def turns(annotated: Annotated) -> list[Direction]:
    return [segment.direction for segment in annotated.conversation.shown]


def frames(annotated: Annotated, direction: Direction) -> list[tuple[str, Any]]:
    spans = annotated.explanations[direction].spans
    return [(span.name, span.value) for span in spans if span.name.endswith("frame")]


def walk(explanation: Explanation, name: str) -> Iterator[Span]:
    return (span for top in explanation.spans for span in top.walk() if span.name == name)


def test_nothing_is_wrong_but_what_should_be(played: dict[str, Annotated]) -> None:
    faults = {
        (part, direction): explanation.fault.rule
        for part, annotated in played.items()
        for direction, explanation in annotated.explanations.items()
        if explanation.fault is not None
    }
    assert faults == {("error", UP): "websocket.frame.not-masked"}


def test_only_two_parts_show_a_handshake(played: dict[str, Annotated]) -> None:
    assert [part for part, annotated in played.items() if annotated.conversation.first_shown == 0] == [
        "handshake",
        "deflate",
    ]
    assert turns(played["handshake"]) == [UP, DOWN]


def test_a_text_each_way(played: dict[str, Annotated]) -> None:
    assert turns(played["text"]) == [UP, DOWN]
    assert frames(played["text"], UP) == frames(played["text"], DOWN) == [("text frame", "Hello")]


def test_a_ping_in_the_middle_of_a_message(played: dict[str, Annotated]) -> None:
    assert turns(played["fragments"]) == [UP, UP, DOWN, UP, DOWN]
    assert frames(played["fragments"], UP) == [
        ("text frame", "One half, "),
        ("ping frame", b"still there?"),
        ("continuation frame", "and the other."),
    ]
    assert frames(played["fragments"], DOWN) == [
        ("pong frame", b"still there?"),
        ("text frame", "One half, and the other."),
    ]


def test_a_repeated_message_compresses_to_little(played: dict[str, Annotated]) -> None:
    for explanation, name in zip(
        played["deflate"].explanations.values(), ("payload, compressed and masked", "payload, compressed"), strict=True
    ):
        first, second = walk(explanation, name)
        assert first.value == second.value == "Tick, tock, tick, tock, tick, tock."
        assert second.end - second.start < (first.end - first.start) / 2


def test_an_error_is_answered_by_its_close_code(played: dict[str, Annotated]) -> None:
    fault = played["error"].explanations[UP].fault
    assert fault is not None
    assert frames(played["error"], DOWN) == [("close frame", fault.code)]
    assert played["error"].conversation.segments[-1].data == b"", "the server closes"


def test_the_closing_handshake(played: dict[str, Annotated]) -> None:
    assert turns(played["close"]) == [UP, DOWN, DOWN]
    assert frames(played["close"], UP) == frames(played["close"], DOWN) == [("close frame", 1000)]
    assert [span.value for span in walk(played["close"].explanations[UP], "reason")] == ["Goodbye"]


def test_json_says_which_segments_are_shown() -> None:
    (scene,) = json.loads(run("--seed", "1", "--only", "text", "--json").output)["scenes"]
    (part,) = scene["parts"]
    assert [segment["shown"] for segment in part["segments"]] == [False, False, True, True]
