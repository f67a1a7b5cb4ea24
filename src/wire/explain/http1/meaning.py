"""What the words of HTTP mean: methods, statuses and field names, each in a sentence and with its section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Meaning: TypeAlias = tuple[str, str]
"""A sentence for a person, and the section that says so."""

METHODS: dict[bytes, Meaning] = {
    b"GET": ("asks for what the target names", "RFC 9110 §9.3.1"),
    b"HEAD": ("asks for what GET would give, without its content", "RFC 9110 §9.3.2"),
    b"POST": ("hands content to the target, to do with it what it does", "RFC 9110 §9.3.3"),
    b"PUT": ("stores the content under the target", "RFC 9110 §9.3.4"),
    b"DELETE": ("removes what the target names", "RFC 9110 §9.3.5"),
    b"CONNECT": ("asks for a tunnel to the target", "RFC 9110 §9.3.6"),
    b"OPTIONS": ("asks what may be done with the target", "RFC 9110 §9.3.7"),
    b"TRACE": ("asks to have this request sent back as it arrived", "RFC 9110 §9.3.8"),
    b"PATCH": ("changes the target as the content says", "RFC 5789 §2"),
}
METHOD: Meaning = ("what the client wants done", "RFC 9110 §9.1")

STATUSES: dict[int, Meaning] = {
    100: ("go on: send the body", "RFC 9110 §15.2.1"),
    101: ("the connection speaks another protocol from here on", "RFC 9110 §15.2.2"),
    103: ("hints at what the final response will need", "RFC 8297 §2"),
    200: ("it was done, and here is the result", "RFC 9110 §15.3.1"),
    201: ("something new was made", "RFC 9110 §15.3.2"),
    202: ("accepted, but not done yet", "RFC 9110 §15.3.3"),
    204: ("it was done, and there is nothing to show", "RFC 9110 §15.3.5"),
    206: ("here is the part that was asked for", "RFC 9110 §15.3.7"),
    301: ("it has moved for good", "RFC 9110 §15.4.2"),
    302: ("it is elsewhere for now", "RFC 9110 §15.4.3"),
    303: ("the answer is at another place, to GET", "RFC 9110 §15.4.4"),
    304: ("what the client has is still right", "RFC 9110 §15.4.5"),
    307: ("it is elsewhere for now; repeat the same method there", "RFC 9110 §15.4.8"),
    308: ("it has moved for good; repeat the same method there", "RFC 9110 §15.4.9"),
    400: ("the request makes no sense to the server", "RFC 9110 §15.5.1"),
    401: ("who asks has to be proved first", "RFC 9110 §15.5.2"),
    403: ("understood, and refused", "RFC 9110 §15.5.4"),
    404: ("there is nothing under this target", "RFC 9110 §15.5.5"),
    405: ("the target does not take this method", "RFC 9110 §15.5.6"),
    408: ("the request took too long to arrive", "RFC 9110 §15.5.9"),
    409: ("it conflicts with the state of the target", "RFC 9110 §15.5.10"),
    411: ("the request needs a Content-Length", "RFC 9110 §15.5.12"),
    412: ("a precondition does not hold", "RFC 9110 §15.5.13"),
    413: ("the content is larger than the server takes", "RFC 9110 §15.5.14"),
    414: ("the target is longer than the server reads", "RFC 9110 §15.5.15"),
    415: ("the content is of a type that the target does not take", "RFC 9110 §15.5.16"),
    417: ("the server cannot do what Expect demands", "RFC 9110 §15.5.18"),
    421: ("this server does not answer for that host", "RFC 9110 §15.5.20"),
    422: ("well-formed, but it cannot be done", "RFC 9110 §15.5.21"),
    426: ("another protocol is needed", "RFC 9110 §15.5.22"),
    429: ("too many requests in too short a time", "RFC 6585 §4"),
    431: ("the field lines are larger than the server reads", "RFC 6585 §5"),
    500: ("the server failed", "RFC 9110 §15.6.1"),
    501: ("the server cannot do what is asked", "RFC 9110 §15.6.2"),
    502: ("the server behind this one answered nonsense", "RFC 9110 §15.6.3"),
    503: ("the server cannot answer at the moment", "RFC 9110 §15.6.4"),
    504: ("the server behind this one did not answer in time", "RFC 9110 §15.6.5"),
    505: ("the version of HTTP is not spoken here", "RFC 9110 §15.6.6"),
}
STATUS_CLASSES: dict[int, Meaning] = {
    1: ("an interim word; the answer is still to come", "RFC 9110 §15.2"),
    2: ("it was done", "RFC 9110 §15.3"),
    3: ("more has to be done to get it", "RFC 9110 §15.4"),
    4: ("the client's fault", "RFC 9110 §15.5"),
    5: ("the server's fault", "RFC 9110 §15.6"),
}
STATUS: Meaning = ("no class of status that HTTP knows", "RFC 9110 §15")

FIELDS: dict[bytes, Meaning] = {
    b"accept": ("media types that the client wants", "RFC 9110 §12.5.1"),
    b"accept-encoding": ("content codings that the client can undo", "RFC 9110 §12.5.3"),
    b"accept-language": ("languages that the reader prefers", "RFC 9110 §12.5.4"),
    b"accept-ranges": ("whether parts may be asked for", "RFC 9110 §14.3"),
    b"age": ("seconds that the response has been in caches", "RFC 9111 §5.1"),
    b"allow": ("the methods that the target takes", "RFC 9110 §10.2.1"),
    b"authorization": ("proves who asks", "RFC 9110 §11.6.2"),
    b"cache-control": ("what caches may do with this", "RFC 9111 §5.2"),
    b"content-digest": ("a checksum of the content", "RFC 9530 §2"),
    b"content-encoding": ("how the content was coded, to be undone by its reader", "RFC 9110 §8.4"),
    b"content-language": ("the language of the content", "RFC 9110 §8.5"),
    b"content-location": ("where this very content can be found", "RFC 9110 §8.7"),
    b"content-range": ("which part of the whole this is", "RFC 9110 §14.4"),
    b"content-type": ("what the content is", "RFC 9110 §8.3"),
    b"cookie": ("what the server asked the client to remember", "RFC 6265 §4.2"),
    b"date": ("when the message was made", "RFC 9110 §6.6.1"),
    b"etag": ("names this version of the content", "RFC 9110 §8.8.3"),
    b"expires": ("when the response becomes stale", "RFC 9111 §5.3"),
    b"host": ("the site that is meant: one address may serve many", "RFC 9110 §7.2"),
    b"if-match": ("only if the content is still this version", "RFC 9110 §13.1.1"),
    b"if-modified-since": ("only if it has changed since", "RFC 9110 §13.1.3"),
    b"if-none-match": ("only if it is not this version", "RFC 9110 §13.1.2"),
    b"if-unmodified-since": ("only if it has not changed since", "RFC 9110 §13.1.4"),
    b"last-modified": ("when the content was last changed", "RFC 9110 §8.8.2"),
    b"link": ("what is related to this, and how", "RFC 8288 §3"),
    b"location": ("where to go, or what was made", "RFC 9110 §10.2.2"),
    b"origin": ("the site whose page asks", "RFC 6454 §7"),
    b"range": ("asks for a part only", "RFC 9110 §14.2"),
    b"referer": ("the page that led here", "RFC 9110 §10.1.3"),
    b"retry-after": ("when to try again", "RFC 9110 §10.2.3"),
    b"sec-websocket-accept": ("proves that the key was read: its SHA-1 with a GUID behind it", "RFC 6455 §11.3.3"),
    b"sec-websocket-extensions": ("offered by a client, accepted by a server", "RFC 6455 §11.3.2"),
    b"sec-websocket-key": ("16 bytes of chance, to be answered by Sec-WebSocket-Accept", "RFC 6455 §11.3.1"),
    b"sec-websocket-protocol": ("offered by a client, chosen by a server", "RFC 6455 §11.3.4"),
    b"sec-websocket-version": ("the version of the WebSocket protocol", "RFC 6455 §11.3.5"),
    b"server": ("the program that answers", "RFC 9110 §10.2.4"),
    b"set-cookie": ("asks the client to remember this", "RFC 6265 §4.1"),
    b"trailer": ("fields to expect behind the body", "RFC 9110 §6.6.2"),
    b"upgrade": ("protocols that the sender would rather speak", "RFC 9110 §7.8"),
    b"user-agent": ("the program that asks", "RFC 9110 §10.1.5"),
    b"vary": ("the request fields that chose this content", "RFC 9110 §12.5.5"),
    b"via": ("who passed the message on", "RFC 9110 §7.6.3"),
    b"www-authenticate": ("how to prove who asks", "RFC 9110 §11.6.1"),
    b"x-content-type-options": ("browsers are not to guess another type", "WHATWG Fetch"),
}
FIELD: Meaning = ("", "RFC 9112 §5")


def _connection(value: bytes) -> Meaning:
    options = [option.strip() for option in value.lower().split(b",")]
    if b"close" in options:
        return "the sender will close after this message", "RFC 9112 §9.6"
    if b"upgrade" in options:
        return "the sender would like to switch protocols; Upgrade says to which", "RFC 9110 §7.8"
    if b"keep-alive" in options:
        return "the connection stays open for more", "RFC 9112 §9.3"
    return "fields that are meant for the next hop only", "RFC 9110 §7.6.1"


def _content_length(value: bytes) -> Meaning:
    length = value.decode("latin-1")
    if not (length.isascii() and length.isdigit()):
        return "should be a number of bytes", "RFC 9110 §8.6"
    unit = "byte" if length == "1" else "bytes"
    return (f"the body is {length} {unit} long" if length.strip("0") else "there is no body"), "RFC 9112 §6.2"


def _transfer_encoding(value: bytes) -> Meaning:
    if value.strip(b" \t").lower() == b"chunked":
        return "the body comes in chunks, each with its size before it", "RFC 9112 §6.1"
    return "how the body is wrapped for its transfer", "RFC 9112 §6.1"


def _expect(value: bytes) -> Meaning:
    if value.strip(b" \t").lower() == b"100-continue":
        return "the client waits for a go-ahead before it sends the body", "RFC 9110 §10.1.1"
    return "what the server must be able to do", "RFC 9110 §10.1.1"


def _te(value: bytes) -> Meaning:
    if value.strip(b" \t").lower() == b"trailers":
        return "the client keeps trailer fields", "RFC 9110 §10.1.4"
    return "transfer codings that the client can undo", "RFC 9110 §10.1.4"


_BY_VALUE: dict[bytes, Callable[[bytes], Meaning]] = {
    b"connection": _connection,
    b"content-length": _content_length,
    b"expect": _expect,
    b"te": _te,
    b"transfer-encoding": _transfer_encoding,
}
_OF_ANOTHER_BODY: dict[bytes, Meaning] = {
    b"content-length": ("the length of what a GET would have brought; here is no body", "RFC 9110 §8.6"),
    b"transfer-encoding": ("how a GET would have been answered; here is no body", "RFC 9112 §6.1"),
}


def method(name: bytes) -> Meaning:
    """What a method asks for."""
    return METHODS.get(name, METHOD)


def status(code: int) -> Meaning:
    """What a status says; of one that is not known, what its class says (RFC 9110 §15)."""
    return STATUSES.get(code) or STATUS_CLASSES.get(code // 100, STATUS)


def field(name: bytes, value: bytes, bodiless: bool) -> Meaning:
    """What a field line says; of a field that is not known, only where such lines are defined.

    ``bodiless`` says that the message has no body whatever its fields say, as the response to HEAD (RFC 9112 §6.3).
    """
    name = name.lower()
    if bodiless and name in _OF_ANOTHER_BODY:
        return _OF_ANOTHER_BODY[name]
    by_value = _BY_VALUE.get(name)
    return by_value(value) if by_value else FIELDS.get(name, FIELD)
