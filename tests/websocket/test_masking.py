"""Masking keys: unforeseen, one for each frame, none used twice (RFC 6455 §5.3, §10.3)."""

from __future__ import annotations

import secrets
from collections import Counter
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.support import said
from wire.errors import LocalProtocolError
from wire.websocket import Binary, Close, Connection, Deflate, Event, Ping, Pong, Role, Text
from wire.websocket.frames import apply_mask, read_frame_header


def keys_of(data: bytes) -> list[bytes]:
    """The masking key of each frame."""
    keys = []
    at = 0
    while at < len(data):
        header = read_frame_header(data, at)
        assert header is not None
        assert header.masked
        keys.append(header.masking_key)
        at += header.size + header.length
    return keys


KINDS: list[Event] = [Text("a"), Binary(b"a"), Ping(b"a"), Pong(), Text("", end=False), Text("a")]


@pytest.mark.spec("rfc6455-5.3-3a", "rfc6455-10.3-4", "rfc6455-5.1-1a")
def test_each_frame_has_the_next_key_whatever_it_is() -> None:
    numbers = count(1)
    client = Connection(Role.CLIENT, masking_key=lambda: next(numbers).to_bytes(4, "big"))
    out = said(client, *KINDS, Close(1000))
    assert keys_of(out) == [number.to_bytes(4, "big") for number in range(1, len(KINDS) + 2)]


@pytest.mark.spec("rfc6455-5.3-3a", "rfc6455-5.3-3c", "rfc6455-10.3-4")
@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
def test_no_key_is_used_twice(deflate: Deflate | None) -> None:
    """Of 4,000 random keys of 32 bits two are the same once in 500 times; three pairs, never in our lives."""
    client = Connection(Role.CLIENT, deflate=deflate)
    keys = [key for _ in range(1000) for key in keys_of(said(client, Text("a"), Ping(), Binary(b""), Pong(b"a")))]
    assert len(keys) == 4000
    assert len(keys) - len(set(keys)) < 3


@pytest.mark.spec("rfc6455-5.3-3b", "rfc6455-5.3-3c")
def test_every_bit_of_a_key_is_as_often_set_as_not() -> None:
    client = Connection(Role.CLIENT)
    keys = keys_of(said(client, *[Ping()] * 4000))
    bits = Counter(bit for key in keys for bit in range(32) if int.from_bytes(key, "big") >> bit & 1)
    assert all(1750 < bits[bit] < 2250 for bit in range(32))  # eight standard deviations
    same = sum(first[at] == second[at] for first, second in pairwise(keys) for at in range(4))
    assert same < 160  # of 16,000 bytes, one in 256 is that of the key before


@pytest.mark.spec("rfc6455-5.3-3b", "rfc6455-10.3-4")
def test_keys_come_from_the_system_s_source(monkeypatch: pytest.MonkeyPatch) -> None:
    given_out: list[bytes] = []

    def token_bytes(size: int) -> bytes:
        given_out.append(bytes((len(given_out) * size + at) % 256 for at in range(size)))
        return given_out[-1]

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    client = Connection(Role.CLIENT)
    keys = keys_of(said(client, *[Ping()] * 500))
    stream = b"".join(given_out)
    places = [stream.find(key, at * 4) for at, key in enumerate(keys)]
    assert all(place == at * 4 for at, place in enumerate(places)), "in order, each once"


@pytest.mark.spec("rfc6455-5.3-3c")
def test_two_connections_share_no_keys() -> None:
    first, second = (set(keys_of(said(Connection(Role.CLIENT), *[Ping()] * 1000))) for _ in range(2))
    assert len(first & second) < 3


@pytest.mark.spec("rfc6455-5.1-1d")
def test_a_server_asks_for_no_key() -> None:
    def key() -> bytes:
        raise AssertionError

    out = said(Connection(Role.SERVER, masking_key=key), Text("a"), Ping(), Close(1000))
    assert out == b"\x81\x01a" + b"\x89\x00" + b"\x88\x02\x03\xe8"


def test_a_refused_event_costs_no_key() -> None:
    keys = iter([b"abcd"])
    client = Connection(Role.CLIENT, masking_key=lambda: next(keys))
    refused: list[Event] = [Ping(b"x" * 126), Close(1005), Text("\ud800")]
    for event in refused:
        with pytest.raises(LocalProtocolError):
            client.send(event)
    assert keys_of(said(client, Ping())) == [b"abcd"]


@pytest.mark.spec("rfc6455-5.3-1", "rfc6455-6.2-4")
@given(data=st.binary(max_size=40) | st.integers(500, 530).map(bytes), key=st.binary(min_size=4, max_size=4))
def test_masking_is_the_algorithm_of_the_rfc_and_its_own_inverse(data: bytes, key: bytes) -> None:
    masked = apply_mask(data, key)
    assert masked == bytes(octet ^ key[at % 4] for at, octet in enumerate(data))
    assert apply_mask(masked, key) == data


@pytest.mark.parametrize("length", [511, 512, 513, 65535, 65536, 65537, 200_001])
def test_long_data_is_masked_alike(length: int) -> None:
    data, key = bytes(range(251)) * (length // 251 + 1), b"\x01\x80\xff\x00"
    assert apply_mask(data[:length], key) == bytes(octet ^ key[at % 4] for at, octet in enumerate(data[:length]))
