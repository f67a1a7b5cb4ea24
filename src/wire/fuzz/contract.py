"""What every codec promises, as checks that any parser can be put through, ours or somebody else's.

A parser takes part as a ``Subject``: a way to make a fresh ``Receiver``,
whose one method ``receive(data)`` gives events
and raises ``RemoteProtocolError``. A check raises ``Violation`` where its promise is broken:

1. chunk-invariant: however the bytes are cut, events and error are the same (``check_chunk_invariant``);
2. total: nothing but events and ``RemoteProtocolError``, no hang, and dead after an error (``check_total``);
3. bounded: a budget of memory that no input exceeds (``check_bounded``), and work in proportion to the input
   (``check_linear``);
4. round trip: what one side sends the other hears, and
5. strict out: what must not be sent is refused before a byte is written (both ``check_send``).

Work is counted, not timed: bytecodes that were executed, and bytes that were allocated on the way.
"""

from __future__ import annotations

import enum
import gc
import itertools
import sys
import tracemalloc
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wire.errors import LocalProtocolError, RemoteProtocolError


class Violation(AssertionError):
    """A promise that a parser broke.

    Attributes:
        promise: which one, such as ``"chunk-invariant"``.
        detail: a sentence that says how.
    """

    def __init__(self, promise: str, detail: str) -> None:
        super().__init__(f"not {promise}: {detail}")
        self.promise = promise
        self.detail = detail


class Receiver(Protocol):
    """The receiving half of a codec."""

    def receive(self, data: bytes, /) -> Iterable[Any]:
        """Take some bytes, ``b""`` for the end of the input, and give the events in them.

        Raises:
            RemoteProtocolError: the bytes break a rule; the events before it have been given.
        """


class Speaker(Protocol):
    """The sending half of a codec."""

    def send(self, event: Any, /) -> None:
        """Say an event.

        Raises:
            LocalProtocolError: it must not be said; nothing was written.
        """

    def bytes_to_send(self) -> bytes:
        """What was written since the last call."""


@dataclass(frozen=True)
class Subject:
    """A parser under test.

    Attributes:
        name: what findings call it.
        make: gives a fresh receiver.
        joinable: classes of events that carry a piece of something longer in ``data``; neighbours are joined.
    """

    name: str
    make: Callable[[], Receiver]
    joinable: tuple[type[Any], ...] = ()


@dataclass(frozen=True)
class Transcript:
    """What a parser made of some input.

    Attributes:
        events: in order, pieces joined.
        error: rule and offset of the error that ended it; None where there was none.
    """

    events: tuple[Any, ...]
    error: tuple[str, int | None] | None


_MOST_EVENTS = 10_000


def _receive(receiver: Receiver, piece: bytes) -> Iterator[Any]:
    """The events in a piece; whatever is neither events nor a protocol error is a violation."""
    count = 0
    try:
        for event in receiver.receive(piece):
            yield event
            count += 1
            if count > _MOST_EVENTS + len(piece):
                raise Violation("total", f"{count} events from {len(piece)} bytes, and no end")
    except (RemoteProtocolError, Violation):
        raise
    except Exception as error:
        raise Violation("total", f"{type(error).__name__} instead of RemoteProtocolError: {error}") from error


def transcript(subject: Subject, pieces: Iterable[bytes]) -> Transcript:
    """Give ``pieces`` to a fresh receiver and write down what it says.

    Raises:
        Violation: it raised something else than ``RemoteProtocolError``, or does not come to an end.
    """
    receiver = subject.make()
    events: list[Any] = []
    try:
        for piece in pieces:
            for event in _receive(receiver, piece):
                if events and type(event) is type(events[-1]) and type(event) in subject.joinable:
                    events[-1] = type(event)(events[-1].data + event.data)
                else:
                    events.append(event)
    except RemoteProtocolError as error:
        return Transcript(tuple(events), (error.rule, error.offset))
    return Transcript(tuple(events), None)


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """``data`` in pieces that begin at ``places``; none of them is empty."""
    edges = sorted({0, len(data), *(place for place in places if 0 < place < len(data))})
    return [data[start:stop] for start, stop in itertools.pairwise(edges)]


def bytewise(data: bytes) -> list[bytes]:
    """``data`` in single bytes."""
    return [data[at : at + 1] for at in range(len(data))]


def check_chunk_invariant(
    subject: Subject, data: bytes, cuts: Iterable[Sequence[bytes]] = (), *, close: bool = False
) -> Transcript:
    """Promise 1: in one piece, byte by byte and in each of ``cuts`` the same is heard; ``close`` ends the input.

    Returns:
        What is heard.
    """
    end = [b""] if close else []
    whole = transcript(subject, [*([data] if data else []), *end])
    for pieces in (bytewise(data), *cuts):
        other = transcript(subject, [*pieces, *end])
        if other != whole:
            raise Violation("chunk-invariant", f"in one piece {_short(whole)}, in {len(pieces)} pieces {_short(other)}")
    return whole


def _short(said: Transcript) -> str:
    names = ", ".join(repr(event)[:60] for event in said.events[-3:])
    return f"{len(said.events)} events ({names}) and error {said.error}"


