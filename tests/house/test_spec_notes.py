"""The requirement tables are well-formed, and complete for the sections that they say they cover."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec_tables import Requirement, Table, faults, gaps, read_paragraphs, read_tables

ROOT = Path(__file__).parents[2]
TABLES = read_tables(ROOT / "spec-notes")
PARAGRAPHS = ROOT.parent / "shared" / "spec" / "requirements.tsv"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_table_is_well_formed(table: Table) -> None:
    assert list(faults(table)) == []


@pytest.mark.skipif(not PARAGRAPHS.exists(), reason="the numbered specifications are not beside this checkout")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_table_is_complete(table: Table) -> None:
    assert list(gaps(table, read_paragraphs(PARAGRAPHS))) == []


def row(name: str = "rfc1-2-3", level: str = "MUST", **changes: str) -> Requirement:
    entries = {"section": "2", "role": "both", "text": "Answer."} | changes
    return Requirement(id=name, level=level, **entries)


def table_of(*rows: Requirement, sections: tuple[str, ...] = (), others: tuple[str, ...] = ()) -> Table:
    return Table("one", "rfc1", sections, dict.fromkeys(others, "proxies"), rows)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (table_of(row("rfc2-2-3")), "no id of rfc1"),
        (table_of(row("rfc1-2")), "no id of rfc1"),
        (table_of(row(section="2.1")), "its section is not 2.1"),
        (table_of(row(), sections=("20",)), "not in the table's scope"),
        (table_of(row(), row()), "there twice"),
        (table_of(row(), row("rfc1-2-3a")), "there twice"),
        (table_of(row(level="must")), "no level"),
        (table_of(row(role="proxy")), "no role"),
        (table_of(row(text="Answer")), "no sentence"),
        (table_of(row(), others=("rfc1-2-3",)), "has a row and is said to bind others"),
    ],
)
def test_fault_is_found(table: Table, fault: str) -> None:
    (found,) = faults(table)
    assert fault in found


MUST_AND_MAY = {"rfc1-2-3": frozenset({"MUST", "MAY"})}


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (table_of(row("rfc1-2-3a"), row("rfc1-2-3b", "MAY")), []),
        (table_of(row("rfc1-2-3a")), ["rfc1-2-3: no row for its MAY"]),
        (table_of(row("rfc1-2-3a"), others=("rfc1-2-3b",)), []),
        (table_of(row("rfc1-2-3a", "SHOULD")), ["rfc1-2-3: holds no SHOULD"]),
        (table_of(), ["rfc1-2-3: has no row"]),
        (table_of(sections=("2.1",)), []),
        (table_of(others=("rfc1-2-3",)), []),
        (
            table_of(row("rfc1-2-3a"), row("rfc1-2-3b", "MAY"), row("rfc1-2-5")),
            ["rfc1-2-5: no paragraph of rfc1 with a requirement has this id"],
        ),
    ],
)
def test_gap_is_found(table: Table, found: list[str]) -> None:
    assert list(gaps(table, MUST_AND_MAY)) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((row("rfc1-2-1a"), row("rfc1-2-1b"), row("rfc1-2-2"), row("rfc1-3-1")), []),
        ((row("rfc1-2-1"), row("rfc1-2-3")), ["rfc1-2-2: left out"]),
    ],
)
def test_document_without_numbers_is_counted_by_its_table(rows: tuple[Requirement, ...], found: list[str]) -> None:
    assert list(gaps(table_of(*rows), {"rfc2-1-1": frozenset({"MUST"})})) == found
