"""A server as a whole program: it runs until Ctrl-C or SIGTERM, drains, and stops at once when told so again."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

import trio

from wire.net.messages import Handler
from wire.net.server import Server, serve


def run(
    handler: Handler,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    grace: float = math.inf,
    ready: Callable[[Server], None] | None = None,
    **options: Any,
) -> None:
    """Serve until a signal says to stop; return when all that had begun is answered.

    Args:
        handler: called for each request.
        host: a name or address to listen at.
        port: a TCP port, 0 for any that is free.
        grace: seconds that requests have to be finished in, once a signal has come.
        ready: called with the server when it is listening.
        **options: what else ``serve`` takes.

    Raises:
        OSError: it cannot listen there.
    """
    trio.run(_run, partial(serve, handler, host, port, **options), grace, ready)


async def _run(serving: Callable[..., Any], grace: float, ready: Callable[[Server], None] | None) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:

            async def until_drained(*, task_status: trio.TaskStatus[Server]) -> None:
                await serving(task_status=task_status)
                nursery.cancel_scope.cancel()

            server = await nursery.start(until_drained)
            if ready is not None:
                ready(server)
            await anext(signals)
            server.shutdown(grace)
            await anext(signals)
            nursery.cancel_scope.cancel()
