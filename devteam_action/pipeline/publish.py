"""PUBLISH: the newest base is taken in, the task's line is marked, the branch is delivered."""

from __future__ import annotations

from devteam_action.domain.results import BaseMoved, Prepared, Published, StageFailed
from devteam_action.domain.run import Run
from devteam_action.domain.tasklist import tick
from devteam_action.errors import RepositoryError
from devteam_action.pipeline.messages import merge_message, tick_message
from devteam_action.pipeline.ports import Conflict
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.task_lists import list_options, local_id


def publish(run: Run, session: Session) -> Published | BaseMoved | StageFailed:
    """Delivers what VERIFY proved, or says that the base has moved and it must be proved again."""
    assert run.task is not None
    assert run.options is not None
    assert run.prepared is not None
    workspace, branch = session.ports.workspace, run.options.base_branch
    moved = workspace.merge_in_base(run.prepared, branch, keep=run.task.source.path, message=merge_message(run))
    if isinstance(moved, Conflict):
        return StageFailed(
            code="conflict",
            reason=f"{branch} has moved, and merging it in conflicts in {', '.join(moved.files)}",
            hint=f"merge {branch} into {run.branch} by hand, then `devteam retry {run.task.id}`;"
            f" or start over with `devteam retry {run.task.id} --clean`",
        )
    if moved is not None:
        return BaseMoved(base=moved.base, head=moved.head)
    head = _tick(run, run.prepared, session)
    delivered = workspace.deliver(
        run.prepared,
        branch,
        head,
        merge=run.options.deliver == "merge",
        push=session.config.push,
        expected_remote=session.execution.head or None,
    )
    return Published(head=head, merged=delivered.merged, pushed=delivered.pushed)


def _tick(run: Run, prepared: Prepared, session: Session) -> str:
    """The head with the task's line marked; an injected task has no line."""
    assert run.task is not None
    task, workspace = run.task, session.ports.workspace
    if task.id_from == "injected":
        return run.head
    data = workspace.read(run.head, task.source.path)
    if data is None:
        raise RepositoryError(
            f"{task.source.path} is gone from {run.branch}, so task {task.id} cannot be marked as done",
            remedy="restore the file on that branch, then `devteam resume " + task.id + "`",
        )
    ticked = tick(data, list_options(session.config.tasks, task.source.path), local_id(task))
    return workspace.replace_file(prepared, task.source.path, ticked, tick_message(run))
