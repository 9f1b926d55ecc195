"""Which task a branch is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist.naming import branch_name


def task_of_branch(branch: str, tasks: Sequence[Task], executions: Mapping[str, Execution]) -> Task | None:
    """The task that a branch belongs to: as it is on the record, else as the branch of a task is named."""
    recorded = next((each.current_task for each in executions.values() if each.branch == branch), None)
    if recorded is not None:
        return next((task for task in tasks if task.id == recorded.id), recorded)
    return next((task for task in tasks if branch_name(task) == branch), None)
