"""The plugin that counts proved requirements: what counts, and what fails a run."""

from __future__ import annotations

import pytest

TABLE = """
document = "rfc1"

[[requirement]]
id = "rfc1-2-3"
section = "2"
level = "MUST"
role = "both"
text = "Answer."

[[requirement]]
id = "rfc1-2-4a"
section = "2"
level = "SHOULD"
role = "server"
text = "Answer soon."

[[requirement]]
id = "rfc1-2-4b"
section = "2"
level = "MUST"
role = "client"
text = "Wait."
reason = "Nobody waits here."
"""

PROOF = """
import pytest

@pytest.mark.spec("rfc1-2-3")
def test_answer():
    pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with one table, in which one MUST is to be proved."""
    pytester.mkdir("spec-notes").joinpath("one.toml").write_text(TABLE)
    return pytester


def run(suite: pytest.Pytester, *args: str) -> pytest.RunResult:
    return suite.runpytest_inprocess("-p", "tests.spec_coverage", "--strict-markers", *args)


def test_a_must_is_proved_by_a_passing_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(PROOF)
    result = run(suite, "--spec-coverage")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "one  MUST      1/2      1 proved,   1 excused,   0 open",
            "one  SHOULD    0/1      0 proved,   0 excused,   1 open",
            "open SHOULD: rfc1-2-4a",
        ]
    )


NOT_A_PROOF = {
    "failed": "assert False",
    "skipped": "pytest.skip('not today')",
    "expected to fail": "pytest.xfail('known')",
}


@pytest.mark.parametrize("body", NOT_A_PROOF.values(), ids=NOT_A_PROOF.keys())
def test_a_must_is_not_proved_by_a_test_that_did_not_pass(suite: pytest.Pytester, body: str) -> None:
    suite.makepyfile(PROOF.replace("pass", body))
    result = run(suite, "--spec-coverage")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["rfc1-2-3: a MUST that no passing test proves*Answer."])


def test_a_must_is_not_proved_by_a_test_whose_teardown_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken():
            yield
            raise OSError

        @pytest.mark.spec("rfc1-2-3")
        def test_answer(broken):
            pass
        """
    )
    run(suite, "--spec-coverage").stdout.fnmatch_lines(["one  MUST      0/2 *"])


def test_a_must_that_no_test_names_fails_the_run(suite: pytest.Pytester) -> None:
    suite.makepyfile("def test_other(): pass")
    result = run(suite, "--spec-coverage")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)


def test_an_id_of_no_table_fails_the_run_and_says_what_may_be_meant(suite: pytest.Pytester) -> None:
    suite.makepyfile(PROOF.replace('"rfc1-2-3"', '"rfc1-2-3", "rfc1-2-4"'))
    result = run(suite, "--spec-coverage")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["rfc1-2-4: in no table*test_answer (one of rfc1-2-4a, rfc1-2-4b?)"])


def test_without_the_option_a_part_of_the_suite_may_run(suite: pytest.Pytester) -> None:
    suite.makepyfile("def test_other(): pass")
    result = run(suite)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*MUST*")
