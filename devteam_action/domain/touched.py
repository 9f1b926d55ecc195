"""How well the lines that a task touched are covered by tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from devteam_action.domain.change import Change
from devteam_action.domain.testfiles import is_test_file


class FileCoverage(Struct, frozen=True, kw_only=True):
    """The executable lines of one file, by whether a test ran them."""

    executed: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()


class CoverageReport(Struct, frozen=True, kw_only=True):
    """A coverage report: `files` by repository path, `written` in seconds since the epoch, `total` in percent."""

    files: Mapping[str, FileCoverage]
    written: float
    total: float = 0.0


class Uncovered(Struct, frozen=True, kw_only=True):
    """The touched lines of one file that no test ran."""

    path: str
    lines: tuple[int, ...]
    in_report: bool


class TouchedCoverage(Struct, frozen=True, kw_only=True):
    """`measured` with `percent`, or why there is no figure: nothing to measure, or a report that is too old."""

    status: Literal["measured", "nothing to measure", "report too old"]
    covered: int = 0
    touched: int = 0
    uncovered: tuple[Uncovered, ...] = ()

    @property
    def percent(self) -> float:
        return 100.0 * self.covered / self.touched if self.touched else 100.0


def touched_coverage(
    change: Change, report: CoverageReport, statements: Callable[[str], Mapping[int, int]], *, not_before: float
) -> TouchedCoverage:
    """The share of the touched executable lines that tests ran.

    Only lines of the change count, so the rest of a file neither helps nor hurts. `statements` maps each line of code
    of a file to the first line of its statement, where coverage counts it (empty for a file that is no code). A
    touched file that the report lacks has all its touched code uncovered. Test files are left out: they run by
    themselves, and would make up for code that nothing runs. A report written before `not_before` is of an older
    tree, and no measurement.
    """
    if report.written < not_before:
        return TouchedCoverage(status="report too old")
    covered = touched = 0
    uncovered: list[Uncovered] = []
    for file in change.files:
        if not file.added or file.is_binary or is_test_file(file.path):
            continue
        known = report.files.get(file.path)
        code = statements(file.path)
        if known:
            wanted = {code.get(line, line) for line in file.added} & (known.executed | known.missing)
        else:
            wanted = {code[line] for line in file.added if line in code}
        missed = wanted & known.missing if known else wanted
        touched += len(wanted)
        covered += len(wanted) - len(missed)
        if missed:
            uncovered.append(Uncovered(path=file.path, lines=tuple(sorted(missed)), in_report=known is not None))
    if not touched:
        return TouchedCoverage(status="nothing to measure")
    return TouchedCoverage(status="measured", covered=covered, touched=touched, uncovered=tuple(uncovered))


def line_ranges(lines: tuple[int, ...]) -> str:
    """Line numbers for people: `3, 7-9`."""
    groups: list[list[int]] = []
    for line in lines:
        if groups and line == groups[-1][-1] + 1:
            groups[-1].append(line)
        else:
            groups.append([line])
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in groups)
