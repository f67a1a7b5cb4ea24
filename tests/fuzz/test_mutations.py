"""The mutations: enough of them, each with a name, a section and an effect."""

from __future__ import annotations

import re
from random import Random

import pytest

from wire.fuzz.mutations import CHUNK_MUTATIONS, REQUEST_MUTATIONS, RESPONSE_MUTATIONS, Draft, Mutation

REQUEST = Draft(b"POST /x HTTP/1.1", (b"Host: a", b"X: y"), b"hello")
RESPONSE = Draft(b"HTTP/1.1 200 OK", (b"Server: a", b"X: y"), b"hello")
ALL = [(mutation, REQUEST) for mutation in REQUEST_MUTATIONS.values()]
ALL += [(mutation, RESPONSE) for mutation in RESPONSE_MUTATIONS.values()]


def test_there_are_enough() -> None:
    assert len(REQUEST_MUTATIONS) > 140
    assert len(RESPONSE_MUTATIONS) > 120
    assert len(CHUNK_MUTATIONS) > 35


@pytest.mark.parametrize(("mutation", "draft"), ALL, ids=lambda value: getattr(value, "name", ""))
def test_each_says_what_it_does_and_does_it(mutation: Mutation, draft: Draft) -> None:
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9.-]+", mutation.name)
    assert re.match(r"RFC 91(10|12) §\d", mutation.section)
    assert len(mutation.about) > 3
    results = {mutation.apply(draft, Random(seed)) for seed in range(20)}
    assert not results & {draft.with_length(), draft.with_chunks()}
    assert results == {mutation.apply(draft, Random(seed)) for seed in range(20)}, "chance comes from its argument only"


PUBLISHED = [
    "both.cl-te", "both.te-cl", "both.te-te", "content-length.in-get", "content-length.none", "line-end.bare-cr",
    "line-end.bare-lf", "field.control-in-name", "value.control", "field.space-before-colon", "head.leading-space",
    "field.folded-behind", "field.empty-name", "host.repeated", "host.missing", "host.malformed", "chunk-size.sign",
    "chunk-size.0x", "chunk-size.underscore", "chunk-size.overflow", "chunk-data.no-crlf", "chunk-line.bare-lf",
    "chunk-ext.cr", "chunk-ext.lf", "trailer.framing", "chunk-size.foreign-digits", "content-length.foreign-digits",
    "request-line.leading-space", "request-line.trailing-space", "request-line.two-spaces", "method.lower-case",
    "version.look-alike", "transfer-encoding.prefixed", "transfer-encoding.in-http-1.0",
]  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_class_is_there(name: str) -> None:
    assert name in REQUEST_MUTATIONS
