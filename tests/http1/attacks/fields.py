"""Field lines, and the fields that route a request (RFC 9112 §5, §3.2; RFC 9110 §5, §7.2)."""

from __future__ import annotations

from tests.http1.attacks.case import SMUGGLED, Case, get, head, post

_NAME = "http1.field-line.name"
_COLON = "http1.field-line.colon"
_VALUE = "http1.field-line.value"
_SPACE = "http1.field-line.space-before-colon"
_HOST = "http1.host.malformed"


def _name(name: str, line: bytes, rule: str, section: str, at: bytes, *spec: str) -> Case:
    return Case(name, get(line), rule, 400, section, at=at, spec=spec)


def _value(name: str, value: bytes, at: bytes, *spec: str) -> Case:
    return Case(name, get(b"X: " + value), _VALUE, 400, "RFC 9110 §5.5", at=at, spec=spec)


def _host(name: str, value: bytes) -> Case:
    return Case(name, head(b"GET / HTTP/1.1", b"Host: " + value), _HOST, 400, "RFC 9110 §7.2", spec=("rfc9112-3.2-6",))


def _good_host(name: str, value: bytes) -> Case:
    data = head(b"GET / HTTP/1.1", b"Host: " + value)
    return Case(name, data, section="RFC 9110 §7.2", means=[(b"/", b"")], spec=("rfc9112-3.2-6",))


def _allowed(name: str, line: bytes, section: str, *spec: str) -> Case:
    return Case(name, get(line), section=section, means=[(b"/", b"")], spec=spec)


