"""What stands in ``Sec-WebSocket-Extensions``, and how permessage-deflate is agreed on (RFC 6455 §9.1, RFC 7692 §7.1).

A client offers one or more sets of parameters in the order in which it likes them; the server takes the first that it
can meet, or none, and answers with what holds from then on.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from wire.http1.grammar import OWS, QUOTED_STRING, TOKEN
from wire.websocket.deflate import EXTENSION, MOST_WINDOW_BITS, Deflate, check_window_bits
from wire.websocket.rules import broken, refused

Extension: TypeAlias = tuple[str, tuple[tuple[str, str | None], ...]]
"""A name and its parameters in order, each with its value if it has one."""

_VALUE = rb"(?:" + OWS + rb"=" + OWS + rb"(?P<value>" + TOKEN + rb"|" + QUOTED_STRING + rb"))?"
_PARAMETER = re.compile(OWS + rb";" + OWS + rb"(?P<name>" + TOKEN + rb")" + _VALUE)
_PARAMETERS = rb"(?:" + re.sub(rb"\(\?P<\w+>", rb"(?:", _PARAMETER.pattern) + rb")*"
_EXTENSION = re.compile(
    OWS + rb"(?:(?P<name>" + TOKEN + rb")(?P<parameters>" + _PARAMETERS + rb")" + OWS + rb")?(?:,|\Z)"
)
_TOKEN = re.compile(TOKEN)
_ESCAPED = re.compile(rb"\\(.)")


def read_extensions(values: Iterable[bytes]) -> list[Extension]:
    """The extensions in the values of all field lines (RFC 9110 §5.3: they make one list), in order.

    Raises:
        RemoteProtocolError: they do not follow the grammar of RFC 6455 §9.1, by which the handshake fails.
    """
    extensions: list[Extension] = []
    for value in values:
        at = 0
        while at < len(value):
            member = _EXTENSION.match(value, at)
            if member is None:
                raise broken("websocket.handshake.extensions", None, repr(value[at : at + 80]))
            at = member.end()
            if member["name"] is not None:  # RFC 9110 §5.6.1.2: else it is an empty member
                parameters = tuple(_parameter(found) for found in _PARAMETER.finditer(member["parameters"]))
                extensions.append((member["name"].decode("ascii"), parameters))
    if values and not extensions:
        raise broken("websocket.handshake.extensions", None, "the list is empty")
    return extensions


def _parameter(found: re.Match[bytes]) -> tuple[str, str | None]:
    name, value = found.groups()
    if value is not None and value.startswith(b'"'):
        value = _ESCAPED.sub(rb"\1", value[1:-1])
        if not _TOKEN.fullmatch(value):  # RFC 6455 §9.1: quoted or not, it has to be a token
            raise broken("websocket.handshake.extensions", None, f"{value[:80]!r} is no token")
    return name.decode("ascii"), None if value is None else value.decode("ascii")


def write_extensions(extensions: Iterable[Extension]) -> bytes:
    """The value of a ``Sec-WebSocket-Extensions`` field."""
    return ", ".join(
        "; ".join([name, *(key if value is None else f"{key}={value}" for key, value in parameters)])
        for name, parameters in extensions
    ).encode("ascii")


@dataclass(frozen=True, slots=True)
class DeflateOffer:
    """The parameters that a client offers for permessage-deflate (RFC 7692 §7.1).

    Attributes:
        server_no_context_takeover: asks the server to forget its window after each message (§7.1.1.1).
        client_no_context_takeover: says that the client will forget its own, whatever the server wants (§7.1.1.2).
        server_max_window_bits: asks the server for a window of two to the power of this many bytes at most (§7.1.2.1).
        client_max_window_bits: allows the server to limit the client's window, and says how large that is going to be;
            ``True`` allows it and says nothing, None does not allow it (§7.1.2.2).

    Raises:
        LocalProtocolError: there is no window of that size.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | Literal[True] | None = True

    def __post_init__(self) -> None:
        for bits in (self.server_max_window_bits, self.client_max_window_bits):
            if bits is not None and bits is not True:
                check_window_bits(bits)


def _flag(value: str | None) -> bool:
    if value is not None:
        raise ValueError("it takes no value")
    return True


def _bits(value: str | None) -> int:
    if value is None or not re.fullmatch("[89]|1[0-5]", value, re.ASCII):  # RFC 7692 §7.1.2: no leading zeros
        raise ValueError("its value is not a number from 8 to 15")
    return int(value)


def _bits_or_true(value: str | None) -> int | Literal[True]:
    return True if value is None else _bits(value)


_Readers: TypeAlias = dict[str, Callable[[str | None], Any]]

_READ_ANSWER: _Readers = {
    "server_no_context_takeover": _flag,
    "client_no_context_takeover": _flag,
    "server_max_window_bits": _bits,
    "client_max_window_bits": _bits,
}
_READ_OFFER: _Readers = {**_READ_ANSWER, "client_max_window_bits": _bits_or_true}


