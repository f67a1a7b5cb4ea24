"""What the numbers of WebSocket mean: opcodes and close codes, each in a sentence and with its section."""

from __future__ import annotations

from typing import TypeAlias

from wire.websocket.frames import Opcode

Meaning: TypeAlias = tuple[str, str]
"""A sentence for a person, and the section that says so."""

OPCODES: dict[int, Meaning] = {
    Opcode.CONTINUATION: ("goes on with a message", "RFC 6455 §5.4"),
    Opcode.TEXT: ("a text message, or the beginning of one", "RFC 6455 §5.6"),
    Opcode.BINARY: ("a binary message, or the beginning of one", "RFC 6455 §5.6"),
    Opcode.CLOSE: ("the sender will send nothing more", "RFC 6455 §5.5.1"),
    Opcode.PING: ("asks for a pong with the same payload", "RFC 6455 §5.5.2"),
    Opcode.PONG: ("answers a ping, or just says that the sender is alive", "RFC 6455 §5.5.3"),
}
OPCODE: Meaning = ("reserved", "RFC 6455 §5.2")

CLOSE_CODES: dict[int, Meaning] = {
    1000: ("all is done", "RFC 6455 §7.4.1"),
    1001: ("the sender goes away: a server shuts down, a page is left", "RFC 6455 §7.4.1"),
    1002: ("the peer broke the protocol", "RFC 6455 §7.4.1"),
    1003: ("data of a kind that the sender does not take", "RFC 6455 §7.4.1"),
    1005: ("stands for a close frame without a code; never sent", "RFC 6455 §7.4.1"),
    1006: ("stands for an end without a close frame; never sent", "RFC 6455 §7.4.1"),
    1007: ("a message was not what it said it was, such as text that is not UTF-8", "RFC 6455 §7.4.1"),
    1008: ("against the sender's policy", "RFC 6455 §7.4.1"),
    1009: ("a message was too big for the sender", "RFC 6455 §7.4.1"),
    1010: ("the server did not agree to an extension that the client needs", "RFC 6455 §7.4.1"),
    1011: ("the server failed", "RFC 6455 §7.4.1"),
    1012: ("the server restarts", "RFC 6455 §11.7"),
    1013: ("the server has too much to do: try again later", "RFC 6455 §11.7"),
    1014: ("the server behind this one answered nonsense", "RFC 6455 §11.7"),
    1015: ("stands for a failed TLS handshake; never sent", "RFC 6455 §7.4.1"),
}
LIBRARIES: Meaning = ("for libraries and frameworks, which register it", "RFC 6455 §7.4.2")
PRIVATE: Meaning = ("for the application: both sides know what it means", "RFC 6455 §7.4.2")
UNKNOWN: Meaning = ("nobody has said what it means", "RFC 6455 §7.4.2")

MESSAGES: dict[int | None, str] = {Opcode.TEXT: "text", Opcode.BINARY: "binary"}
"""Kinds of messages, by the opcode of the first frame."""

NAMES: dict[int, str] = {
    Opcode.CONTINUATION: "continuation frame",
    Opcode.TEXT: "text frame",
    Opcode.BINARY: "binary frame",
    Opcode.CLOSE: "close frame",
    Opcode.PING: "ping frame",
    Opcode.PONG: "pong frame",
}


def opcode(code: int) -> Meaning:
    """What an opcode says."""
    return OPCODES.get(code, OPCODE)


def close_code(code: int) -> Meaning:
    """What a close code says; of one that is not known, what its range says (RFC 6455 §7.4.2)."""
    if code in CLOSE_CODES:
        return CLOSE_CODES[code]
    return LIBRARIES if 3000 <= code < 4000 else PRIVATE if 4000 <= code < 5000 else UNKNOWN


def frame_name(code: int) -> str:
    """What a frame with this opcode is called."""
    return NAMES.get(code, "frame")
