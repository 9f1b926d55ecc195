"""SELECT: lists, state and the injected tasks brought together, and the question put to the pure selection."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from devteam_action.domain.config import Config
from devteam_action.domain.selection import Selection, select
from devteam_action.domain.task import Task
from devteam_action.errors import TaskListError
from devteam_action.pipeline.state import Injected, ProjectView
from devteam_action.pipeline.task_lists import ProjectLists


def survey(lists: ProjectLists, view: ProjectView, config: Config, now: str) -> Selection:
    """Where every task stands at `now`, and which is next."""
    tasks, first = with_injected(lists.tasks, view.queue)
    return select(
        tasks,
        view.executions,
        blocked=lists.blocked,
        queue=first,
        now=now,
        stop_on_error=config.stop_on_error,
        include_optional=config.tasks.optional,
        retired=lists.retired,
        stack=config.stack,
    )


def refuse_unresolved(found: Selection) -> None:
    """Raises TaskListError when nothing is selected and a problem of the list holds a task back."""
    if found.unresolved and found.task is None and found.stopped is None:
        first = found.unresolved[0]
        raise TaskListError(f"nothing can be selected: task {first.task.id}: {first.because}", remedy=first.unblock)


def with_injected(tasks: Sequence[Task], queue: Sequence[Injected]) -> tuple[tuple[Task, ...], tuple[str, ...]]:
    """The tasks with the injected ones in their places, and the ids of those that go first.

    A task that takes another's place inherits its dependencies, and those who waited for the other wait for it.
    An anchor that is gone from the list leaves its task at the front.
    """
    placed = list(tasks)
    first: list[str] = []
    for item in queue:
        at = next((index for index, task in enumerate(placed) if task.id == item.anchor), None)
        if item.place == "next" or at is None:
            placed.insert(len(first), item.task)
            first.append(item.task.id)
        elif item.place == "replace":
            placed = _replaced(placed, at, item.task)
        else:
            placed.insert(at if item.place == "before" else at + 1, item.task)
    return tuple(placed), tuple(first)


def _replaced(tasks: list[Task], at: int, by: Task) -> list[Task]:
    old = tasks[at]
    heir = msgspec.structs.replace(by, dependencies=old.dependencies)

    def rewired(task: Task) -> Task:
        if old.id not in task.dependencies:
            return task
        waits = tuple(heir.id if each == old.id else each for each in task.dependencies)
        return msgspec.structs.replace(task, dependencies=waits)

    return [heir if index == at else rewired(task) for index, task in enumerate(tasks)]
