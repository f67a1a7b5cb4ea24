"""How a WebSocket begins: a request and a response of HTTP/1.1, and what the two sides agree on (RFC 6455 §4).

    offer = Offer(new_key(), subprotocols=("chat",))
    request = opening_request(b"/chat", b"example.com", offer)

    offer = read_opening(request)
    agreement = agree(offer, subprotocols=("chat",))
    response = opening_response(offer, agreement)

    agreement = read_answer(response, offer)

Requests and responses are those of ``wire.http1``, which carries them; nothing here reads a byte from the wire.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from wire.errors import RemoteProtocolError
from wire.http1 import Fields, InformationalResponse, Request, Response
from wire.http1.grammar import FIELD_VALUE, TOKEN, list_members, tokens
from wire.websocket import chance
from wire.websocket.deflate import Deflate
from wire.websocket.extensions import (
    DeflateOffer,
    Extension,
    accept_offer,
    read_accepted,
    read_extensions,
    read_offers,
    write_accepted,
    write_extensions,
    write_offer,
)
from wire.websocket.rules import broken, refused

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server appends to the key (RFC 6455 §1.3): no server that speaks plain HTTP only would do that."""

VERSION = b"13"
ANY_ORIGIN = "*"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_OWN_FIELDS = frozenset(
    (
        b"connection", b"upgrade", b"host", b"origin", b"sec-websocket-accept", b"sec-websocket-extensions",
        b"sec-websocket-key", b"sec-websocket-protocol", b"sec-websocket-version",
    )
)  # fmt: skip
_TOKEN = re.compile(TOKEN)
_FIELD_VALUE = re.compile(FIELD_VALUE)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client asks for.

    Attributes:
        key: the value of ``Sec-WebSocket-Key``, 16 bytes in base64; see ``new_key``.
        subprotocols: what the client can speak inside of the connection, the best first.
        deflate: sets of parameters for compression, the best first; none for no compression.
        origin: where the script comes from that wants the connection; None for clients other than browsers.
    """

    key: bytes
    subprotocols: tuple[str, ...] = ()
    deflate: tuple[DeflateOffer, ...] = ()
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds once the handshake is done.

    Attributes:
        subprotocol: what is spoken inside of the connection; None for nothing in particular.
        deflate: how messages are compressed; None for not at all.
    """

    subprotocol: str | None = None
    deflate: Deflate | None = None


def new_key() -> bytes:
    """A key that was never used before (RFC 6455 §4.1)."""
    return base64.b64encode(chance.handshake_nonce())


