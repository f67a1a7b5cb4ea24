"""Every rule of HTTP/1.1 that a peer can break, in one table: its name, section, status, and what is allowed there.

Errors, tests, fuzz findings and explanations all speak of a failure by its name here. ``RULES`` are broken by a peer,
``LOCAL_RULES`` by this side's own caller.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.errors import LocalProtocolError, RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to break the protocol.

    Attributes:
        section: where the specification says so.
        status: the HTTP status that tells the client; None where only a server can break the rule.
        sentence: what is wrong, for a person.
        allowed: what may stand there instead.
    """

    section: str
    status: int | None
    sentence: str
    allowed: str


RULES: dict[str, Rule] = {
    "http1.line.bare-lf": Rule(
        "RFC 9112 §2.2", 400, "a line ends in LF without CR", "CR LF at the end of each line of a head"
    ),
    "http1.line.bare-cr": Rule("RFC 9112 §2.2", 400, "a CR stands alone inside a line", "CR only where LF follows it"),
    "http1.request-line.empty-lines": Rule(
        "RFC 9112 §2.2", 400, "too many empty lines before a request-line", "a request-line"
    ),
    "http1.request-line.too-long": Rule(
        "RFC 9112 §3", 414, "the request-line is longer than this server reads", "a shorter request-target"
    ),
    "http1.request-line.method": Rule(
        "RFC 9110 §9.1",
        400,
        "the request-line does not begin with a method",
        "a token: letters, digits, !#$%&'*+-.^_`|~",
    ),
    "http1.request-line.method-too-long": Rule(
        "RFC 9112 §3", 501, "the method is longer than any that this server implements", "a registered method"
    ),
    "http1.request-line.space": Rule(
        "RFC 9112 §3", 400, "one SP must separate the parts of a request-line", "a single SP"
    ),
    "http1.request-line.target": Rule(
        "RFC 9112 §3.2",
        400,
        "the request-target holds a character that no URI may hold",
        'visible ASCII except " # < >',
    ),
    "http1.request-line.target-form": Rule(
        "RFC 9112 §3.2",
        400,
        "the request-target has none of the four forms that its method may have",
        "/path?query, or scheme://authority/path, or host:port for CONNECT only, or * for OPTIONS only",
    ),
    "http1.request-line.target-authority": Rule(
        "RFC 9110 §4.2",
        400,
        "the request-target's authority is not host[:port]",
        "a host, no userinfo, a port up to 65535",
    ),
    "http1.request-line.no-version": Rule(
        "RFC 9112 §3", 400, "the request-line ends without an HTTP-version", "SP and HTTP/1.1"
    ),
    "http1.request-line.version": Rule(
        "RFC 9112 §2.3", 400, "the HTTP-version is malformed", "HTTP/ DIGIT . DIGIT in upper case, then CR LF"
    ),
    "http1.version.unsupported": Rule(
        "RFC 9110 §15.6.6", 505, "the major version of HTTP is not spoken here", "HTTP/1.1 or HTTP/1.0"
    ),
    "http1.status-line.too-long": Rule(
        "RFC 9112 §4", None, "the status-line is longer than this client reads", "a shorter reason-phrase"
    ),
    "http1.status-line.version": Rule(
        "RFC 9112 §2.3",
        None,
        "the status-line does not begin with an HTTP-version",
        "HTTP/ DIGIT . DIGIT in upper case",
    ),
    "http1.status-line.space": Rule(
        "RFC 9112 §4",
        None,
        "one SP must stand on each side of the status-code",
        "a single SP, also before an empty reason",
    ),
    "http1.status-line.status": Rule(
        "RFC 9112 §4", None, "the status-code is not three digits from 100 on", "100 to 999"
    ),
    "http1.status-line.reason": Rule(
        "RFC 9112 §4",
        None,
        "the reason-phrase holds a control character",
        "HTAB, SP, visible ASCII and bytes from 0x80 on",
    ),
    "http1.field-section.leading-space": Rule(
        "RFC 9112 §2.2", 400, "white space stands before the first field line", "a field line that begins with its name"
    ),
    "http1.field-line.obs-fold": Rule(
        "RFC 9112 §5.2",
        400,
        "a field line is folded: it goes on in a line that begins with white space",
        "one line a field",
    ),
    "http1.field-line.name": Rule(
        "RFC 9110 §5.1",
        400,
        "a field line does not begin with a field name",
        "a token: letters, digits, !#$%&'*+-.^_`|~",
    ),
    "http1.field-line.space-before-colon": Rule(
        "RFC 9112 §5.1", 400, "white space stands between the field name and its colon", "the colon at once"
    ),
    "http1.field-line.colon": Rule(
        "RFC 9112 §5", 400, "a colon must end the field name", "a token character, or the colon"
    ),
    "http1.field-line.value": Rule(
        "RFC 9110 §5.5",
        400,
        "the field value holds a control character",
        "HTAB, SP, visible ASCII and bytes from 0x80 on",
    ),
    "http1.field-line.too-long": Rule(
        "RFC 9110 §5.4", 431, "a field line is longer than this side reads", "a shorter field line"
    ),
    "http1.field-section.too-many-lines": Rule(
        "RFC 9110 §5.4", 431, "there are more field lines than this side reads", "fewer field lines"
    ),
    "http1.field-section.too-large": Rule(
        "RFC 9110 §5.4", 431, "the field lines together are larger than this side reads", "fewer or shorter field lines"
    ),
    "http1.host.missing": Rule(
        "RFC 9112 §3.2", 400, "an HTTP/1.1 request has no Host field", "exactly one Host field line"
    ),
    "http1.host.repeated": Rule(
        "RFC 9112 §3.2", 400, "a request has more than one Host field line", "exactly one Host field line"
    ),
    "http1.host.malformed": Rule(
        "RFC 9110 §7.2", 400, "the Host field is not host[:port]", "a host, no userinfo, a port up to 65535"
    ),
    "http1.connection.malformed": Rule(
        "RFC 9110 §7.6.1", 400, "the Connection field is not a list of options", "tokens separated by commas"
    ),
    "http1.content-length.malformed": Rule(
        "RFC 9112 §6.3",
        400,
        "the Content-Length is not a number",
        "ASCII digits; no sign, space, point or empty member",
    ),
    "http1.content-length.overflow": Rule(
        "RFC 9110 §8.6", 400, "the Content-Length has more digits than any length", "20 digits at most"
    ),
    "http1.content-length.conflict": Rule(
        "RFC 9112 §6.3", 400, "the Content-Length is given more than once, with different values", "a single value"
    ),
    "http1.transfer-encoding.with-content-length": Rule(
        "RFC 9112 §6.3", 400, "a message has both Transfer-Encoding and Content-Length", "one of the two"
    ),
    "http1.transfer-encoding.http-1.0": Rule(
        "RFC 9112 §6.1", 400, "an HTTP/1.0 message has a Transfer-Encoding", "Content-Length"
    ),
    "http1.transfer-encoding.malformed": Rule(
        "RFC 9112 §6.1", 400, "the Transfer-Encoding is not a list of transfer codings", "chunked"
    ),
    "http1.transfer-encoding.chunked-parameter": Rule(
        "RFC 9112 §7.1", 400, "chunked has a parameter", "chunked without parameters"
    ),
    "http1.transfer-encoding.chunked-twice": Rule(
        "RFC 9112 §6.1", 400, "chunked is applied more than once", "chunked once, as the last coding"
    ),
    "http1.transfer-encoding.not-chunked-last": Rule(
        "RFC 9112 §6.3", 400, "the last transfer coding of a request is not chunked", "chunked as the last coding"
    ),
    "http1.transfer-encoding.unknown": Rule(
        "RFC 9112 §6.1", 501, "a transfer coding is not implemented here", "chunked"
    ),
    "http1.body.too-large": Rule(
        "RFC 9110 §15.5.14", 413, "the message body is larger than this side reads", "a smaller body"
    ),
    "http1.chunk-line.too-long": Rule(
        "RFC 9112 §7.1.1", 400, "a chunk's size and extensions are longer than this side reads", "a shorter line"
    ),
    "http1.chunk-line.bare-lf": Rule("RFC 9112 §7.1", 400, "a chunk-size line ends in LF without CR", "CR LF"),
    "http1.chunk-line.bare-cr": Rule(
        "RFC 9112 §7.1", 400, "a CR stands alone inside a chunk-size line", "CR only where LF follows it"
    ),
    "http1.chunk-size.malformed": Rule(
        "RFC 9112 §7.1",
        400,
        "a chunk does not begin with its size",
        "hexadecimal digits; no sign, 0x, underscore or space",
    ),
    "http1.chunk-size.overflow": Rule(
        "RFC 9112 §7.1", 400, "a chunk-size has more digits than this side reads", "16 hexadecimal digits at most"
    ),
    "http1.chunk-ext.malformed": Rule(
        "RFC 9112 §7.1.1", 400, "what follows a chunk-size is no chunk extension", "CR LF, or ;name or ;name=value"
    ),
    "http1.chunk-ext.too-long": Rule(
        "RFC 9112 §7.1.1", 400, "the extensions of a chunk are longer than this side reads", "shorter extensions"
    ),
    "http1.chunk-ext.too-many": Rule(
        "RFC 9112 §7.1.1",
        400,
        "the chunk extensions of a message together are longer than this side reads",
        "fewer of them",
    ),
    "http1.chunk-data.no-crlf": Rule(
        "RFC 9112 §7.1", 400, "chunk-data is not followed by CR LF", "CR LF after exactly chunk-size bytes"
    ),
    "http1.trailer.forbidden": Rule(
        "RFC 9110 §6.5.1",
        400,
        "a trailer field may not stand in a trailer section",
        "fields that do not frame, route, authenticate or describe the content",
    ),
    "http1.switch.unasked": Rule(
        "RFC 9110 §7.8", None, "101 answers a request that did not ask to switch", "another status"
    ),
    "http1.switch.too-early": Rule(
        "RFC 9110 §7.8", None, "the protocol is switched before the request is complete", "101 after the whole request"
    ),
    "http1.response.unasked": Rule(
        "RFC 9112 §9.2",
        None,
        "the server sent something that no request asked for",
        "nothing, or to close the connection",
    ),
    "http1.response.too-many-interim": Rule(
        "RFC 9110 §15.2", None, "the server keeps sending interim responses", "a final response"
    ),
    "http1.pipeline.too-much": Rule(
        "RFC 9112 §9.3.2",
        400,
        "more bytes are pipelined behind an unanswered request than this side keeps",
        "fewer of them",
    ),
    "http1.eof.in-head": Rule(
        "RFC 9112 §8", 400, "the peer closed the connection inside a head", "the rest of the head"
    ),
    "http1.eof.in-body": Rule(
        "RFC 9112 §8", 400, "the peer closed the connection inside a message body", "the rest of the body"
    ),
    "http1.eof.no-response": Rule(
        "RFC 9112 §9.5", None, "the server closed the connection without a response", "a response"
    ),
}

