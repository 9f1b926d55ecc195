"""After a merge: which other pull requests of ours cannot be merged as they are, and what is asked of their runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from devteam_action.domain.events import Intervened
from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.pipeline.begin import TakeUp
from devteam_action.pipeline.ports import Workspace
from devteam_action.pipeline.runner import RunRequest


class Refresh(Struct, frozen=True, kw_only=True):
    """A task in review that is to be brought up to `base_branch`, with the reason for people."""

    task: Task
    base_branch: str
    why: str


def to_refresh(
    executions: Mapping[str, Execution], tasks: Iterable[Task], workspace: Workspace, base: str
) -> tuple[Refresh, ...]:
    """The tasks in review whose pull request conflicts with its newest base, or whose predecessor was merged.

    Ask again after they are done: what stands on a branch that was brought up may have to follow. Two or three
    questions to the remote for each task in review; raises RemoteUnreachable.
    """
    listed = tuple(tasks)
    merged = {executions[each.id].branch for each in listed if each.is_done and each.id in executions}
    waiting = (executions[each.id] for each in listed if not each.is_done and each.id in executions)
    return tuple(_refreshes(filter(_is_in_review, waiting), merged, workspace, base))


def _refreshes(waiting: Iterable[Execution], merged: set[str], workspace: Workspace, base: str) -> Iterator[Refresh]:
    for execution in waiting:
        below = execution.base_branch or base
        if below in merged:
            why = f"{below}, on which it stood, was merged"
            yield Refresh(task=execution.current_task, base_branch=base, why=why)
        elif files := workspace.conflicts(execution.branch, below):
            why = f"{below} has moved, in {', '.join(sorted(files))}"
            yield Refresh(task=execution.current_task, base_branch=below, why=why)


def request_of(refresh: Refresh) -> RunRequest:
    """The run that does it: merged in, proved again, ticked and pushed; a conflict beyond the list ends in ERROR."""
    word = Intervened(kind="refresh", text=refresh.why)
    return RunRequest(task_id=refresh.task.id, base_branch=refresh.base_branch, take_up=TakeUp(words=(word,)))


def _is_in_review(execution: Execution) -> bool:
    is_waiting = execution.status == "WAITING" and execution.waiting_for == "review"
    return is_waiting and execution.pull_request is not None and execution.claim is None and execution.skipped is None