def check_total(subject: Subject, pieces: Iterable[bytes]) -> None:
    """Promise 2: events or ``RemoteProtocolError``, and after the error the same error whatever comes."""
    receiver = subject.make()
    try:
        for piece in pieces:
            for _event in _receive(receiver, piece):
                pass
    except RemoteProtocolError as error:
        said = (error.rule, error.offset)
        for more in (b"x", b"\r\n", b""):
            try:
                events = list(_receive(receiver, more))
            except RemoteProtocolError as again:
                if (again.rule, again.offset) != said:
                    detail = f"after {said} it raised {(again.rule, again.offset)}"
                    raise Violation("total", detail) from again
            else:
                raise Violation("total", f"after {said} it went on with {events}") from error


_NOT_COUNTED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType, enum.Enum)


def footprint(thing: object) -> int:
    """Bytes that ``thing`` and all that it refers to take, classes, functions and enum members aside."""
    total = 0
    seen: set[int] = set()
    waiting: list[object] = [thing]
    while waiting:
        here = waiting.pop()
        if id(here) in seen or isinstance(here, _NOT_COUNTED):
            continue
        seen.add(id(here))
        total += sys.getsizeof(here)
        waiting.extend(gc.get_referents(here))
    return total


def check_bounded(subject: Subject, pieces: Iterable[bytes], budget: int, *, every: int = 64) -> int:
    """Promise 3, memory: after no piece does the receiver hold ``budget`` bytes more than a fresh one.

    An error ends the input: what the receiver holds afterwards counts as well. Looks at every ``every``-th piece.

    Returns:
        The most that it held, in bytes.
    """
    receiver = subject.make()
    fresh = footprint(subject.make())
    most = 0
    try:
        for number, piece in enumerate(pieces):
            for _event in _receive(receiver, piece):
                pass
            if number % every == 0:
                most = max(most, footprint(receiver) - fresh)
                if most > budget:
                    raise Violation("bounded", f"holds {most} bytes after {number} pieces; the budget is {budget}")
    except RemoteProtocolError:
        most = max(most, footprint(receiver) - fresh)
        if most > budget:
            raise Violation("bounded", f"holds {most} bytes after its error; the budget is {budget}") from None
    return most


def work(subject: Subject, pieces: Sequence[bytes]) -> int:
    """What it costs to receive ``pieces``: bytecodes executed plus bytes allocated, however briefly.

    A protocol error ends it early. What C functions do without allocating (a search from the start again) is not seen.
    """
    return _bytecodes(subject, pieces) + _allocated(subject, pieces)


def _run(receiver: Receiver, pieces: Iterable[bytes], after: Callable[[], None] = lambda: None) -> None:
    try:
        for piece in pieces:
            for _event in _receive(receiver, piece):
                pass
            after()
    except RemoteProtocolError:
        pass


def _bytecodes(subject: Subject, pieces: Sequence[bytes]) -> int:
    count = 0

    def trace(frame: types.FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    receiver = subject.make()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        _run(receiver, pieces)
    finally:
        sys.settrace(before)
    return count


def _allocated(subject: Subject, pieces: Sequence[bytes]) -> int:
    receiver = subject.make()
    count = held = 0

    def after() -> None:
        nonlocal count, held
        now, peak = tracemalloc.get_traced_memory()
        count += peak - held
        held = now
        tracemalloc.reset_peak()

    tracemalloc.start()
    try:
        held, _peak = tracemalloc.get_traced_memory()
        _run(receiver, pieces, after)
    finally:
        tracemalloc.stop()
    return count


def check_linear(
    subject: Subject, make: Callable[[int], Sequence[bytes]], size: int = 500, *, slack: float = 1.4
) -> None:
    """Promise 3, work: four times the input costs four times the work; ``slack`` is what may be added to that.

    Args:
        subject: the parser.
        make: pieces of about the size that it is asked for; single bytes are the hardest test.
        size: the smaller of the two inputs.
        slack: a parser that copies or scans all that it holds for each piece reaches 4.
    """
    small, large = make(size), make(4 * size)
    ratio = work(subject, large) / work(subject, small)
    allowed = slack * len(large) / len(small)
    if ratio > allowed:
        raise Violation("linear", f"{len(large) / len(small):.1f} times the pieces cost {ratio:.1f} times the work")


def check_send(speaker: Speaker, events: Iterable[Any]) -> tuple[list[Any], bytes]:
    """Promise 5: each event is written, or refused by ``LocalProtocolError`` without a byte.

    Returns:
        The events that were not refused, and the bytes that they became: promise 4 is that a receiver hears the same.
    """
    said: list[Any] = []
    written = speaker.bytes_to_send()
    for event in events:
        try:
            speaker.send(event)
        except LocalProtocolError:
            leaked = speaker.bytes_to_send()
            if leaked:
                raise Violation("strict out", f"{event!r} was refused after {leaked!r} was written") from None
        except Exception as error:
            raise Violation("strict out", f"{type(error).__name__} for {event!r}: {error}") from error
        else:
            said.append(event)
            written += speaker.bytes_to_send()
    return said, written
