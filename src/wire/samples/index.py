"""The page at ``/``: what there is, made from the table that the server routes by, so that it cannot go stale."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from wire.net.messages import Handler, Request, Response
from wire.samples.sample import Sample

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wire</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; --ink: #1c2530; --soft: #5d6b7a; --line: #dde3e9; --paper: #fbfcfd; --card: #fff;
  --accent: #0b6bcb; --code: #f0f4f8; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e4eaf0; --soft: #93a1b0; --line: #2b3540; --paper: #12171c;
  --card: #1a2128; --accent: #6db6ff; --code: #10151a; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 3rem 1.25rem; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }}
h1 {{ margin: 0; font-size: 2.25rem; letter-spacing: -.03em; }}
h1 + p {{ margin: .25rem 0 2rem; color: var(--soft); }}
article {{ margin: 0 0 1rem; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; }}
h2 {{ margin: 0; font: 600 1rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }}
h2 b {{ display: inline-block; min-width: 3.75rem; color: var(--accent); }}
article p {{ margin: .25rem 0 .75rem; }}
a {{ color: inherit; text-decoration-color: var(--accent); text-underline-offset: .2em; }}
pre {{ margin: 0; padding: .6rem .8rem; background: var(--code); border-radius: .4rem; white-space: pre-wrap;
  overflow-wrap: anywhere; user-select: all; font: .85rem/1.5 ui-monospace, monospace; }}
footer {{ margin-top: 2rem; color: var(--soft); font-size: .9rem; }}
</style>
</head>
<body>
<h1>wire</h1>
<p>The protocols of distributed systems, written to be read, run and broken. This server answers:</p>
<main>
{samples}
</main>
<footer>A click selects a whole command. {note}You came by HTTP/{version}.</footer>
</body>
</html>
"""

SAMPLE = """<article>
<h2><b>{method}</b> {path}</h2>
<p>{summary}</p>
<pre>{command}</pre>
</article>"""

AUTHORITY_FILE = "wire-ca.pem"
"""What the commands call the authority's certificate, whose real path is known to whoever started the server."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""The page runs no script and loads nothing, so the browser may hold it to that."""


def index(samples: Iterable[Sample]) -> Handler:
    """A handler that gives the page about ``samples``, as the table is when it is asked."""

    async def handler(request: Request) -> Response:
        return Response.html(page(samples, request), fields=[("content-security-policy", POLICY)])

    return handler


def page(samples: Iterable[Sample], request: Request) -> str:
    """The page, with commands for the address by which this client came (its ``Host``, so it is quoted)."""
    base = f"{request.scheme}://{request.authority or 'localhost'}"  # HTTP/1.0 may come without Host
    secure = request.scheme == "https"
    options = ("--cacert", AUTHORITY_FILE) if secure else ()
    note = f"{AUTHORITY_FILE} stands for the file that wire serve names when it starts. " if secure else ""
    articles = (
        SAMPLE.format(
            method=escape(sample.method),
            path=_path(sample),
            summary=escape(sample.summary),
            command=escape(sample.command(base, *options)),
        )
        for sample in samples
    )
    return PAGE.format(samples="\n".join(articles), note=note, version=escape(request.http_version))


def _path(sample: Sample) -> str:
    """The path, as a link where a browser can follow it."""
    if sample.method != "GET" or sample.websocket:
        return escape(sample.path)
    return f'<a href="{escape(sample.target)}">{escape(sample.path)}</a>'
