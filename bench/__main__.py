"""`python -m bench [NAME…] [--json FILE] [--list] [--quick]`: the table of ratios."""

from __future__ import annotations

import importlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from bench import report
from bench.harness import Disagreement, Row, Work, compare, select

MODULES = (
    *("bench.http1_codec", "bench.http1_upload", "bench.http1_server"),
    *("bench.websocket_codec", "bench.websocket_server", "bench.memory"),
)
"""Each has a tuple ``WORKS``. A new protocol adds its module here."""


def all_works() -> list[Work]:
    """Every work, in the order of the table."""
    works: list[Work] = []
    for module in MODULES:
        works.extend(importlib.import_module(module).WORKS)
    return works


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all samples there.")
@click.option("--list", "only_list", is_flag=True, help="Print the names of the rows and leave.")
@click.option("--quick", is_flag=True, help="One short round each: shows that all works; the figures mean nothing.")
def main(names: tuple[str, ...], json_file: Path | None, only_list: bool, quick: bool) -> None:
    """Compare wire with its peers, side by side. NAME is a row, or the beginning of some: http1, http1.get."""
    console = Console(width=None if Console().is_terminal else 160)
    works = all_works()
    try:
        rows = select(works, names)
    except KeyError as unknown:
        raise click.UsageError(f"no row is called {unknown.args[0]}; --list prints them all") from unknown
    if json_file is not None and not json_file.parent.is_dir():  # said now, not after minutes
        raise click.UsageError(f"{json_file.parent} is no directory")
    if only_list:
        for name in rows:
            click.echo(name)
        return
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        results = _run(console, works, rows, quick)
    except Disagreement as problem:
        raise click.ClickException(str(problem)) from problem
    table = report.new_table()
    for row in results:
        report.add_row(table, row)
    console.print(table)
    if quick:
        console.print("A quick run: its figures mean nothing.")
    if json_file is not None:
        found = report.as_json(results, quick=quick, started=started, seconds=time.monotonic() - clock)
        json_file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _run(console: Console, works: list[Work], rows: list[str], quick: bool) -> list[Row]:
    results: list[Row] = []
    with console.status("") as status:
        for work in works:
            asked = [row for row in work.rows if row in rows]
            if asked:
                status.update(f"{work.name}: {work.title}")
                results.extend(compare(work, asked, quick))
    return results


if __name__ == "__main__":
    main(prog_name="python -m bench")
