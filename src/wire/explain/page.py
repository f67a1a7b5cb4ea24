"""Explanations as a page that stands alone: bytes beside their meaning, each lighting up the other.

The page needs no network, and works without its script: a byte is then a link to the words about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from wire.explain.conversation import Annotated, Conversation, Direction
from wire.explain.explanation import Explanation
from wire.explain.markup import Markup
from wire.explain.span import Kind
from wire.explain.text import count

_PREFIXES = {Direction.TO_SERVER: "s", Direction.TO_CLIENT: "c"}
_LEGEND = {Kind.NAME: "names", Kind.VALUE: "values", Kind.CONTENT: "content", Kind.DELIMITER: "what keeps them apart"}
_HINT = "Point at a byte or a word, or go through them with <kbd>Tab</kbd> and the arrow keys; a click holds it."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page.

    Attributes:
        name: its anchor.
        title: its heading; empty for none.
        text: what to know before one looks at the bytes.
        annotated: the conversation.
        clock: whether the times are shown.
    """

    name: str
    title: str
    text: str
    annotated: Annotated
    clock: bool = True


def explanation_page(explanation: Explanation, direction: Direction) -> str:
    """A page about one direction of a connection."""
    title = f"{explanation.protocol} {explanation.subject}: {count(len(explanation.data))}"
    conversation = Conversation()
    conversation.add(0, direction, explanation.data)
    return page(title, "", [Part("bytes", "", "", Annotated(conversation, {direction: explanation}), clock=False)])


def page(title: str, text: str, shown: Sequence[Part]) -> str:
    """A page that shows conversations, one after the other."""
    css, js = (files("wire.explain").joinpath("assets", name).read_text("utf-8") for name in ("page.css", "page.js"))
    named = [part for part in shown if part.title]
    links = "".join(f'<a href="#{escape(part.name)}">{escape(part.title)}</a>' for part in named)
    legend = "".join(f'<span class="k-{kind.value}">{escape(words)}</span>' for kind, words in _LEGEND.items())
    body = "".join(_part(part, str(number)) for number, part in enumerate(shown))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="wire">
<title>{escape(title)}</title>
<style>
{css}</style>
<header>
<h1>{escape(title)}</h1>
{f'<p class="lede">{escape(text)}</p>' if text else ""}
<p class="legend">{legend}</p>
{f'<nav aria-label="Parts">{links}</nav>' if links else ""}
</header>
<main>
{body}</main>
<div id="inspector" role="status" aria-live="polite" hidden><span class="hint">{_HINT}</span></div>
<script>
{js}</script>
</html>
"""


def _part(part: Part, prefix: str) -> str:
    annotated = part.annotated
    both = " both" if len(annotated.explanations) > 1 else ""
    heading = f"<h2>{escape(part.title)}</h2>" if part.title else ""
    text = f'<p class="lede">{escape(part.text)}</p>' if part.text else ""
    writers = {
        direction: Markup(explanation, prefix + _PREFIXES[direction])
        for direction, explanation in annotated.explanations.items()
    }
    segments = "".join(
        writers[segment.direction].segment(segment, part.clock) for segment in annotated.conversation.shown
    )
    return f'<section id="{escape(part.name)}" class="part{both}">{heading}{text}{segments}</section>\n'
