"""``wire tour``: real exchanges over loopback, with the meaning of every byte."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import click
import trio
from rich.console import Console

from wire.cli.scenes import SCENES, load
from wire.cli.scenes.stage import Part, Scene, perform
from wire.cli.showing import console, print_json, print_page
from wire.explain.conversation import Annotated, annotate
from wire.explain.page import Part as PagePart
from wire.explain.page import page
from wire.explain.terminal import Terminal

_LINE = 88
_MARKS = (
    "The client's lines begin with >, the server's with <. Among the characters ↵ is LF, → is HT, and · any other "
    "byte that has no picture, such as CR."
)
_NEXT = (
    "The same as a page that lights up: wire tour --html > tour.html. Bytes of your own: wire explain FILE. "
    "A server to talk to: wire serve."
)

Played = list[tuple[Scene, list[tuple[Part, Annotated]]]]
"""Scenes, with the parts of each that were played and what their bytes mean."""


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--only", metavar="PART", multiple=True, help="Play this part alone; repeatable. --list names them.")
@click.option("--list", "list_them", is_flag=True, help="List the scenes and their parts.")
@click.option("--seed", type=int, help="Fix all that chance and the clock decide: the same text each time.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--html", "as_html", is_flag=True, help="Print a page that stands alone.")
@click.option("--all", "everything", is_flag=True, help="Show long bodies in full.")
@click.option("--width", type=click.IntRange(64, 160), help="Columns; otherwise as the terminal has.")
def command(
    names: Sequence[str],
    only: Sequence[str],
    list_them: bool,
    seed: int | None,
    as_json: bool,
    as_html: bool,
    everything: bool,
    width: int | None,
) -> None:
    """Run real exchanges over loopback and show what each byte means.

    NAME is a scene; without one, all are played.

    \b
    Examples:
      wire tour http1
      wire tour http1 --only smuggling
      wire tour --html > tour.html
    """
    if as_json and as_html:
        raise click.UsageError("--json and --html exclude each other.")
    scenes = {name: load(name) for name in names or SCENES}
    if list_them:
        _list(scenes)
        return
    played = trio.run(_play, list(scenes.values()), _chosen(scenes, only), seed)
    if as_json:
        print_json(_json(dict(zip(scenes, played, strict=True))))
    elif as_html:
        print_page(_page(played, clock=seed is None))
    else:
        _print(played, console(width), everything)


def _chosen(scenes: dict[str, Scene], only: Sequence[str]) -> set[str]:
    """The names of the parts to play.

    Raises:
        click.BadParameter: there is no such part.
    """
    known = {part.name for scene in scenes.values() for part in scene.parts}
    for name in only:
        if name not in known:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(sorted(known))}.", param_hint="--only")
    return set(only) or known


def _list(scenes: dict[str, Scene]) -> None:
    for name, scene in scenes.items():
        click.echo(f"{name:<14}{scene.title}")
        for part in scene.parts:
            click.echo(f"  {part.name:<12}{part.title}")


async def _play(scenes: Sequence[Scene], chosen: set[str], seed: int | None) -> Played:
    played: Played = []
    for scene in scenes:
        parts = [part for part in scene.parts if part.name in chosen]
        try:
            conversations = await perform(scene, parts, seed)
        except trio.TooSlowError as error:
            raise click.ClickException(f"the tour of {scene.title} took too long") from error
        annotated = [annotate(conversation, scene.explainer) for conversation in conversations]
        played.append((scene, list(zip(parts, annotated, strict=True))))
    return played


def _json(played: dict[str, tuple[Scene, list[tuple[Part, Annotated]]]]) -> dict[str, Any]:
    return {
        "scenes": [
            {
                "name": name,
                "title": scene.title,
                "text": scene.text,
                "parts": [
                    {"name": part.name, "title": part.title, "text": part.text, **annotated.to_json()}
                    for part, annotated in parts
                ],
            }
            for name, (scene, parts) in played.items()
        ]
    }


def _page(played: Played, clock: bool) -> str:
    shown = [
        PagePart(part.name, part.title, part.text, annotated, clock)
        for _scene, parts in played
        for part, annotated in parts
    ]
    title = "wire tour: " + ", ".join(scene.title for scene, _parts in played)
    return page(title, " ".join(scene.text for scene, _parts in played), shown)


def _print(played: Played, console: Console, everything: bool) -> None:
    terminal = Terminal(console, everything=everything)
    for scene, parts in played:
        _heading(console, scene.title, "═")
        _paragraph(console, f"{scene.text} {_MARKS}")
        for part, annotated in parts:
            console.print()
            _heading(console, f"{scene.parts.index(part) + 1}. {part.title}", "─")
            _paragraph(console, part.text)
            console.print()
            terminal.conversation(annotated)
    if console.is_terminal:
        console.print()
        _paragraph(console, _NEXT)


def _heading(console: Console, title: str, rule: str) -> None:
    console.print(title, style="bold", markup=False, highlight=False)
    console.print(rule * len(title), style="bright_black")


def _paragraph(console: Console, text: str) -> None:
    for line in textwrap.wrap(text, min(console.width, _LINE), break_on_hyphens=False):
        console.print(line, markup=False, highlight=False)
