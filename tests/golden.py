"""Golden files: output that is kept, so that every change to it is seen and meant.

``WIRE_RENEW_GOLDEN=1 python -m pytest tests/explain tests/cli`` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    """Compare ``text`` with the file at ``path``, or write that file where that is asked for."""
    if os.environ.get("WIRE_RENEW_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing: WIRE_RENEW_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8")
