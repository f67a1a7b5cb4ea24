"""What every codec raises: an error that says which rule was broken, where, and what the peer should hear.

A codec's failures are data: ``rule`` is a stable name, one for each place that can fail, by which tests, fuzz findings
and explanations are grouped; the remaining attributes say the same to a person, to the specification and to the wire.
"""

from __future__ import annotations

from typing import Self


class ProtocolError(Exception):
    """A message or a call that the protocol does not allow.

    Attributes:
        message: one sentence for a person.
        rule: the stable name of this way of failing, such as ``"http1.chunk-size.overflow"``.
        section: the specification that was broken, such as ``"RFC 9112 §7.1"``.
        offset: index of the byte at fault, counted from the first byte that the connection ever received;
            None where no byte is at fault (a wrong call, a limit on time).
        status: the HTTP status that answers this failure, where HTTP answers it.
        code: the WebSocket close code (RFC 6455 §7.4) that answers it.
        error_code: the HTTP/2 error code (RFC 9113 §7) that answers it.
        stream_id: the HTTP/2 stream at fault; None where the connection is.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        section: str,
        offset: int | None = None,
        status: int | None = None,
        code: int | None = None,
        error_code: int | None = None,
        stream_id: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.section = section
        self.offset = offset
        self.status = status
        self.code = code
        self.error_code = error_code
        self.stream_id = stream_id

    def again(self) -> Self:
        """The same error anew, without a traceback: that one holds on to all that was at hand when it was raised."""
        return type(self)(
            self.message,
            rule=self.rule,
            section=self.section,
            offset=self.offset,
            status=self.status,
            code=self.code,
            error_code=self.error_code,
            stream_id=self.stream_id,
        )

    def __str__(self) -> str:
        where = "" if self.offset is None else f" at byte {self.offset}"
        return f"{self.message}{where} ({self.section}, {self.rule})"


class LocalProtocolError(ProtocolError):
    """This side asked for something that the protocol forbids; nothing was written."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol forbids; the connection is dead from that byte on."""
