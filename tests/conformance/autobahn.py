"""The Autobahn testsuite, in a Python 2.7 of its own: it runs under no other.

It is installed once into a cache folder outside of the repository, and found there again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERSION = "25.10.1"
VIRTUALENV = "20.15.1"
"""The last that makes environments of Python 2.7, with a pip for it."""

PATIENCE = 60.0
"""Seconds after which a Python that should say its name is taken to hang."""


class InstallationFailed(Exception):
    """A step of the installation failed; the message is what it said."""


@dataclass(frozen=True)
class Autobahn:
    """An installed testsuite.

    Attributes:
        folder: its environment.
    """

    folder: Path

    def wstest(self, mode: str, spec: dict[str, object], folder: Path) -> list[str]:
        """The command that runs it.

        Args:
            mode: ``fuzzingclient`` or ``fuzzingserver``.
            spec: what it is to do, without ``outdir``.
            folder: where its reports go.
        """
        file = folder / "spec.json"
        file.write_text(json.dumps({**spec, "outdir": str(folder)}))
        return [str(self.folder / "bin" / "wstest"), "--mode", mode, "--spec", str(file), "--webport", "0"]

    def cases(self) -> list[str]:
        """The numbers of all its cases."""
        program = "from autobahntestsuite.case import Cases; print('\\n'.join(case.__name__ for case in Cases))"
        names = _output(str(self.folder / "bin" / "python"), "-c", program).splitlines()
        return [name.removeprefix("Case").replace("_", ".") for name in names]


def find_python2() -> str | None:
    """A Python 2.7 that runs: from the search path, or one that pyenv has installed."""
    program = "import sys; assert sys.version_info[:2] == (2, 7); print(sys.executable)"
    for candidate in _candidates():
        try:
            return _output(candidate, "-c", program)
        except (OSError, subprocess.SubprocessError):
            continue
    return None


def _candidates() -> Iterator[str]:
    yield "python2.7"
    roots = [os.environ.get("PYENV_ROOT"), "~/.pyenv"]
    for root in roots:
        if root:
            yield from map(str, sorted(Path(root).expanduser().glob("versions/2.7*/bin/python2.7")))


def install(python2: str) -> Autobahn:
    """The testsuite in its environment, which is made unless it is there.

    Raises:
        InstallationFailed: it cannot be made.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "wire"
    cache.mkdir(parents=True, exist_ok=True)
    autobahn = Autobahn(cache / f"autobahn-{VERSION}")
    complete = autobahn.folder / "complete"
    with (cache / "autobahn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(autobahn.folder, ignore_errors=True)
            _make(python2, autobahn.folder)
            complete.touch()
    return autobahn


def _make(python2: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as tools:
        for command in (
            [sys.executable, "-m", "venv", tools],
            [f"{tools}/bin/pip", "install", "--quiet", f"virtualenv=={VIRTUALENV}"],
            [f"{tools}/bin/virtualenv", "--quiet", "--python", python2, str(folder)],
            [str(folder / "bin" / "pip"), "install", "--quiet", f"autobahntestsuite=={VERSION}"],
        ):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode:
                raise InstallationFailed(f"{' '.join(command)} failed:\n{done.stdout}")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout.strip()
