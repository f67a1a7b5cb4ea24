"""A response as a client gets it: whole, or as it streams in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from wire.http1 import InformationalResponse
from wire.net.client_errors import ResponseTooLarge
from wire.net.messages import ReceivedFields
from wire.net.url import Url


@dataclass(slots=True, kw_only=True)
class ResponseHead:
    """What stands before the body of a response.

    Attributes:
        url: what was asked for.
        status: 200 to 999, or 101 where the server switched protocols (RFC 9110 §7.8).
        reason: the reason-phrase, which has no meaning (RFC 9112 §4).
        fields: the field lines as they came, names in lower case.
        http_version: ``"1.1"`` or ``"1.0"``, what the server speaks.
        interim: the responses that came before the final one: 100, 103 (RFC 9110 §15.2).
    """

    url: Url
    status: int
    reason: str
    fields: ReceivedFields
    http_version: str
    interim: list[InformationalResponse]

    def field(self, name: str) -> str | None:
        """The value of a field, several of one name joined by a comma (RFC 9110 §5.2); None where there is none."""
        wanted = name.lower().encode("latin-1")
        values = [value for known, value in self.fields if known == wanted]
        return b", ".join(values).decode("latin-1") if values else None


@dataclass(slots=True, kw_only=True)
class ReceivedResponse(ResponseHead):
    """A response that has been received to its end.

    Attributes:
        body: its content.
        trailers: the fields that came after it (RFC 9110 §6.5).
    """

    body: bytes
    trailers: ReceivedFields


class ResponseBody(Protocol):
    """A body as it comes in. Nothing of it is read from the socket before it is asked for.

    Attributes:
        trailers: the fields after it, once it has ended.
    """

    trailers: ReceivedFields

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over it, once."""

    async def __anext__(self) -> bytes:
        """Wait for the next piece."""


class Tunnel(Protocol):
    """The bare connection after a 101, or after a 2xx to CONNECT (RFC 9110 §7.8, §9.3.6)."""

    async def receive_some(self) -> bytes:
        """Bytes of the peer, those that followed the response first; ``b""`` once it has closed its side."""

    async def send_all(self, data: bytes) -> None:
        """Send all of the bytes, waiting while the peer doesn't read them."""


@dataclass(slots=True, kw_only=True)
class StreamedResponse(ResponseHead):
    """A response whose body is still to come.

    Attributes:
        body: iterate over it, once.
        tunnel: the connection, where the server handed it over; None otherwise.
    """

    body: ResponseBody
    tunnel: Tunnel | None = None

    @property
    def trailers(self) -> ReceivedFields:
        """The trailer fields; empty until the body has ended (RFC 9110 §6.5)."""
        return self.body.trailers

    async def read(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            ResponseTooLarge: it is longer than ``limit`` bytes.
            RemoteProtocolError: its framing is broken.
            ConnectionLost: it did not come to its end.
            TimedOut: in phase ``read``.
        """
        pieces: list[bytes] = []
        size = 0
        async for piece in self.body:
            size += len(piece)
            if size > limit:
                raise ResponseTooLarge(limit)
            pieces.append(piece)
        return b"".join(pieces)
