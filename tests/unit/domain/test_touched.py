"""Coverage of touched lines, as a table: what the issue promises, line by line."""

from __future__ import annotations

import pytest

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.touched import CoverageReport, FileCoverage, line_ranges, touched_coverage


def _file(path: str, *added: int, removed: int = 0) -> ChangedFile:
    return ChangedFile(path=path, kind="modified", added=added, removed=removed)


def _covered(executed: range | tuple[int, ...], missing: range | tuple[int, ...] = ()) -> FileCoverage:
    return FileCoverage(executed=frozenset(executed), missing=frozenset(missing))


_TEN_PERCENT = _covered(range(1, 11), range(11, 101))
_NINETY_FIVE = _covered(range(1, 96), range(96, 101))


@pytest.mark.parametrize(
    ("files", "report", "status", "percent", "uncovered"),
    [
        pytest.param([_file("a.py", 1, 2, 3)], {"a.py": _TEN_PERCENT}, "measured", 100, [], id="all of a 10% file"),
        pytest.param(
            [_file("a.py", 97, 98)], {"a.py": _NINETY_FIVE}, "measured", 0, [("a.py", (97, 98))], id="none of 95%"
        ),
        pytest.param(
            [_file("a.py", 10, 11)], {"a.py": _TEN_PERCENT}, "measured", 50, [("a.py", (11,))], id="one of two"
        ),
        pytest.param(
            [_file("code.py", 1, 2), _file("a.py", 1, 2)],
            {"a.py": _TEN_PERCENT},
            "measured",
            50,
            [("code.py", (1, 2))],
            id="a file that the report lacks",
        ),
        pytest.param([_file("a.py", removed=9)], {"a.py": _TEN_PERCENT}, "nothing to measure", 100, [], id="deletions"),
        pytest.param([_file("a.py", 200)], {"a.py": _TEN_PERCENT}, "nothing to measure", 100, [], id="a comment"),
        pytest.param([_file("README.md", 1, 2)], {}, "nothing to measure", 100, [], id="no code"),
        pytest.param([_file("tests/test_a.py", 1)], {}, "nothing to measure", 100, [], id="only tests"),
        pytest.param(
            [_file("tests/test_a.py", 1, 2, 3), _file("a.py", 11)],
            {"tests/test_a.py": _covered((1, 2, 3)), "a.py": _TEN_PERCENT},
            "measured",
            0,
            [("a.py", (11,))],
            id="tests do not make up for code",
        ),
        pytest.param([], {}, "nothing to measure", 100, [], id="no change"),
        pytest.param(
            [_file("long.py", 5)], {"long.py": _covered((), (3,))}, "measured", 0, [("long.py", (3,))],
            id="the middle of a statement",
        ),
    ],
)  # fmt: skip
def test_only_touched_lines_count(
    files: list[ChangedFile],
    report: dict[str, FileCoverage],
    status: str,
    percent: float,
    uncovered: list[tuple[str, tuple[int, ...]]],
) -> None:
    statements = {"code.py": {1: 1, 2: 2}, "long.py": {3: 3, 4: 3, 5: 3}}
    found = touched_coverage(
        Change(base="b", head="h", tree="t", files=tuple(files)),
        CoverageReport(files=report, written=10.0),
        lambda path: statements.get(path, {}),
        not_before=10.0,
    )
    assert (found.status, found.percent) == (status, percent)
    assert [(one.path, one.lines) for one in found.uncovered] == uncovered


def test_a_report_older_than_the_tree_is_no_measurement() -> None:
    change = Change(base="b", head="h", tree="t", files=(_file("a.py", 1),))
    report = CoverageReport(files={"a.py": _TEN_PERCENT}, written=9.9)
    assert touched_coverage(change, report, lambda _: {}, not_before=10.0).status == "report too old"


def test_line_numbers_are_told_as_ranges() -> None:
    assert line_ranges((1, 3, 4, 5, 9, 10)) == "1, 3-5, 9-10"
