"""The ``wire`` command itself: its help, how errors read, and how it ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

import wire.cli
from wire.cli.streams import STAND_INS

Verb = Callable[[Callable[[], None]], None]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Make the function it is given the verb ``trial``."""

    def install(function: Callable[[], None]) -> None:
        module: Any = types.ModuleType("wire.cli.trial")
        module.command = click.command()(function)
        monkeypatch.setitem(sys.modules, "wire.cli.trial", module)
        monkeypatch.setitem(wire.cli.VERBS, "trial", "A verb for this test.")

    return install


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


def status_of_trial() -> object:
    with pytest.raises(SystemExit) as ended:
        wire.cli.main.main(["trial"])
    return ended.value.code


def wire_process(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wire", *args], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", list(wire.cli.VERBS))
def test_every_verb_explains_itself_with_an_example(name: str) -> None:
    command = wire.cli.main.get_command(click.Context(wire.cli.main), name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=f"wire {name}"))
    description = text.split("\n", 1)[1]
    assert f"wire {name}" in description


def test_help_lists_the_verbs_without_importing_them() -> None:
    code = (
        "import sys, wire.cli\n"
        "try: wire.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('loaded', [name for name in sys.modules if name.removeprefix('wire.cli.') in (*wire.cli.VERBS, 'trio')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    for name, summary in wire.cli.VERBS.items():
        assert f"  {name} " in done.stdout
        assert summary in done.stdout
    assert done.stdout.rstrip().endswith("loaded []")


def test_no_verb_prints_the_help() -> None:
    done = wire_process()
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: wire ")


def test_version_is_the_version_of_the_package() -> None:
    done = wire_process("--version")
    assert done.returncode == 0
    assert version("wire") in done.stdout


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["tuor"], "tuor"),
        (["--verbsoe"], "--verbsoe"),
        (["serve", "--prot", "1"], "--prot"),
        (["serve", "--port", "http"], "http"),
        (["serve", "--keyfile", __file__], "--certfile"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(args: list[str], names: str) -> None:
    done = wire_process(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert names in done.stderr
    assert "--help" in done.stderr


def test_an_operating_system_error_is_one_line_and_status_1(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(raising(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "capture.bin")))
    assert status_of_trial() == 1
    assert capsys.readouterr().err == "wire: capture.bin: No such file or directory\n"


def test_an_error_from_a_nursery_reads_like_one_that_came_alone(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    inner = ExceptionGroup("nursery", [ConnectionResetError(errno.ECONNRESET, "gone")])
    verb(raising(ExceptionGroup("nursery", [inner])))
    assert status_of_trial() == 1
    assert capsys.readouterr().err == "wire: gone\n"


def test_a_bug_keeps_its_traceback(verb: Verb) -> None:
    verb(raising(ExceptionGroup("nursery", [KeyError("bug"), OSError("also")])))
    with pytest.raises(ExceptionGroup, match="nursery"):
        wire.cli.main.main(["trial"])


@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), BaseExceptionGroup("nursery", [KeyboardInterrupt(), OSError()])],
    ids=["alone", "group"],
)
def test_control_c_ends_with_130_and_says_nothing(
    verb: Verb, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    verb(raising(error))
    assert status_of_trial() == 128 + signal.SIGINT
    assert capsys.readouterr().err.strip() == ""


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "wire", "--help"], stdout=write, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.parametrize("args", [["--help"], ["explain", "-"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_line(args: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wire", *args],
            input=b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.stderr == b"wire: No space left on device\n"
    assert done.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_the_caller_closed_is_as_good_as_empty(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m wire explain - {closed}', sys.executable],
        input=b"",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout in (b"", b"There are no bytes.\n")
    assert done.returncode == 0


def test_stand_ins_keep_the_columns() -> None:
    assert "".join(STAND_INS.values()).isascii()
    assert {letter for letter, instead in STAND_INS.items() if len(instead) != 1} == {"…"}


def test_a_stream_shows_what_it_can_of_each_character() -> None:
    assert "§7.1.2 ▶ ü".encode("latin-1", "wire.stand-in") == b"\xa77.1.2 > \xfc"
    assert "§7.1.2 ▶ ü".encode("ascii", "wire.stand-in") == b"s7.1.2 > ?"
    assert "\udcff ⋮".encode("utf-8", "wire.stand-in") == "? ⋮".encode()
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", "wire.stand-in")
