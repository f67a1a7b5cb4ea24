"""The ``wire`` command: one module a verb, loaded only when its verb is called.

``wire/cli/<verb>.py`` exports a click command named ``command``; a line in ``VERBS`` makes it known. Whatever a verb
raises that is not a bug leaves here as one line on standard error.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from wire.cli.streams import drop_unwritten, prepare
from wire.errors import ProtocolError

VERBS = {
    "tour": "Run real exchanges over loopback and show what each byte means.",
    "explain": "Explain captured bytes, up to the byte where they go wrong.",
    "serve": "Start the sample servers for curl, a browser or any other client.",
    "http": "Send one HTTP request; -v shows the bytes of both directions.",
    "ws": "Talk to a WebSocket: lines typed are sent, messages are printed.",
    "fuzz": "Hunt for inputs on which a parser crashes, stalls or disagrees.",
}
"""Each verb and the line that ``wire --help`` says of it; its module is ``wire.cli.<verb>``."""

INTERRUPTED = 128 + 2
"""Exit status after Ctrl-C: what a shell reports of a program that SIGINT ended."""


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is called, and that says errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and give its command; None where there is no such verb."""
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"wire.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table: to ask each command for its own help would import them all."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; what went wrong outside this program (a file, a network, a peer) becomes a click error."""
        try:
            return super().invoke(ctx)
        except BaseExceptionGroup as group:
            cause = _cause(group)
            if cause is None:
                raise
        except (OSError, ProtocolError) as error:
            cause = error
        if isinstance(cause, BrokenPipeError) or not isinstance(cause, (OSError, ProtocolError)):
            raise cause
        raise click.ClickException(_sentence(cause)) from cause

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run, and exit with 0, 1 (failed), 2 (wrong use) or 130 (Ctrl-C); a closed pipe is left in silence."""
        kwargs.setdefault("prog_name", "wire")
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **kwargs)
        prepare()
        try:
            status = run(*args, standalone_mode=False, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.ClickException as error:
            click.echo(_line(error), err=True)
            sys.exit(error.exit_code)
        except OSError as error:  # not even its help can be written
            click.echo(f"wire: {_sentence(error)}", err=True)
            sys.exit(1)
        except click.Abort:
            sys.exit(INTERRUPTED)
        finally:
            drop_unwritten()
        sys.exit(status if isinstance(status, int) else 0)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException | None:
    """What a person should hear of a trio nursery's group of errors; None where any of them is a bug."""
    leaves = list(_leaves(group))
    for kind in (KeyboardInterrupt, BrokenPipeError):
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    known = (OSError, ProtocolError, click.ClickException, click.exceptions.Exit)
    return leaves[0] if all(isinstance(leaf, known) for leaf in leaves) else None


def _sentence(error: OSError | ProtocolError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def _line(error: click.ClickException) -> str:
    """The error as one line that names the verb; wrong use also says where to look."""
    said = " ".join(error.format_message().split())
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return f"wire: {said}"
    path = error.ctx.command_path
    return f"{path}: {said} (see {path} --help)"


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="VERB ...",
    epilog="wire VERB --help says more of each verb.",
)
@click.version_option(package_name="wire")
def main() -> None:
    """The protocols of distributed systems, written to be read, run and broken.

    \b
    Examples:
      wire tour                      every byte of a real exchange, explained
      wire serve                     sample servers on http://127.0.0.1:8080
      wire http -v http://127.0.0.1:8080/hello
      wire explain capture.bin --as http1
    """
