"""A request before it is sent: what a caller wants, made into the head that RFC 9112 §3 asks for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from wire.http1 import Request
from wire.net.client.url import Url, parse_url
from wire.net.fields import FieldLine, encode_fields

IDEMPOTENT_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))
"""The methods whose repetition changes nothing (RFC 9110 §9.2.2)."""

_METHODS_WITH_CONTENT = frozenset(("POST", "PUT", "PATCH"))

_PORT = re.compile(r":[0-9]*\Z")


@dataclass(frozen=True)
class OutgoingRequest:
    """A request to be sent.

    Attributes:
        method: in its own case (RFC 9110 §9.1).
        url: where to; text is parsed by ``wire.net.client.url``.
        fields: the field lines, without those that are filled in: ``host``, ``user-agent``, and ``content-length`` or
            ``transfer-encoding``.
        body: all of it, or something that yields it bit by bit. The latter is chunked unless a content-length is given.
        trailers: called when a chunked body has ended, for the fields that follow it (RFC 9110 §6.5).
        expect_continue: hold the body back until the server wants it (RFC 9110 §10.1.1).
        target: the request-target, if not the path and query of the URL: ``*``, the absolute-form to a proxy, or the
            authority-form (RFC 9112 §3.2). CONNECT without one asks for the URL's own host and port.
    """

    method: str
    url: Url | str
    fields: Sequence[FieldLine] = ()
    body: bytes | AsyncIterable[bytes] = b""
    trailers: Callable[[], Iterable[FieldLine]] | None = None
    expect_continue: bool = False
    target: str | None = None

    @cached_property
    def parsed_url(self) -> Url:
        """Where to, parsed.

        Raises:
            InvalidUrl: it is no http or https URL.
        """
        return parse_url(self.url) if isinstance(self.url, str) else self.url

    @property
    def is_idempotent(self) -> bool:
        """Whether it may be sent once more when nobody knows whether it arrived (RFC 9110 §9.2.2)."""
        return self.method in IDEMPOTENT_METHODS

    @property
    def is_chunked(self) -> bool:
        """Whether its body needs HTTP/1.1 because nobody knows how long it is (RFC 9112 §6.3)."""
        return not isinstance(self.body, bytes) and "content-length" not in self.names

    @property
    def has_content(self) -> bool:
        """Whether there is a body, be it one that turns out to be empty."""
        return self.body != b""

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of ``fields``, in lower case."""
        return frozenset(name.lower().decode("latin-1") for name, _value in encode_fields(self.fields))

    def head(self, *, last: bool = False) -> Request:
        """The request-line and the fields, Host first (RFC 9110 §7.2); ``last`` asks for the connection to be closed.

        Raises:
            InvalidUrl: see ``parsed_url``.
            UnicodeEncodeError: the method or a field has characters that HTTP cannot carry.
        """
        url = self.parsed_url
        target = self.target or (_host_and_port(url) if self.method == "CONNECT" else url.target)
        fields = encode_fields(self.fields)
        given = self.names
        if "host" not in given:
            fields.insert(0, (b"host", self._authority().encode("ascii")))
        if "user-agent" not in given:
            fields.insert(1, (b"user-agent", b"wire"))  # RFC 9110 §10.1.5
        if not given & {"content-length", "transfer-encoding"}:
            fields += self._framing_fields()
        if self.expect_continue and self.has_content and "expect" not in given:
            fields.append((b"expect", b"100-continue"))
        if last and "connection" not in given:
            fields.append((b"connection", b"close"))  # RFC 9112 §9.3
        return Request(self.method.encode("ascii"), target.encode("ascii"), fields)

    def _framing_fields(self) -> list[tuple[bytes, bytes]]:
        """How the body will be delimited: by its length where that is known (RFC 9112 §6.3)."""
        if not isinstance(self.body, bytes):
            return [(b"transfer-encoding", b"chunked")]
        if self.body or self.method in _METHODS_WITH_CONTENT:  # RFC 9110 §8.6
            return [(b"content-length", b"%d" % len(self.body))]
        return []

    def _authority(self) -> str:
        """What Host must say: the authority of the target URI, maybe not the server's own (RFC 9112 §3.2)."""
        target = self.target
        if target is None or target == "*" or target.startswith("/"):
            return self.parsed_url.authority
        return target if self.method == "CONNECT" else parse_url(target).authority


def _host_and_port(url: Url) -> str:
    """The authority-form, in which the port must stand (RFC 9112 §3.2.3)."""
    return f"{_PORT.sub('', url.authority)}:{url.origin.port}"
