"""A pytest plugin that counts the requirements of the specifications that the tests prove.

A test names what it proves: ``@pytest.mark.spec("rfc9112-6.3-8", ...)``. It counts only if it ran and passed. With
``--spec-coverage`` the whole suite is held against the tables in ``spec-notes``: the run fails where a MUST is named by
no passing test and excused by no reason, or where a marker names what is in no table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.spec_tables import LEVELS, Requirement, Table, paragraph_of, read_tables

MARKER = "spec"
_COLUMNS = ("proved", "excused", "open")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--spec-coverage",
        action="store_true",
        help="hold the tests that passed against the requirements in spec-notes (needs the whole suite)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{MARKER}(*ids): the requirements, as in spec-notes/*.toml, that the test proves"
    )
    if config.getoption("--spec-coverage"):
        config.pluginmanager.register(SpecCoverage(read_tables(config.rootpath / "spec-notes")), "spec-coverage")


class SpecCoverage:
    """The count of one run."""

    def __init__(self, tables: list[Table]) -> None:
        self.tables = tables
        self.named: dict[str, str] = {}  # requirement → a test that names it
        self.passed: dict[str, set[str]] = {}  # test → the requirements that it proves if nothing of it fails
        self.failed: set[str] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Tie the requirements to the test in a way that its report carries."""
        for marker in item.iter_markers(MARKER):
            for name in marker.args:
                self.named.setdefault(name, item.nodeid)
                item.user_properties.append((MARKER, name))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test's outcome: it passed if it was called and no phase (setup, call, teardown) went otherwise."""
        if report.outcome != "passed" or hasattr(report, "wasxfail"):
            self.failed.add(report.nodeid)
        elif report.when == "call":
            names = {str(value) for key, value in report.user_properties if key == MARKER}
            self.passed.setdefault(report.nodeid, set()).update(names)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run where something is missing."""
        if list(self.problems()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the count and what is missing."""
        terminalreporter.section("requirements")
        for line in self.report():
            terminalreporter.line(line)
        for problem in self.problems():
            terminalreporter.line(problem, red=True)

    @property
    def proved(self) -> set[str]:
        """The requirements that a passing test names."""
        return {name for test, names in self.passed.items() if test not in self.failed for name in names}

    def problems(self) -> Iterator[str]:
        """Why the run fails, a line each."""
        known = {row.id for table in self.tables for row in table.rows}
        for name, test in self.named.items():
            if name not in known:
                split = sorted(row for row in known if paragraph_of(row) == name)
                hint = f" (one of {', '.join(split)}?)" if split else ""
                yield f"{name}: in no table of spec-notes, named by {test}{hint}"
        proved = self.proved
        for table in self.tables:
            for row in table.rows:
                if row.level == "MUST" and _standing(row, proved) == "open":
                    yield f"{row.id}: a MUST that no passing test proves and no reason excuses: {row.text}"

    def report(self) -> Iterator[str]:
        """The coverage as a table, and the requirements below MUST that are open."""
        proved = self.proved
        width = max((len(table.name) for table in self.tables), default=0)
        for table in self.tables:
            for level in LEVELS:
                count = Counter(_standing(row, proved) for row in table.rows if row.level == level)
                figures = ", ".join(f"{count[column]:3} {column}" for column in _COLUMNS)
                yield f"{table.name:{width}}  {level:6}  {count['proved']:3}/{count.total():<3}  {figures}"
        for level in LEVELS[1:]:
            names = [
                row.id
                for table in self.tables
                for row in table.rows
                if row.level == level and _standing(row, proved) == "open"
            ]
            if names:
                yield f"open {level}: {' '.join(names)}"


def _standing(row: Requirement, proved: set[str]) -> str:
    if row.id in proved:
        return "proved"
    return "excused" if row.reason else "open"
