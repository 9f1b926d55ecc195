"""SELECT: which task is next, and why no other one is (CONTRACT: selection).

Pure and deterministic: the same list, state and time give the same answer. *Done* is what the list says and nothing
else; an injected task, which no list has, is done when its execution is COMPLETED.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.domain.execution import Execution
from devteam_action.domain.overlap import overlaps
from devteam_action.domain.stacking import stacked
from devteam_action.domain.standing import Standing, Stopped, apart, hold, waits
from devteam_action.domain.task import Task

# "A matrix will generate a maximum of 256 jobs per workflow run" (GitHub: workflow syntax, strategy.matrix).
MATRIX_JOBS = 256


class Selection(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of `next`. `total` and `completed` leave optional tasks out; `progress` is a percent, one decimal.

    `dependencies_satisfied` is false only when what is left waits for a dependency or has one that is unresolved.
    """

    task: Task | None
    standing: tuple[Standing, ...]
    stopped: Stopped | None
    dependencies_satisfied: bool
    total: int
    completed: int
    progress: float

    @property
    def unresolved(self) -> tuple[Standing, ...]:
        """The tasks that a problem of the list blocks."""
        return tuple(standing for standing in self.standing if standing.state == "unresolved")


def select(
    tasks: Sequence[Task],
    executions: Mapping[str, Execution],
    *,
    blocked: Mapping[str, str],
    queue: Sequence[str],
    now: str,
    stop_on_error: Literal["project", "task"] = "project",
    include_optional: bool = False,
    retired: Collection[str] = (),
    stack: bool = False,
) -> Selection:
    """The first ready task, injected ones first, with the standing of every other; arguments as for `explain`."""
    standing = explain(
        tasks,
        executions,
        blocked=blocked,
        queue=queue,
        now=now,
        stop_on_error=stop_on_error,
        include_optional=include_optional,
        retired=retired,
        stack=stack,
    )
    task = next((each.task for each in standing if each.state == "ready"), None)
    counted = [each for each in standing if include_optional or not each.task.optional]
    completed = sum(each.state == "done" for each in counted)
    return Selection(
        task=task,
        standing=standing,
        stopped=_stop(standing) if stop_on_error == "project" else None,
        dependencies_satisfied=task is not None or not any(each.state in ("blocked", "unresolved") for each in counted),
        total=len(counted),
        completed=completed,
        progress=_percent(completed, len(counted)),
    )


def explain(
    tasks: Sequence[Task],
    executions: Mapping[str, Execution],
    *,
    blocked: Mapping[str, str],
    queue: Sequence[str],
    now: str,
    stop_on_error: Literal["project", "task"] = "project",
    include_optional: bool = False,
    retired: Collection[str] = (),
    stack: bool = False,
) -> tuple[Standing, ...]:
    """The standing of every task, in the order of selection: `queue` (ids of injected tasks) first, then the list's.

    `tasks` are in document order with the injected ones among them, `executions` is keyed by task id, `blocked` maps
    ids to the problem of the list that concerns them, `retired` ids count as done for dependencies. `now` is ISO 8601
    in UTC, in the same form as the claims' times: they compare as text. With `stack` a task may begin on the branch of
    one that is in review. Linear in tasks and dependencies.
    """
    ordered = _in_order(tasks, queue)
    mine = match_executions(ordered, executions)
    judged = [
        apart(task, execution, blocked, now, include_optional) for task, execution in zip(ordered, mine, strict=True)
    ]
    by_id = _by_id(ordered, judged)
    waiting = [each or waits(task, by_id, retired) for task, each in zip(ordered, judged, strict=True)]
    if stack:
        known = {task.id: execution for task, execution in zip(ordered, mine, strict=True) if execution}
        waiting = [stacked(each, known) for each in waiting]
    held = _stop(waiting) if stop_on_error == "project" else None
    return tuple(hold(each, held) if held else each for each in waiting)


def matrix(standing: Sequence[Standing], *, limit: int = MATRIX_JOBS) -> tuple[Task, ...]:
    """The ready tasks that may run side by side: each leaves out later ones whose `touches` overlap its own.

    A task without `touches` has stated no limit and is let in: whoever wants it kept apart writes one. At most
    `limit` tasks; the others are ready again when these are done.
    """
    chosen: list[Task] = []
    for each in standing:
        if len(chosen) == limit:
            break
        if each.state == "ready" and not any(_collide(each.task, other) for other in chosen):
            chosen.append(each.task)
    return tuple(chosen)


def match_executions(tasks: Sequence[Task], executions: Mapping[str, Execution]) -> list[Execution | None]:
    """The execution of each task. An id that only tells a position moves when a line is inserted: there the title
    decides, and the id only where the title is found nowhere.
    """
    at_home = {(task.id, task.title) for task in tasks if task.id_from == "position"}
    moved: dict[str, list[Execution]] = {}
    for execution in executions.values():
        was = execution.current_task
        if was.id_from == "position" and (was.id, was.title) not in at_home:
            moved.setdefault(was.title, []).append(execution)
    titles = {task.title for task in tasks if task.id_from == "position"}
    return [_execution_of(task, executions, moved, titles) for task in tasks]


def _execution_of(
    task: Task, executions: Mapping[str, Execution], moved: Mapping[str, list[Execution]], titles: Collection[str]
) -> Execution | None:
    same_id = executions.get(task.id)
    if task.id_from != "position" or (same_id and same_id.current_task.title == task.title):
        return same_id
    same_title = moved.get(task.title, ())
    if len(same_title) == 1:
        return same_title[0]
    return same_id if same_id and same_id.current_task.title not in titles else None


def _in_order(tasks: Sequence[Task], queue: Sequence[str]) -> list[Task]:
    place = {task_id: at for at, task_id in reversed(list(enumerate(queue)))}
    first = sorted((task for task in tasks if task.id in place), key=lambda task: place[task.id])
    return [*first, *(task for task in tasks if task.id not in place)]


def _by_id(tasks: Sequence[Task], judged: Sequence[Standing | None]) -> dict[str, Standing | Task]:
    """What a dependency on an id meets; of several tasks with one id, the first that is not done."""
    found: dict[str, Standing | Task] = {}
    for task, standing in zip(tasks, judged, strict=True):
        known = found.get(task.id)
        if known is None or (isinstance(known, Standing) and known.state == "done"):
            found[task.id] = standing or task
    return found


def _stop(standing: Sequence[Standing]) -> Stopped | None:
    failed = next((each for each in standing if each.state == "in-error"), None)
    if failed is None:
        return None
    return Stopped(task_id=failed.task.id, reason=failed.because, resume=f"devteam retry {failed.task.id}")


def _collide(one: Task, other: Task) -> bool:
    return bool(one.touches and other.touches) and overlaps(one.touches, other.touches)


def _percent(completed: int, total: int) -> float:
    """One decimal; 100 only when all are done."""
    if completed == total:
        return 100.0 if total else 0.0
    return min(round(100 * completed / total, 1), 99.9)
