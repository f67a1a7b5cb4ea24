"""A node as a program: lines of standard input are said to the other, and what that says is printed, a line each."""

from __future__ import annotations

import functools
import logging
import signal
import sys

import click
import trio

from wire.net.routing import Router
from wire.net.server import Server, serve
from wire.samples.peers.node import Node

PATH = "/peer"


@click.command()
@click.option("--listen", metavar="PORT", type=click.IntRange(0, 65535), help="Let the other dial here; 0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--peer", metavar="URL", help="Dial the other, such as ws://127.0.0.1:7001/peer.")
@click.option("--name", required=True, help="Which of the two this is; it stays the same when started again.")
@click.option("-v", "--verbose", is_flag=True, help="Say on standard error what is acknowledged.")
def main(listen: int | None, host: str, peer: str | None, name: str, verbose: bool) -> None:
    """Link this node with another: say what is typed, print what is heard.

    Ctrl-C or SIGTERM ends it, with status 1 if something that was said is not acknowledged.
    """
    if listen is None and peer is None:
        raise click.UsageError("--listen, --peer or both say how to get to the other.")
    logging.basicConfig(format=f"{name}: %(message)s", level=logging.INFO)
    node = Node(name)
    trio.run(_run, node, listen, host, peer, verbose)
    missing = len(node.ledger.outbox)
    if missing:
        click.echo(f"{name}: {missing} not acknowledged", err=True)
        sys.exit(1)


async def _run(node: Node, listen: int | None, host: str, peer: str | None, verbose: bool) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            if listen is not None:
                router = Router([("GET", PATH, node.answer)])
                server: Server = await nursery.start(functools.partial(serve, router, host, listen))
                click.echo(f"{node.ledger.node}: listening at ws{server.url.removeprefix('http')}{PATH}", err=True)
            if peer is not None:
                nursery.start_soon(node.dial, peer)
            nursery.start_soon(_print, node)
            nursery.start_soon(_read, node)
            if verbose:
                nursery.start_soon(_report, node)
            await anext(signals)
            nursery.cancel_scope.cancel()


async def _print(node: Node) -> None:
    async for text in node:
        print(text, flush=True)  # and only then it is acknowledged


async def _read(node: Node) -> None:
    while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        try:
            await node.send(line.rstrip("\n"))
        except ValueError as error:
            click.echo(f"not said: {error}", err=True)


async def _report(node: Node) -> None:
    while True:
        await node.acknowledged(node.ledger.acknowledged + 1)
        click.echo(f"acknowledged up to {node.ledger.acknowledged}", err=True)


if __name__ == "__main__":
    main()
