"""Reading the JSON report of coverage.py, and which lines of a Python file are code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from devteam_action.checks.place import Place
from devteam_action.domain.touched import CoverageReport, FileCoverage


class _File(Struct):
    executed_lines: list[int]
    missing_lines: list[int]


class _Totals(Struct):
    percent_covered: float


class _Report(Struct):
    """The part of the report we read (coverage.py's documentation: JSON reporting, format 2 and 3)."""

    files: dict[str, _File]
    totals: _Totals


_decoder = msgspec.json.Decoder(_Report)


def read_coverage(path: Path, place: Place) -> CoverageReport:
    """The report with paths of the tree; raises ValueError when the file is none."""
    try:
        written = path.stat().st_mtime
        report = _decoder.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"no coverage report: {error}") from error
    files = {
        place.relative(name): FileCoverage(
            executed=frozenset(file.executed_lines), missing=frozenset(file.missing_lines)
        )
        for name, file in report.files.items()
    }
    return CoverageReport(files=files, written=written, total=report.totals.percent_covered)


def statement_lines(path: str, place: Place) -> Mapping[int, int]:
    """For each line of code of a Python file the first line of its statement; empty for anything else.

    Coverage counts a statement at its first line, so a change in the middle of a long call is a change of that line.
    """
    if not path.endswith(".py"):
        return {}
    try:
        tree = ast.parse("\n".join(place.lines(path)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    lines: dict[int, int] = {}
    for node in ast.walk(tree):  # outer statements come before the inner ones, which then take their lines over
        if isinstance(node, ast.stmt) and not _is_docstring(node):
            body: list[ast.stmt] = getattr(node, "body", [])
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            for line in range(node.lineno, max(last, node.lineno) + 1):
                lines[line] = node.lineno
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        for decorator in decorators:
            for line in range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1):
                lines[line] = decorator.lineno
    return lines


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
