"""A run whose process was killed: its end goes on the record, and the task is free again at once."""

from __future__ import annotations

from collections.abc import Iterable

from devteam_action.domain.events import Failed
from devteam_action.domain.execution import Execution
from devteam_action.domain.run import Run, evolve
from devteam_action.pipeline.begin import Surroundings, open_run
from devteam_action.support.owner import is_gone, this_owner


def left_here(executions: Iterable[Execution]) -> tuple[Execution, ...]:
    """The executions whose claim a process of this machine holds that is no more."""
    return tuple(each for each in executions if each.claim is not None and is_gone(each.claim.owner))


def finish_interrupted(execution: Execution, around: Surroundings, *, reason: str) -> Run:
    """The run as STOPPED with `reason`, told to every reporter; the next `run` goes on at its unfinished stage.

    Raises StateConflict when somebody has taken it over in the meantime.
    """
    execution = around.ports.state.claim(
        execution.current_task, run_id=execution.run_id, owner=this_owner(), takeover=True
    )
    run, session = open_run(execution, around)
    try:
        if run.ended is None:
            end = Failed(
                status="STOPPED", code="interrupted", reason=reason, hint="`devteam run` goes on at this stage"
            )
            run = evolve(run, session.bus.emit(end))
        session.keep(run, release=True)
    finally:
        session.bus.close()
        session.journal.close()
    return run
