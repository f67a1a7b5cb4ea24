"""The requirement tables in ``spec-notes``: how they are read, and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LEVELS = ("MUST", "SHOULD", "MAY")
ROLES = ("client", "server", "both")

# What an RFC calls a level (RFC 2119), by the first part of the keyword: MUST-NOT is a MUST.
_LEVEL_OF_KEYWORD = {
    "MUST": "MUST",
    "SHALL": "MUST",
    "REQUIRED": "MUST",
    "SHOULD": "SHOULD",
    "RECOMMENDED": "SHOULD",
    "MAY": "MAY",
    "OPTIONAL": "MAY",
}

_ID = re.compile(r"(?P<document>[a-z0-9]+)-(?P<section>[0-9A-Z][0-9.]*)-(?P<paragraph>\d+)(?P<letter>[a-z]?)")


def paragraph_of(requirement_id: str) -> str:
    """The id of the paragraph that holds a requirement: the id without the letter that tells several apart."""
    return requirement_id.rstrip("abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Requirement:
    """A row of a table.

    Attributes:
        id: document, section and paragraph, with a letter where the paragraph holds several requirements.
        section: the section, as in ``id``.
        level: one of LEVELS; what MUST NOT be done is a MUST as well.
        role: one of ROLES, the side that it binds.
        text: the requirement in this project's words.
        reason: why it is not implemented, or not shown by a test; empty where it is.
    """

    id: str
    section: str
    level: str
    role: str
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Table:
    """One file of ``spec-notes``.

    Attributes:
        name: the file's name without its suffix.
        document: the specification, as ids begin: ``"rfc9112"``.
        sections: the sections in scope, each with what is below it; empty where all are.
        others: ids in scope that bind neither client nor server, each with whom they bind.
        rows: the requirements, in the document's order.
    """

    name: str
    document: str
    sections: tuple[str, ...]
    others: Mapping[str, str]
    rows: tuple[Requirement, ...]

    def covers(self, section: str) -> bool:
        """Whether a section is in scope."""
        return not self.sections or any(section == s or section.startswith(f"{s}.") for s in self.sections)


def read_table(path: Path) -> Table:
    """Read one table.

    Raises:
        TypeError, KeyError: a row lacks an entry, or has one that is not known.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Table(
        name=path.stem,
        document=content["document"],
        sections=tuple(content.get("sections", ())),
        others=content.get("binds-others", {}),
        rows=tuple(Requirement(**row) for row in content["requirement"]),
    )


def read_tables(folder: Path) -> list[Table]:
    """Read all tables of a folder, in the order of their names."""
    return [read_table(path) for path in sorted(folder.glob("*.toml"))]


def read_paragraphs(path: Path) -> dict[str, frozenset[str]]:
    """Read ``requirements.tsv``: for each id of a paragraph the levels of the requirements in it."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    next(rows)
    return {
        row[0]: frozenset(_LEVEL_OF_KEYWORD[keyword.split("-")[0]] for keyword in row[3].replace("NOT-", "").split(","))
        for row in rows
    }


def faults(table: Table) -> Iterator[str]:
    """What is wrong with a table on its own, a sentence each."""
    seen: set[str] = set()
    for row in table.rows:
        match = _ID.fullmatch(row.id)
        if match is None or match["document"] != table.document:
            yield f"{row.id}: no id of {table.document}"
        elif match["section"] != row.section:
            yield f"{row.id}: its section is not {row.section}"
        elif not table.covers(row.section):
            yield f"{row.id}: section {row.section} is not in the table's scope"
        if row.id in seen or (row.id != paragraph_of(row.id) and paragraph_of(row.id) in seen):
            yield f"{row.id}: there twice"
        if row.level not in LEVELS:
            yield f"{row.id}: no level: {row.level}"
        if row.role not in ROLES:
            yield f"{row.id}: no role: {row.role}"
        if not row.text.endswith("."):
            yield f"{row.id}: its text is no sentence"
        seen.add(row.id)
    yield from (f"{other}: has a row and is said to bind others" for other in table.others if other in seen)


def gaps(table: Table, paragraphs: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Where a table and the document's numbered paragraphs disagree, a sentence each.

    A document that is not among the numbered ones is numbered by its table, which then has to count without gaps.
    """
    if not any(name.startswith(f"{table.document}-") for name in paragraphs):
        yield from _uncounted(table)
        return
    rows: dict[str, set[str]] = {}
    for row in table.rows:
        rows.setdefault(paragraph_of(row.id), set()).add(row.level)
    others = {paragraph_of(other) for other in table.others}
    for name in sorted(rows.keys() | others):
        if name not in paragraphs:
            yield f"{name}: no paragraph of {table.document} with a requirement has this id"
    for name, levels in paragraphs.items():
        match = _ID.fullmatch(name)
        if match is None or match["document"] != table.document or not table.covers(match["section"]):
            continue
        if name not in rows and name not in others:
            yield f"{name}: has no row"
        elif name in rows and rows[name] - levels:
            yield f"{name}: holds no {', '.join(sorted(rows[name] - levels))}"
        elif name in rows and name not in others and levels - rows[name]:
            yield f"{name}: no row for its {', '.join(sorted(levels - rows[name]))}"


def _uncounted(table: Table) -> Iterator[str]:
    """The numbers that a table leaves out where it counts the requirements of each section itself."""
    numbers: dict[str, set[int]] = {}
    for row in table.rows:
        if match := _ID.fullmatch(row.id):
            numbers.setdefault(match["section"], set()).add(int(match["paragraph"]))
    for section, there in numbers.items():
        for number in sorted(set(range(1, max(there))) - there):
            yield f"{table.document}-{section}-{number}: left out"
