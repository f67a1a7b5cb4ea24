"""``wire fuzz``: what it prints and saves, and the status with which it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import wire.cli
from wire.cli.fuzz import PROTOCOLS
from wire.fuzz.adapters import REQUEST_READERS
from wire.fuzz.targets import TARGETS

PROTOCOL = "http1-request"


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsers with bugs, by the names ``lf`` and ``ctrl-c``."""
    monkeypatch.setitem(REQUEST_READERS, "lf", "tests.fuzz.planted:takes_lf")
    monkeypatch.setitem(REQUEST_READERS, "ctrl-c", "tests.fuzz.planted:interrupts")


def fuzz(*args: str) -> int:
    """Run the verb and give its exit status."""
    with pytest.raises(SystemExit) as ended:
        wire.cli.main.main(["fuzz", *args])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_nothing_found_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(PROTOCOL, "--examples", "50", "--seed", "4") == 0
    out = capsys.readouterr().out
    assert out.startswith("http1-request: 50 inputs, ")
    assert out.rstrip().endswith("0 findings (seed 4)")


def test_the_protocols_are_the_targets() -> None:
    assert tuple(TARGETS) == PROTOCOLS


def test_peers_are_compared_and_what_is_known_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(PROTOCOL, "--against", "h11,httptools,http.server", "--examples", "40", "--seed", "4") in (0, 1)
    assert "known differences in" in capsys.readouterr().out


def test_known_differences_are_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(PROTOCOL, "--against", "h11", "--examples", "160", "--seed", "4", "--no-quirks", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert "accept: wire, h11: h11 accepts: http1.line.bare-lf" in [found["class"] for found in report["findings"]]
    assert report["known"] == {}


@pytest.mark.usefixtures("planted")
def test_findings_are_status_1_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(PROTOCOL, "--against", "lf", "--examples", "160", "--seed", "1") == 1
    out = capsys.readouterr().out
    assert "accept: wire, lf: lf accepts: http1.line.bare-lf" in out
    assert "(a line ends in LF without CR, RFC 9112 §2.2)" in out
    assert "shown by b'" in out


@pytest.mark.usefixtures("planted")
def test_findings_are_saved_and_found_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "found"
    assert fuzz(PROTOCOL, "--against", "lf", "--examples", "160", "--seed", "1", "--corpus", str(corpus), "--json") == 1
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["seed"] == 1
    assert report["inputs"] == 160
    for finding in report["findings"]:
        (saved,) = [path for path in corpus.glob("*.bin") if path.read_bytes().hex() == finding["bytes"]]
        beside = json.loads(saved.with_suffix(".json").read_text())
        assert beside == {"target": PROTOCOL, **finding}
    count = len(list(corpus.glob("*.bin")))
    assert count == len(report["findings"]) > 0
    assert fuzz(PROTOCOL, "--against", "lf", "--examples", str(count), "--corpus", str(corpus), "--json") == 1
    again = json.loads(capsys.readouterr().out)
    assert {finding["class"] for finding in again["findings"]} >= {finding["class"] for finding in report["findings"]}


@pytest.mark.usefixtures("planted")
def test_ctrl_c_still_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(PROTOCOL, "--against", "ctrl-c", "--seed", "1") == 0
    assert "stopped (seed 1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "Missing argument"),
        (["http4"], "is not one of"),
        ([PROTOCOL, "--against", "nginx"], "'nginx' is not one of h11, httptools, http.server"),
        ([PROTOCOL, "--against", "wire"], "'wire' is not one of"),
        (["http1-response", "--against", "http.server"], "'http.server' is not one of h11, httptools"),
        (["websocket-frames", "--against", "h11"], "'h11' is not one of wsproto, websockets"),
        ([PROTOCOL, "--examples", "0"], "--examples"),
        ([PROTOCOL, "--time", "soon"], "--time"),
        ([PROTOCOL, "--corpus", __file__], "--corpus"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_status_2(args: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz(*args) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_without_hypothesis_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for module in [name for name in sys.modules if name.startswith("wire.fuzz.")]:
        monkeypatch.delitem(sys.modules, module)
    assert fuzz(PROTOCOL) == 2
    assert "pip install 'wire[fuzz]'" in capsys.readouterr().err


def test_without_a_peer_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "h11", None)
    monkeypatch.delitem(sys.modules, "wire.fuzz.adapters.by_h11", raising=False)
    assert fuzz(PROTOCOL, "--against", "h11") == 2
    assert "h11 is not installed" in capsys.readouterr().err
