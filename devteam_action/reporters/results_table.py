"""The results of VERIFY as aligned rows of text: one a criterion, its findings below it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.reporters.style import Line, in_a_row
from devteam_action.support.terminal import one_line

_WIDEST = 44  # characters of one column
_FINDINGS = 5  # shown of each criterion; the log has them all


def table(results: Sequence[CriterionResult], *, every_finding: bool = False) -> list[Line]:
    """A row a criterion (mark, name, actual, required, seconds); under a red one why, and where."""
    rows = [_cells(result) for result in results]
    widths = [max((_width(row[column]) for row in rows), default=0) for column in range(3)]
    lines: list[Line] = []
    for result, row in zip(results, rows, strict=True):
        cells = "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        seconds = f"  {result.duration:.1f} s" if result.duration >= 0.05 else ""
        lines.append(Line("good" if result.passed else "bad", f"  {_mark(result)} {cells}{seconds}".rstrip()))
        lines += _why(result, every_finding=every_finding)
    return lines


def place(finding: Finding) -> str:
    """`path:line`, as editors and terminals make it a link."""
    return f"{finding.path}:{finding.line}" if finding.line is not None else finding.path


def _mark(result: CriterionResult) -> str:
    if not result.measured and result.passed:
        return "-"
    return "✓" if result.passed else "✗"


def _cells(result: CriterionResult) -> tuple[str, str, str]:
    actual = result.actual if result.measured else "not measured"
    required = f"required {result.required}" if result.required else ""
    return one_line(result.criterion, _WIDEST), one_line(actual, _WIDEST), one_line(required, _WIDEST)


def _why(result: CriterionResult, *, every_finding: bool) -> Iterator[Line]:
    if result.reason and not (result.passed and result.measured):
        yield Line("plain", f"      {one_line(in_a_row(result.reason))}")
    if not result.passed:
        shown = result.findings if every_finding else result.findings[:_FINDINGS]
        for finding in shown:
            rule = f"  [{one_line(finding.rule, 60)}]" if finding.rule else ""
            where = f"{one_line(place(finding), 120)}  " if finding.path else ""
            yield Line("plain", f"      {where}{one_line(in_a_row(finding.message))}{rule}")
        if len(result.findings) > len(shown):
            yield Line("dim", f"      and {len(result.findings) - len(shown)} more")
    if result.known:
        yield Line("dim", f"      {result.known} known before this task: not counted")
    for note in result.notes:
        yield Line("dim", f"      {one_line(note)}")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: an ideograph takes two, a combining mark none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
