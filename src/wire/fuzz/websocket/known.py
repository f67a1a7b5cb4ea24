"""Differences between ``wire.websocket`` and its peers that are known, each with the section that decides it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from wire.fuzz.known import Known, they_take, we_take
from wire.websocket.deflate import TAIL
from wire.websocket.frames import FIN, OPCODE, RSV1, Opcode, apply_mask, read_frame_header


def _frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The first byte and the payload of each frame; the last may be cut short."""
    at = 0
    while header := read_frame_header(data, at):
        start, at = at + header.size, at + header.size + header.length
        payload = data[start:at]
        yield header.first, apply_mask(payload, header.masking_key) if header.masked else payload


def _of_compressed(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The frames of compressed messages, and the control frames inside of those."""
    inside = False
    for first, payload in _frames(data):
        control = first & OPCODE >= Opcode.CLOSE
        if not control and first & OPCODE != Opcode.CONTINUATION:
            inside = first & RSV1 != 0
        if inside:
            yield first, payload
            inside = control or first < FIN


def _control_between(data: bytes) -> bool:
    """Whether a control frame stands inside of a compressed message."""
    return any(first & OPCODE >= Opcode.CLOSE for first, _payload in _of_compressed(data))


def _final_block(data: bytes) -> bool:
    """Whether a block of a compressed message has BFINAL set."""
    machine = zlib.decompressobj(wbits=-15)
    try:
        for first, payload in _of_compressed(data):
            if first & OPCODE < Opcode.CLOSE:
                machine.decompress(payload + (TAIL if first >= FIN else b""))
    except zlib.error:
        pass
    return machine.eof


def _whatever(peer: str, section: str, why: str, shows: Callable[[bytes], bool]) -> Known:
    """On such input the peer may read anything."""
    return Known(peer, ".*", "wire|peer|", ".*", section, why, shows=shows)


def _answers(peer: str, rule: str, section: str, why: str) -> Known:
    """Both reject, and the peer answers with another code."""
    return Known(peer, "answer", "", rule, section, why)


KNOWN_OF_FRAMES = [
    _whatever("wsproto", "RFC 6455 §5.4", "to it, a control frame ends the compressed message around it",
              _control_between),
    _whatever("wsproto|websockets", "RFC 7692 §7.2.3.4", "to them, a block with BFINAL ends the message",
              _final_block),
    they_take("websockets", r"websocket\.frame\.length-not-minimal", "RFC 6455 §5.2", "it takes any form of length"),
    they_take("websockets", r"websocket\.message\.not-utf-8", "RFC 6455 §8.1",
              "it decodes text when the message is complete"),
    they_take("wsproto", r"websocket\.(frame|message)\.(too-big|too-many-frames|inflates-too-big)", "RFC 6455 §10.4",
              "limits are each parser's own"),
    we_take("websockets", r"incomplete fragmented message", "RFC 6455 §5.5.1",
            "a close frame may come inside of a message"),
    we_take("wsproto", r"CLOSE with unknown reserved code", "RFC 6455 §7.4.2", "IANA has registered 1014 since"),
    _answers("websockets", r"websocket\.message\.not-deflate", "RFC 6455 §7.4.1",
             "data that does not fit its type is 1007, not 1002"),
    _answers("websockets", r"websocket\.(frame\.length-too-large|control\.too-long)", "RFC 6455 §5.2",
             "it asks first whether the frame is larger than it reads"),
    _answers("websockets", r"websocket\.message\.not-utf-8", "RFC 6455 §8.1",
             "it decodes text when the message is complete, and finds another fault before that"),
    _answers("websockets", r"websocket\.close\.code", "RFC 6455 §7.4", "code and reason are both wrong"),
    _answers("wsproto", r"websocket\.frame\.too-big", "RFC 6455 §10.4", "it has no limit, and finds another fault"),
    _answers("wsproto", r"websocket\.close\.reason-not-utf-8", "RFC 6455 §7.4.2",
             "1014 again, and a reason that is wrong"),
    _answers("wsproto", r"websocket\.fragment\..*", "RFC 6455 §5.4", "it inflates before it asks whose fragment it is"),
]  # fmt: skip

KNOWN_OF_HANDSHAKES = [
    they_take("wsproto", r"websocket\.handshake\.http-version", "RFC 6455 §4.2.1", "it takes HTTP/1.0"),
    they_take("wsproto", r"websocket\.handshake\.key", "RFC 6455 §4.2.1", "it takes any key, and the last of several"),
    they_take("wsproto", r"websocket\.handshake\.version", "RFC 6455 §11.3.5", "it takes the last of several"),
    they_take("wsproto|websockets", r"websocket\.handshake\.subprotocol", "RFC 6455 §11.3.4",
              "they take repeated subprotocols, wsproto also what are no tokens"),
    they_take("wsproto", r"websocket\.handshake\.extensions", "RFC 6455 §9.1", "it takes a malformed list"),
    they_take("wsproto", r"websocket\.handshake\.origin", "RFC 6454 §7.3", "it leaves Origin to its caller"),
    they_take("wsproto", r"websocket\.response\.extensions", "RFC 7692 §7.1", "it takes any parameters, and repeats"),
    they_take("wsproto", r"websocket\.response\.accept", "RFC 6455 §11.3.3", "it takes the last of several"),
    they_take("wsproto", r"websocket\.response\.subprotocol", "RFC 6455 §11.3.4", "it takes the last of several"),
    Known("wsproto", "deflate", "", "", "RFC 7692 §7.1", "it accepts an offer whose parameters must be declined"),
    Known("websockets", "deflate", "", "", "RFC 7692 §7.1.2", "it does not compress with a window of 256 bytes",
          rb"window_bits=8"),
    we_take("wsproto", r"Missing header, 'Upgrade: websocket'", "RFC 9110 §7.8", "the field holds a list"),
    we_take("wsproto", r"Missing header, 'Connection: Upgrade'", "RFC 9110 §5.3", "several lines make one list"),
    we_take("wsproto", r"(Value|Index)Error.*", "RFC 6455 §9.1", "a value may be quoted; a bad one declines its offer"),
    we_take("websockets", r"invalid Upgrade header: .*,.*", "RFC 9110 §7.8", "the field holds a list"),
    _answers("websockets", r"websocket\.handshake\.(method|http-version)", "RFC 6455 §4.2.1",
             "an error such as 400; it answers with the one that says what is wrong"),
    _answers("wsproto", r"websocket\.handshake\.(upgrade|version)", "RFC 9110 §15.5.22",
             "426 tells the protocol and the version that would do, 400 does not"),
    _answers("websockets", r"websocket\.handshake\.connection", "RFC 6455 §4.2.1",
             "an error such as 400; it takes the field for a part of the upgrade"),
    _answers("websockets", r"websocket\.handshake\.version", "RFC 6455 §4.4", "426, not 400, is the example"),
    _answers("websockets", r"websocket\.handshake\.origin", "RFC 6455 §10.2", "two origins are none that is allowed"),
]  # fmt: skip
