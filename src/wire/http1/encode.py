"""Heads onto the wire: start-lines and field lines, checked so that nothing a caller supplies can frame a message."""

from __future__ import annotations

from wire.http1.events import Fields
from wire.http1.fields import FRAMING_FIELDS, SECRET_FIELDS
from wire.http1.grammar import FIELD_LINE
from wire.http1.memo import Memo
from wire.http1.rules import refused

Field = tuple[bytes, bytes]


def encode_field(field: Field) -> tuple[bytes, bool]:
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


_LONGEST_KNOWN_LINE = 512
_known_fields: Memo[Field, bytes] = Memo(encode_field)


def encode_fields(fields: Fields) -> tuple[bytes, list[Field]]:
    """The lines of ``fields``, and those of them, names in lower case, that frame the message.

    Raises:
        LocalProtocolError: a name or a value is malformed.
    """
    lines = b"".join([_known_fields[field] for field in fields])
    return lines, [(lower, value) for name, value in fields if (lower := name.lower()) in FRAMING_FIELDS]
