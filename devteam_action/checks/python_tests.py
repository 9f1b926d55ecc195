"""test.pass, test.coverage and test.coverage.total by one run of pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from devteam_action.checks.coverage_report import read_coverage, statement_lines
from devteam_action.checks.junit_report import TestRun
from devteam_action.checks.place import Job, Place
from devteam_action.checks.pytest_run import SuiteRun, failure, run_alone, run_suite
from devteam_action.domain.findings import Finding
from devteam_action.domain.flaky import Reruns, Settled, settle
from devteam_action.domain.judging import Measured
from devteam_action.domain.touched import TouchedCoverage, line_ranges, touched_coverage

_ALONE = 5  # red tests that get a process of their own each; the rest share one
_RERUNS = 2
_PATIENCE_S = 60.0


class PythonTests:
    """Runs the suite once; red tests run again alone, at head and base, before they count."""

    name = "pytest"
    criteria = ("test.pass", "test.coverage", "test.coverage.total")
    has_baseline = False  # only the red tests are run at the base, by this check itself

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        wants_coverage = bool({"test.coverage", "test.coverage.total"}.intersection(job.wanted))
        suite = run_suite(place, with_coverage=wants_coverage)
        return tuple(
            _passing(place, job, suite) if name == "test.pass" else _coverage(place, job, suite, name)
            for name in job.wanted
        )


def _passing(place: Place, job: Job, suite: SuiteRun) -> Measured:
    said = Measured(criterion="test.pass", check="pytest", output=suite.output, duration=suite.duration)
    ran = [test for test in suite.tests if test.outcome != "skipped"]
    reason = suite.reason or ("" if ran else "every test was skipped")
    if reason:
        return msgspec.structs.replace(said, reason=reason, lacking=suite.lacking, absent=suite.no_tests)
    settled = _settle(place, job, suite)
    failed = [test for test, weight in settled if weight.weight == "counts"]
    known = _count(settled, "known")
    flaky = _count(settled, "flaky")
    passed = sum(not test.is_red for test in ran)
    parts = [f"{passed} passed", f"{len(failed)} failed"]
    parts += [f"{known} red before"] if known else []
    parts += [f"{flaky} flaky"] if flaky else []
    skipped = len(suite.tests) - len(ran)
    parts += [f"{skipped} skipped"] if skipped else []
    return msgspec.structs.replace(
        said,
        figures={"%": 100.0 * (len(ran) - len(failed)) / len(ran), "failures": len(failed)},
        actual=", ".join(parts),
        findings=tuple(failure(test) for test in failed),
        known=known,
        notes=tuple(weight.said for _, weight in settled[:20]),
        duration=suite.duration,
    )


def _count(settled: Sequence[tuple[TestRun, Settled]], weight: Literal["known", "flaky"]) -> int:
    return sum(one.weight == weight for _, one in settled)


def _settle(place: Place, job: Job, suite: SuiteRun) -> list[tuple[TestRun, Settled]]:
    red = suite.red
    if not red:
        return []
    # A few tests cannot need longer than all of them did: what hangs now must not take the whole limit each time.
    limit = min(place.timeout_s, max(_PATIENCE_S, 2 * suite.duration))
    place = msgspec.structs.replace(place, timeout_s=limit)
    head = [_head_runs(place, test.id, f"alone-{number}") for number, test in enumerate(red[:_ALONE])]
    if rest := [test.id for test in red[_ALONE:]]:
        again = run_alone(place, rest, "rest")
        head += [(again[test],) if test in again else () for test in rest]
    base = _base_runs(job, red, limit)
    return [
        (test, settle(test.id, Reruns(head=runs, base=base.get(test.id)))) for test, runs in zip(red, head, strict=True)
    ]


def _head_runs(place: Place, test: str, name: str) -> tuple[bool, ...]:
    runs: list[bool] = []
    for number in range(_RERUNS):
        runs.append(run_alone(place, [test], f"{name}-{number}").get(test, False))
        if not runs[-1]:
            break  # red twice: once more would prove nothing new
    return tuple(runs)


def _base_runs(job: Job, red: Sequence[TestRun], limit: float) -> dict[str, tuple[bool, ...]]:
    """How the red tests do at the base; those it does not have are left out."""
    if job.base.is_off:
        return {}
    was = {test.id: test.id.replace(test.path, job.change.base_path(test.path), 1) for test in red}
    paths = sorted({job.change.base_path(test.path) for test in red if test.path})
    held = [path for path in paths if job.read(job.change.base, path) is not None]
    if not held:
        return {}
    place = msgspec.structs.replace(job.base.place("pytest"), timeout_s=limit)
    runs: dict[str, tuple[bool, ...]] = {}
    for number, (now, then) in enumerate(list(was.items())[:_ALONE]):
        if then.split("::")[0] in held:
            found = run_alone(place, [then], f"alone-{number}")
            runs |= {now: (found[then],)} if then in found else {}
    if len(red) > _ALONE:
        # An id that a file no longer has would end pytest before it began: whole files cannot be unknown.
        found = run_alone(place, held, "files")
        runs |= {now: (found[then],) for now, then in list(was.items())[_ALONE:] if then in found}
    return runs


def _coverage(place: Place, job: Job, suite: SuiteRun, criterion: str) -> Measured:
    said = Measured(criterion=criterion, check="coverage", duration=suite.duration, output=suite.output)
    reason = suite.reason or suite.no_coverage
    if reason or suite.coverage is None:
        reason = reason or "no coverage report was written"
        return msgspec.structs.replace(said, reason=reason, lacking=suite.lacking, absent=suite.no_tests)
    try:
        report = read_coverage(suite.coverage, place)
    except ValueError as error:
        return msgspec.structs.replace(said, reason=str(error))
    if criterion == "test.coverage.total":
        return msgspec.structs.replace(said, figures={"%": report.total}, actual=f"{report.total:.1f}%")
    touched = touched_coverage(job.change, report, lambda path: statement_lines(path, place), not_before=suite.started)
    if touched.status == "report too old":
        return msgspec.structs.replace(said, reason="the coverage report is older than the tree")
    return msgspec.structs.replace(
        said,
        figures={"%": touched.percent},
        actual=_describe(touched),
        findings=tuple(_uncovered(touched)),
        output=f"touched lines: {_describe(touched)}",
    )


def _describe(touched: TouchedCoverage) -> str:
    if touched.status == "nothing to measure":
        return "nothing to measure"
    return f"{touched.percent:.1f}% ({touched.covered} of {touched.touched} touched lines)"


def _uncovered(touched: TouchedCoverage) -> list[Finding]:
    return [
        Finding(
            tool="coverage",
            rule="uncovered",
            message=f"no test runs the touched lines {line_ranges(file.lines)}"
            + ("" if file.in_report else " (the coverage report lacks the file: nothing imports it)"),
            path=file.path,
            line=file.lines[0],
            severity="warning",
        )
        for file in touched.uncovered
    ]
