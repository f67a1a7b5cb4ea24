"""Standard input, output and error as every verb may take them to be: open, and able to print what it says."""

from __future__ import annotations

import codecs
import io
import os
import sys

STAND_INS = {
    "§": "s",
    "·": ".",  # a byte that is no character, as other hex dumps show it,
    "↵": ".",  # LF
    "→": ".",  # and HT
    "─": "-",
    "═": "=",
    "▶": ">",
    "◀": "<",
    "✗": "x",
    "⋮": ":",
    "…": "...",
    "×": "x",
}
"""What a terminal that does not speak Unicode gets for the characters that explanations are drawn with.

All but the ellipsis are as wide as what they stand for: columns stay columns.
"""


def prepare() -> None:
    """Open what the caller left closed, and let no character be a reason to fail."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # wire … <&- or >&-: as if it were /dev/null, and no socket takes its number
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="wire.stand-in")


def drop_unwritten() -> None:
    """Forget what could not be written, which has been said: the interpreter would try again at its end, and fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def stand_in(error: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: what ``STAND_INS`` has for a character, or else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(STAND_INS.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


codecs.register_error("wire.stand-in", stand_in)
