"""Every row of the benchmarks runs, its sides agree on the outcome, the report has its shape. No time is asserted."""

import contextlib
import json
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage

from bench.__main__ import all_works, main
from bench.harness import Contender, Disagreement, Row, Side, Unavailable, Work, compare, select
from bench.traffic import browser_requests, distinct_requests, upload_reads
from bench.websocket_frames import binaries, frame, masked_frames
from bench.websocket_load import check_reply

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing (Debian package wrk)")


class Steady(Contender):
    """A side that gives one figure after the other, and notes whose turn it was."""

    def __init__(self, name: str, figures: list[float], turns: list[str], outcome: object = "the same") -> None:
        self.extra = {}
        self._name = name
        self._figures = iter(figures)
        self._turns = turns
        self._outcome = outcome

    def outcome(self) -> object:
        return self._outcome

    def sample(self) -> float:
        self._turns.append(self._name)
        return next(self._figures)


def side(contender: Contender, goal: float | None = None) -> Side:
    return Side("somebody", lambda _quick: contextlib.nullcontext(contender), goal=goal)


def work(ours: Contender, *peers: Side, rounds: int = 3) -> Work:
    return Work("a.work", "working", "pieces/s", side(ours), {f"p{n}": peer for n, peer in enumerate(peers)}, rounds)


