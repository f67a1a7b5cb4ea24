"""The document service: its words against a counter that knows nothing of it, and what it says to hostile bodies."""

from __future__ import annotations

import gzip
import json
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.net.messages import Request, Response
from wire.samples.app import app
from wire.samples.documents import MOST, most_frequent, words

JSON = "application/json"


async def post(body: bytes, content_type: str | None = JSON, *fields: tuple[bytes, bytes]) -> Response:
    if content_type is not None:
        fields = ((b"content-type", content_type.encode()), *fields)
    return await app(Request("POST", "/documents", fields, body=body))


async def ask(message: object) -> Response:
    return await post(json.dumps(message).encode())


def content(response: Response) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


def field(response: Response, name: str) -> str | None:
    found = [
        value
        for known, value in response.fields
        if (known.encode() if isinstance(known, str) else known) == name.encode()
    ]
    return None if not found else found[0].decode() if isinstance(found[0], bytes) else found[0]


def assert_problem(response: Response, status: int) -> dict[str, Any]:
    """That this is a problem document as RFC 9457 §3 has them; its members."""
    assert response.status == status
    assert field(response, "content-type") == "application/problem+json"
    problem: dict[str, Any] = content(response)
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def naive_counts(text: str) -> dict[str, int]:
    """Walk through the text: letters, digits and ``_`` make words, marks go with what they follow."""
    counts: dict[str, int] = {}
    word = ""
    for character in text.casefold() + " ":
        kind = unicodedata.category(character)[0]
        if kind in "LN" or character == "_" or (word and kind == "M"):
            word += character
        elif word:
            counts[word] = counts.get(word, 0) + 1
            word = ""
    return counts


ALPHABET = "abAB ßſéÉ हिन्दी 1_٣½ ,.-\n你好 ǅΣσς"


@given(st.text(ALPHABET, max_size=60), st.integers(0, 8))
def test_the_words_are_those_that_a_naive_counter_finds(text: str, number: int) -> None:
    text = unicodedata.normalize("NFC", text)
    counts = naive_counts(text)
    ranked = sorted(counts)
    ranked.sort(key=lambda word: counts[word], reverse=True)  # stable: equals stay in alphabetical order
    assert most_frequent(text, number) == ranked[:number]


@given(st.text(), st.integers(0, MOST))
def test_no_text_gives_more_words_than_asked_for_or_the_same_word_twice(text: str, number: int) -> None:
    found = most_frequent(text, number)
    assert len(found) <= number
    assert len(set(found)) == len(found)
    assert not any(character.isspace() for word in found for character in word)


@given(st.text())
def test_how_accents_are_encoded_makes_no_difference(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straße STRASSE strasse", ["strasse"] * 3),
        ("don't Don’t", ["don't", "don't"]),
        ("'quoted' dogs' 'tis", ["quoted", "dogs", "tis"]),
        ("well-known e.g. 3.14", ["well", "known", "e", "g", "3", "14"]),
        ("snake_case", ["snake_case"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "caf\u00e9"]),
        ("İstanbul", ["i\u0307stanbul"]),
        ("\u0301 ◌\u0301 🎉 — …", []),
        ("", []),
    ],
)
def test_what_a_word_is(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ({"arg1": "to be or not to be", "arg2": 2}, "be to"),
        ({"arg1": "to be or not to be", "arg2": 3}, "be to not"),
        ({"arg1": "b a c", "arg2": MOST}, "a b c"),
        ({"arg1": "b a c", "arg2": 0}, ""),
        ({"arg1": "", "arg2": 5}, ""),
        ({"arg1": "one two", "arg2": 1.0}, "one"),
        ({"arg1": "Ünïcode ünïcode", "arg2": 1}, "ünïcode"),
        ({"arg1": "nul\x00nul", "arg2": 1}, "nul"),
    ],
)
async def test_the_answer(message: object, result: str) -> None:
    response = await ask(message)
    assert response.status == 200
    assert field(response, "content-type") == JSON
    assert content(response) == {"result": result}


@pytest.mark.parametrize(
    "content_type", [JSON, "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y"]
)
async def test_json_by_any_spelling(content_type: str) -> None:
    assert (await post(b'{"arg1": "a", "arg2": 1}', content_type)).status == 200


NOT_JSON = {
    "empty": b"",
    "blank": b" \r\n",
    "cut short": b'{"arg1": "a", "arg2"',
    "something after it": b'{"arg1": "a", "arg2": 1} {}',
    "single quotes": b"{'arg1': 'a', 'arg2': 1}",
    "trailing comma": b'{"arg1": "a", "arg2": 1,}',
    "control character in a string": b'{"arg1": "a\nb", "arg2": 1}',
    "NaN": b'{"arg1": "a", "arg2": NaN}',
    "Infinity": b'{"arg1": "a", "arg2": -Infinity}',
    "leading zero": b'{"arg1": "a", "arg2": 01}',
    "hexadecimal": b'{"arg1": "a", "arg2": 0x1}',
    "not UTF-8": b'{"arg1": "\xff", "arg2": 1}',
    "overlong UTF-8": b'{"arg1": "\xc0\xaf", "arg2": 1}',
    "surrogates in UTF-8": b'{"arg1": "\xed\xa0\x80", "arg2": 1}',
    "UTF-16": '{"arg1": "a", "arg2": 1}'.encode("utf-16"),
    "UTF-32": '{"arg1": "a", "arg2": 1}'.encode("utf-32"),
    "byte order mark": b'\xef\xbb\xbf{"arg1": "a", "arg2": 1}',
    "duplicate name": b'{"arg1": "a", "arg2": 1, "arg2": 2}',
    "duplicate name by an escape": b'{"arg1": "a", "arg2": 1, "\\u0061rg2": 2}',
    "duplicate name further in": b'{"arg1": {"x": 1, "x": 1}, "arg2": 1}',
    "deep arrays": b"[" * 500_000,
    "deep objects": b'{"arg1":' * 100_000,
    "form": b"arg1=a&arg2=1",
}


