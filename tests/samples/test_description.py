"""The server does what ``/openapi.json`` says of it: schemathesis, which nobody here wrote, finds no difference."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.serving import serving

WEBSOCKETS = """
[[operations]]
include-path-regex = "^/ws/"
checks.positive_data_acceptance.expected-statuses = [426]
warnings = false
"""
"""It does not know how to ask for a WebSocket, so it must hear that it did not."""


@pytest.mark.timeout(300)
def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with serving("--quiet") as served:
        with urllib.request.urlopen(served.url + "/openapi.json") as response:
            (tmp_path / "openapi.json").write_bytes(response.read())
        (tmp_path / "schemathesis.toml").write_text(WEBSOCKETS)
        # From a file, since it leaves out the operation that it had the description from.
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", "openapi.json", "--url", served.url,
                "--checks", "all", "--max-examples", "100", "--seed", "1", "--generation-database", "none",
                "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert "No issues found" in done.stdout
        assert "Tested: 4" in done.stdout
        assert served.end() == 0
        assert served.stderr() == ""  # no traceback either