LOCAL_RULES: dict[str, Rule] = {
    "http1.send.state": Rule(
        "RFC 9112 §9", None, "this event may not follow what was sent before", "see wire.http1.state"
    ),
    "http1.receive.after-close": Rule(
        "RFC 9112 §9.6", None, "bytes were given after the peer closed its side", "nothing after receive(b'')"
    ),
    "http1.send.version": Rule("RFC 9112 §2.3", None, "the version is not spoken here", "b'1.1' or b'1.0'"),
    "http1.send.status": Rule(
        "RFC 9110 §15", None, "the status is not of this kind of response", "100-199, or 200-999"
    ),
    "http1.send.method": Rule("RFC 9110 §9.1", None, "the method is no token", "one word, such as GET"),
    "http1.send.target": Rule(
        "RFC 9112 §3.2", None, "the request-target does not fit the method", "one of the four forms"
    ),
    "http1.send.host": Rule(
        "RFC 9112 §3.2", None, "an HTTP/1.1 request needs one Host field", "one valid Host field line"
    ),
    "http1.send.field": Rule(
        "RFC 9110 §5", None, "a field name or value is malformed", "a token, and no control characters"
    ),
    "http1.send.framing": Rule(
        "RFC 9112 §6",
        None,
        "these fields do not frame this message",
        "Content-Length, or chunked, where a body is allowed",
    ),
    "http1.send.trailer": Rule(
        "RFC 9112 §7.1.2", None, "these trailer fields may not be sent", "trailers after chunked"
    ),
    "http1.send.too-much-data": Rule("RFC 9112 §6.2", None, "more data than was announced", "Content-Length bytes"),
    "http1.send.too-little-data": Rule("RFC 9112 §6.2", None, "less data than was announced", "Content-Length bytes"),
    "http1.send.switch": Rule(
        "RFC 9110 §7.8", None, "there is nothing to switch to", "101 for a complete HTTP/1.1 Upgrade"
    ),
    "http1.send.interim": Rule(
        "RFC 9110 §15.2", None, "an HTTP/1.0 client knows no interim responses", "a final response"
    ),
}


def broken(rule: str, offset: int, detail: str = "") -> RemoteProtocolError:
    """The error for a peer that broke ``rule`` at the byte ``offset``; ``detail`` names what was found."""
    entry = RULES[rule]
    message = f"{entry.sentence}: {detail}" if detail else entry.sentence
    return RemoteProtocolError(message, rule=rule, section=entry.section, offset=offset, status=entry.status)


def refused(rule: str, detail: str = "") -> LocalProtocolError:
    """The error for a caller that asked for what ``rule`` forbids."""
    entry = LOCAL_RULES[rule]
    message = f"{entry.sentence}: {detail}" if detail else entry.sentence
    return LocalProtocolError(message, rule=rule, section=entry.section)
