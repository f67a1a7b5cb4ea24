"""What is done to an opening handshake, by name: to its start-line and to each field that it lives by (RFC 6455 §4)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wire.fuzz.mutations.draft import Draft, Mutation
from wire.fuzz.strategies import Spoilt, mutated
from wire.fuzz.websocket.reading import KEY
from wire.websocket.handshake import accept_key

REQUEST = Draft(
    b"GET /chat HTTP/1.1",
    (b"Host: a", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: " + KEY,
     b"Sec-WebSocket-Version: 13"),
    b"",
)  # fmt: skip
RESPONSE = Draft(
    b"HTTP/1.1 101 Switching Protocols",
    (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + accept_key(KEY)),
    b"",
)

_CLIENT, _SERVER = "RFC 6455 §4.1", "RFC 6455 §4.2.1"
_PROTOCOL, _EXTENSIONS, _DEFLATE = b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions", "RFC 7692 §7.1"


def _start(name: str, about: str, *choices: bytes, request: bool = True) -> Mutation:
    """Another start-line."""
    return Mutation(
        name, _SERVER if request else _CLIENT, about, lambda draft, c: draft.wire(start=c.choice(choices)),
        requests=request, responses=not request,
    )  # fmt: skip


def _field(
    name: str, about: str, field: bytes, *choices: bytes | Sequence[bytes], section: str = "", requests: bool = True,
    responses: bool = False,
) -> Mutation:  # fmt: skip
    """Other values for a field, which may be none at all, or several lines."""

    def apply(draft: Draft, chance: Random) -> bytes:
        values = chance.choice(choices)
        others = [line for line in draft.lines if not line.lower().startswith(field.lower() + b":")]
        lines = [field + b": " + value for value in ([values] if isinstance(values, bytes) else values)]
        at = chance.randint(1, len(others))
        return Draft(draft.start, (*others[:at], *lines, *others[at:]), b"").wire()

    section = section or (_SERVER if requests else _CLIENT)
    return Mutation(name, section, about, apply, requests=requests, responses=responses)


def _both(name: str, about: str, field: bytes, *choices: bytes | Sequence[bytes]) -> Mutation:
    return _field(name, about, field, *choices, responses=True)


def _answer(name: str, about: str, field: bytes, *choices: bytes | Sequence[bytes], section: str = "") -> Mutation:
    return _field(name, about, field, *choices, section=section, requests=False, responses=True)


_DEFLATED = b"permessage-deflate"
_PARAMETERS = [
    b"server_no_context_takeover", b"client_no_context_takeover", b"server_max_window_bits=9",
    b"client_max_window_bits=9", b"client_max_window_bits=15", b"server_max_window_bits=15",
]  # fmt: skip


def _with(*parameters: bytes) -> list[bytes]:
    return [_DEFLATED + b"; " + parameter for parameter in parameters]


MUTATIONS: dict[str, Mutation] = {
    mutation.name: mutation
    for mutation in [
        _start("handshake.method", "a method other than GET", b"POST /chat HTTP/1.1", b"HEAD /chat HTTP/1.1",
               b"get /chat HTTP/1.1"),
        _start("handshake.http-version", "an older version of HTTP", b"GET /chat HTTP/1.0"),
        _start("handshake.status", "a status other than 101", b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early Hints",
               b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified", request=False),
        _both("upgrade.missing", "no Upgrade", b"Upgrade", ()),
        _both("upgrade.other", "an upgrade to something else", b"Upgrade", b"h2c", b"web-socket", b"websocket2"),
        _both("upgrade.letter-case", "any mixture of cases", b"Upgrade", b"WebSocket", b"WEBSOCKET"),
        _field("upgrade.list", "one of several protocols", b"Upgrade", b"h2c, websocket", b"websocket, h2c",
               (b"h2c", b"websocket"), b"websocket,"),
        _answer("upgrade.list-answered", "several protocols chosen", b"Upgrade", b"websocket, h2c",
                (b"websocket", b"h2c")),
        _both("upgrade.version", "a protocol with a version", b"Upgrade", b"websocket/13"),
        _both("connection.missing", "no Connection", b"Connection", ()),
        _both("connection.other", "other options", b"Connection", b"close", b"keep-alive", b"upgraded"),
        _both("connection.list", "one of several options", b"Connection", b"keep-alive, Upgrade", b"Upgrade, x",
              b"upgrade", (b"keep-alive", b"Upgrade"), (b"Upgrade", b"keep-alive"), b",Upgrade,"),
        _field("key.missing", "no key", b"Sec-WebSocket-Key", ()),
        _field("key.length", "a key of another length", b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ", b"YQ==", b"",
               b"dGhlIHNhbXBsZSBub25jZWE="),
        _field("key.not-base64", "a key that is no base64", b"Sec-WebSocket-Key", b"dGhl!HNhbXBsZSBub25jZQ==",
               b"dGhl HNhbXBsZSBub25jZQ==", b"____________________==", b"========================"),
        _field("key.repeated", "two keys", b"Sec-WebSocket-Key", (KEY, KEY), (KEY, b"AAAAAAAAAAAAAAAAAAAAAA=="),
               KEY + b", " + KEY),
        _field("key.other", "another key", b"Sec-WebSocket-Key", b"AAAAAAAAAAAAAAAAAAAAAA==",
               b"//////////////////////=="),
        _field("version.missing", "no version", b"Sec-WebSocket-Version", (), section="RFC 6455 §4.4"),
        _field("version.other", "a version that nobody speaks", b"Sec-WebSocket-Version", b"8", b"0", b"14", b"255",
               b"013", b"13.0", b"x", section="RFC 6455 §4.4"),
        _field("version.list", "a list of versions", b"Sec-WebSocket-Version", b"13, 8", b"8, 13", (b"8", b"13"),
               (b"13", b"13"), section="RFC 6455 §4.4"),
        _both("protocol.one", "a subprotocol", _PROTOCOL, b"chat", b"superchat"),
        _field("protocol.list", "several subprotocols", _PROTOCOL, b"superchat, chat", b"x, superchat",
               (b"superchat", b"chat"), b"x,y", b",chat,"),
        _field("protocol.malformed", "subprotocols that are no tokens, or none", _PROTOCOL, b"", b"a b", b'"chat"',
               b"chat;x", b"chat/1", section="RFC 6455 §11.3.4"),
        _field("protocol.repeated", "the same subprotocol twice", _PROTOCOL, b"chat, chat", (b"chat", b"chat"),
               section="RFC 6455 §11.3.4"),
        _both("protocol.letter-case", "another subprotocol: cases matter", _PROTOCOL, b"Chat", b"CHAT"),
        _answer("protocol.not-offered", "a subprotocol that was not offered", _PROTOCOL, b"x", b"", b"chat, superchat",
                (b"chat", b"superchat"), (b"chat", b"chat")),
        _both("extensions.deflate", "compression", _EXTENSIONS, _DEFLATED, *_with(*_PARAMETERS[:2])),
        _both("extensions.window-bits", "a smaller window", _EXTENSIONS, *_with(*_PARAMETERS[2:])),
        _field("extensions.window-bits-hint", "a window of any size", _EXTENSIONS, *_with(b"client_max_window_bits")),
        _field("extensions.eight-bits", "the smallest window", _EXTENSIONS,
               *_with(b"client_max_window_bits=8", b"server_max_window_bits=8"), section=_DEFLATE),
        _both("extensions.bad-bits", "a window of no valid size", _EXTENSIONS,
              *_with(b"client_max_window_bits=7", b"server_max_window_bits=16", b"client_max_window_bits=09",
                     b"server_max_window_bits=x", b"client_max_window_bits=", b"server_max_window_bits")),
        _both("extensions.bad-flag", "a value for a flag", _EXTENSIONS, *_with(b"server_no_context_takeover=1")),
        _both("extensions.unknown-parameter", "a parameter that does not exist", _EXTENSIONS, *_with(b"x", b"x=1")),
        _both("extensions.repeated-parameter", "a parameter twice", _EXTENSIONS,
              *_with(b"server_max_window_bits=10; server_max_window_bits=11",
                     b"client_no_context_takeover; client_no_context_takeover")),
        _both("extensions.quoted", "a quoted value", _EXTENSIONS, *_with(b'server_max_window_bits="10"')),
        _both("extensions.unknown", "an extension that nobody knows", _EXTENSIONS, b"x", b"x-webkit-deflate-frame",
              b"mux; max-channels=4"),
        _field("extensions.several", "several offers", _EXTENSIONS, b"x, " + _DEFLATED,
               _DEFLATED + b"; server_max_window_bits=99, " + _DEFLATED, (b"x", _DEFLATED)),
        _answer("extensions.twice", "two extensions accepted", _EXTENSIONS, _DEFLATED + b", " + _DEFLATED,
                (_DEFLATED, _DEFLATED), _DEFLATED + b", x", section="RFC 7692 §6"),
        _both("extensions.malformed", "a list that is none", _EXTENSIONS, b"", b";", b"a b", _DEFLATED + b";",
              _DEFLATED + b"; =1", b'x; y="'),
        _field("origin.any", "an origin", b"Origin", b"http://a", b"null", b"https://evil.example"),
        _field("origin.repeated", "two origins", b"Origin", (b"http://a", b"http://b"), section="RFC 6454 §7.3"),
        _answer("accept.missing", "no proof", b"Sec-WebSocket-Accept", ()),
        _answer("accept.wrong", "the proof of another key", b"Sec-WebSocket-Accept", KEY, b"", accept_key(b"x"),
                accept_key(KEY).lower(), accept_key(KEY)[:-1]),
        _answer("accept.repeated", "two proofs", b"Sec-WebSocket-Accept", (accept_key(KEY), accept_key(KEY)),
                (b"x", accept_key(KEY)), section="RFC 6455 §11.3.3"),
    ]
}  # fmt: skip
"""Mutations of opening handshakes by name."""

_PLAIN_LINES = [b"User-Agent: x", b"Cookie: a=b", b"Origin: http://a", b"Accept-Language: en"]


def drafts(*, request: bool) -> SearchStrategy[Draft]:
    """A valid handshake, with and without subprotocols and compression."""
    plain = REQUEST if request else RESPONSE
    options = st.lists(
        st.sampled_from(
            [b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Extensions: permessage-deflate", *_PLAIN_LINES]
        ),
        max_size=4,
        unique=True,
    )
    return options.map(lambda lines: Draft(plain.start, (*plain.lines, *lines), b""))


def inputs() -> SearchStrategy[Spoilt]:
    """Handshakes of either side: mostly spoilt, some valid."""
    requests = {name: mutation for name, mutation in MUTATIONS.items() if mutation.requests}
    responses = {name: mutation for name, mutation in MUTATIONS.items() if mutation.responses}
    valid = drafts(request=True) | drafts(request=False)
    return st.one_of(
        mutated(drafts(request=True), requests),
        mutated(drafts(request=False), responses),
        valid.map(lambda draft: Spoilt("valid", draft.wire())),
    )
