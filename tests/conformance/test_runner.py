"""The runner's exit status: what CI goes by."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance import __main__ as runner
from tests.conformance import autobahn
from tests.conformance.autobahn import Autobahn
from tests.conformance.judges import JUDGES
from tests.conformance.verdicts import Verdict

CASES = ["1.1.1", "6.4.1", "9.1.1", "12.1.1", "12.1.10"]


class Planted:
    """A judge that finds all well but for what is planted."""

    def __init__(self, _: Autobahn, planted: dict[str, str]) -> None:
        self._planted = planted

    def ready(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    async def run(self, cases: list[str], folder: Path) -> list[Verdict]:
        return [Verdict(case, self._planted.get(case, "OK"), "OK") for case in cases]


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run it with these verdicts planted; its exit status, and what it printed."""

    def run(*arguments: str, python2: str | None = "python2.7", **planted: dict[str, str]) -> tuple[int, str]:
        monkeypatch.setattr(autobahn, "find_python2", lambda: python2)
        monkeypatch.setattr(autobahn, "install", lambda _python2: Autobahn(Path("nowhere")))
        monkeypatch.setattr(Autobahn, "cases", lambda _self: CASES)
        for role in JUDGES:
            monkeypatch.setitem(JUDGES, role, partial(Planted, planted=planted.get(role, {})))
        done = CliRunner().invoke(runner.main, arguments)
        return done.exit_code, done.output

    return run


def test_all_is_well(run: Run) -> None:
    status, output = run()
    assert status == 0
    for role in ("server", "client"):
        assert f"wire as a {role} under Autobahn: 5 cases\n  behaviour: 5 OK\n  closing: 5 OK\n" in output


@pytest.mark.parametrize("verdict", ["FAILED", "NON-STRICT", "UNIMPLEMENTED"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_a_planted_verdict_makes_it_fail(run: Run, role: str, verdict: str) -> None:
    status, output = run(**{role: {"12.1.10": verdict}})
    assert status == 1
    assert f"  behaviour: 4 OK, 1 {verdict}\n" in output
    assert f"  12.1.10: {verdict}, closing: OK.\n" in output


def test_cases_can_be_chosen(run: Run) -> None:
    status, output = run("client", "--cases", "6.*,9.*", client={"12.1.10": "FAILED"})
    assert status == 0
    assert "wire as a client under Autobahn: 2 cases\n" in output
    assert "server" not in output
    assert run("--cases", "14.*")[0] == 2


def test_without_a_python_2_7_it_says_so(run: Run) -> None:
    assert run(python2=None) == (
        77,
        "AUTOBAHN WAS NOT RUN: it needs a Python 2.7, and neither PATH nor pyenv has one.\n",
    )
