"""A response as a client gets it: whole, or as it streams in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from wire.http1 import Fields, InformationalResponse, Response
from wire.net.client.errors import ResponseTooLarge
from wire.net.client.url import Url
from wire.net.fields import field_value


@dataclass(slots=True)
class ResponseHead:
    """What stands before the body of a response.

    Attributes:
        url: what was asked for.
        head: the codec's event: the final response, or 101 where the server switched protocols (RFC 9110 §7.8).
        interim: the responses that came before it: 100, 103 (RFC 9110 §15.2).
    """

    url: Url
    head: Response | InformationalResponse
    interim: list[InformationalResponse]

    @property
    def status(self) -> int:
        """200 to 999, or 101."""
        return self.head.status

    @property
    def reason(self) -> str:
        """The reason-phrase, which has no meaning (RFC 9112 §4)."""
        return self.head.reason.decode("latin-1")

    @property
    def fields(self) -> Fields:
        """The field lines as they came, names in lower case."""
        return self.head.fields

    @property
    def http_version(self) -> str:
        """What the server speaks: ``"1.1"`` or ``"1.0"``."""
        return self.head.version.decode("ascii")

    def field(self, name: str) -> str | None:
        """The value of a field, several of one name joined by a comma (RFC 9110 §5.2); None where there is none."""
        return field_value(self.head.fields, name)


@dataclass(slots=True)
class ReceivedResponse(ResponseHead):
    """A response that has been received to its end.

    Attributes:
        body: its content.
        trailers: the fields that came after it (RFC 9110 §6.5).
    """

    body: bytes
    trailers: Fields


class ResponseBody(Protocol):
    """A body as it comes in. Nothing of it is read from the socket before it is asked for.

    Attributes:
        trailers: the fields after it, once it has ended.
    """

    trailers: Fields

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over it, once."""

    async def __anext__(self) -> bytes:
        """Wait for the next piece."""

    async def finish_upload(self) -> None:
        """See ``StreamedResponse.finish_upload``."""


class Tunnel(Protocol):
    """The bare connection after a 101, or after a 2xx to CONNECT (RFC 9110 §7.8, §9.3.6)."""

    async def receive_some(self) -> bytes:
        """Bytes of the peer, those that followed the response first; ``b""`` once it has closed its side."""

    async def send_all(self, data: bytes) -> None:
        """Send all of the bytes, waiting while the peer doesn't read them."""


@dataclass(slots=True)
class StreamedResponse(ResponseHead):
    """A response whose body is still to come.

    Attributes:
        body: iterate over it, once.
        tunnel: the connection, where the server handed it over; None otherwise.
    """

    body: ResponseBody
    tunnel: Tunnel | None = None

    @property
    def trailers(self) -> Fields:
        """The trailer fields; empty until the body has ended (RFC 9110 §6.5)."""
        return self.body.trailers

    async def finish_upload(self) -> None:
        """Wait until the body of the request has been sent to its end, if the server is still there to take it.

        Otherwise what has not been sent when the block ends stays unsent.
        """
        await self.body.finish_upload()

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
