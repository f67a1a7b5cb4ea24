"""Bytes and numbers as people read them; whatever a peer sent comes out printable."""

from __future__ import annotations

from codecs import utf_8_decode

from wire.explain.span import Value

_PROBE = 256
_PICTURES = {0x0A: "↵", 0x09: "→"}


def count(number: int, unit: str = "byte") -> str:
    """A number of something, in words."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def character(byte: int) -> str:
    """One character that stands for a byte: itself if it is visible ASCII or SP, an arrow for LF and HT, or a dot."""
    if 0x20 <= byte < 0x7F:
        return chr(byte)
    return _PICTURES.get(byte, "·")


def is_text(data: bytes) -> bool:
    """Whether ``data`` begins as text does that people can read."""
    try:
        text, _used = utf_8_decode(data[:_PROBE], "strict", len(data) <= _PROBE)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)


def readable(value: Value, limit: int = 160) -> str:
    """A value as text: what is not printable is escaped, what is longer than ``limit`` characters is cut."""
    if isinstance(value, int):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value[: limit * 4].decode("utf-8", "backslashreplace")
    text = "".join(letter if letter.isprintable() else _escaped(letter) for letter in value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
