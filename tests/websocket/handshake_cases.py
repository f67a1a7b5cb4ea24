"""Opening handshakes that follow the rules, and such that break one: for our side of it, and for that of the peers."""

from __future__ import annotations

from tests.websocket.handshakes import ACCEPT, KEY, answered, asked
from wire.http1 import InformationalResponse, Request, Response
from wire.websocket.extensions import DeflateOffer
from wire.websocket.handshake import Offer

REQUESTS_REFUSED: dict[str, tuple[Request, str]] = {
    "POST": (asked(method=b"POST"), "method"),
    "get": (asked(method=b"get"), "method"),
    "HTTP/1.0": (asked(version=b"1.0"), "http-version"),
    "no Upgrade": (asked(b"upgrade"), "upgrade"),
    "Upgrade: h2c": (asked(b"upgrade", b"h2c"), "upgrade"),
    "Upgrade: websocket2": (asked(b"upgrade", b"websocket2"), "upgrade"),
    "Upgrade: websocket/13": (asked(b"upgrade", b"websocket/13"), "upgrade"),
    "no Connection": (asked(b"connection"), "connection"),
    "Connection: keep-alive": (asked(b"connection", b"keep-alive"), "connection"),
    "Connection: upgraded": (asked(b"connection", b"upgraded"), "connection"),
    "Connection in quotes": (asked(b"connection", b'"upgrade"'), "connection"),
    "no version": (asked(b"sec-websocket-version"), "version"),
    "version 8": (asked(b"sec-websocket-version", b"8"), "version"),
    "version 14": (asked(b"sec-websocket-version", b"14"), "version"),
    "version 013": (asked(b"sec-websocket-version", b"013"), "version"),
    "version +13": (asked(b"sec-websocket-version", b"+13"), "version"),
    "several versions": (asked(b"sec-websocket-version", b"13, 8"), "version"),
    "version repeated": (asked(b"sec-websocket-version", b"13", b"13"), "version"),
    "no key": (asked(b"sec-websocket-key"), "key"),
    "empty key": (asked(b"sec-websocket-key", b""), "key"),
    "key repeated": (asked(b"sec-websocket-key", KEY, KEY), "key"),
    "two keys in one line": (asked(b"sec-websocket-key", KEY + b", " + KEY), "key"),
    "15 bytes": (asked(b"sec-websocket-key", b"MTIzNDU2Nzg5MDEyMzQ1"), "key"),
    "17 bytes": (asked(b"sec-websocket-key", b"MTIzNDU2Nzg5MDEyMzQ1Njc="), "key"),
    "key without padding": (asked(b"sec-websocket-key", KEY.rstrip(b"=")), "key"),
    "more behind the padding": (asked(b"sec-websocket-key", KEY + b"AAAA"), "key"),
    "base64url": (asked(b"sec-websocket-key", b"__________________8A__=="), "key"),
    "space in the key": (asked(b"sec-websocket-key", KEY[:4] + b" " + KEY[4:]), "key"),
    "no ASCII in the key": (asked(b"sec-websocket-key", b"\xe9" + KEY[1:]), "key"),
    "Origin repeated": (asked(b"origin", b"http://a", b"http://b"), "origin"),
    "subprotocol with a space": (asked(b"sec-websocket-protocol", b"super chat"), "subprotocol"),
    "subprotocol in quotes": (asked(b"sec-websocket-protocol", b'"chat"'), "subprotocol"),
    "no ASCII in a subprotocol": (asked(b"sec-websocket-protocol", b"caf\xe9"), "subprotocol"),
    "no subprotocol in the field": (asked(b"sec-websocket-protocol", b""), "subprotocol"),
    "nothing but commas": (asked(b"sec-websocket-protocol", b", ,"), "subprotocol"),
    "subprotocol twice": (asked(b"sec-websocket-protocol", b"chat, soap, chat"), "subprotocol"),
    "subprotocol twice in two lines": (asked(b"sec-websocket-protocol", b"chat", b"chat"), "subprotocol"),
    "extensions": (asked(b"sec-websocket-extensions", b"a; ="), "extensions"),
}

