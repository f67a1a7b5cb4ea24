"""``wire fuzz``: hunt for inputs on which a parser breaks its promises or disagrees with another."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from wire.fuzz.adapters import Reader
    from wire.fuzz.findings import Report
    from wire.fuzz.targets import Target

PROTOCOLS = ("http1-request", "http1-response", "chunked", "websocket-frames", "websocket-handshake")
DEFAULT_SECONDS = 10.0


@click.command()
@click.argument("protocol", type=click.Choice(PROTOCOLS))
@click.option("--against", metavar="NAME[,NAME…]", default="", help="Compare with other parsers: see below.")
@click.option("--time", "seconds", type=click.FloatRange(0), help="Seconds to look.  [default: 10, without --examples]")
@click.option("--examples", type=click.IntRange(1), help="Number of inputs to try.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same inputs.  [default: a new one]")
@click.option(
    "--corpus", type=click.Path(file_okay=False, path_type=Path), help="Try its inputs first; save findings to it."
)
@click.option("--no-quirks", is_flag=True, help="Report known differences, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    protocol: str,
    against: str,
    seconds: float | None,
    examples: int | None,
    seed: int | None,
    corpus: Path | None,
    no_quirks: bool,
    as_json: bool,
) -> int:
    """Feed valid, nearly valid and wild input to wire's parser, and to others beside it.

    A finding is an exception that is none of the protocol's, a verdict that depends on how the bytes were cut, or a
    disagreement: on whether a message is accepted, where it ends, its method, target, fields or body. Ctrl-C ends the
    hunt and still reports. HTTP/1.1 is compared with h11, httptools and http.server (its requests), WebSocket with
    wsproto and websockets. Exit status: 0 nothing found, 1 findings, 2 wrong use.

    \b
    Examples:
      wire fuzz http1-request                            our own promises, ten seconds
      wire fuzz http1-request --against h11,httptools    and what others read
      wire fuzz chunked --examples 5000 --seed 1 --corpus found/
      wire fuzz websocket-frames --against wsproto,websockets --seed 1
    """
    target, readers = _prepare(protocol, [name for name in against.split(",") if name])
    from wire.fuzz.engine import hunt

    console = Console(stderr=True)
    if examples is None and seconds is None:
        seconds = DEFAULT_SECONDS
    with console.status("looking …") as status:
        report = hunt(
            target,
            readers,
            seed=random.SystemRandom().randrange(1 << 32) if seed is None else seed,
            examples=examples,
            seconds=seconds,
            corpus=_inputs(corpus),
            quirks=no_quirks,
            progress=lambda so_far: status.update(_progress(so_far)),
        )
    if corpus is not None:
        for finding in report.findings.values():
            finding.save(corpus, report.target)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        _show(report, Console(), corpus)
    return 1 if report.findings else 0


def _prepare(protocol: str, peers: list[str]) -> tuple[Target, dict[str, Reader]]:
    """The target and its parsers, ours first.

    Raises:
        click.UsageError: a parser is unknown or not installed, or Hypothesis is not.
    """
    from wire.fuzz.adapters import load

    try:
        from wire.fuzz.targets import TARGETS
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise click.UsageError("this needs Hypothesis: pip install 'wire[fuzz]'") from error
    target = TARGETS[protocol]
    known = [name for name in target.readers if name != "wire"]
    for name in peers:
        if name not in known:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(known)}", param_hint="--against")
    try:
        readers = {name: load(target.readers[name]) for name in ["wire", *peers]}
    except ModuleNotFoundError as error:
        raise click.UsageError(f"{error.name} is not installed: pip install 'wire[oracles]'") from error
    return target, readers


def _inputs(corpus: Path | None) -> Iterator[tuple[str, bytes]]:
    """The inputs in a directory, those aside that describe another."""
    if corpus is not None and corpus.is_dir():
        for path in sorted(corpus.iterdir()):
            if path.is_file() and path.suffix != ".json":
                yield path.name, path.read_bytes()


def _progress(report: Report) -> str:
    rate = report.inputs / report.seconds if report.seconds else 0
    return f"{report.inputs} inputs, {rate:.0f} a second, {len(report.findings)} findings"


def _show(report: Report, console: Console, corpus: Path | None) -> None:
    stopped = ", stopped" if report.interrupted else ""
    console.print(f"{report.target}: {_progress(report)}{stopped} (seed {report.seed})", highlight=False)
    for number, finding in enumerate(report.findings.values(), 1):
        done = ", ".join(f"{name} × {count}" for name, count in finding.mutations.most_common(4))
        console.print(f"\n[bold]{number}. {escape(finding.key)}[/bold]", highlight=False, soft_wrap=True)
        console.print(f"   {escape(finding.sighting.detail)}", highlight=False, soft_wrap=True)
        console.print(f"   after: {escape(done)}", highlight=False, soft_wrap=True)
        console.print(f"   shown by {escape(repr(finding.data))}", highlight=False, soft_wrap=True)
    if report.known:
        count = report.known.total()
        console.print(
            f"\n{count} known differences in {len(report.known)} classes were set aside (--no-quirks shows them)."
        )
    if report.findings and corpus is not None:
        console.print(f"Saved to {corpus}: the bytes of each, and a JSON file that tells of it.")
    sys.stdout.flush()
