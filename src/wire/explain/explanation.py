"""An explanation: what one direction of a connection says, byte by byte, and where and why it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wire.explain.span import Span


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule.

    Attributes:
        rule: its stable name.
        section: where the specification says so.
        offset: index of the byte at fault; the length of the data where it ended too early.
        end: index behind the last of the bytes that are to blame; ``offset`` where none is.
        message: one sentence for a person.
        allowed: what may stand there.
        status: the HTTP status that answers it; None where HTTP has none.
        code: the close code that answers it; None where WebSocket has none.
    """

    rule: str
    section: str
    offset: int
    end: int
    message: str
    allowed: str
    status: int | None = None
    code: int | None = None

    @property
    def answer(self) -> str:
        """What answers it, in words; empty where nothing does."""
        if self.code is not None:
            return f"answered by close code {self.code}"
        return "" if self.status is None else f"answered by {self.status}"

    def to_json(self) -> dict[str, Any]:
        """The fault as JSON has it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one direction of a connection says.

    Attributes:
        protocol: such as ``"HTTP/1.1"``.
        subject: what the bytes are, such as ``"requests"``.
        data: the bytes.
        spans: what they mean; they tile ``data``.
        fault: the rule that they break; None where they break none.
        awaiting: what has to come next, where the data ends inside something; empty where it does not.
    """

    protocol: str
    subject: str
    data: bytes
    spans: tuple[Span, ...]
    fault: Fault | None = None
    awaiting: str = ""

    def to_json(self) -> dict[str, Any]:
        """The explanation as JSON has it: the bytes in hexadecimal, the spans as a tree."""
        return {
            "protocol": self.protocol,
            "subject": self.subject,
            "data": self.data.hex(),
            "spans": [span.to_json() for span in self.spans],
            "fault": self.fault and self.fault.to_json(),
            "awaiting": self.awaiting or None,
        }
