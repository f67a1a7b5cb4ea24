"""What is read of Autobahn's index: a case that it failed, or never reported, does not pass for one that went well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.verdicts import Verdict, read, summary

CASES = ["1.1.1", "2.10", "2.9", "7.1.6"]


def planted(folder: Path, **changed: str) -> list[Verdict]:
    """The verdicts from an index in which all is well but for what ``changed`` says of case 2.9."""
    entry = {"behavior": "OK", "behaviorClose": "OK", "reportfile": "wire_case_2_9.json"}
    index = dict.fromkeys(CASES, entry) | {"2.9": entry | changed}
    index["7.1.6"] = entry | {"behavior": "INFORMATIONAL", "behaviorClose": "INFORMATIONAL"}
    (folder / "index.json").write_text(json.dumps({"wire": index}))
    (folder / "wire_case_2_9.json").write_text(json.dumps({"result": "It said nothing.", "resultClose": "Or did it?"}))
    return read(folder, "wire", CASES)


def test_all_is_well(tmp_path: Path) -> None:
    verdicts = planted(tmp_path)
    assert [verdict.case for verdict in verdicts] == ["1.1.1", "2.9", "2.10", "7.1.6"]
    assert all(verdict.is_good for verdict in verdicts)
    assert summary("wire", verdicts).splitlines() == [
        "wire: 4 cases",
        "  behaviour: 3 OK, 1 INFORMATIONAL",
        "  closing: 3 OK, 1 INFORMATIONAL",
    ]


@pytest.mark.parametrize("verdict", ["FAILED", "NON-STRICT", "UNIMPLEMENTED", "WRONG CODE", "UNCLEAN"])
@pytest.mark.parametrize("of", ["behavior", "behaviorClose"])
def test_a_planted_verdict_is_an_offender_and_says_why(tmp_path: Path, of: str, verdict: str) -> None:
    verdicts = planted(tmp_path, **{of: verdict})
    assert [offender.case for offender in verdicts if not offender.is_good] == ["2.9"]
    lines = summary("wire", verdicts).splitlines()
    assert f"1 {verdict}" in (lines[1] if of == "behavior" else lines[2])
    assert lines[3].startswith("  2.9: ")
    assert lines[3].endswith("It said nothing. Or did it?")


def test_what_was_not_run_is_an_offender(tmp_path: Path) -> None:
    planted(tmp_path)
    assert [verdict.case for verdict in read(tmp_path, "wire", [*CASES, "3.1"]) if not verdict.is_good] == ["3.1"]
    assert not any(verdict.is_good for verdict in read(tmp_path, "somebody else", CASES))
    assert not any(verdict.is_good for verdict in read(tmp_path / "nowhere", "wire", CASES))
