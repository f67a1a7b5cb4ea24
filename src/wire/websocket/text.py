"""Text that comes in pieces: whole characters, and the first byte that can belong to none (RFC 6455 §8.1, RFC 3629)."""

from __future__ import annotations

from codecs import utf_8_decode

from wire.websocket.rules import broken

_BEFORE_SURROGATE, _FIRST_SURROGATE = 0xED, b"\xa0"  # of what would be a surrogate's three bytes (RFC 3629 §3)


def decode(data: bytes | bytearray, offset: int, *, derived: bool = False) -> tuple[str, int]:
    """The characters in ``data`` and how many bytes they take, an unfinished one at the end left out.

    ``offset`` is the place of ``data`` in the stream; where it is ``derived`` (inflated), that of what it came from.

    Raises:
        RemoteProtocolError: a byte is no part of a character.
    """
    try:
        text, used = utf_8_decode(data, "strict", False)
    except UnicodeDecodeError as error:
        at = error.start if error.reason == "invalid start byte" else error.end
    else:
        left = data[used:]
        if not left or left[0] != _BEFORE_SURROGATE or left[1:2] < _FIRST_SURROGATE:
            return text, used
        at = used + 1  # where Python waits for the byte behind it
    where = offset if derived else offset + at
    raise broken("websocket.message.not-utf-8", where, f"{bytes(data[at : at + 1])!r}")


def start_of_character(context: bytes) -> int:
    """Index of the byte in ``context`` that begins an unfinished character; its length where there is none."""
    for back in range(1, len(context) + 1):
        byte = context[-back]
        if byte >= 0xC0:  # it begins a character of two, three or four bytes
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(context) - back if needed > back else len(context)
        if byte < 0x80:
            break
    return len(context)
