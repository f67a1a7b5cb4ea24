"""The codecs are pure: they know the standard library's harmless part, the errors, themselves, and no more.

The contracts in ``pyproject.toml`` forbid what they name; this allows only what it names, and finds new codecs itself.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wire

CODECS = ("http1", "sse", "websocket", "hpack", "http2", "protobuf", "grpc", "webhook")
LOWER = {"http2": ["hpack"], "websocket": ["http1"]}
"""The codecs that a codec builds on, as its RFC does."""

# fmt: off
IMPURE = {
    "asyncio", "concurrent", "ctypes", "datetime", "fcntl", "http", "io", "logging", "mmap", "multiprocessing",
    "os", "pathlib", "queue", "random", "secrets", "select", "selectors", "signal", "socket", "socketserver",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib",
}
# fmt: on
CHANCE = {"websocket/chance.py": {"secrets"}}
"""A client's masking keys have to be unforeseeable (RFC 6455 §10.3); one module asks the system for them."""

PACKAGE = Path(wire.__file__).parent
MODULES = [path for codec in CODECS for path in sorted((PACKAGE / codec).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_codec_module_is_pure(path: Path) -> None:
    codec = path.relative_to(PACKAGE).parts[0]
    impure = IMPURE - CHANCE.get(path.relative_to(PACKAGE).as_posix(), set())
    own = [codec, "errors", *LOWER.get(codec, [])]
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "wire":
            assert rest.split(".")[0] in own, f"imports {name}"
        else:
            assert top in sys.stdlib_module_names - impure, f"imports {name}"
