"""At each start the state is held against the list and the branches; what people did meanwhile wins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

import msgspec
from msgspec import Struct

from devteam_action.domain.events import Status
from devteam_action.domain.execution import Execution, ExecutionError
from devteam_action.domain.task import Task


class Clone(Protocol):
    """What the repository here knows of a branch, and of the last commit recorded for it."""

    def is_gone(self, branch: str, head: str) -> bool:
        """Whether nobody has the branch any more; one that only another clone has is not gone."""
        ...

    def lacks(self, head: str) -> bool:
        """Whether the commit was merged in another clone, and the base branch here is only older."""
        ...


class _Unasked:
    """Every branch may be somewhere, and every merge elsewhere."""

    def is_gone(self, branch: str, head: str) -> bool:
        del branch, head
        return False

    def lacks(self, head: str) -> bool:
        del head
        return True


# For those who only look, and must not wait for git or a remote.
unasked: Clone = _Unasked()


class Repair(Struct, frozen=True, kw_only=True):
    """One correction of the stored state, with its reason for people."""

    task_id: str
    to: Status
    why: str


def repairs(
    executions: Mapping[str, Execution],
    tasks: Iterable[Task],
    here: Clone,
    *,
    merged: Collection[int] = (),
    closed: Collection[int] = (),
) -> tuple[Repair, ...]:
    """What the stored state gets wrong; pure but for what `here` answers.

    `merged` and `closed` (unmerged) are pull requests of tasks in review, as far as somebody has asked: of a task in a
    list, only the list says that it is done; an injected one, which has no line there, is done when it is merged.
    """
    listed = {task.id: task for task in tasks}
    found = (_repair(execution, listed.get(task_id), here, merged, closed) for task_id, execution in executions.items())
    return tuple(repair for repair in found if repair is not None)


def merged_elsewhere(executions: Mapping[str, Execution], tasks: Iterable[Task], here: Clone) -> dict[str, Execution]:
    """The completed tasks that the list here calls open because their merge was not pulled, as they look from here.

    Nothing is wrong with their stored state; here they wait until the base branch has them.
    """
    return {
        task.id: msgspec.structs.replace(known, status="WAITING", waiting_for="review")
        for task in tasks
        if not task.is_done
        and task.id_from != "injected"
        and (known := executions.get(task.id)) is not None
        and known.status == "COMPLETED"
        and here.lacks(known.head)
    }


def mend(execution: Execution, repair: Repair) -> Execution:
    """The execution after its repair."""
    is_done = repair.to == "COMPLETED"
    if repair.to == "STOPPED":
        # Nobody wants it as it is: the branch stays, and the word that goes on makes a new pull request.
        hint = f"`devteam retry {execution.task_id}` tries again, in a new one"
        error = ExecutionError(code="pull-request-closed", reason=repair.why, hint=hint, stage="PUBLISH")
        return msgspec.structs.replace(execution, status="STOPPED", waiting_for=None, error=error, claim=None)
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
        pull_request=execution.pull_request if is_done else None,
    )


def _repair(
    execution: Execution, task: Task | None, here: Clone, merged: Collection[int], closed: Collection[int]
) -> Repair | None:
    task_id, status = execution.task_id, execution.status
    if execution.claim is not None:
        return None
    is_open = task is None or not task.is_done
    if status == "WAITING" and execution.pull_request in closed and is_open:
        return Repair(task_id=task_id, to="STOPPED", why=f"pull request #{execution.pull_request} was closed")
    if execution.current_task.id_from == "injected":
        if status == "WAITING" and execution.pull_request in merged:
            return Repair(task_id=task_id, to="COMPLETED", why=f"pull request #{execution.pull_request} was merged")
        return None
    if task is not None and task.is_done:
        if status not in ("COMPLETED", "PENDING"):
            return Repair(task_id=task_id, to="COMPLETED", why="the list says that it is done")
        return None
    if status == "COMPLETED" and task is not None and not here.lacks(execution.head):
        return Repair(task_id=task_id, to="PENDING", why="the list no longer says that it is done")
    is_merged = execution.pull_request in merged  # the list here is only older
    if status == "WAITING" and execution.branch and not is_merged and here.is_gone(execution.branch, execution.head):
        return Repair(task_id=task_id, to="PENDING", why=f"its branch {execution.branch} is gone")
    return None


def mender(repair: Repair, seen: Execution) -> Callable[[Execution | None], Execution | None]:
    """The change of the stored execution that makes the repair, for as long as it is as it was `seen`."""

    def change(execution: Execution | None) -> Execution | None:
        # Another clone may have gone on since we looked: then this is not what we found to be wrong.
        is_as_seen = execution is not None and _last_word(execution) == _last_word(seen)
        return mend(execution, repair) if execution is not None and is_as_seen else execution

    return change


def _last_word(execution: Execution) -> tuple[str, str, str]:
    return execution.run_id, execution.status, execution.last_update
