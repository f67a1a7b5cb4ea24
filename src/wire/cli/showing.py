"""Where explanations go: the terminal or a pipe, as text, JSON or a page."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any

import click
from rich.console import Console

PIPE_WIDTH = 100
"""Columns where there is no terminal to ask, and COLUMNS is not set."""


def console(width: int | None = None) -> Console:
    """Standard output, ``width`` columns wide or as wide as the terminal; coloured only if that is one."""
    return Console(width=width or shutil.get_terminal_size((PIPE_WIDTH, 24)).columns, soft_wrap=True)


def print_json(form: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(form, indent=2))


def print_page(page: str) -> None:
    """Print a page, in UTF-8 whatever the terminal speaks."""
    sys.stdout.buffer.write(page.encode("utf-8"))
    sys.stdout.buffer.flush()
