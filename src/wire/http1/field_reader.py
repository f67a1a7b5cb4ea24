"""Field lines from the wire: one that is known at a glance, or a section of them as it comes in (RFC 9112 §5)."""

from __future__ import annotations

import re

from wire.http1.buffer import ReadBuffer
from wire.http1.events import Field
from wire.http1.field_names import FRAMING_FIELDS, SECRET_FIELDS
from wire.http1.grammar import FIELD_VALUE, field_line
from wire.http1.memo import Memo
from wire.http1.rules import broken

_LONGEST_KNOWN_LINE = 512
_LONGEST_KNOWN_NAME = 64
_FIELD_VALUE = re.compile(FIELD_VALUE)


def _name(name: bytes) -> tuple[tuple[bytes, bool, bool], bool]:
    """A field name in lower case, whether its fields frame messages, whether they are secret; whether it is short."""
    lower, _value = field_line(name + b":")
    return (lower, lower in FRAMING_FIELDS, lower in SECRET_FIELDS), len(name) <= _LONGEST_KNOWN_NAME


_known_names: Memo[bytes, tuple[bytes, bool, bool]] = Memo(_name)

# Leaves the bytes of a field value as they are and changes all others (RFC 9110 §5.5).
_MARK_ILLEGAL = bytes(byte if _FIELD_VALUE.fullmatch(bytes([byte])) else byte ^ 0x80 for byte in range(256))


def _field(line: bytes) -> tuple[tuple[Field, bool], bool]:
    """What ``known_field_lines`` holds, in half the time where the name is known; and whether it may be remembered."""
    name, colon, value = line.partition(b":")
    if not colon or value.translate(_MARK_ILLEGAL) != value:
        return (field_line(line), False), False  # which raises, and says why
    lower, framing, secret = _known_names[name]
    return ((lower, value.strip(b" \t")), framing), not secret and len(line) <= _LONGEST_KNOWN_LINE


known_field_lines: Memo[bytes, tuple[Field, bool]] = Memo(_field)
"""What ``field_line`` makes of a line, and whether the field frames the message.

Of the ten lines of a browser's request nine are the same each time.
"""


class FieldSection:
    """A field section as it comes in, line by line (RFC 9112 §5).

    Attributes:
        fields: the fields so far.
        offsets: for each of them, the place of its line in the stream.
    """

    __slots__ = (
        "_last_line",
        "_lines",
        "_max_lines",
        "_max_line",
        "_max_size",
        "_size",
        "_unfold",
        "fields",
        "offsets",
    )

    def __init__(self, *, max_lines: int, max_line: int, max_size: int, unfold: bool) -> None:
        self._max_lines = max_lines
        self._max_line = max_line
        self._max_size = max_size
        self._unfold = unfold
        self._size = 0
        self._lines = 0
        self._last_line = b""
        self.fields: list[Field] = []
        self.offsets: list[int] = []

    def read(self, buffer: ReadBuffer) -> bool:
        """Take the lines that are complete; True once the empty line has ended the section."""
        while True:
            offset = buffer.offset
            line = buffer.line(self._max_line, "http1.field-line.too-long")
            if line is None:
                return False
            if not line:
                return True
            self._size += len(line) + 2
            if self._size > self._max_size:
                raise broken("http1.field-section.too-large", offset, f"the limit is {self._max_size} bytes")
            self._lines += 1
            if self._lines > self._max_lines:
                raise broken("http1.field-section.too-many-lines", offset, f"the limit is {self._max_lines} lines")
            if line[0] in b" \t":
                self._fold(line, offset)
            else:
                self._append(line, offset)

    def _append(self, line: bytes, offset: int) -> None:
        self.fields.append(field_line(line, offset))
        self.offsets.append(offset)
        self._last_line = line

    def _fold(self, line: bytes, offset: int) -> None:
        """A line that begins with white space continues the one before it, where that is allowed at all."""
        if not self.fields:
            raise broken("http1.field-section.leading-space", offset)  # RFC 9112 §2.2
        if not self._unfold:
            raise broken("http1.field-line.obs-fold", offset)
        # RFC 9112 §5.2: a user agent replaces each obs-fold by SP before it interprets the value.
        unfolded = self._last_line.rstrip(b" \t") + b" " + line.strip(b" \t")
        if len(unfolded) > self._max_line:
            raise broken("http1.field-line.too-long", offset, f"the limit is {self._max_line} bytes")
        self.fields[-1] = field_line(unfolded, offset - len(self._last_line))
        self._last_line = unfolded
