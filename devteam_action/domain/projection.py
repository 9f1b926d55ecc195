"""The stored state of a task, projected from its run; nothing else writes it."""

from __future__ import annotations

from typing import assert_never

import msgspec

from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Step, Verify, decide
from devteam_action.domain.events import Completed, Failed, Status
from devteam_action.domain.execution import Artifacts, Execution, ExecutionError
from devteam_action.domain.run import Run


def status_of(run: Run) -> Status:
    """The execution status that CONTRACT §1 names for this moment of the run."""
    match run.ended:
        case Completed(status=status):
            return status
        case Failed(status=status):
            return status
        case None:
            return _status_before(decide(run)) if run.task else "PENDING"
        case _:
            assert_never(run.ended)


def _status_before(step: Step) -> Status:
    """What is stored between two steps is what happens next: nobody looks at the moment in between."""
    match step:
        case Prepare():
            return "INITIALIZING"
        case StartAttempt() | Implement():
            return "IMPLEMENTING"
        case Verify():
            return "VERIFYING"
        case Publish() | Finish():
            return "PUBLISHING"


def execution_of(run: Run, execution: Execution, *, logs: tuple[str, ...] = ()) -> Execution:
    """`execution` brought up to date with `run`; what other people wrote into it (skip, stop request) stays."""
    if run.task is None:
        return execution
    ended = run.ended
    return msgspec.structs.replace(
        execution,
        current_task=run.task,
        status=status_of(run),
        branch=run.branch or execution.branch,
        progress=100 if isinstance(ended, Completed) and ended.status == "COMPLETED" else run.progress,
        start_time=run.started,
        last_update=run.last_update,
        artifacts=Artifacts(
            repo_path=run.prepared.repo_path if run.prepared else execution.artifacts.repo_path,
            logs=logs or execution.artifacts.logs,
        ),
        waiting_for=ended.waiting_for if isinstance(ended, Completed) else None,
        run_id=run.run_id,
        base=run.base or execution.base,
        head=run.head or execution.head,
        attempts=run.attempt,
        usage=run.usage,
        error=_error(run, ended),
        pull_request=run.pull_request,
        tree=run.verified.verification.tree if run.verified else execution.tree,
        base_branch=run.options.base_branch if run.options else execution.base_branch,
    )


def _error(run: Run, ended: Completed | Failed | None) -> ExecutionError | None:
    if not isinstance(ended, Failed):
        return None
    return ExecutionError(code=ended.code, reason=ended.reason, hint=ended.hint, stage=run.stage or "")
