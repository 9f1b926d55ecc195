"""Task lists: detected, read with all their problems at once, and ticked without touching any other byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from devteam_action.domain.tasklist import lint
from devteam_action.domain.tasklist.detection import describe, detect_scan
from devteam_action.domain.tasklist.model import Dialect, ListOptions, MarkMeaning, Problem, ProblemKind, TaskList
from devteam_action.domain.tasklist.naming import branch_name
from devteam_action.domain.tasklist.scanner import Scan, scan
from devteam_action.domain.tasklist.ticking import tick_spot
from devteam_action.errors import TaskListError, UnknownTask

__all__ = [
    "DIALECTS",
    "Dialect",
    "ListOptions",
    "MarkMeaning",
    "Problem",
    "ProblemKind",
    "TaskList",
    "branch_name",
    "detect",
    "read",
    "tick",
]

Read = Callable[[Scan, ListOptions], TaskList]


def _wbs() -> Read:
    from devteam_action.domain.tasklist.wbs.dialect import read

    return read


def _checklist() -> Read:
    from devteam_action.domain.tasklist.checklist.dialect import read

    return read


def _speckit() -> Read:
    from devteam_action.domain.tasklist.speckit.dialect import read

    return read


# Each is imported when a list is written in it: all of them would be a fifth of the time of `devteam next`.
DIALECTS: Mapping[Dialect, Callable[[], Read]] = {"wbs": _wbs, "checklist": _checklist, "speckit": _speckit}


def read(data: bytes, options: ListOptions) -> TaskList:
    """The tasks of a list and all its problems; never raises, whatever the bytes are.

    A list that is unusable as a whole has no tasks and says why in `fatal`.
    """
    try:
        lines = scan(data, options.marks)
    except UnicodeDecodeError as wrong:
        return _undecodable(data, wrong, options)
    dialect = options.dialect or detect_scan(lines)
    found = DIALECTS[dialect]()(lines, options)
    faults = [
        *lint.faults(lines, found.tasks, options.path),
        *lint.unused_limits(lines, found.tasks, options.path),
    ]
    problems = sorted((*found.problems, *(each.problem for each in faults)), key=lambda problem: problem.line)
    if not found.tasks:
        problems.append(_no_task(lines, options.path))
    return replace(found, problems=tuple(problems), blocked={**lint.blocked(faults), **found.blocked})


def tick(data: bytes, options: ListOptions, task_id: str) -> bytes:
    """`data` with the task's mark written, and its parents' when it was their last open child; all else unchanged.

    The same bytes when the task is done already. Raises UnknownTask, or TaskListError for an unusable list.
    """
    found = read(data, options)
    if found.fatal:
        raise TaskListError(f"{options.path}:{found.fatal.line}: {found.fatal.message}", remedy=found.fatal.fix)
    if task_id not in found.spot_of:
        raise UnknownTask(f"{options.path} has no task {task_id}", remedy="`devteam tasks` shows the ids of all tasks")
    return tick_spot(data, found.spots, found.spot_of[task_id])


def detect(data: bytes, options: ListOptions | None = None) -> Dialect:
    """The dialect that most of the file's items are written in; `wbs` for bytes that are no text."""
    try:
        return detect_scan(scan(data, options.marks if options else ()))
    except UnicodeDecodeError:
        return "wbs"


def _undecodable(data: bytes, wrong: UnicodeDecodeError, options: ListOptions) -> TaskList:
    line = _line_of(data, wrong.start) if wrong.object is data else _first_bad_line(data)
    problem = Problem(
        severity="error",
        kind="undecodable",
        path=options.path,
        line=line,
        message=f"{options.path} is not UTF-8 text: line {line} cannot be decoded",
        fix="save the file as UTF-8",
    )
    return TaskList(dialect=options.dialect or "wbs", path=options.path, problems=(problem,))


def _first_bad_line(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return _line_of(data, wrong.start)
    return 1


def _line_of(data: bytes, at: int) -> int:
    before = data[:at]
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r")


def _no_task(lines: Scan, path: str) -> Problem:
    return Problem(
        severity="error",
        kind="no-task",
        path=path,
        line=1,
        message=f"no task found in {path}: {describe(lines)}; accepted shapes are {SHAPES}",
        fix="write the tasks in one of these shapes, or name another file in `tasks.path`",
    )


SHAPES = (
    "a treed list (`1.1 Section`, below it `1.1.1 Task`), a checklist (`- [ ] 1. Task`) and "
    "spec-kit's tasks (`- [ ] T001 Task`)"
)
