"""Criteria that a task list states: what cannot be judged is said before a tool has worked, not after."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devteam_action.domain.config import Config
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist.model import Problem
from devteam_action.errors import CriterionError
from devteam_action.pipeline.task_lists import ProjectLists


def criteria_problems(tasks: Iterable[Task], config: Config) -> dict[str, Problem]:
    """By id, the open tasks whose own criteria are unknown or require what is no value."""
    stating = [task for task in tasks if task.criteria and not task.is_done]
    if not stating:
        return {}
    from devteam_action.domain.criteria import criteria_for

    found: dict[str, Problem] = {}
    sound: set[tuple[tuple[str, str], ...]] = set()  # thousands of tasks state the same few
    for task in stating:
        said = tuple(task.criteria.items())
        if said in sound:
            continue
        try:
            criteria_for(task, config, ())
        except CriterionError as error:
            found[task.id] = _problem(task, error)
        else:
            sound.add(said)
    return found


def with_problems(lists: ProjectLists, found: dict[str, Problem]) -> ProjectLists:
    """The lists with these problems added; a task that has one is not selected until it is mended."""
    if not found:
        return lists
    blocked = {task_id: problem.message for task_id, problem in found.items()}
    return msgspec.structs.replace(
        lists, blocked={**blocked, **lists.blocked}, problems=(*lists.problems, *found.values())
    )


def _problem(task: Task, error: CriterionError) -> Problem:
    path, line = task.source.path, task.source.line
    return Problem(
        severity="error",
        kind="criterion",
        path=path,
        line=line,
        message=error.message.removeprefix(f"{path}:{line}: "),
        fix=error.remedy,
    )
