"""The ``wire`` command itself: its help, how errors read, and how it ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import types

import click
import pytest

import wire.cli


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch):
    """Make the given function the verb ``trial``; return what runs the command line and gives its exit status."""

    def run(function, *args: str) -> int:
        module = types.ModuleType("wire.cli.trial")
        module.command = click.command()(function)
        monkeypatch.setitem(sys.modules, "wire.cli.trial", module)
        monkeypatch.setitem(wire.cli.VERBS, "trial", "A verb for this test.")
        with pytest.raises(SystemExit) as ended:
            wire.cli.main.main(["trial", *args])
        return ended.value.code

    return run


def wire_process(*args: str, **kwargs) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wire", *args], capture_output=True, text=True, timeout=60, check=False, **kwargs
    )


def raising(error: BaseException):
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize("name", list(wire.cli.VERBS))
def test_every_verb_explains_itself_with_an_example(name: str) -> None:
    command = wire.cli.main.get_command(click.Context(wire.cli.main), name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=f"wire {name}"))
    assert f"wire {name}" in text.split("Options:")[0].split("\n", 1)[1], "no example of its use"


def test_help_lists_the_verbs_without_importing_them() -> None:
    code = (
        "import sys, wire.cli\n"
        "try: wire.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('loaded', sorted(m for m in sys.modules if m.startswith('wire.cli.') or m == 'trio'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    for name, summary in wire.cli.VERBS.items():
        assert name in done.stdout and summary in done.stdout
    assert done.stdout.rstrip().endswith("loaded []")


def test_no_verb_prints_the_help() -> None:
    done = wire_process()
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: wire ")


def test_version_is_the_version_of_the_package() -> None:
    from importlib.metadata import version

    done = wire_process("--version")
    assert (done.returncode, version("wire") in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["tuor"], "tuor"),
        (["--verbsoe"], "--verbsoe"),
        (["serve", "--prot", "1"], "--prot"),
        (["serve", "--port", "http"], "http"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(args: list[str], names: str) -> None:
    done = wire_process(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert names in done.stderr
    assert "--help" in done.stderr


def test_an_operating_system_error_is_one_line_and_status_1(verb, capsys: pytest.CaptureFixture[str]) -> None:
    error = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "capture.bin")
    assert verb(raising(error)) == 1
    assert capsys.readouterr().err == "wire: capture.bin: No such file or directory\n"


def test_an_error_from_a_nursery_reads_like_one_that_came_alone(verb, capsys: pytest.CaptureFixture[str]) -> None:
    error = ExceptionGroup("nursery", [ExceptionGroup("nursery", [ConnectionResetError(errno.ECONNRESET, "gone")])])
    assert verb(raising(error)) == 1
    assert capsys.readouterr().err == "wire: gone\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("wire.cli.trial")
    module.command = click.command()(raising(ExceptionGroup("nursery", [KeyError("bug"), OSError("also")])))
    monkeypatch.setitem(sys.modules, "wire.cli.trial", module)
    monkeypatch.setitem(wire.cli.VERBS, "trial", "A verb for this test.")
    with pytest.raises(ExceptionGroup):
        wire.cli.main.main(["trial"])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BaseExceptionGroup("nursery", [KeyboardInterrupt(), OSError()])])
def test_control_c_ends_with_130_and_says_nothing(
    verb, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb(raising(error)) == 128 + signal.SIGINT
    assert capsys.readouterr().err.strip() == ""


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "wire", "--help"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    finally:
        os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1
