"""The document service as a JSON API: the N most frequent words of a text, and a clear answer to whatever is not JSON.

The request and the response are the messages of ``protos/document.proto`` in protobuf's JSON mapping. A body that is
not JSON as RFC 7493 (I-JSON) wants it is answered with 400; JSON that is not the message asked for, with 422. Members
that nobody knows count among the latter, as they do in that mapping: a misspelt name should be heard of.
"""

from __future__ import annotations

import heapq
import json
import re
import unicodedata
from collections import Counter
from typing import Any, NoReturn

from wire.net.messages import Request, Response

MOST = 2**31 - 1
"""The largest int32, and so the largest ``arg2``."""

MARKS = 30
"""Marks on one letter that are heard; no language needs more (UAX #15 §13)."""

REQUEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "arg1": {"type": "string", "description": "The text."},
        "arg2": {"type": "integer", "minimum": 0, "maximum": MOST, "description": "How many words to return."},
    },
    "required": ["arg1", "arg2"],
    "additionalProperties": False,
}

RESPONSE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"result": {"type": "string", "description": "The words, joined by single spaces."}},
    "required": ["result"],
    "additionalProperties": False,
}


def words(text: str) -> list[str]:
    """The words of a text in their order, case-folded.

    A word is a run of letters, digits and underscores with the marks and joiners that belong to them (Hindi and
    Persian are made of these); an apostrophe, straight or curved, holds a word together between two of them. This is
    Unicode's own notion of a word (UAX #29) without its tables: text that is written without spaces is one word.
    Texts that only differ in how accents are encoded have the same words (canonical caseless matching, NFC out).
    """
    marks = "".join(character for character in set(text) if unicodedata.category(character).startswith("M"))
    if marks:  # Normalization sorts the marks of a letter, in quadratic time: 1 MiB of them would take minutes.
        text = re.sub(rf"([{marks}]{{{MARKS}}})[{marks}]+", r"\1", text)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).replace("’", "'")
    marks = "".join(character for character in set(folded) if unicodedata.category(character).startswith("M"))
    piece = rf"\w[\w{marks}\u200c\u200d]*"
    return re.findall(rf"{piece}(?:'{piece})*", folded)


def most_frequent(text: str, number: int) -> list[str]:
    """The ``number`` most frequent words of ``text``, most frequent first, equals in alphabetical order."""
    counts = Counter(words(text))
    return heapq.nsmallest(number, counts, key=lambda word: (-counts[word], word))


async def documents(request: Request) -> Response:
    """Answer ``{"arg1": TEXT, "arg2": N}`` with ``{"result": "the N words"}``, or with an RFC 9457 problem document."""
    # RFC 9110 §15.5.16: a 415 says what would have been accepted.
    if _media_type(request) != "application/json":
        return Response.problem(415, "The body must be application/json.", fields=[("accept", "application/json")])
    if (request.field("content-encoding") or "identity").lower() != "identity":
        return Response.problem(415, "The body must not be compressed.", fields=[("accept-encoding", "identity")])
    try:
        message = _parse(await request.read())
    except RecursionError:
        return Response.problem(400, "The body is nested too deeply.")
    except ValueError as error:
        return Response.problem(400, f"The body is not JSON: {error}.")
    errors = _errors(message)
    if errors:
        return Response.problem(422, "The body is not a ProcessDocumentRequest.", errors=errors)
    return Response.json({"result": " ".join(most_frequent(message["arg1"], int(message["arg2"])))})


def _media_type(request: Request) -> str:
    return (request.field("content-type") or "").split(";")[0].strip().lower()


def _parse(body: bytes) -> Any:
    """JSON of UTF-8 alone (RFC 8259 §8.1), with unique names (RFC 7493 §2.3) and without NaN. ValueError otherwise."""
    return json.loads(body.decode(), object_pairs_hook=_unique, parse_int=_integer, parse_constant=_refuse)


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these members; a name said twice would mean one thing here and another to somebody else."""
    found = dict(members)
    if len(found) < len(members):
        twice = next(name for name, count in Counter(name for name, _ in members).items() if count > 1)
        raise ValueError(f"the name {json.dumps(twice)} stands twice in one object")
    return found


def _integer(digits: str) -> int | float:
    """The number, or something near it where it is far out of range: exact ones of many digits are costly."""
    return int(digits) if len(digits) <= 20 else float(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _errors(message: Any) -> list[dict[str, str]]:
    """What keeps this JSON value from being a request, in the form of RFC 9457 §3; nothing when it is one."""
    if not isinstance(message, dict):
        return [{"pointer": "#", "detail": "must be an object"}]
    errors = [(f"#/{name}", "must be present") for name in REQUEST_SCHEMA["required"] if name not in message]
    if "arg1" in message and not _is_text(message["arg1"]):
        errors.append(("#/arg1", "must be a string of Unicode characters"))
    if "arg2" in message and not _is_count(message["arg2"]):
        errors.append(("#/arg2", f"must be an integer from 0 to {MOST}"))
    if not message.keys() <= REQUEST_SCHEMA["properties"].keys():
        errors.append(("#", "must have no members but arg1 and arg2"))
    return [{"pointer": pointer, "detail": detail} for pointer, detail in errors]


def _is_text(value: Any) -> bool:
    """Whether this is a string that UTF-8 can carry. An escape alone, such as D800, is JSON, but half a character."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in set(value))


def _is_count(value: Any) -> bool:
    """Whether this is an integer in range. 1.0 is the number 1, since JSON has one kind of number; true is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 <= value <= MOST and value == int(value)
