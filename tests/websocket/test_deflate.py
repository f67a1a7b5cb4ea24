"""Permessage-deflate: each parameter binds the side that it names, both ways, whatever the messages (RFC 7692 §7)."""

from __future__ import annotations

import zlib
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.websocket.support import listen, pair, said, wire
from wire.fuzz.contract import bytewise
from wire.fuzz.websocket import strategies
from wire.fuzz.websocket.draft import Frame, fragments
from wire.fuzz.websocket.payloads import deflated
from wire.websocket import Binary, Connection, Deflate, Event, Limits, Ping, Role, Text
from wire.websocket.deflate import TAIL, Compressor, Decompressor
from wire.websocket.frames import RSV1, Opcode, apply_mask, read_frame_header

DULL = b"All work and no play makes Jack a dull boy. " * 3


def payloads_of(data: bytes) -> list[bytes]:
    """The payload of each frame, unmasked."""
    payloads = []
    at = 0
    while at < len(data):
        header = read_frame_header(data, at)
        assert header is not None
        start, at = at + header.size, at + header.size + header.length
        payloads.append(apply_mask(data[start:at], header.masking_key) if header.masked else data[start:at])
    return payloads


def sent(role: Role, deflate: Deflate, *events: Event) -> list[bytes]:
    return payloads_of(said(Connection(role, deflate=deflate), *events))


