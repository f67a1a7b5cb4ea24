"""What a parser made of some bytes, in terms that all parsers share, and where two of them disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Fields = tuple[tuple[bytes, bytes], ...]
_FRAMING = (b"content-length", b"transfer-encoding")


@dataclass(slots=True)
class Message:
    """A message as a parser understood it.

    Attributes:
        start: what its start-line says: method, target and version, or status and version.
        fields: names in lower case.
        body: without its transfer coding; None where the parser does not tell.
        trailers: names in lower case; None where the parser does not tell.
    """

    start: dict[str, bytes]
    fields: Fields = ()
    body: bytes | None = b""
    trailers: Fields | None = ()

    def parts(self) -> Iterator[tuple[str, object]]:
        """Each part by name, those aside of which nothing is known.

        What frames the message is compared by what it does: parsers tidy it up, each in its way.
        """
        yield from self.start.items()
        yield "fields", tuple(field for field in self.fields if field[0] not in _FRAMING)
        if self.body is not None:
            yield "body", self.body
        if self.trailers is not None:
            yield "trailers", self.trailers


@dataclass(slots=True)
class Reading:
    """What a parser made of an input to its end.

    Attributes:
        messages: those that it took for complete.
        error: why it stopped before the end, or that the end came too early; empty where all is well.
        looks_at: number of messages that it looks at; None where it reads to the end.
        answer: where it rejects, the code that it answers with; None where it does not tell, or would not answer.
    """

    messages: list[Message] = field(default_factory=list)
    error: str = ""
    looks_at: int | None = None
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One point on which two parsers differ.

    Attributes:
        kind: ``"accept"`` (one takes what the other rejects), ``"end"`` (both accept other messages), ``"answer"``
            (both reject, with other codes), or a part's name.
        lenient: for ``"accept"``, the name of the one that takes more.
        reason: for ``"accept"``, the error of the other; for ``"answer"``, that of the first.
        detail: a sentence.
    """

    kind: str
    lenient: str
    reason: str
    detail: str


def disagreement(name: str, ours: Reading, other_name: str, other: Reading) -> Disagreement | None:
    """The first point on which two readings of the same input differ; None where they agree.

    An input that breaks off and one that is rejected are both not accepted, and that is all that is compared of them,
    but for the codes that are answered.
    """
    for number, (mine, theirs) in enumerate(zip(ours.messages, other.messages, strict=False)):
        known = dict(theirs.parts())
        for part, value in mine.parts():
            if part in known and known[part] != value:
                detail = f"message {number + 1}: {name} reads {value!r}, {other_name} reads {known[part]!r}"
                return Disagreement(part, "", "", detail)
    most = min((reading.looks_at for reading in (ours, other) if reading.looks_at is not None), default=None)
    counts = [len(reading.messages) if most is None else min(len(reading.messages), most) for reading in (ours, other)]
    if most is not None and counts[0] == counts[1]:
        return None
    if counts[0] == counts[1] and bool(ours.error) == bool(other.error):
        if None in (ours.answer, other.answer) or ours.answer == other.answer:
            return None
        detail = f"{name} answers {ours.error!r} with {ours.answer}, {other_name} {other.error!r} with {other.answer}"
        return Disagreement("answer", "", ours.error, detail)
    if not ours.error and not other.error:
        return Disagreement("end", "", "", f"{name} reads {counts[0]} messages, {other_name} {counts[1]}")
    ours_is_lenient = counts[0] > counts[1] or (counts[0] == counts[1] and not ours.error)
    lenient, reason = (name, other.error) if ours_is_lenient else (other_name, ours.error)
    strict = other_name if ours_is_lenient else name
    if not reason:  # the one that heard fewer messages is content all the same: the rest means something else to it
        return Disagreement("end", lenient, "", f"{name} reads {counts[0]} messages, {other_name} {counts[1]}")
    return Disagreement("accept", lenient, reason, f"{lenient} accepts what {strict} rejects: {reason}")
