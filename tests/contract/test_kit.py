"""The contract kit itself: for each promise a parser that breaks it, which the kit has to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from wire.errors import LocalProtocolError, RemoteProtocolError
from wire.fuzz.contract import (
    Subject,
    Violation,
    bytewise,
    check_bounded,
    check_chunk_invariant,
    check_linear,
    check_send,
    check_total,
    cut,
    footprint,
)


@dataclass
class Line:
    """The only event here: a line without its LF."""

    data: bytes


class Lines:
    """A parser of lines that keeps its promises: at most 80 bytes, no NUL."""

    def __init__(self) -> None:
        self.waiting = bytearray()
        self.offset = 0
        self.error: RemoteProtocolError | None = None

    def receive(self, data: bytes) -> Iterator[Line]:
        if self.error is not None:
            raise self.error
        for byte in data:
            if byte == 0 or len(self.waiting) > 80:
                self.error = RemoteProtocolError("bad", rule="lines.bad", section="none", offset=self.offset)
                raise self.error
            self.offset += 1
            if byte == 10:
                line, self.waiting = bytes(self.waiting), bytearray()
                yield Line(line)
            else:
                self.waiting.append(byte)


class LimitByRead(Lines):
    """The classic: the limit is on a read, not on the line."""

    def receive(self, data: bytes) -> Iterator[Line]:
        if len(data) > 20:
            raise RemoteProtocolError("bad", rule="lines.bad", section="none", offset=0)
        return super().receive(data)


class SwallowsBeforeError(Lines):
    """An error takes the good lines before it away."""

    def receive(self, data: bytes) -> Iterator[Line]:
        return iter(list(super().receive(data)))


class Crashes(Lines):
    def receive(self, data: bytes) -> Iterator[Line]:
        for line in super().receive(data):
            yield Line(line.data.decode("ascii").encode())


class NeverEnds(Lines):
    def receive(self, data: bytes) -> Iterator[Line]:
        while data:
            yield Line(b"")


class RisesAgain(Lines):
    """Forgets its error at once."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, None if name == "error" else value)


class Remembers(Lines):
    """Keeps every line for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Line] = []

    def receive(self, data: bytes) -> Iterator[Line]:
        for line in super().receive(data):
            self.all.append(line)
            yield line


class Copies:
    """Copies all that waits for each read."""

    def __init__(self) -> None:
        self.waiting = b""

    def receive(self, data: bytes) -> Iterator[Line]:
        self.waiting = self.waiting + data
        return iter(())


class Scans(Copies):
    """Looks at all that waits for each read, a byte at a time."""

    def receive(self, data: bytes) -> Iterator[Line]:
        self.waiting += data
        for byte in self.waiting:
            if byte == 0:
                return
        yield from ()


def subject(make: Callable[[], object]) -> Subject:
    return Subject("lines", make)  # type: ignore[arg-type]


def promise(check: Callable[[], object]) -> str:
    with pytest.raises(Violation) as broken:
        check()
    return broken.value.promise


def test_a_good_parser_passes() -> None:
    good = subject(Lines)
    data = b"one\ntwo\n\nthree\0four\n"
    heard = check_chunk_invariant(good, data, [cut(data, [2, 5])])
    assert heard.events == (Line(b"one"), Line(b"two"), Line(b""))
    assert heard.error == ("lines.bad", 14)
    check_total(good, [data])
    check_bounded(good, bytewise(b"x\n" * 1000), 1000)
    check_linear(good, lambda size: bytewise(b"x\n" * (size // 2)))


@pytest.mark.parametrize("make", [LimitByRead, SwallowsBeforeError])
def test_a_dependence_on_the_cut_is_found(make: Callable[[], object]) -> None:
    data = b"one\ntwo\nthree\0and more than twenty bytes"
    assert promise(lambda: check_chunk_invariant(subject(make), data)) == "chunk-invariant"


def test_a_foreign_exception_is_found() -> None:
    assert promise(lambda: check_total(subject(Crashes), [b"caf\xe9\n"])) == "total"


def test_a_hang_is_found() -> None:
    assert promise(lambda: check_total(subject(NeverEnds), [b"x"])) == "total"


def test_a_parser_that_goes_on_after_its_error_is_found() -> None:
    assert promise(lambda: check_total(subject(RisesAgain), [b"a\0b"])) == "total"


def test_a_growing_memory_is_found() -> None:
    assert promise(lambda: check_bounded(subject(Remembers), bytewise(b"x\n" * 1000), 1000)) == "bounded"


@pytest.mark.parametrize("make", [Copies, Scans])
def test_superlinear_work_is_found(make: Callable[[], object]) -> None:
    assert promise(lambda: check_linear(subject(make), lambda size: bytewise(b"x" * size))) == "linear"


class Leaks:
    """Writes before it refuses."""

    def __init__(self) -> None:
        self.out = b""

    def send(self, event: Line) -> None:
        self.out += b"> "
        if b"\n" in event.data:
            raise LocalProtocolError("no", rule="lines.no", section="none")
        self.out += event.data + b"\n"

    def bytes_to_send(self) -> bytes:
        out, self.out = self.out, b""
        return out


def test_bytes_before_a_refusal_are_found() -> None:
    assert promise(lambda: check_send(Leaks(), [Line(b"a\nb")])) == "strict out"
    assert check_send(Leaks(), [Line(b"a")]) == ([Line(b"a")], b"> a\n")


def test_the_footprint_counts_what_slots_and_containers_hold() -> None:
    class Slotted:
        __slots__ = ("held",)

        def __init__(self, held: object) -> None:
            self.held = held

    small, large = footprint(Slotted([b"x"])), footprint(Slotted([b"x" * 10_000]))
    assert 9_900 < large - small < 10_100
    assert footprint([small_bytes := b"y" * 500, small_bytes]) < 800, "what is shared counts once"
