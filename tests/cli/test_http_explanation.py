"""``wire http`` shows a person what the server says, also where it is a refusal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.serving import serving


@pytest.mark.spec("rfc9110-15.5-1b")
def test_the_explanation_of_an_error_is_shown() -> None:
    with serving("--quiet") as served:
        done = subprocess.run(
            [sys.executable, "-m", "wire", "http", f"{served.url}/nowhere"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert '"title":"Not Found"' in done.stdout + done.stderr