CASES = [
    # Names (RFC 9110 §5.1, RFC 9112 §5.1).
    _name("space before the colon", b"Transfer-Encoding : chunked", _SPACE, "RFC 9112 §5.1", b" : chunked",
          "rfc9112-5.1-2a"),
    _name("tab before the colon", b"Content-Length\t: 5", _SPACE, "RFC 9112 §5.1", b"\t: 5", "rfc9112-5.1-2a"),
    _name("vertical tab before the colon", b"Content-Length\x0b: 5", _COLON, "RFC 9112 §5", b"\x0b: 5"),
    _name("empty name", b": smuggled", _NAME, "RFC 9110 §5.1", b": smuggled"),
    _name("line without a colon", b"Transfer-Encoding chunked", _SPACE, "RFC 9112 §5.1", b" chunked"),
    _name("one word", b"GET", _COLON, "RFC 9112 §5", b"\r\n\r\n"),
    _name("NUL in the name", b"Content\0-Length: 5", _COLON, "RFC 9112 §5", b"\0-Length"),
    _name("NUL before the name", b"\0Content-Length: 5", _NAME, "RFC 9110 §5.1", b"\0Content"),
    _name("control character in the name", b"Content-\x01Length: 5", _COLON, "RFC 9112 §5", b"\x01Length"),
    _name("bytes beyond ASCII in the name", "Contént-Length: 5".encode(), _COLON, "RFC 9112 §5", "ént".encode()),
    _name("Latin-1 in the name", b"Transfer-\xc9ncoding: chunked", _COLON, "RFC 9112 §5", b"\xc9ncoding"),
    _name("space in the name", b"Content Length: 5", _SPACE, "RFC 9112 §5.1", b" Length"),
    _name("quoted name", b'"Content-Length": 5', _NAME, "RFC 9110 §5.1", b'"Content'),
    _name("bracket in the name", b"X[0]: 5", _COLON, "RFC 9112 §5", b"[0]"),
    _name("equals sign for the colon", b"Content-Length=5", _COLON, "RFC 9112 §5", b"=5"),
    _name("byte order mark before the name", b"\xef\xbb\xbfX: 5", _NAME, "RFC 9110 §5.1", b"\xef\xbb\xbfX"),
    _allowed("underscore in the name", b"Content_Length: 5",
             "RFC 9110 §5.1: a token, and another field than content-length"),
    _allowed("every token character in the name", b"!#$%&'*+-.^_`|~09azAZ: x", "RFC 9110 §5.6.2"),
    # White space that begins a line (RFC 9112 §2.2, §5.2).
    Case("leading space on the first field line", head(b"GET / HTTP/1.1", b" Host: a"),
         "http1.field-section.leading-space", 400, "RFC 9112 §2.2", at=b" Host", spec=("rfc9112-2.2-8",)),
    Case("leading tab on the first field line", head(b"GET / HTTP/1.1", b"\tX: y", b"Host: a"),
         "http1.field-section.leading-space", 400, "RFC 9112 §2.2", at=b"\tX", spec=("rfc9112-2.2-8",)),
    Case("obs-fold", get(b"X: a", b" b"), "http1.field-line.obs-fold", 400, "RFC 9112 §5.2", at=b" b",
         spec=("rfc9112-5.2-4",)),
    Case("obs-fold with a tab", get(b"X: a", b"\tb"), "http1.field-line.obs-fold", 400, "RFC 9112 §5.2", at=b"\tb",
         spec=("rfc9112-5.2-4",)),
    Case("obs-fold before the value", get(b"Transfer-Encoding:", b" chunked"), "http1.field-line.obs-fold", 400,
         "RFC 9112 §5.2", at=b" chunked", spec=("rfc9112-5.2-4",)),
    Case("obs-fold of white space only", get(b"X: a", b" ", b"Y: b"), "http1.field-line.obs-fold", 400,
         "RFC 9112 §5.2", at=b" \r\nY", spec=("rfc9112-5.2-4",)),
    # Line ends inside the section: the classic places to hide a field or a request (RFC 9112 §2.2).
    Case("bare LF ends a field line", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nX"),
    Case("bare LF LF ends the head", b"GET / HTTP/1.1\r\nHost: a\r\nX: y\n\n" + SMUGGLED, "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\n\nGET"),
    Case("CR LF LF ends the head", b"GET / HTTP/1.1\r\nHost: a\r\n\n" + SMUGGLED, "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\nGET"),
    Case("LF CR LF ends the head", b"GET / HTTP/1.1\r\nHost: a\n\r\n" + SMUGGLED, "http1.line.bare-lf", 400,
         "RFC 9112 §2.2", at=b"\n\r\nGET"),
    Case("bare CR in a value", get(b"X: a\rContent-Length: 5"), "http1.line.bare-cr", 400, "RFC 9112 §2.2",
         at=b"\rContent", spec=("rfc9112-2.2-4b", "rfc9110-5.5-5a")),
    Case("bare CR CR ends the head", b"GET / HTTP/1.1\r\nHost: a\r\rGET /smuggled HTTP/1.1\r\n\r\n",
         "http1.line.bare-cr", 400, "RFC 9112 §2.2", at=b"\r\rGET", spec=("rfc9112-2.2-4b",)),
    Case("bare CR in a name", get(b"Con\rtent-Length: 5"), "http1.line.bare-cr", 400, "RFC 9112 §2.2", at=b"\rtent",
         spec=("rfc9112-2.2-4b",)),
    Case("bare CR before the name", get(b"\rX: 5"), "http1.line.bare-cr", 400, "RFC 9112 §2.2", at=b"\rX",
         spec=("rfc9112-2.2-4b",)),
    Case("CR CR LF ends a field line", get(b"X: a\r"), "http1.line.bare-cr", 400, "RFC 9112 §2.2", at=b"\r\r\n",
         spec=("rfc9112-2.2-4b",)),
    Case("CR CR LF ends the head", b"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", "http1.line.bare-cr", 400, "RFC 9112 §2.2",
         at=b"\r\r\n", spec=("rfc9112-2.2-4b",)),
    # Values (RFC 9110 §5.5).
    _value("NUL in a value", b"a\0b", b"\0b", "rfc9110-5.5-5a"),
    _value("NUL at the end of a value", b"a\0", b"\0\r\n", "rfc9110-5.5-5a"),
    _value("vertical tab in a value", b"a\x0bb", b"\x0bb"),
    _value("escape in a value", b"\x1b[2J", b"\x1b[2J"),
    _value("backspace in a value", b"a\x08", b"\x08"),
    _value("DEL in a value", b"a\x7f", b"\x7f"),
    _allowed("tab in a value", b"X: a\tb", "RFC 9110 §5.5"),
    _allowed("bytes beyond ASCII in a value", "X: é".encode(), "RFC 9110 §5.5: obs-text", "rfc9110-5.5-4b"),
    _allowed("invalid UTF-8 in a value", b"X: \xff\xfe\x80", "RFC 9110 §5.5: obs-text", "rfc9112-2.2-2"),
    _allowed("UTF-8 that holds a LF to careless readers", b"X: \xe4\xbc\x8a\xc4\x8a", "RFC 9112 §2.2", "rfc9112-2.2-2"),
    _allowed("empty value", b"X:", "RFC 9110 §5.5"),
    _allowed("value of white space only", b"X: \t ", "RFC 9112 §5", "rfc9110-5.5-3"),
    _allowed("value with colons", b"X: a:b:c", "RFC 9112 §5"),
    _allowed("encoded CRLF in a value", b"X: %0d%0aContent-Length: 5", "RFC 9110 §5.5: visible characters"),
    # Host (RFC 9112 §3.2, RFC 9110 §7.2).
    Case("no Host", head(b"GET / HTTP/1.1"), "http1.host.missing", 400, "RFC 9112 §3.2", spec=("rfc9112-3.2-6",)),
    Case("no Host in absolute-form", head(b"GET http://a/ HTTP/1.1"), "http1.host.missing", 400, "RFC 9112 §3.2",
         spec=("rfc9112-3.2-6",)),
    Case("two Hosts", get(b"Host: b"), "http1.host.repeated", 400, "RFC 9112 §3.2", at=b"Host: b",
         spec=("rfc9112-3.2-6",)),
    Case("two equal Hosts", get(b"Host: a"), "http1.host.repeated", 400, "RFC 9112 §3.2", spec=("rfc9112-3.2-6",)),
    Case("two Hosts, one in lower case", get(b"host: b"), "http1.host.repeated", 400, "RFC 9112 §3.2",
         spec=("rfc9112-3.2-6",)),
    Case("two Hosts in HTTP/1.0", head(b"GET / HTTP/1.0", b"Host: a", b"Host: b"), "http1.host.repeated", 400,
         "RFC 9112 §3.2", spec=("rfc9112-3.2-6",)),
    Case("Host with a space before its colon", head(b"GET / HTTP/1.1", b"Host : a"), _SPACE, 400, "RFC 9112 §5.1",
         spec=("rfc9112-5.1-2a",)),
    _host("Host as a list", b"a, b"),
    _host("Host with a path", b"a/b"),
    _host("Host as a URI", b"http://a/"),
    _host("Host with userinfo", b"me@a"),
    _host("Host with a query", b"a?b"),
    _host("Host with a fragment", b"a#b"),
    _host("Host with a backslash", b"a\\b"),
    _host("Host with an alphabetic port", b"a:http"),
    _host("Host with a signed port", b"a:+80"),
    _host("Host with port 65536", b"a:65536"),
    _host("Host with two ports", b"a:80:80"),
    _host("Host as a bare IPv6 address", b"::1"),
    _host("Host as half an IPv6 address", b"[::1"),
    _host("Host with junk after an IPv6 address", b"[::1]a"),
    _host("Host as a wrong IPv6 address", b"[::1::2]"),
    _host("Host with a half escape", b"a%2"),
    _host("Host with a tab", b"a\tb"),
    _host("Host beyond ASCII", "bücher.example".encode()),
    _good_host("Host with a port", b"a.example:8080"),
    _good_host("Host with an empty port", b"a.example:"),
    _good_host("empty Host", b""),
    _good_host("Host as an IPv4 address", b"127.0.0.1:80"),
    _good_host("Host as an IPv6 address", b"[2001:db8::1]:443"),
    _good_host("Host as a future address", b"[v1.fe80::a+en1]"),
    _good_host("Host with every character of a reg-name", b"a-._~!$&'()*+,;=%41"),
    Case("Host other than the absolute-form's", head(b"GET http://b/ HTTP/1.1", b"Host: a"),
         section="RFC 9112 §3.2.2: the target wins", means=[(b"http://b/", b"")], spec=("rfc9112-3.2.2-9",)),
    # Connection (RFC 9110 §7.6.1).
    Case("Connection that is no list of tokens", get(b"Connection: close;now"), "http1.connection.malformed", 400,
         "RFC 9110 §7.6.1"),
    Case("Connection with two words", get(b"Connection: keep-alive close"), "http1.connection.malformed", 400,
         "RFC 9110 §7.6.1"),
    _allowed("Connection with empty members", b"Connection: , keep-alive,, ,x,", "RFC 9110 §5.6.1.2",
             "rfc9110-5.6.1.2-1a", "rfc9110-5.6.1.2-1b"),
    Case("Connection that names Content-Length", post(b"Connection: content-length", b"Content-Length: 2", body=b"hi"),
         section="RFC 9110 §7.6.1: an option hides no framing from the one that it is meant for", means=[(b"/",
         b"hi")]),
]  # fmt: skip
