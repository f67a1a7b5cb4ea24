"""``wire tour``: the same text each time with a seed, every promised exchange in it, and an end to all waiting."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner, Result

from tests.golden import check_golden
from wire.cli import main
from wire.cli.scenes import SCENES, load, stage
from wire.cli.scenes.stage import Part, Scene, Stage
from wire.explain import Explanation
from wire.explain.conversation import Annotated, Direction, annotate
from wire.explain.http1 import explain_both
from wire.net import Request, Response

GOLDEN = Path(__file__).parent / "golden"
SEEDED = ["http1", "--seed", "1"]


def run(*args: str, columns: int = 100) -> Result:
    return CliRunner().invoke(main, ["tour", *args], env={"COLUMNS": str(columns)})


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_tour(width: int) -> None:
    result = run(*SEEDED, columns=width)
    assert result.exit_code == 0
    check_golden(GOLDEN / f"tour-http1-{width}.txt", result.output)


def test_the_same_in_another_process_without_a_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wire", "tour", *SEEDED, "--width", "100"],
        capture_output=True,
        timeout=60,
        check=True,
        env={"PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == b""
    assert done.stdout.decode() == (GOLDEN / "tour-http1-100.txt").read_text(encoding="utf-8")


def test_a_seed_fixes_the_pages_and_the_json_too() -> None:
    for form in ("--json", "--html"):
        assert run(*SEEDED, form).output == run(*SEEDED, form).output


def test_without_a_seed_the_time_is_real() -> None:
    dates = [line for line in run("http1", "--only", "get").output.splitlines() if "date: " in line and "GMT" in line]
    assert len(dates) == 1
    assert str(time.gmtime().tm_year) in dates[0]


def test_no_name_plays_every_scene() -> None:
    played = json.loads(run("--json").output)["scenes"]
    assert [scene["name"] for scene in played] == list(SCENES)


def test_list_names_scenes_and_parts() -> None:
    lines = run("--list").output.splitlines()
    for name in SCENES:
        scene = load(name)
        assert f"{name:<14}{scene.title}" in lines
        for part in scene.parts:
            assert f"  {part.name:<12}{part.title}" in lines


def test_one_part_alone() -> None:
    whole, part = run(*SEEDED).output, run(*SEEDED, "--only", "chunked").output
    assert "2. A response in chunks" in part
    assert "1. A GET" not in part
    begin = part[part.index("2. A response") :]
    assert begin.splitlines()[:40] == whole[whole.index("2. A response") :].splitlines()[:40]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["http9"], "'http9' is not"),
        (["--only", "nothing"], "'nothing' is not one of"),
        (["--json", "--html"], "exclude each other"),
    ],
)
def test_wrong_use_is_one_line(args: list[str], words: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


class Played:
    """The parts of the tour of HTTP/1.1 as they were recorded."""

    def __init__(self) -> None:
        scene = load("http1")
        conversations = trio.run(stage.perform, scene, scene.parts, 1)
        names = [part.name for part in scene.parts]
        self.parts: dict[str, Annotated] = {
            name: annotate(conversation, scene.explainer)
            for name, conversation in zip(names, conversations, strict=True)
        }

    def sides(self, name: str) -> tuple[Explanation, Explanation]:
        explanations = self.parts[name].explanations
        return explanations[Direction.TO_SERVER], explanations[Direction.TO_CLIENT]

    def turns(self, name: str) -> list[Direction]:
        return [segment.direction for segment in self.parts[name].conversation.segments]


@pytest.fixture(scope="module")
def played() -> Played:
    return Played()


UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def all_values(explanation: Explanation, name: str) -> list[Any]:
    return [span.value for top in explanation.spans for span in top.walk() if span.name == name]


def statuses(explanation: Explanation) -> Sequence[int]:
    return all_values(explanation, "status-code")


def test_every_message_but_the_attack_is_whole(played: Played) -> None:
    for name in played.parts:
        for explanation in played.sides(name):
            assert (explanation.fault is not None) == (name == "smuggling" and explanation.subject == "requests")
            assert explanation.awaiting == ""


def test_a_get(played: Played) -> None:
    assert played.turns("get") == [UP, DOWN]
    assert all_values(played.sides("get")[1], "message-body") == [b"Hello, world!"]


def test_chunks_and_trailers(played: Played) -> None:
    _requests, responses = played.sides("chunked")
    assert all_values(responses, "chunk-data") == [b"three\n", b"two\n", b"one\n"]
    assert b"content-digest" in all_values(responses, "field-name")
    assert all_values(responses, "trailer-section") == [None]


def test_one_connection_is_used_again(played: Played) -> None:
    requests, responses = played.sides("keep-alive")
    assert played.turns("keep-alive") == [UP, DOWN, UP, DOWN]
    assert all_values(requests, "method") == [b"GET", b"HEAD"]
    assert all_values(responses, "message-body") == [b"Hello, world!"]


def test_a_pipelined_pair(played: Played) -> None:
    assert played.turns("pipeline")[:2] == [UP, DOWN]
    assert UP not in played.turns("pipeline")[1:]
    assert statuses(played.sides("pipeline")[1]) == [200, 404]


def test_an_upload_waits_for_100(played: Played) -> None:
    requests, responses = played.sides("continue")
    assert played.turns("continue")[:4] == [UP, DOWN, UP, DOWN]
    assert statuses(responses) == [100, 200]
    second = played.parts["continue"].conversation.segments[2].data
    assert [second] == all_values(requests, "message-body")


def test_a_smuggling_attempt_is_rejected(played: Played) -> None:
    requests, responses = played.sides("smuggling")
    assert requests.fault is not None
    assert requests.fault.rule == "http1.transfer-encoding.with-content-length"
    assert statuses(responses) == [400]
    assert played.parts["smuggling"].conversation.segments[-1].data == b"", "the server closes"


async def _sleep(_request: Request) -> Response:
    await trio.sleep_forever()
    raise AssertionError


async def _wait(stage: Stage) -> None:
    await stage.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")


def test_a_tour_never_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene("Sleep", "Nothing happens.", _sleep, explain_both, [Part("sleep", "Sleep", "It waits.", _wait)])
    monkeypatch.setattr(stage, "PATIENCE", 0.2)
    monkeypatch.setattr("wire.cli.tour.load", lambda _name: scene)
    result = run("http1")
    assert result.exit_code == 1
    assert result.stderr == "wire: the tour of Sleep took too long\n"