REQUESTS_ACCEPTED: dict[str, Request] = {
    "as in the RFC": asked(),
    "WebSocket in another case": asked(b"upgrade", b"WebSocket"),
    "another protocol first": asked(b"upgrade", b"h2c, websocket"),
    "another protocol with its version": asked(b"upgrade", b"IRC/6.9, websocket"),
    "two lines of Upgrade": asked(b"upgrade", b"h2c", b"websocket"),
    "upgrade in another case": asked(b"connection", b"UPGRADE"),
    "another option first": asked(b"connection", b"keep-alive, Upgrade"),
    "two lines of Connection": asked(b"connection", b"keep-alive", b"upgrade"),
    "empty members": asked(b"connection", b", ,Upgrade,"),
    "white space": asked(b"sec-websocket-version", b" \t13 "),
}

OFFER = Offer(KEY, ("chat", "soap"), (DeflateOffer(),))
WITHOUT = Offer(KEY)
DEFLATE = b"permessage-deflate"

RESPONSES_REFUSED: dict[str, tuple[Offer, InformationalResponse | Response, str]] = {
    "200": (WITHOUT, Response(200), "status"),
    "403": (WITHOUT, Response(403), "status"),
    "a redirection": (WITHOUT, Response(302, [(b"location", b"/")]), "status"),
    "100": (WITHOUT, answered(status=100), "status"),
    "no Upgrade": (WITHOUT, answered(b"upgrade"), "upgrade"),
    "Upgrade: h2c": (WITHOUT, answered(b"upgrade", b"h2c"), "upgrade"),
    "two protocols": (WITHOUT, answered(b"upgrade", b"websocket, h2c"), "upgrade"),
    "Upgrade repeated": (WITHOUT, answered(b"upgrade", b"websocket", b"websocket"), "upgrade"),
    "no Connection": (WITHOUT, answered(b"connection"), "connection"),
    "Connection: keep-alive": (WITHOUT, answered(b"connection", b"keep-alive"), "connection"),
    "no Accept": (WITHOUT, answered(b"sec-websocket-accept"), "accept"),
    "empty Accept": (WITHOUT, answered(b"sec-websocket-accept", b""), "accept"),
    "the key for the Accept": (WITHOUT, answered(b"sec-websocket-accept", KEY), "accept"),
    "Accept in lower case": (WITHOUT, answered(b"sec-websocket-accept", ACCEPT.lower()), "accept"),
    "Accept of another key": (Offer(b"x3JJHMbDL1EzLkh9GBhXDw=="), answered(), "accept"),
    "Accept repeated": (WITHOUT, answered(b"sec-websocket-accept", ACCEPT, ACCEPT), "accept"),
    "subprotocol, none offered": (WITHOUT, answered(b"sec-websocket-protocol", b"chat"), "subprotocol"),
    "another subprotocol": (OFFER, answered(b"sec-websocket-protocol", b"mqtt"), "subprotocol"),
    "subprotocol in another case": (OFFER, answered(b"sec-websocket-protocol", b"Chat"), "subprotocol"),
    "all that were offered": (OFFER, answered(b"sec-websocket-protocol", b"chat, soap"), "subprotocol"),
    "subprotocol repeated": (OFFER, answered(b"sec-websocket-protocol", b"chat", b"chat"), "subprotocol"),
    "empty subprotocol": (OFFER, answered(b"sec-websocket-protocol", b""), "subprotocol"),
    "no ASCII in the subprotocol": (OFFER, answered(b"sec-websocket-protocol", b"\xff"), "subprotocol"),
    "extension, none offered": (WITHOUT, answered(b"sec-websocket-extensions", DEFLATE), "extensions"),
    "another extension": (OFFER, answered(b"sec-websocket-extensions", b"x-webkit-deflate-frame"), "extensions"),
    "one more extension": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b", foo"), "extensions"),
    "extension twice": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b", " + DEFLATE), "extensions"),
    "extensions repeated": (OFFER, answered(b"sec-websocket-extensions", DEFLATE, b""), "extensions"),
    "no extension in the field": (OFFER, answered(b"sec-websocket-extensions", b""), "extensions"),
    "malformed extensions": (OFFER, answered(b"sec-websocket-extensions", DEFLATE + b"; ="), "extensions"),
}

RESPONSES_ACCEPTED: dict[str, InformationalResponse] = {
    "as in the RFC": answered(),
    "Upgrade in upper case": answered(b"upgrade", b"WEBSOCKET"),
    "upgrade in lower case": answered(b"connection", b"upgrade"),
    "another option first": answered(b"connection", b"keep-alive, UPGRADE"),
    "white space around the Accept": answered(b"sec-websocket-accept", b" \t" + ACCEPT + b" "),
    "a further field": answered(b"server", b"another"),
    "the version": answered(b"sec-websocket-version", b"13"),
}