@pytest.mark.parametrize("name", NOT_JSON)
async def test_a_body_that_is_not_json_is_answered_with_400(name: str) -> None:
    assert_problem(await post(NOT_JSON[name]), 400)


NOT_A_REQUEST: dict[str, tuple[object, set[str]]] = {
    "null": (None, {"#"}),
    "array": ([{"arg1": "a", "arg2": 1}], {"#"}),
    "string": ("arg1", {"#"}),
    "nothing in it": ({}, {"#/arg1", "#/arg2"}),
    "arg1 missing": ({"arg2": 1}, {"#/arg1"}),
    "arg2 missing": ({"arg1": "a"}, {"#/arg2"}),
    "arg1 null": ({"arg1": None, "arg2": 1}, {"#/arg1"}),
    "arg1 number": ({"arg1": 7, "arg2": 1}, {"#/arg1"}),
    "arg1 list": ({"arg1": ["a"], "arg2": 1}, {"#/arg1"}),
    "arg1 half a surrogate pair": ({"arg1": "\ud800", "arg2": 1}, {"#/arg1"}),
    "arg2 null": ({"arg1": "a", "arg2": None}, {"#/arg2"}),
    "arg2 text": ({"arg1": "a", "arg2": "1"}, {"#/arg2"}),
    "arg2 boolean": ({"arg1": "a", "arg2": True}, {"#/arg2"}),
    "arg2 fraction": ({"arg1": "a", "arg2": 1.5}, {"#/arg2"}),
    "arg2 negative": ({"arg1": "a", "arg2": -1}, {"#/arg2"}),
    "arg2 a little below zero": ({"arg1": "a", "arg2": -0.5}, {"#/arg2"}),
    "arg2 2**31": ({"arg1": "a", "arg2": 2**31}, {"#/arg2"}),
    "arg2 2**32 + 1": ({"arg1": "a", "arg2": 2**32 + 1}, {"#/arg2"}),
    "arg2 2**64": ({"arg1": "a", "arg2": 2**64}, {"#/arg2"}),
    "both wrong": ({"arg1": 1, "arg2": "a"}, {"#/arg1", "#/arg2"}),
    "unknown member": ({"arg1": "a", "arg2": 1, "arg3": 1}, {"#"}),
    "name in another case": ({"Arg1": "a", "arg2": 1}, {"#", "#/arg1"}),
}


@pytest.mark.parametrize("name", NOT_A_REQUEST)
async def test_json_that_is_not_a_request_is_answered_with_422_that_points_at_it(name: str) -> None:
    message, pointers = NOT_A_REQUEST[name]
    problem = assert_problem(await ask(message), 422)
    assert {error["pointer"] for error in problem["errors"]} == pointers


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1" * 30, "1" * 100_000], ids=["1e400", "-1e400", "30 digits", "100000 digits"]
)
async def test_a_number_beyond_all_bounds_is_out_of_range(number: str) -> None:
    assert_problem(await post(b'{"arg1": "a", "arg2": %s}' % number.encode()), 422)


async def test_a_problem_repeats_nothing_long_that_the_client_sent() -> None:
    response = await ask({f"x{number}": "y" * 50 for number in range(10_000)})
    assert_problem(response, 422)
    assert isinstance(response.body, bytes)
    assert len(response.body) < 1000


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "text/json", "application/json-seq", "application/jsonp", "*/*"]
)
async def test_another_content_type_is_answered_with_415(content_type: str | None) -> None:
    response = await post(b'{"arg1": "a", "arg2": 1}', content_type)
    assert_problem(response, 415)
    assert field(response, "accept") == JSON


async def test_a_compressed_body_is_answered_with_415() -> None:
    body = gzip.compress(b'{"arg1": "a", "arg2": 1}')
    response = await post(body, JSON, (b"content-encoding", b"gzip"))
    assert_problem(response, 415)
    assert field(response, "accept-encoding") == "identity"


async def hold(text: str) -> float:
    """How many seconds the whole server stands still while it answers for this text."""
    body = json.dumps({"arg1": text, "arg2": MOST}, ensure_ascii=False).encode()
    assert len(body) <= 1 << 20
    began = time.perf_counter()
    assert (await post(body)).status == 200
    return time.perf_counter() - began


BOMBS = {
    "marks that normalization sorts": "a" + "\u0315\u0300" * 260_000,
    "marks on every letter": ("a" + "\u0315\u0300" * 16) * 15_000,
    "apostrophes": "a'" * 500_000,
    "letters that grow when folded": "ΐ" * 500_000,
    "all words different": " ".join(map(str, range(150_000))),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_no_text_of_a_mebibyte_holds_the_server_for_long(name: str) -> None:
    assert await hold(BOMBS[name]) < 5  # each takes a fraction of a second; the first took minutes in a naive version
