"""Running pytest in a place, whole or a few tests alone, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from devteam_action.checks.interpreter import Program
from devteam_action.checks.junit_report import TestRun, read_junit
from devteam_action.checks.place import Place, not_ended, tail
from devteam_action.domain.findings import Finding

_NO_TESTS = 5  # pytest's documentation: exit codes. 1 is red tests, 2 interrupted, 3 its own fault, 4 bad usage.


class SuiteRun(Struct, frozen=True, kw_only=True):
    """One run of pytest. `reason` says why it is no measurement; `started` is in seconds since the epoch.

    `lacking`: what `reason` or `no_coverage` says is that a program is not installed.
    """

    tests: tuple[TestRun, ...] = ()
    reason: str = ""
    no_tests: bool = False
    coverage: Path | None = None
    no_coverage: str = ""
    lacking: bool = False
    started: float = 0.0
    duration: float = 0.0
    output: str = ""

    @property
    def red(self) -> tuple[TestRun, ...]:
        return tuple(test for test in self.tests if test.is_red)


def run_suite(place: Place, *, with_coverage: bool = False) -> SuiteRun:
    """Runs all tests; with coverage the report is the file `coverage`, or `no_coverage` says why there is none."""
    program = place.program("pytest", isolated=False)
    if program is None:
        where = f"{place.python.path} and our own Python"
        return SuiteRun(reason=f"pytest is not installed (looked in {where}): `setup:` can install it", lacking=True)
    measured = _Coverage(place, program) if with_coverage else None
    return _run(place, program, (), measured, "suite")


def run_alone(place: Place, tests: Sequence[str], name: str) -> dict[str, bool]:
    """Runs only these tests (or files) in one process of their own: whether each that was found passed."""
    program = place.program("pytest", isolated=False)
    if program is None:
        return {}
    ran = _run(place, program, tests, None, name)
    return {test.id: not test.is_red for test in ran.tests}


def _run(place: Place, program: Program, tests: Sequence[str], measured: _Coverage | None, name: str) -> SuiteRun:
    report = place.scratch / f"{name}.xml"
    # Files that cannot be imported are red by themselves; the others still run.
    flags = ["-o", f"cache_dir={place.scratch / 'cache'}", "-o", "junit_family=xunit1", f"--junitxml={report}"]
    flags.append("--continue-on-collection-errors")
    has_pytest_cov = _interpreter_has(place, program, "pytest-cov")
    if has_pytest_cov:
        flags += ["--cov-fail-under=0"] if measured else ["--no-cov"]
    if tests and _interpreter_has(place, program, "pytest-xdist"):
        flags += ["-n", "0"]
    argv = (*program.argv, *flags, *(measured.flags(has_pytest_cov) if measured else ()), *tests)
    if measured and not has_pytest_cov:
        argv = measured.wrap(argv)
    started = time.time()
    # Nothing of a run may stay in the tree: neither pytest's cache, nor coverage's data, nor hypothesis's examples.
    files = {"COVERAGE_FILE": "coverage.data", "HYPOTHESIS_STORAGE_DIRECTORY": "hypothesis"}
    done = place.run(*argv, env={name: str(place.scratch / file) for name, file in files.items()})
    facts = SuiteRun(started=started, duration=done.duration_s, output=tail(done), reason=not_ended(done))
    if facts.reason:
        return facts
    if done.code == _NO_TESTS:
        return SuiteRun(no_tests=True, reason="pytest found no test", started=started, output=facts.output)
    last = (facts.output.splitlines() or ["it said nothing"])[-1][:300]
    try:
        found = read_junit(report)
    except ValueError:
        return _because(facts, f"pytest wrote no report and ended with exit code {done.code}: {last}")
    if done.code != 0 and not any(test.is_red for test in found):
        return _because(facts, f"pytest ended with exit code {done.code}, although no test failed: {last}")
    if done.code == 0 and any(test.is_red for test in found):
        return _because(facts, "pytest ended with exit code 0, although its report has failed tests")
    coverage, missing = measured.report(has_pytest_cov) if measured else (None, "")
    return SuiteRun(
        tests=found,
        coverage=coverage,
        no_coverage=missing,
        lacking=measured is not None and not (has_pytest_cov or measured.is_available),
        started=started,
        duration=facts.duration,
        output=facts.output,
    )


def _because(facts: SuiteRun, reason: str) -> SuiteRun:
    return SuiteRun(reason=reason, started=facts.started, duration=facts.duration, output=facts.output)


def _interpreter_has(place: Place, program: Program, distribution: str) -> bool:
    running = place.python if program.argv[0] == place.python.path else place.own
    return running.has(distribution)


class _Coverage:
    """The coverage measurement of one run: by pytest-cov (it knows about pytest-xdist), else by coverage.py."""

    def __init__(self, place: Place, program: Program) -> None:
        self._place = place
        self._python = program.argv[0]
        self._file = place.scratch / "coverage.json"
        self.is_available = _interpreter_has(place, program, "coverage")

    def flags(self, has_pytest_cov: bool) -> tuple[str, ...]:
        return ("--cov", "--cov-report=", f"--cov-report=json:{self._file}") if has_pytest_cov else ()

    def wrap(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        return (self._python, "-m", "coverage", "run", *argv[1:]) if self.is_available else argv

    def report(self, has_pytest_cov: bool) -> tuple[Path | None, str]:
        if not has_pytest_cov:
            if not self.is_available:
                return None, f"neither pytest-cov nor coverage is installed for {self._python}; `setup:` can install it"
            env = {"COVERAGE_FILE": str(self._place.scratch / "coverage.data")}
            if any(self._place.scratch.glob("coverage.data.*")):  # `parallel = true` in the project's settings
                self._place.run(self._python, "-m", "coverage", "combine", env=env)
            flags = ("--fail-under=0", "-o", str(self._file))
            self._place.run(self._python, "-m", "coverage", "json", *flags, env=env)
        return (self._file, "") if self._file.is_file() else (None, "no coverage report was written")


def failure(test: TestRun) -> Finding:
    """A red test as a finding; its id stands for the line's text, so that a moved test stays the same finding."""
    said = (test.message or test.detail).strip().splitlines()
    return Finding(
        tool="pytest",
        rule=test.outcome,
        message=f"{test.id}: {' '.join(said)[:500] or test.outcome}",
        path=test.path,
        line=test.line,
        line_text=test.id,
    )
