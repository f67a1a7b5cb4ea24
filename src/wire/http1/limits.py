"""How much of each thing a peer may send before it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """The budget of one HTTP/1.1 connection. Every count is in bytes unless it says otherwise.

    A limit fires at the same byte however the input is cut. ``status`` of the error that it raises stands in brackets.

    Attributes:
        start_line: a request-line [414] or status-line, without its CRLF; an endless URL. RFC 9112 §3 asks for 8,000.
        method: a method [501]; a token that no server implements.
        empty_lines: number of empty lines skipped before a request-line [400]; a stream of CRLF that never begins.
        field_line: one field line, without its CRLF [431]; a header that is never finished.
        field_lines: number of field lines in a head [431]; hash and list flooding.
        head: all field lines of a head together [431]; many fields, each just below its own limit.
        trailer_lines: number of field lines in a trailer section [431].
        trailers: all field lines of a trailer section together [431].
        chunk_size_digits: hexadecimal digits of a chunk-size, leading zeros too [400]; overflow, endless zeros.
        chunk_extension: the extensions of one chunk [400]; a size line that never ends.
        chunk_extensions: the extensions of all chunks of a message [400]; CVE-2023-39326, much extension, little data.
        body: a message body, its transfer coding removed [413]; None for no limit, as the codec holds none of it.
        pipelined: bytes that wait while a request is being answered [400]; requests sent faster than they are answered.
        interim_responses: number of 1xx responses before a final one; a server that never comes to the point.
    """

    start_line: int = 8192
    method: int = 64
    empty_lines: int = 8
    field_line: int = 16384
    field_lines: int = 128
    head: int = 65536
    trailer_lines: int = 64
    trailers: int = 16384
    chunk_size_digits: int = 16
    chunk_extension: int = 1024
    chunk_extensions: int = 16384
    body: int | None = None
    pipelined: int = 1 << 20
    interim_responses: int = 32

    at_once: int = field(init=False, repr=False, compare=False)
    """A head below this size is within ``start_line``, ``field_line`` and ``head``, whatever it holds."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_once", min(self.start_line, self.field_line, self.head))
