"""The exchanges shown in the Markdown files are those that the program prints today."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.excerpts import FILES, ROOT, count, cut, renewed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_excerpts_are_current(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert count(page) == page.count("```text"), "a block is not tied to the command that printed it"
    assert count(page) > 0
    assert renewed(page) == page, "python -m tests.house.excerpts writes it anew"


def test_cut_takes_what_lies_between() -> None:
    assert cut("a\nb 1\n\nc  \n\nd 2\ne\n", "b", "d") == "b 1\n\nc\n"
    assert cut("a\nb 1\n\nc  \n\n", "b") == "b 1\n\nc\n"


@pytest.mark.parametrize(("first", "end"), [("x", "d"), ("b", "x"), ("b", "b")])
def test_cut_insists_on_both_lines(first: str, end: str) -> None:
    with pytest.raises(ValueError, match="holds"):
        cut("a\nb\nc\nd\n", first, end)