def noise(size: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    return Random(size).randbytes(size)


def agreed(role: Role, parameter: str, value: Any) -> Deflate:
    """Nothing special but one parameter, which binds ``role``."""
    return Deflate(**{f"{role.value}_{parameter}": value})


def other(role: Role) -> Role:
    return Role.SERVER if role is Role.CLIENT else Role.CLIENT


@pytest.mark.spec("rfc7692-7.2.1-7", "rfc7692-7.2.1-8", "rfc7692-7.2.1-9", "rfc7692-7.2.1-10", "rfc7692-7.1.1.2-2")
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_side_takes_its_window_over_unless_it_agreed_not_to(role: Role) -> None:
    for deflate in (Deflate(), agreed(other(role), "no_context_takeover", True)):
        first, second = sent(role, deflate, Binary(DULL), Binary(DULL))
        assert len(second) < len(first) / 2, "the second refers to the first"
    for deflate in (agreed(role, "no_context_takeover", True), Deflate(True, True)):
        first, second = sent(role, deflate, Binary(DULL), Binary(DULL))
        assert first == second
        for payload in (first, second):
            assert zlib.decompress(payload + TAIL + b"\x03\x00", wbits=-15) == DULL


@pytest.mark.spec("rfc7692-7.2.2-1", "rfc7692-7.2.2-2", "rfc7692-7.2.2-3", "rfc7692-7.2.2-4")
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_side_reads_what_refers_to_the_message_before_unless_the_other_agreed_not_to(role: Role) -> None:
    """``role`` reads; the peer keeps its window, or forgets it, and the reader knows which."""
    machine = zlib.compressobj(wbits=-15)
    kept = [(machine.compress(DULL) + machine.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL) for _ in range(3)]
    stream = wire(*(Frame(Opcode.BINARY, payload, rsv=RSV1) for payload in kept), role=role)
    for deflate in (Deflate(), agreed(role, "no_context_takeover", True)):
        assert listen(Connection(role, deflate=deflate), [stream]).events == [Binary(DULL)] * 3
    heard = listen(Connection(role, deflate=agreed(other(role), "no_context_takeover", True)), [stream])
    assert heard.events == [Binary(DULL)]
    assert heard.error is not None
    assert heard.error.rule == "websocket.message.not-deflate"


@pytest.mark.spec("rfc7692-7.2.1-6", "rfc7692-7.2.1-11", "rfc7692-7.2.1-12")
@pytest.mark.parametrize("bits", range(8, 16))
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_side_refers_no_further_back_than_its_window(role: Role, bits: int) -> None:
    """A reader with just that window, which gives its output away byte by byte, understands it all."""
    deflate = agreed(role, "max_window_bits", bits)
    block = noise((1 << bits) - 20)
    messages = [block, block, DULL * 20, block[:300], noise(3 << bits), DULL, b"", block]
    reader = zlib.decompressobj(wbits=-bits)
    for message, payload in zip(messages, sent(role, deflate, *map(Binary, messages)), strict=True):
        assert b"".join(map(reader.decompress, bytewise(payload + TAIL))) == message


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_the_window_of_the_other_side_does_not_bind_this_one(role: Role) -> None:
    block = noise(20_000)
    _first, second = sent(role, agreed(other(role), "max_window_bits", 8), Binary(block), Binary(block))
    assert len(second) < 1000, "it refers 20,000 bytes back"


@pytest.mark.spec("rfc7692-7.2.2-5", "rfc7692-7.2.2-6", "rfc7692-7.2.2-7", "rfc7692-7.2.2-8")
@pytest.mark.parametrize("bits", range(8, 16))
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_side_reads_all_that_the_other_s_window_allows(role: Role, bits: int) -> None:
    """The peer refers as far back as a window of this size lets it, from one message into the one before."""
    block = noise((1 << bits) - 300 if bits > 8 else 1 << 8)
    machine = zlib.compressobj(
        wbits=-max(bits, 9), strategy=zlib.Z_DEFAULT_STRATEGY if bits > 8 else zlib.Z_HUFFMAN_ONLY
    )
    payloads = [(machine.compress(block) + machine.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL) for _ in range(2)]
    if bits > 8:
        assert len(payloads[1]) < len(payloads[0]) / 3
    stream = wire(*(Frame(Opcode.BINARY, payload, rsv=RSV1) for payload in payloads), role=role)
    connection = Connection(role, deflate=agreed(other(role), "max_window_bits", bits))
    assert listen(connection, [stream]).events == [Binary(block)] * 2


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_window_of_256_bytes_is_kept_though_zlib_has_none(role: Role) -> None:
    """With zlib, 256 becomes 512 when it compresses: here no reference at all is made, and it is still smaller."""
    (payload,) = sent(role, Deflate(server_max_window_bits=8, client_max_window_bits=8), Binary(DULL * 10))
    assert len(payload) < len(DULL * 10)
    assert zlib.decompressobj(wbits=-8).decompress(payload + TAIL) == DULL * 10


@pytest.mark.spec("rfc7692-6.1-1", "rfc7692-6-3", "rfc7692-7.2.1-5", "rfc7692-7.2.1-1")
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_message_in_pieces_is_one_stream_of_deflate(role: Role) -> None:
    out = said(Connection(role, deflate=Deflate(), masking_key=lambda: bytes(4)),
               Text("Hel", end=False), Ping(b"!"), Text("", end=False), Text("lo"))  # fmt: skip
    payloads = payloads_of(out)
    assert payloads.pop(1) == b"!"
    assert zlib.decompressobj(wbits=-15).decompress(b"".join(payloads) + TAIL) == b"Hello"
    assert payloads[0].endswith(TAIL)
    assert not payloads[-1].endswith(TAIL)


@pytest.mark.spec("rfc7692-6.1-2", "rfc7692-6.2-2")
def test_a_message_that_is_not_compressed_is_taken_as_it_is() -> None:
    (message,) = listen(Connection(Role.SERVER, deflate=Deflate()), [wire(Frame(Opcode.TEXT, b"Hello"))]).events
    assert message == Text("Hello")
    assert said(Connection(Role.SERVER), Text("Hello")) == b"\x81\x05Hello"


@pytest.mark.parametrize("deflate", [Deflate(), Deflate(True, True), Deflate(False, False, 8, 8)], ids=str)
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_empty_messages_and_pieces(role: Role, deflate: Deflate) -> None:
    """RFC 7692 §7.2.3.6: where zlib has nothing to say, an empty block says it."""
    nothing: list[Event] = [Text(""), Binary(b""), Text("", end=False), Text("")]
    events = [*nothing, Text("a"), *nothing, Binary(b"", end=False), Binary(b"", end=False), Binary(b"b"), *nothing]
    sender, receiver = (Connection(side, deflate=deflate) for side in (role, other(role)))
    out = said(sender, *events)
    assert listen(receiver, [out]).events == events
    assert all(payloads_of(out)[at] for at in (0, 1, 3, 4))


@given(
    deflate=strategies.agreements(),
    messages=st.lists(st.tuples(st.sampled_from(Role), strategies.payloads(200)), max_size=8),
)
def test_both_sides_understand_each_other_whatever_they_agreed_on(
    deflate: Deflate, messages: list[tuple[Role, bytes]]
) -> None:
    client, server = pair(deflate)
    for role, payload in messages:
        sender, receiver = (client, server) if role is Role.CLIENT else (server, client)
        assert list(receiver.receive(said(sender, Binary(payload)))) == [Binary(payload)]


@pytest.mark.spec("rfc7692-7.2.1-2", "rfc7692-7.2.1-3", "rfc7692-6.2-1")
@pytest.mark.parametrize("mode", [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH], ids=["sync", "full", "final"])
@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("cut", [1, 2, 3, 7])
def test_blocks_of_any_kind_are_read_however_they_are_cut(mode: int, level: int, cut: int) -> None:
    data = DULL + noise(100)
    blocks = deflated(data, mode=mode, level=level)
    payload = blocks.removesuffix(TAIL) if mode != zlib.Z_FINISH else blocks + b"\0"
    step = -(-len(payload) // cut)
    frames = fragments(Opcode.BINARY, [payload[at : at + step] for at in range(0, len(payload), step)], rsv=RSV1)
    heard = listen(Connection(Role.SERVER, deflate=Deflate()), [wire(*frames)])
    assert heard.error is None
    assert b"".join(event.data for event in heard.events if isinstance(event, Binary)) == data


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 131_071, 131_072, 131_073, 300_000])
def test_what_is_at_the_limit_comes_whole_and_a_byte_more_is_refused(size: int) -> None:
    for data in (bytes(size), noise(size)):
        stream = wire(Frame(Opcode.BINARY, deflated(data).removesuffix(TAIL), rsv=RSV1))
        limits = Limits(frame=1 << 20, message=size)
        assert listen(Connection(Role.SERVER, limits, deflate=Deflate()), [stream]).events == [Binary(data)]
        if size:
            heard = listen(Connection(Role.SERVER, replace(limits, message=size - 1), deflate=Deflate()), [stream])
            assert heard.events == []
            assert heard.error is not None
            assert (heard.error.rule, heard.error.code) == ("websocket.message.inflates-too-big", 1009)


@given(pieces=st.lists(st.binary(max_size=30), min_size=1, max_size=6), bits=st.integers(8, 15), forget=st.booleans())
def test_the_two_machines_are_each_other_s_inverse(pieces: list[bytes], bits: int, forget: bool) -> None:
    compressor, decompressor = (
        Compressor(bits, no_context_takeover=forget), Decompressor(bits, no_context_takeover=forget),
    )  # fmt: skip
    for number, piece in enumerate(pieces):
        end = number % 2 == 1
        assert decompressor.decompress(compressor.compress(piece, end=end), 1000, end=end) == piece
