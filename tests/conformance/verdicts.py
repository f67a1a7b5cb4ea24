"""What Autobahn found: a verdict for each case, from the index that it writes, and which of them are none to live with.

Autobahn gives two verdicts a case, on what was said and on how it was closed. ``INFORMATIONAL`` is its own class: cases
in which a peer may do as it likes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

GOOD = frozenset({"OK", "INFORMATIONAL"})
MISSING = "NO VERDICT"


@dataclass(frozen=True)
class Verdict:
    """Autobahn's word on one case.

    Attributes:
        case: its number, as ``6.4.1``.
        behavior: on what was said.
        closing: on how the connection ended.
        reason: what it saw, and what it would rather have seen.
    """

    case: str
    behavior: str
    closing: str
    reason: str = ""

    @property
    def is_good(self) -> bool:
        return self.behavior in GOOD and self.closing in GOOD

    def __str__(self) -> str:
        return f"{self.case}: {self.behavior}, closing: {self.closing}. {self.reason}".rstrip()


def in_order(case: str) -> tuple[int, ...]:
    """Sorts 2.9 before 2.10."""
    return tuple(map(int, case.split(".")))


def read(reports: Path, agent: str, cases: Collection[str]) -> list[Verdict]:
    """The verdicts on these cases; a case that was not run has one too, and no good one.

    Args:
        reports: the folder with Autobahn's ``index.json``.
        agent: the name of who was judged.
        cases: all that had to be run.
    """
    index = reports / "index.json"
    entries = json.loads(index.read_bytes()).get(agent, {}) if index.exists() else {}
    return [_verdict(reports, case, entries.get(case)) for case in sorted(cases, key=in_order)]


def _verdict(reports: Path, case: str, entry: dict[str, str] | None) -> Verdict:
    if entry is None:
        return Verdict(case, MISSING, MISSING)
    verdict = Verdict(case, entry["behavior"], entry["behaviorClose"])
    report = reports / entry["reportfile"]
    if verdict.is_good or not report.exists():
        return verdict
    details = json.loads(report.read_bytes())
    return Verdict(case, verdict.behavior, verdict.closing, f"{details['result']} {details['resultClose']}")


def summary(title: str, verdicts: list[Verdict]) -> str:
    """How many there are of each verdict, and a line for each case that did not do well."""
    counts = {
        "behaviour": Counter(verdict.behavior for verdict in verdicts),
        "closing": Counter(verdict.closing for verdict in verdicts),
    }
    lines = [f"{title}: {len(verdicts)} cases"]
    for name, counted in counts.items():
        lines.append(f"  {name}: " + ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common()))
    lines += [f"  {verdict}" for verdict in verdicts if not verdict.is_good]
    return "\n".join(lines)
