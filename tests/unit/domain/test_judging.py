"""From what was measured to a row of the results table."""

from __future__ import annotations

import pytest

from devteam_action.domain.criteria import Wanted, parse_required
from devteam_action.domain.findings import Finding, Severity
from devteam_action.domain.judging import Measured, judge, together


def _wanted(name: str, required: str) -> Wanted:
    return Wanted(name=name, required=parse_required(name, required, commands=("e2e",)))


def _f(text: str, severity: Severity = "error") -> Finding:
    return Finding(tool="t", rule="r", message=text, path="a.py", line=1, line_text=text, severity=severity)


A, B, WARNING = _f("a"), _f("b"), _f("w", "warning")


@pytest.mark.parametrize(
    ("required", "head", "base", "passed", "actual", "known"),
    [
        ("pass", (), (), True, "0 errors", 0),
        ("pass", (A,), (), False, "1 error", 0),
        ("pass", (A,), (A,), True, "0 errors", 1),
        ("pass", (A, B), (A,), False, "1 error", 1),
        ("pass", (WARNING,), (), True, "0 errors", 0),
        ("≤ 2 errors", (A, B), (), True, "2 errors", 0),
        ("< 2 errors", (A, B), (), False, "2 errors", 0),
    ],
)
def test_new_errors_are_counted(
    required: str, head: tuple[Finding, ...], base: tuple[Finding, ...], passed: bool, actual: str, known: int
) -> None:
    measured = Measured(criterion="lint.clean", check="ruff", findings=head)
    found = judge(_wanted("lint.clean", required), measured, base=base)
    assert (found.passed, found.actual, found.known) == (passed, actual, known)


@pytest.mark.parametrize(
    ("required", "passed"), [("≤ 9 lines", False), ("≤ 10 lines", True), ("≤ 2 files", True), ("> 2 files", False)]
)
def test_a_figure_is_compared_in_the_unit_that_is_required(required: str, passed: bool) -> None:
    measured = Measured(criterion="diff.size", check="size", figures={"lines": 10, "files": 2}, actual="x")
    assert judge(_wanted("diff.size", required), measured).passed is passed


def test_what_was_not_measured_fails_and_says_why() -> None:
    found = judge(_wanted("test.pass", "pass"), Measured(criterion="test.pass", check="pytest", reason="no pytest"))
    assert (found.passed, found.measured, found.actual, found.reason) == (False, False, "not measured", "no pytest")


@pytest.mark.parametrize(("severity", "passed"), [("error", False), ("warning", True), ("notice", True)])
def test_gaming_blocks_whatever_was_measured(severity: Severity, passed: bool) -> None:
    trick = (_f("noqa", severity),)
    clean = Measured(criterion="lint.clean", check="ruff")
    covered = Measured(criterion="test.coverage", check="coverage", figures={"%": 100.0}, actual="100%")
    assert judge(_wanted("lint.clean", "pass"), clean, gaming=trick).passed is passed
    assert judge(_wanted("test.coverage", "≥80%"), covered, gaming=trick).passed is passed
    assert judge(_wanted("lint.clean", "pass"), clean, gaming=trick).findings == trick


def test_a_command_is_judged_by_its_exit_code_alone() -> None:
    failed = Measured(criterion="e2e", check="command", findings=(A,), actual="exit code 3")
    found = judge(_wanted("e2e", "pass"), failed)
    assert (found.passed, found.actual, found.required) == (False, "exit code 3", "exit code 0")


def test_two_checkers_are_one_row_and_what_one_cannot_measure_is_not_measured() -> None:
    mypy = Measured(criterion="type.strict", check="mypy", findings=(A,), duration=1)
    pyright = Measured(criterion="type.strict", check="pyright", findings=(B,), duration=2)
    both = together((mypy, pyright))
    assert (both.check, both.findings, both.duration) == ("mypy, pyright", (A, B), 2)
    broken = Measured(criterion="type.strict", check="pyright", reason="not installed")
    assert not judge(_wanted("type.strict", "≤ 9 errors"), together((mypy, broken))).passed


def test_a_long_list_is_cut_and_the_cut_is_said() -> None:
    many = tuple(_f(str(number)) for number in range(250))
    found = judge(_wanted("lint.clean", "pass"), Measured(criterion="lint.clean", check="ruff", findings=many))
    assert (found.actual, len(found.findings), found.notes) == (
        "250 errors", 200, ("50 more findings are not listed",)
    )  # fmt: skip
