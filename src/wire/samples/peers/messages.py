"""What the nodes say: JSON objects, their members and the types of these."""

from __future__ import annotations

import json
from types import NoneType
from typing import Any

FORMAT: dict[str, dict[str, tuple[type, ...]]] = {
    "hello": {"node": (str,), "run": (str,), "first": (int,), "knows": (str, NoneType), "done": (int,)},
    "use": {"link": (int,)},
    "message": {"number": (int,), "text": (str,)},
    "ack": {"number": (int,)},
}
"""The members of each type of message, apart from ``type``. Others may be there, and mean nothing yet."""


class Violation(Exception):
    """The other one says what it must not say; ``str`` of it is one sentence, and the link ends with it."""


def write(kind: str, **members: Any) -> str:
    """A message of this type."""
    return json.dumps({"type": kind, **members}, ensure_ascii=False)


def read(message: str | bytes, *kinds: str) -> dict[str, Any]:
    """A message, which must be of one of these types.

    Raises:
        Violation: it is not.
    """
    try:
        said = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("type") not in kinds:
        raise Violation(f"expected {' or '.join(kinds)}")
    for name, types in FORMAT[said["type"]].items():
        if type(said.get(name)) not in types:
            raise Violation(f"{name} is missing or has the wrong type")
    return said
