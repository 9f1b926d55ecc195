"""A run that was killed between its merge and the record of it: the list says done, the record must say so too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devteam_action.domain.events import Completed, StageFinished, Status
from devteam_action.domain.execution import Execution
from devteam_action.domain.results import Published
from devteam_action.domain.run import evolve
from devteam_action.domain.task import Task
from devteam_action.pipeline.begin import Surroundings, open_run
from devteam_action.support.owner import this_owner

_AT_WORK: frozenset[Status] = frozenset({"INITIALIZING", "IMPLEMENTING", "VERIFYING", "PUBLISHING"})


def cut_off(executions: Mapping[str, Execution], tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks that the list calls done while their run, which nobody holds, is recorded as at work; pure."""
    return tuple(
        task
        for task in tasks
        if task.is_done
        and (known := executions.get(task.id)) is not None
        and known.claim is None
        and known.status in _AT_WORK
        and known.branch
    )


def finish_merged(execution: Execution, base_branch: str, around: Surroundings) -> bool:
    """Puts the end of the run on the record; False, and nothing done, when it was not the run that merged.

    The base branch must have the whole task branch, and the head of that must be a commit of this run's.
    """
    workspace = around.ports.workspace
    head, newest = workspace.head_of(execution.branch), workspace.base_tip(base_branch)
    if head is None or newest is None or workspace.merge_base(head, newest) != head:
        return False
    if workspace.find_commit(f"{head}^", head, {"DevTeam-Run": execution.run_id}) != head:
        return False
    execution = around.ports.state.claim(
        execution.current_task, run_id=execution.run_id, owner=this_owner(), takeover=True
    )
    run, session = open_run(execution, around)
    try:
        if run.published is None:
            merged = Published(head=head, merged=True)
            run = evolve(run, session.bus.emit(StageFinished(stage="PUBLISH", attempt=run.attempt, result=merged)))
        if run.ended is None:
            run = evolve(run, session.bus.emit(Completed()))
        session.keep(run, release=True)
    finally:
        session.bus.close()
        session.journal.close()
    return True
