"""Excerpts of what the program prints, in the Markdown files: how they are cut, and how they are kept current.

Ahead of a code block stands a comment that says which command printed it, and from which line on and up to which one:

    <!-- wire tour http1 --seed 1 | from "Hello" to "Goodbye" -->

The block then holds the lines from the first with "Hello" in it to the one before the next with "Goodbye" in it, or all
that follow where no such line is named.
``python -m tests.house.excerpts`` writes the blocks anew.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "README.md", *sorted((ROOT / "spec-notes").glob("*.md"))]

_EXCERPT = re.compile(
    r'(?P<comment><!-- (?P<command>wire [^|]+?) \| from "(?P<first>[^"]+)"(?: to "(?P<end>[^"]+)")? -->\n)'
    r"```text\n(?P<block>.*?)```\n",
    re.DOTALL,
)
_PATIENCE = 60  # seconds


@functools.cache
def output(command: str) -> str:
    """What a ``wire`` command prints when nobody looks: no colours, a hundred columns."""
    program, *args = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", program, *args],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=True,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"},
    )
    return done.stdout


def cut(text: str, first: str, end: str | None = None) -> str:
    """The lines of ``text`` from the first with ``first`` in it to the one before the next with ``end``, or the last.

    Raises:
        ValueError: there is no such line.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    begin = next((index for index, line in enumerate(lines) if first in line), None)
    if begin is None:
        raise ValueError(f"no line holds {first!r}")
    after = enumerate(lines[begin + 1 :], begin + 1)
    stop = next((index for index, line in after if end is not None and end in line), None)
    if end is not None and stop is None:
        raise ValueError(f"no line after {first!r} holds {end!r}")
    return "\n".join(lines[begin:stop]).strip("\n") + "\n"


def renewed(page: str) -> str:
    """A Markdown page with its excerpts as the program prints them now."""

    def renew(match: re.Match[str]) -> str:
        return f"{match['comment']}```text\n{cut(output(match['command']), match['first'], match['end'])}```\n"

    return _EXCERPT.sub(renew, page)


def count(page: str) -> int:
    """The number of excerpts in a page."""
    return len(_EXCERPT.findall(page))


if __name__ == "__main__":
    for path in FILES:
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
