"""What spans say, put back into messages, so that it can be held against what the codec's events say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wire.explain import Span
from wire.http1 import Data, EndOfMessage, InformationalResponse, Request, Response, SwitchedData


@dataclass
class Message:
    """A message as far as it came."""

    start: tuple[bytes | int, ...]
    fields: tuple[tuple[bytes, bytes], ...]
    content: bytes = b""
    trailers: tuple[tuple[bytes, bytes], ...] = ()


def heard(events: Iterable[object]) -> tuple[list[Message], bytes]:
    """Messages, and the bytes after a switch, as events say them."""
    messages: list[Message] = []
    switched = b""
    for event in events:
        if isinstance(event, Request):
            messages.append(Message((event.method, event.target, event.version), tuple(event.fields)))
        elif isinstance(event, (Response, InformationalResponse)):
            messages.append(Message((event.version, event.status, event.reason), tuple(event.fields)))
        elif isinstance(event, Data):
            messages[-1].content += event.data
        elif isinstance(event, EndOfMessage):
            messages[-1].trailers = tuple(event.trailers)
        elif isinstance(event, SwitchedData):
            switched += event.data
    return messages, switched


def spelled(spans: Sequence[Span]) -> tuple[list[Message], bytes]:
    """The same as spans say them; a head that is cut off may be among them."""
    messages: list[Message] = []
    switched = b""
    for span in spans:
        if span.name in ("request", "response", "interim response"):
            messages.append(_message(span))
        elif span.name == "switched data":
            assert isinstance(span.value, bytes)
            switched += span.value
    return messages, switched


def _message(group: Span) -> Message:
    start: tuple[bytes | int, ...] = ()
    content: list[bytes] = []
    trailers: tuple[tuple[bytes, bytes], ...] = ()
    for span in group.walk():
        if span.name in ("request-line", "status-line"):
            start = _start(span)
        elif span.name in ("chunk-data", "message-body") and isinstance(span.value, bytes):
            content.append(span.value)
        elif span.name == "trailer-section":
            trailers = _fields(span)
        if span.derived is not None:
            assert span.derived.data == b"".join(_values(span, "chunk-data"))
    return Message(start, _fields(group), b"".join(content), trailers)


def _start(line: Span) -> tuple[bytes | int, ...]:
    names = ("method", "request-target", "HTTP-version", "status-code", "reason-phrase")
    parts = {child.name: child.value for child in line.children}
    if line.name == "status-line":
        parts.setdefault("reason-phrase", b"")
    values = {name: parts[name] for name in names if name in parts}
    if isinstance(version := values.get("HTTP-version"), bytes):
        values["HTTP-version"] = version.removeprefix(b"HTTP/")
    order = names if line.name == "request-line" else ("HTTP-version", "status-code", "reason-phrase")
    return tuple(value for name in order if isinstance(value := values.get(name), (bytes, int)))


def _fields(section: Span) -> tuple[tuple[bytes, bytes], ...]:
    fields = []
    for line in section.children:
        if line.name == "field-line" and isinstance(line.value, bytes):
            name, _colon, value = line.value.partition(b": ")
            assert _values(line, "field-name")[0].lower() == name
            assert b" ".join(_values(line, "field-value")) == value
            fields.append((name, value))
    return tuple(fields)


def _values(span: Span, name: str) -> list[bytes]:
    return [inner.value for inner in span.walk() if inner.name == name and isinstance(inner.value, bytes)]
