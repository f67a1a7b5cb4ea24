"""Field lines onto the wire, checked so that nothing that a caller supplies can end a line or a head (RFC 9112 §5)."""

from __future__ import annotations

from wire.http1.events import Field, Fields
from wire.http1.field_names import FRAMING_FIELDS, SECRET_FIELDS
from wire.http1.grammar import FIELD_LINE
from wire.http1.memo import Memo
from wire.http1.rules import refused

_LONGEST_KNOWN_LINE = 512


def _encode_field(field: Field) -> tuple[bytes, bool]:
    """A field line with its CRLF (RFC 9112 §5), and whether it may be remembered.

    Raises:
        LocalProtocolError: the name is no token, or the value holds a control character or outer white space, which
            the receiver could not tell from the white space around a value (RFC 9110 §5.5).
    """
    name, value = field
    line = b"%b: %b" % (name, value)
    match = FIELD_LINE.fullmatch(line)
    if match is None or match["name"] != name or match["value"].rstrip(b" \t") != value:
        raise refused("http1.send.field", repr(line[:80]))
    return line + b"\r\n", len(line) <= _LONGEST_KNOWN_LINE and name.lower() not in SECRET_FIELDS


_known_fields: Memo[Field, bytes] = Memo(_encode_field)
"""Most fields that a side sends are those that it sent before; of a response only its Date and its length are new."""


def encode_fields(fields: Fields) -> tuple[bytes, tuple[Field, ...]]:
    """The lines of ``fields``, and those of them, names in lower case, that frame the message.

    Raises:
        LocalProtocolError: a name or a value is malformed.
    """
    lines = b"".join([_known_fields[field] for field in fields])
    return lines, tuple([(lower, value) for name, value in fields if (lower := name.lower()) in FRAMING_FIELDS])