def accept_key(key: bytes) -> bytes:
    """The ``Sec-WebSocket-Accept`` that answers a key (RFC 6455 §4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())


def opening_request(target: bytes, host: bytes, offer: Offer, fields: Fields = ()) -> Request:
    """The request that begins a WebSocket (RFC 6455 §4.1).

    Args:
        target: path and query (RFC 6455 §3).
        host: the value of ``Host``.
        offer: what is asked for.
        fields: further field lines, such as ``Authorization`` or ``Cookie``.

    Raises:
        LocalProtocolError: the offer is no such thing, or a field belongs to the handshake itself.
    """
    _check_key(offer.key)
    _check_fields(fields)
    subprotocols = [name.encode("ascii", "replace") for name in offer.subprotocols]
    if not all(_TOKEN.fullmatch(name) for name in subprotocols) or len(set(subprotocols)) < len(subprotocols):
        raise refused("websocket.send.handshake", f"subprotocols {', '.join(offer.subprotocols)!r}")
    lines = [
        (b"host", host),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", offer.key),
        (b"sec-websocket-version", VERSION),
    ]
    if offer.origin is not None:
        lines.append((b"origin", _origin(offer.origin)))
    if subprotocols:
        lines.append((b"sec-websocket-protocol", b", ".join(subprotocols)))
    if offer.deflate:
        lines.append((b"sec-websocket-extensions", write_extensions(map(write_offer, offer.deflate))))
    return Request(b"GET", target, [*lines, *fields])


def read_opening(request: Request) -> Offer:
    """What a client asks for, once all of RFC 6455 §4.2.1 has been checked; ``check_origin`` is another matter.

    Raises:
        RemoteProtocolError: it is no opening handshake; ``status`` is 400 or 426, and ``refusal`` the answer.
    """
    if request.method != b"GET":
        raise broken("websocket.handshake.method", None, repr(request.method[:80]))
    if request.version < b"1.1":
        raise broken("websocket.handshake.http-version", None, f"HTTP/{request.version.decode('ascii')}")
    fields = _OpeningFields.of(request.fields)
    if b"websocket" not in _protocols(fields):
        raise broken("websocket.handshake.upgrade", None)
    if b"upgrade" not in fields.members(b"connection"):
        raise broken("websocket.handshake.connection", None)
    versions = fields.values(b"sec-websocket-version")
    if versions != [VERSION]:  # RFC 6455 §11.3.5: exactly one
        raise broken("websocket.handshake.version", None, _shown(versions))
    keys = fields.values(b"sec-websocket-key")
    if len(keys) != 1 or not _is_key(keys[0]):  # RFC 6455 §11.3.1
        raise broken("websocket.handshake.key", None, _shown(keys))
    origins = fields.values(b"origin")
    if len(origins) > 1:
        raise broken("websocket.handshake.origin", None, "there are several")
    extensions = read_extensions(fields.values(b"sec-websocket-extensions"))
    origin = origins[0].decode("latin-1") if origins else None
    return Offer(keys[0], _subprotocols(fields), read_offers(extensions), origin)


def check_origin(offer: Offer, host: str, scheme: str, allowed: Collection[str] | None = None) -> None:
    """Let no script of a foreign page connect in the name of whoever looks at it (RFC 6455 §10.2).

    A browser always tells the origin of its page, and sends the user's cookies whatever that is. Whoever tells none is
    no browser.

    Args:
        offer: what is asked for.
        host: host and port that the request was sent to, as in ``Host``.
        scheme: ``"http"``, or ``"https"`` for a connection over TLS.
        allowed: origins such as ``"https://example.com"``; ``ANY_ORIGIN`` among them lets all in. None allows the
            server's own.

    Raises:
        RemoteProtocolError: this one is not allowed; ``status`` is 403.
    """
    if offer.origin is None:
        return
    origin = _without_default_port(offer.origin.lower())
    own = [f"{scheme}://{host}"] if allowed is None else allowed
    if ANY_ORIGIN not in own and origin not in (_without_default_port(known.lower()) for known in own):
        raise broken("websocket.handshake.origin", None, repr(offer.origin[:80]))


def agree(offer: Offer, subprotocols: Sequence[str] = (), deflate: Deflate | None = None) -> Agreement:
    """What a server takes of an offer.

    Args:
        offer: what the client asks for.
        subprotocols: what the server can speak, the best first; the first that was offered is taken.
        deflate: how the server would like to compress; less where the client asks for less. None for not at all. Of
            several offers the first is accepted, which the client likes best: there is none that cannot be met.
    """
    accepted = accept_offer(offer.deflate[0], deflate) if deflate is not None and offer.deflate else None
    chosen = next((name for name in subprotocols if name in offer.subprotocols), None)
    return Agreement(chosen, accepted)


def opening_response(offer: Offer, agreement: Agreement, fields: Fields = ()) -> InformationalResponse:
    """The response that completes the handshake (RFC 6455 §4.2.2).

    Raises:
        LocalProtocolError: the agreement is not within the offer, or a field belongs to the handshake itself.
    """
    _check_fields(fields)
    lines = [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", accept_key(offer.key)),
    ]
    if agreement.subprotocol is not None:
        if agreement.subprotocol not in offer.subprotocols:
            raise refused("websocket.send.handshake", f"subprotocol {agreement.subprotocol!r} was not offered")
        lines.append((b"sec-websocket-protocol", agreement.subprotocol.encode("ascii")))
    if agreement.deflate is not None:
        accepted = write_accepted(agreement.deflate, offer.deflate)
        lines.append((b"sec-websocket-extensions", write_extensions([accepted])))
    return InformationalResponse(101, [*lines, *fields], b"Switching Protocols")


def refusal(error: RemoteProtocolError) -> Response:
    """The head of the response that says why a handshake failed (RFC 6455 §4.2.2, §4.4)."""
    lines = [(b"connection", b"close")]
    if error.status == 426:  # RFC 9110 §15.5.22: which protocol would do; RFC 6455 §4.4: and which version of it
        lines = [(b"upgrade", b"websocket"), (b"connection", b"Upgrade"), (b"sec-websocket-version", VERSION)]
    return Response(error.status or 400, lines)


def read_answer(response: InformationalResponse | Response, offer: Offer) -> Agreement:
    """What a server agreed to, once all of RFC 6455 §4.1 has been checked.

    Raises:
        RemoteProtocolError: the server did not accept, or not what was offered.
    """
    if response.status != 101:
        raise broken("websocket.response.status", None, str(response.status))
    fields = _OpeningFields.of(response.fields)
    if [value.lower() for value in fields.values(b"upgrade")] != [b"websocket"]:
        raise broken("websocket.response.upgrade", None, _shown(fields.values(b"upgrade")))
    if b"upgrade" not in fields.members(b"connection"):
        raise broken("websocket.response.connection", None, _shown(fields.values(b"connection")))
    accepts = fields.values(b"sec-websocket-accept")
    if accepts != [accept_key(offer.key)]:  # RFC 6455 §11.3.3: exactly one
        raise broken("websocket.response.accept", None, _shown(accepts))
    extensions = fields.values(b"sec-websocket-extensions")
    if len(extensions) > 1:  # RFC 6455 §11.3.2
        raise broken("websocket.response.extensions", None, "the field is repeated")
    return Agreement(_chosen(fields, offer), read_accepted(_answered(extensions), offer.deflate))


@dataclass(slots=True)
class _OpeningFields:
    """The values of each field, by its name in lower case."""

    _values: dict[bytes, list[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Fields) -> _OpeningFields:
        opening = cls()
        for name, value in fields:
            opening._values.setdefault(name.lower(), []).append(value.strip(b" \t"))
        return opening

    def values(self, name: bytes) -> list[bytes]:
        return self._values.get(name, [])

    def members(self, name: bytes) -> list[bytes]:
        """The members of a list in lower case; none where it is malformed."""
        return [member for value in self.values(name) for member in list_members(value) or ()]


def _protocols(fields: _OpeningFields) -> list[bytes]:
    """What a client would upgrade to, in lower case; each with its version, if it has one (RFC 9110 §7.8)."""
    return [part.strip(b" \t") for value in fields.values(b"upgrade") for part in value.lower().split(b",")]


def _subprotocols(fields: _OpeningFields) -> tuple[str, ...]:
    """What a client can speak (RFC 6455 §11.3.4)."""
    values = fields.values(b"sec-websocket-protocol")
    names: list[bytes] = []
    for value in values:
        members = tokens(value)
        if members is None:
            raise broken("websocket.handshake.subprotocol", None, repr(value[:80]))
        names += members
    if len(set(names)) < len(names) or (values and not names):
        raise broken("websocket.handshake.subprotocol", None, _shown(values))
    return tuple(name.decode("ascii") for name in names)


def _chosen(fields: _OpeningFields, offer: Offer) -> str | None:
    """What the server chose of the subprotocols that were offered."""
    values = fields.values(b"sec-websocket-protocol")
    if not values:
        return None
    name = values[0].decode("latin-1")
    if len(values) > 1 or name not in offer.subprotocols:  # RFC 6455 §11.3.4
        raise broken("websocket.response.subprotocol", None, _shown(values))
    return name


def _answered(values: Sequence[bytes]) -> list[Extension]:
    """The extensions in a response."""
    try:
        return read_extensions(values)
    except RemoteProtocolError as error:
        raise broken("websocket.response.extensions", None, error.message) from None


def _is_key(value: bytes) -> bool:
    """Whether it is 16 bytes in base64 (RFC 4648 §4)."""
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except binascii.Error:
        return False


def _check_key(key: bytes) -> None:
    if not _is_key(key):
        raise refused("websocket.send.handshake", "the key is not 16 bytes in base64")


def _check_fields(fields: Fields) -> None:
    for name, _ in fields:
        if name.lower() in _OWN_FIELDS:
            raise refused("websocket.send.handshake", f"{name.decode('latin-1')} belongs to the handshake")


def _origin(origin: str) -> bytes:
    value = origin.encode("ascii", "replace")
    if not value or b"?" in value or not _FIELD_VALUE.fullmatch(value):
        raise refused("websocket.send.handshake", f"origin {origin!r}")
    return value


def _without_default_port(origin: str) -> str:
    """An origin in its shortest form (RFC 6454 §6.2)."""
    scheme = origin.partition("://")[0]
    port = _DEFAULT_PORTS.get(scheme, "")
    return origin.removesuffix(port) if port else origin


def _shown(values: Sequence[bytes]) -> str:
    """What was found, for a person."""
    return repr(b", ".join(values)[:80]) if values else "it is missing"
