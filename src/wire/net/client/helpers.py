"""Tasks that help a block of code while it runs, and end with it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import trio


@contextlib.asynccontextmanager
async def helpers() -> AsyncIterator[trio.Nursery]:
    """A nursery for tasks that report their failures by other means than by raising them.

    It is cancelled when the block ends. What the block raises comes out as it is, in no exception group: that there
    are helpers is nobody's concern.
    """
    raised: BaseException | None = None
    async with trio.open_nursery() as nursery:
        try:
            yield nursery
        except BaseException as error:
            raised = error
        nursery.cancel_scope.cancel()
    if raised is not None:
        raise raised
