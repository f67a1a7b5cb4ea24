"""What a run found: a table for people, JSON for machines."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.harness import Row, Side


def new_table() -> Table:
    """The table without its rows."""
    table = Table(title="wire beside its peers", title_justify="left", pad_edge=False)
    for heading in ("row", "work", "ours", "peer", "its figure", "ratio (min–max)", "goal", "met"):
        figure = heading in ("ours", "its figure")
        table.add_column(heading, justify="right" if figure else "left", no_wrap=heading not in ("work", "peer"))
    return table


def add_row(table: Table, row: Row) -> None:
    """Draw one comparison."""
    unit = row.work.unit
    if row.problem is not None or row.ratio is None:
        ratio, ours, theirs = f"not measured: {row.problem}", "–", "–"
    else:
        ratio = f"{row.ratio:.2f} × ({min(row.ratios):.2f}–{max(row.ratios):.2f})"
        ratio += "".join(f"\n[dim]{name} {median:.2f} ×[/dim]" for name, median in row.extra_ratios.items())
        ours = _figure(row.ours_samples, unit)
        theirs = _figure(row.peer_samples, unit)
    met = {True: "[green]yes", False: "[red]no", None: "–"}[row.met]
    table.add_row(row.name, row.work.title, ours, label(row.peer), theirs, ratio, goal(row), met)


def _figure(samples: list[float], unit: str) -> str:
    median = statistics.median(samples)
    return f"{median:,.0f} {unit}" if median >= 100 else f"{median:.3g} {unit}"


def goal(row: Row) -> str:
    """The goal as a person writes it."""
    if row.peer.goal is None:
        return "–"
    return f"{'≤' if row.work.less_is_better else '≥'} {row.peer.goal:g} ×"


def label(side: Side) -> str:
    """The side with the versions of its packages: ``h11 0.16.0``, ``bare trio loop (trio 0.35.0)``."""
    found = [f"{package} {version}" for package, version in versions([side]).items()]
    if side.packages == (side.label,):
        return found[0]
    return f"{side.label} ({', '.join(found)})" if found else side.label


def versions(sides: Iterable[Side]) -> dict[str, str]:
    """The version of each distribution that the sides name and that is installed."""
    found: dict[str, str] = {}
    for package in (package for side in sides for package in side.packages):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def as_json(rows: Iterable[Row], *, quick: bool, started: datetime, seconds: float) -> dict[str, Any]:
    """The whole run. All samples are there, in the order in which they were taken."""
    rows = list(rows)
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "quick": quick,
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cpus": os.cpu_count(),
            "load_average": os.getloadavg(),
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
        },
        "versions": versions(side for row in rows for side in (row.work.ours, row.peer)),
        "rows": [_row_as_json(row) for row in rows],
    }


def _row_as_json(row: Row) -> dict[str, Any]:
    measured = row.ratio is not None
    bound = "at_most" if row.work.less_is_better else "at_least"
    return {
        "name": row.name,
        "work": row.work.title,
        "unit": row.work.unit,
        "ours": _side_as_json(row.work.ours, row.ours_samples, row.ours_extra),
        "peer": _side_as_json(row.peer, row.peer_samples, row.peer_extra),
        "ratios": row.ratios,
        "extra_ratios": row.extra_ratios,
        "ratio": {"median": row.ratio, "min": min(row.ratios), "max": max(row.ratios)} if measured else None,
        "goal": None if row.peer.goal is None else {bound: row.peer.goal},
        "met": row.met,
        "problem": row.problem,
    }


def _side_as_json(side: Side, samples: list[float], extra: dict[str, list[float]]) -> dict[str, Any]:
    return {
        "label": label(side),
        "median": statistics.median(samples) if samples else None,
        "samples": samples,
        "extra": {name: {"median": statistics.median(figures), "samples": figures} for name, figures in extra.items()},
    }


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
