"""Heads onto the wire: start-lines and field lines, checked so that nothing a caller supplies can frame a message."""

from __future__ import annotations

from wire.http1.events import Fields
from wire.http1.fields import FRAMING_FIELDS, SECRET_FIELDS
from wire.http1.grammar import FIELD_LINE
from wire.http1.rules import refused

Field = tuple[bytes, bytes]

# Field lines that were checked once, as in wire.http1.fields: a server says the same few over and over.
_MOST_LINES = 1024
_LONGEST_LINE = 512
_encoded: dict[Field, bytes] = {}


def encode_field(name: bytes, value: bytes) -> bytes:
    """A field line with its CRLF (RFC 9112 §5).

    Raises:
        LocalProtocolError: the name is no token, or the value holds a control character or outer white space, which
            the receiver could not tell from the white space around a value (RFC 9110 §5.5).
    """
    line = b"%b: %b" % (name, value)
    match = FIELD_LINE.fullmatch(line)
    if match is None or match["name"] != name or match["value"].rstrip(b" \t") != value:
        raise refused("http1.send.field", repr(line[:80]))
    return line + b"\r\n"


def _encode_and_remember(field: Field) -> bytes:
    line = encode_field(*field)
    name = field[0].lower()
    if len(line) <= _LONGEST_LINE and name not in FRAMING_FIELDS and name not in SECRET_FIELDS:
        if len(_encoded) >= _MOST_LINES:
            _encoded.clear()
        _encoded[field] = line
    return line


def encode_fields(fields: Fields) -> tuple[bytes, list[Field]]:
    """The lines of ``fields``, and those of them, names in lower case, that frame the message.

    Raises:
        LocalProtocolError: a name or a value is malformed.
    """
    lines: list[bytes] = []
    framing: list[Field] = []
    encoded = _encoded.get
    for field in fields:
        line = encoded(field)
        if line is None:
            line = _encode_and_remember(field)
            name = field[0].lower()
            if name in FRAMING_FIELDS:
                framing.append((name, field[1]))
        lines.append(line)
    return b"".join(lines), framing
