"""Every rule of WebSocket that a peer can break, in one table: its name, section, what the peer hears, what is allowed.

A failed handshake is answered with an HTTP status, a failed connection with a close code (RFC 6455 §7.4.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.errors import LocalProtocolError, RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to break the protocol.

    Attributes:
        section: where the specification says so.
        answer: a close code from 1000 on, or the HTTP status of a failed handshake; None where a client finds the fault
            in a handshake and has nobody to tell.
        sentence: what is wrong, for a person.
        allowed: what may stand there instead.
    """

    section: str
    answer: int | None
    sentence: str
    allowed: str


_CLOSE_CODES = "1000-1003, 1007-1014 or 3000-4999"

RULES: dict[str, Rule] = {
    "websocket.handshake.method": Rule("RFC 6455 §4.1", 400, "the opening handshake is not a GET", "GET"),
    "websocket.handshake.http-version": Rule(
        "RFC 6455 §4.1", 400, "the opening handshake speaks a version of HTTP below 1.1", "HTTP/1.1"
    ),
    "websocket.handshake.upgrade": Rule(
        "RFC 9110 §15.5.22", 426, "the request does not ask to upgrade to websocket", "Upgrade: websocket"
    ),
    "websocket.handshake.connection": Rule(
        "RFC 6455 §4.2.1", 400, "upgrade is not among the connection options", "Connection: Upgrade"
    ),
    "websocket.handshake.version": Rule(
        "RFC 6455 §4.4", 426, "this version of the WebSocket protocol is not spoken here", "Sec-WebSocket-Version: 13"
    ),
    "websocket.handshake.key": Rule(
        "RFC 6455 §4.2.1",
        400,
        "Sec-WebSocket-Key is not there once, or not 16 bytes in base64",
        "24 characters of base64",
    ),
    "websocket.handshake.origin": Rule(
        "RFC 6455 §10.2", 403, "scripts of this origin may not connect", "an origin that the server allows"
    ),
    "websocket.handshake.subprotocol": Rule(
        "RFC 6455 §11.3.4", 400, "Sec-WebSocket-Protocol is not a list of different tokens", "tokens, each once"
    ),
    "websocket.handshake.extensions": Rule(
        "RFC 6455 §9.1", 400, "Sec-WebSocket-Extensions is malformed", "token; parameter=value, separated by commas"
    ),
    "websocket.response.status": Rule(
        "RFC 6455 §4.1", None, "the server did not switch protocols", "101 Switching Protocols"
    ),
    "websocket.response.upgrade": Rule(
        "RFC 6455 §4.1", None, "the response does not upgrade to websocket", "Upgrade: websocket"
    ),
    "websocket.response.connection": Rule(
        "RFC 6455 §4.1", None, "upgrade is not among the connection options of the response", "Connection: Upgrade"
    ),
    "websocket.response.accept": Rule(
        "RFC 6455 §4.1", None, "Sec-WebSocket-Accept does not prove that the key was read", "the hash of key and GUID"
    ),
    "websocket.response.subprotocol": Rule(
        "RFC 6455 §4.1", None, "the server chose a subprotocol that was not offered", "one of those offered, or none"
    ),
    "websocket.response.extensions": Rule(
        "RFC 6455 §4.1", None, "the server accepted an extension that was not offered so", "what the offer allows"
    ),
    "websocket.frame.reserved-bits": Rule(
        "RFC 6455 §5.2", 1002, "a reserved bit is set that no extension gave a meaning", "RSV1 to RSV3 clear"
    ),
    "websocket.frame.compressed-continuation": Rule(
        "RFC 7692 §6", 1002, "RSV1 is set on a frame that begins no data message", "RSV1 on the first frame only"
    ),
    "websocket.frame.opcode": Rule("RFC 6455 §5.2", 1002, "the opcode is reserved", "0, 1, 2, 8, 9 or 10"),
    "websocket.frame.not-masked": Rule("RFC 6455 §5.1", 1002, "a client's frame is not masked", "the mask bit set"),
    "websocket.frame.masked": Rule("RFC 6455 §5.1", 1002, "a server's frame is masked", "the mask bit clear"),
    "websocket.frame.length-not-minimal": Rule(
        "RFC 6455 §5.2", 1002, "the payload length takes more bytes than it needs", "the shortest form"
    ),
    "websocket.frame.length-too-large": Rule(
        "RFC 6455 §5.2", 1002, "the payload length has its most significant bit set", "less than 2 to the power of 63"
    ),
    "websocket.frame.too-big": Rule(
        "RFC 6455 §10.4", 1009, "a frame is larger than this side reads", "a smaller frame"
    ),
    "websocket.message.too-big": Rule(
        "RFC 6455 §10.4", 1009, "a message is larger than this side reads", "a smaller message"
    ),
    "websocket.message.too-many-frames": Rule(
        "RFC 6455 §10.4", 1009, "a message is cut into more frames than this side reads", "fewer fragments"
    ),
    "websocket.message.inflates-too-big": Rule(
        "RFC 7692 §8", 1009, "a compressed message inflates to more than this side reads", "a smaller message"
    ),
    "websocket.message.not-deflate": Rule(
        "RFC 7692 §7.2.2", 1007, "a compressed message is not DEFLATE data", "DEFLATE without its last four bytes"
    ),
    "websocket.message.not-utf-8": Rule(
        "RFC 6455 §8.1", 1007, "a text message is not UTF-8", "a byte that continues or begins a character"
    ),
    "websocket.fragment.nothing-to-continue": Rule(
        "RFC 6455 §5.4", 1002, "a continuation frame continues no message", "a text or binary frame"
    ),
    "websocket.fragment.not-continued": Rule(
        "RFC 6455 §5.4", 1002, "a message begins inside another one", "a continuation or control frame"
    ),
    "websocket.control.fragmented": Rule("RFC 6455 §5.5", 1002, "a control frame is fragmented", "FIN set"),
    "websocket.control.too-long": Rule(
        "RFC 6455 §5.5", 1002, "a control frame has more than 125 bytes of payload", "125 bytes at most"
    ),
    "websocket.close.one-byte": Rule(
        "RFC 6455 §5.5.1", 1002, "a close frame has one byte of payload", "nothing, or a code of two bytes and a reason"
    ),
    "websocket.close.code": Rule("RFC 6455 §7.4", 1002, "this close code must not be sent", _CLOSE_CODES),
    "websocket.close.reason-not-utf-8": Rule(
        "RFC 6455 §5.5.1", 1007, "the reason in a close frame is not UTF-8", "UTF-8"
    ),
}

