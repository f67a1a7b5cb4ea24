"""`python -m tests.conformance [server] [client] [--cases 6.4.1,9.*]`: wire's WebSocket under the Autobahn testsuite.

As a server it is ``/ws/echo`` of ``wire serve``, as a client ``wire.net.websocket.connect``. Exits with 0 where all
cases went well, with 1 where one did not, and with 77 where there is no Python 2.7 to run Autobahn with.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click
import trio

from tests.conformance import autobahn, verdicts
from tests.conformance.judges import JUDGES, Judge

NOT_RUN = 77
PROMPT = frozenset({"1", "2", "3", "4", "5", "6", "7", "10"})
"""Sections in which a peer has a second to answer: nothing else runs beside them."""


@click.command()
@click.argument("roles", nargs=-1, type=click.Choice(list(JUDGES)))
@click.option("--cases", "patterns", default="*", help="Numbers of cases, as 6.4.1 or 9.*, with commas between them.")
@click.option("--reports", type=click.Path(file_okay=False, path_type=Path), help="Keep Autobahn's reports there.")
def main(roles: Sequence[str], patterns: str, reports: Path | None) -> None:
    """Run the cases against wire in each ROLE, or in both."""
    python2 = autobahn.find_python2()
    if python2 is None:
        click.echo("AUTOBAHN WAS NOT RUN: it needs a Python 2.7, and neither PATH nor pyenv has one.")
        sys.exit(NOT_RUN)
    try:
        installed = autobahn.install(python2)
    except autobahn.InstallationFailed as failure:
        raise click.ClickException(str(failure)) from failure
    cases = [case for case in installed.cases() if any(fnmatch.fnmatch(case, one) for one in patterns.split(","))]
    if not cases:
        raise click.UsageError(f"no case is called {patterns}")
    everything_good = True
    with tempfile.TemporaryDirectory() as temporary:
        for role in roles or JUDGES:
            began = time.monotonic()
            folder = (reports or Path(temporary)).resolve() / role
            found = trio.run(_judge, JUDGES[role](installed), cases, folder)
            everything_good &= all(verdict.is_good for verdict in found)
            click.echo(verdicts.summary(f"wire as a {role} under Autobahn", found))
            click.echo(f"  in {time.monotonic() - began:.0f} s")
    sys.exit(0 if everything_good else 1)


async def _judge(judge: Judge, cases: list[str], folder: Path) -> list[verdicts.Verdict]:
    """Run all cases, the long sections side by side: those with compression, which take longest, before the others."""
    found: list[verdicts.Verdict] = []
    batches = {name: list(batch) for name, batch in groupby(sorted(cases, key=verdicts.in_order), _batch)}
    long = sorted((name for name in batches if name not in PROMPT), key=lambda name: not name.startswith("12."))

    async def run(name: str) -> None:
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        found.extend(await judge.run(batches[name], place))

    async def work() -> None:
        while long:
            await run(long.pop(0))

    with judge.ready():
        for name in batches:
            if name in PROMPT:
                await run(name)
        async with trio.open_nursery() as nursery:
            for _ in range(os.cpu_count() or 1):
                nursery.start_soon(work)
    return sorted(found, key=lambda verdict: verdicts.in_order(verdict.case))


def _batch(case: str) -> str:
    section, _, _ = case.partition(".")
    return section if section in PROMPT else case.rpartition(".")[0]


if __name__ == "__main__":
    main(prog_name="python -m tests.conformance")
