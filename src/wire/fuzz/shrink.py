"""The smallest input that still shows the same: pieces are dropped, then bytes made plain, as long as it does."""

from __future__ import annotations

from collections.abc import Callable

MOST_TRIES = 1500


def shrink(data: bytes, shows: Callable[[bytes], bool], tries: int = MOST_TRIES) -> bytes:
    """Drop pieces of halving size, then replace bytes by ``a`` or ``0``, as long as ``shows`` says yes.

    Args:
        data: an input for which ``shows`` says yes.
        shows: whether an input shows what is looked for; must not depend on anything else.
        tries: number of questions after which it is enough.
    """
    left = tries

    def asks(candidate: bytes) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and shows(candidate)

    before = None
    while before != data and left > 0:
        before = data
        size = max(len(data) // 2, 1)
        while size:
            at = 0
            while at < len(data):
                candidate = data[:at] + data[at + size :]
                if asks(candidate):
                    data = candidate
                else:
                    at += size
            size //= 2
        for at in range(len(data)):
            for plain in b"a0":
                if data[at] in b"a0\r\n: /":
                    break
                candidate = data[:at] + bytes([plain]) + data[at + 1 :]
                if asks(candidate):
                    data = candidate
                    break
    return data