LOCAL_RULES: dict[str, Rule] = {
    "websocket.send.state": Rule("RFC 6455 §5.5.1", None, "this event may not follow what was sent", "see ``state``"),
    "websocket.send.not-continued": Rule(
        "RFC 6455 §5.4", None, "a message of one kind continues one of the other", "the same kind until it ends"
    ),
    "websocket.send.control-too-long": Rule(
        "RFC 6455 §5.5", None, "a control frame's payload is too long", "125 bytes"
    ),
    "websocket.send.close-code": Rule("RFC 6455 §7.4", None, "this close code must not be sent", _CLOSE_CODES),
    "websocket.send.not-unicode": Rule("RFC 6455 §8.1", None, "the text has no UTF-8 form", "no lone surrogates"),
    "websocket.send.handshake": Rule("RFC 6455 §4", None, "this handshake may not be sent", "tokens and valid URIs"),
    "websocket.receive.after-close": Rule("RFC 6455 §7.1", None, "bytes were given after receive(b'')", "nothing"),
}


def broken(rule: str, offset: int | None, detail: str = "") -> RemoteProtocolError:
    """The error for a peer that broke ``rule`` at the byte ``offset``; ``detail`` names what was found."""
    entry = RULES[rule]
    message = f"{entry.sentence}: {detail}" if detail else entry.sentence
    answer = entry.answer or 0
    return RemoteProtocolError(
        message,
        rule=rule,
        section=entry.section,
        offset=offset,
        status=answer if 0 < answer < 1000 else None,
        code=answer if answer >= 1000 else None,
    )


def refused(rule: str, detail: str = "") -> LocalProtocolError:
    """The error for a caller that asked for what ``rule`` forbids."""
    entry = LOCAL_RULES[rule]
    message = f"{entry.sentence}: {detail}" if detail else entry.sentence
    return LocalProtocolError(message, rule=rule, section=entry.section)