def run(tmp_path: Path, *names: str) -> tuple[str, dict[str, dict[str, object]]]:
    """A quick run: its table, and the rows of its JSON by name."""
    file = tmp_path / "bench.json"
    result = CliRunner().invoke(main, [*names, "--quick", "--json", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["quick"] is True
    assert {"cpus", "python", "processor"} <= found["machine"].keys()
    return result.output, {row["name"]: row for row in found["rows"]}


def assert_measured(row: dict[str, object], table: str) -> None:
    assert row["problem"] is None
    assert str(row["name"]) in table
    assert isinstance(row["ratio"], dict)
    assert row["ratio"]["median"] > 0
    for who in ("ours", "peer"):
        figures = row[who]
        assert isinstance(figures, dict)
        assert len(figures["samples"]) == 1
        assert figures["median"] > 0


def test_codec_rows_agree_with_their_peers(tmp_path: Path) -> None:
    table, rows = run(
        tmp_path, "http1.get", "http1.get-distinct", "http1.receive", "http1.upload-4k", "http1.upload-16"
    )
    assert list(rows) == [
        "http1.get.h11",
        "http1.get-distinct.h11",
        "http1.receive.httptools",
        "http1.upload-4k.h11",
        "http1.upload-16.h11",
    ]
    for row in rows.values():
        assert_measured(row, table)
    assert rows["http1.get.h11"]["goal"] == {"at_least": 6.0}


@needs_wrk
def test_server_rows_agree_with_their_peers(tmp_path: Path) -> None:
    table, rows = run(tmp_path, "http1.serve")
    assert list(rows) == [f"http1.serve.{peer}" for peer in ("uvicorn-h11", "uvicorn-httptools", "bare-trio")]
    for row in rows.values():
        assert_measured(row, table)


def test_memory_row_agrees_with_its_peer(tmp_path: Path) -> None:
    table, rows = run(tmp_path, "http1.memory")
    assert_measured(rows["http1.memory.uvicorn-httptools"], table)
    assert rows["http1.memory.uvicorn-httptools"]["goal"] == {"at_most": 1.0}


def test_websocket_codec_rows_agree_with_their_peers(tmp_path: Path) -> None:
    works = [work for work in all_works() if work.name.startswith(("websocket.receive-", "websocket.send-"))]
    table, rows = run(tmp_path, *(work.name for work in works))
    assert list(rows) == [row for work in works for row in work.rows]
    for row in rows.values():
        assert_measured(row, table)
    assert rows["websocket.receive-16.wsproto"]["goal"] == {"at_least": 4.0}


def test_websocket_server_rows_agree_with_their_peers(tmp_path: Path) -> None:
    table, rows = run(tmp_path, "websocket.echo", "websocket.broadcast")
    assert list(rows) == [
        *(f"websocket.echo.{peer}" for peer in ("trio-websocket", "websockets-trio", "websockets-asyncio")),
        *(f"websocket.broadcast.{peer}" for peer in ("websockets-asyncio", "websockets-trio")),
    ]
    for row in rows.values():
        assert_measured(row, table)


def test_websocket_memory_rows_agree_with_their_peers(tmp_path: Path) -> None:
    table, rows = run(tmp_path, "websocket.memory")
    for peer, goal in (("trio-websocket", 0.5), ("websockets-asyncio", 1.0)):
        assert_measured(rows[f"websocket.memory.{peer}"], table)
        assert rows[f"websocket.memory.{peer}"]["goal"] == {"at_most": goal}


@pytest.mark.parametrize("answer", [b"\x81\x05HELLO", b"\x81\x05hel", b""], ids=["another", "half of it", "nothing"])
def test_load_takes_no_wrong_answer(answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionError, match="should have come"):
            check_reply(ours.fileno(), frame("hello"))


def test_load_takes_the_right_answer_in_any_pieces() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\x81")
        theirs.sendall(b"\x05hel")
        theirs.sendall(b"lo")
        check_reply(ours.fileno(), frame("hello"))


@pytest.mark.parametrize("size", [0, 16, 125, 126, 1024, 65535, 65536], ids=str)
def test_masked_frames_are_what_a_peer_reads(size: int) -> None:
    message = binaries(size, 1)[0]
    server = Connection(ConnectionType.SERVER)
    server.receive_data(masked_frames([message])[0])
    assert list(server.events()) == [BytesMessage(data=message)]


def test_list_names_every_row() -> None:
    result = CliRunner().invoke(main, ["--list"])
    assert result.output.split() == [row for each in all_works() for row in each.rows]


def test_unknown_name_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["http1.gte"])
    assert result.exit_code == 2
    assert "no row is called http1.gte" in result.output


def test_samples_need_a_place_before_they_are_taken(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["http1.get", "--json", str(tmp_path / "missing" / "bench.json")])
    assert result.exit_code == 2
    assert "is no directory" in result.output


def test_name_selects_by_whole_parts_only() -> None:
    assert select(all_works(), ["http1.get"]) == ["http1.get.h11"]


def test_sides_take_turns_and_ratios_are_pairwise() -> None:
    turns: list[str] = []
    ours = Steady("ours", [0, 0, 10, 20, 20, 30, 60, 40], turns)
    one, two = Steady("one", [0, 5, 20, 20], turns), Steady("two", [0, 1, 1, 1], turns)
    first, second = compare(work(ours, side(one, goal=2.5), side(two)), ["a.work.p0", "a.work.p1"], quick=False)
    assert turns == ["ours", "one", "ours", "two"] * 4  # the first round warms up
    assert first.ratios == [2, 1, 3]
    assert (first.ratio, first.met) == (2, False)
    assert (second.ratio, second.met) == (30, None)


def test_less_can_be_better() -> None:
    row = Row(
        "a", Work("a", "", "KiB", side(Steady("", [], [])), {}, less_is_better=True), side(Steady("", [], []), 1.0)
    )
    row.ours_samples, row.peer_samples = [3.0], [4.0]
    assert row.met is True


def test_sides_that_disagree_are_not_timed() -> None:
    turns: list[str] = []
    with pytest.raises(Disagreement, match=r"a\.work\.p0"):
        list(compare(work(Steady("", [], turns, "a"), side(Steady("", [], turns, "b"))), ["a.work.p0"], quick=True))
    assert turns == []


def test_missing_peer_is_said_in_its_row_and_spoils_no_other() -> None:
    def missing(_quick: bool) -> contextlib.nullcontext[Contender]:
        raise Unavailable("wrk is missing (Debian package wrk)")

    there = side(Steady("", [2], []))
    rows = list(
        compare(work(Steady("", [4], []), Side("absent", missing), there), ["a.work.p0", "a.work.p1"], quick=True)
    )
    assert (rows[0].problem, rows[0].ratio) == ("wrk is missing (Debian package wrk)", None)
    assert (rows[1].problem, rows[1].ratio) == (None, 2)


def test_peer_that_cannot_begin_is_said_in_its_row() -> None:
    class Absent(Steady):
        def outcome(self) -> object:
            raise Unavailable("uvicorn is not installed")

    absent, there = side(Absent("", [], [])), side(Steady("", [2], []))
    rows = list(compare(work(Steady("", [4], []), absent, there), ["a.work.p0", "a.work.p1"], quick=True))
    assert (rows[0].problem, rows[0].ratio) == ("uvicorn is not installed", None)
    assert (rows[1].problem, rows[1].ratio) == (None, 2)


def test_side_that_breaks_down_spoils_its_row_only() -> None:
    class Broken(Steady):
        def sample(self) -> float:
            if self._turns.count("ours") > 2:
                raise Unavailable("wrk: Socket errors")
            return super().sample()

    turns: list[str] = []
    broken, sound = Broken("broken", [1, 1], turns), Steady("sound", [1, 2], turns)
    rows = list(
        compare(
            work(Steady("ours", [4] * 4, turns), side(broken), side(sound), rounds=1),
            ["a.work.p0", "a.work.p1"],
            quick=False,
        )
    )
    assert (rows[0].problem, rows[0].ratios) == ("wrk: Socket errors", [])
    assert (rows[1].problem, rows[1].ratios) == (None, [2])


def test_traffic_varies_as_it_says() -> None:
    browsers = browser_requests(400)
    assert {len(request) for request in browsers} == {700}
    assert len(set(browsers)) == 400
    lines = [line for request in distinct_requests(400) for line in request.split(b"\r\n")[1:-2]]
    assert len(lines) == 4000
    assert len(set(lines)) == 3601  # all but Connection


def test_upload_is_chunked_as_it_says() -> None:
    body, reads = upload_reads(16)
    assert len(body) == 1 << 20
    assert b"".join(reads).count(b"10\r\n" + body[:16] + b"\r\n") == 1
    assert {len(data) for data in reads[:-1]} == {1 << 16}
