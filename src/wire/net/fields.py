"""Field lines as handlers and callers deal with them: text or bytes to be sent, bytes received, text looked up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

ReceivedFields: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Field lines as they came: names in lower case, values without the whitespace around them (RFC 9110 §5)."""

FieldLine: TypeAlias = tuple[str | bytes, str | bytes]
"""A field line to be sent. Text is encoded as Latin-1, which is what HTTP allows at most (RFC 9110 §5.5)."""

EncodedFields: TypeAlias = list[tuple[bytes, bytes]]
"""Field lines ready to be sent."""


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def encode_fields(fields: Iterable[FieldLine]) -> EncodedFields:
    """Field lines as bytes.

    Raises:
        UnicodeEncodeError: a text has characters outside Latin-1 (RFC 9110 §5.5).
    """
    return [(_encoded(name), _encoded(value)) for name, value in fields]


def field_value(fields: ReceivedFields, name: str) -> str | None:
    """The value of a field, several of one name joined by a comma (RFC 9110 §5.2); None where there is none."""
    wanted = name.lower().encode("latin-1")
    values = [value for known, value in fields if known == wanted]
    return b", ".join(values).decode("latin-1") if values else None
