"""At each start the state is held against the list and the branches; what people did meanwhile wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec import Struct

from devteam_action.domain.events import Status
from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task


class Repair(Struct, frozen=True, kw_only=True):
    """One correction of the stored state, with its reason for people."""

    task_id: str
    to: Status
    why: str


def repairs(
    executions: Mapping[str, Execution], tasks: Iterable[Task], is_gone: Callable[[Execution], bool]
) -> tuple[Repair, ...]:
    """What the stored state gets wrong; pure but for `is_gone`: whether nobody has the execution's branch any more.

    A branch that only another clone has is not gone, and neither is one that nobody can be asked about.
    """
    listed = {task.id: task for task in tasks}
    found = (_repair(execution, listed.get(task_id), is_gone) for task_id, execution in executions.items())
    return tuple(repair for repair in found if repair is not None)


def mend(execution: Execution, repair: Repair) -> Execution:
    """The execution after its repair."""
    is_done = repair.to == "COMPLETED"
    return msgspec.structs.replace(
        execution,
        status=repair.to,
        progress=100 if is_done else 0,
        waiting_for=None,
        error=None,
        claim=None,
        # Begun anew there is no branch of ours and no run to go on with.
        run_id=execution.run_id if is_done else "",
        branch=execution.branch if is_done else "",
        base=execution.base if is_done else "",
        head=execution.head if is_done else "",
    )


def _repair(execution: Execution, task: Task | None, is_gone: Callable[[Execution], bool]) -> Repair | None:
    task_id, status = execution.task_id, execution.status
    if execution.current_task.id_from == "injected" or execution.claim is not None:
        return None
    if task is not None and task.is_done:
        if status not in ("COMPLETED", "PENDING"):
            return Repair(task_id=task_id, to="COMPLETED", why="the list says that it is done")
        return None
    if status == "COMPLETED" and task is not None:
        return Repair(task_id=task_id, to="PENDING", why="the list no longer says that it is done")
    if status == "WAITING" and execution.branch and is_gone(execution):
        return Repair(task_id=task_id, to="PENDING", why=f"its branch {execution.branch} is gone")
    return None
