"""Connections that wait for their next request, a few for each origin and not for long (RFC 9112 §9.3, §9.4)."""

from __future__ import annotations

import trio

from wire.net.client.http1_link import Link
from wire.net.client.url import Origin

SWEEP = 1.0
"""Seconds between two looks at all idle connections, for those that the server has closed or that are too old."""


class Pool:
    """Idle connections of one client.

    Args:
        per_origin: connections kept for each origin; the longest idle one goes when there are more.
        total: connections kept in all.
        expiry: seconds that a connection is kept.
    """

    def __init__(self, per_origin: int, total: int, expiry: float) -> None:
        self._per_origin = per_origin
        self._total = total
        self._expiry = expiry
        self._idle: dict[Origin, list[Link]] = {}
        self._filled = trio.Event()

    def __len__(self) -> int:
        """Number of idle connections."""
        return sum(len(links) for links in self._idle.values())

    @property
    def keeps(self) -> bool:
        """Whether it keeps any connection at all."""
        return self._per_origin > 0 and self._total > 0

    async def take(self, origin: Origin) -> Link | None:
        """The connection to ``origin`` that was used last, if one is fit for use."""
        while (links := self._idle.get(origin)) is not None:
            link = links[-1]
            self._remove(link)
            if self._is_fit(link):
                return link
            await link.close()
        return None

    async def put(self, link: Link) -> None:
        """Keep a connection whose exchange is over; one that cannot be used again is closed (RFC 9112 §9.6)."""
        fit = False
        try:
            fit = await link.settle() and self.keeps
        finally:
            if not fit:
                await link.close()
        if not fit:
            return
        link.idle_since = trio.current_time()
        links = self._idle.setdefault(link.origin, [])
        links.append(link)
        self._filled.set()
        if len(links) > self._per_origin:
            await self._drop(links[0])
        elif len(self) > self._total:
            await self._drop(min((links[0] for links in self._idle.values()), key=lambda link: link.idle_since))

    async def tend(self) -> None:
        """Close connections as the server closes them or as they get old, until cancelled (RFC 9112 §9.5)."""
        while True:
            await self._filled.wait()
            await trio.sleep(SWEEP)
            for link in [link for links in self._idle.values() for link in links]:
                if not self._is_fit(link) and link in self._idle.get(link.origin, ()):
                    await self._drop(link)
            if not self._idle:
                self._filled = trio.Event()

    async def close(self) -> None:
        """Close all."""
        while self._idle:
            await self._drop(next(iter(self._idle.values()))[0])

    def _is_fit(self, link: Link) -> bool:
        return trio.current_time() < link.idle_since + self._expiry and link.is_quiet()

    async def _drop(self, link: Link) -> None:
        self._remove(link)
        await link.close()

    def _remove(self, link: Link) -> None:
        links = self._idle[link.origin]
        links.remove(link)
        if not links:
            del self._idle[link.origin]