def _read_parameters(parameters: Sequence[tuple[str, str | None]], readers: _Readers) -> dict[str, Any]:
    """The parameters by name.

    Raises:
        ValueError: one is unknown, has a wrong value, or stands there twice (RFC 7692 §7.1).
    """
    read: dict[str, Any] = {}
    for name, value in parameters:
        if name not in readers or name in read:
            raise ValueError(f"{name} is {'repeated' if name in read else 'unknown'}")
        try:
            read[name] = readers[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return read


def _write_parameters(values: Iterable[tuple[str, int | None]]) -> Extension:
    return EXTENSION, tuple(
        (name, None if value is True else str(value)) for name, value in values if value not in (None, False)
    )


def read_offers(extensions: Iterable[Extension]) -> tuple[DeflateOffer, ...]:
    """What a client offers for permessage-deflate; an offer that breaks the rules is declined (RFC 7692 §7.1)."""
    offers = []
    for name, parameters in extensions:
        if name == EXTENSION:
            with contextlib.suppress(ValueError):
                read = _read_parameters(parameters, _READ_OFFER)
                offers.append(DeflateOffer(**{"client_max_window_bits": None, **read}))
    return tuple(offers)


def write_offer(offer: DeflateOffer) -> Extension:
    """An offer as an extension with its parameters."""
    return _write_parameters((name, getattr(offer, name)) for name in _READ_OFFER)


def accept_offer(offer: DeflateOffer, wanted: Deflate) -> Deflate:
    """What holds if a server that would like ``wanted`` accepts an offer: whatever makes less of either, as it may."""
    ours = wanted.client_max_window_bits
    theirs = offer.client_max_window_bits
    return Deflate(
        server_no_context_takeover=wanted.server_no_context_takeover or offer.server_no_context_takeover,
        client_no_context_takeover=wanted.client_no_context_takeover or offer.client_no_context_takeover,
        server_max_window_bits=min(wanted.server_max_window_bits, offer.server_max_window_bits or MOST_WINDOW_BITS),
        # RFC 7692 §7.1.2.2: a client that does not say that it can limit its window must not be asked to.
        client_max_window_bits=MOST_WINDOW_BITS if theirs is None else ours if theirs is True else min(ours, theirs),
    )


def write_accepted(deflate: Deflate, offers: Sequence[DeflateOffer]) -> Extension:
    """What a server answers: the parameters that are not what holds without them.

    Raises:
        LocalProtocolError: no offer allows it (RFC 7692 §7.1).
    """
    limits_client = deflate.client_max_window_bits < MOST_WINDOW_BITS
    offer = next((offer for offer in offers if _answers(offer, deflate, limits_client=limits_client)), None)
    if offer is None:
        raise refused("websocket.send.handshake", "compression was not offered so")
    # RFC 7692 §7.1.2.1: an offer with server_max_window_bits is accepted with it, even where it limits nothing.
    limits_server = deflate.server_max_window_bits < MOST_WINDOW_BITS or offer.server_max_window_bits is not None
    said = {"server_max_window_bits": limits_server, "client_max_window_bits": limits_client}
    return _write_parameters((name, getattr(deflate, name)) for name in _READ_ANSWER if said.get(name, True))


def read_accepted(extensions: Sequence[Extension], offers: Sequence[DeflateOffer]) -> Deflate | None:
    """What holds for a client whose offer a server accepted; None where it accepted nothing.

    A client keeps to what it said that it would do, whether or not the response says so too (RFC 7692 §7.1.1.2 and
    §7.1.2.2): the server may count on it.

    Raises:
        RemoteProtocolError: it accepted what was not offered, or not so (RFC 6455 §4.1, RFC 7692 §7.1).
    """
    if not extensions:
        return None
    names = [name for name, _ in extensions]
    if names != [EXTENSION] or not offers:
        raise broken("websocket.response.extensions", None, ", ".join(names)[:80])
    parameters = extensions[0][1]
    try:
        accepted = Deflate(**_read_parameters(parameters, _READ_ANSWER))
    except ValueError as error:
        raise broken("websocket.response.extensions", None, str(error)[:80]) from None
    limits_client = any(name == "client_max_window_bits" for name, _ in parameters)
    offer = next((offer for offer in offers if _answers(offer, accepted, limits_client=limits_client)), None)
    if offer is None:
        raise broken("websocket.response.extensions", None, write_extensions(extensions).decode("ascii")[:80])
    hint = offer.client_max_window_bits
    return replace(
        accepted,
        client_no_context_takeover=accepted.client_no_context_takeover or offer.client_no_context_takeover,
        client_max_window_bits=min(
            accepted.client_max_window_bits, MOST_WINDOW_BITS if hint is None or hint is True else hint
        ),
    )


def _answers(offer: DeflateOffer, accepted: Deflate, *, limits_client: bool) -> bool:
    """Whether a server may have accepted this offer so (RFC 7692 §7.1.1 and §7.1.2)."""
    if offer.server_no_context_takeover and not accepted.server_no_context_takeover:
        return False
    if accepted.server_max_window_bits > (offer.server_max_window_bits or MOST_WINDOW_BITS):
        return False
    if offer.client_max_window_bits is None:
        return not limits_client
    hint = offer.client_max_window_bits
    return not limits_client or hint is True or accepted.client_max_window_bits <= hint
