"""PUBLISH: the newest base is taken in, the task's line is marked, the branch is delivered."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.domain.results import BaseMoved, Prepared, Published, StageFailed
from devteam_action.domain.run import Run, standing_at
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import read, tick
from devteam_action.pipeline.messages import merge_message, tick_message
from devteam_action.pipeline.ports import Conflict
from devteam_action.pipeline.pull_requests import hand_over, require_ours
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.task_lists import list_options, local_id


def publish(run: Run, session: Session) -> Published | BaseMoved | StageFailed:
    """Delivers what VERIFY proved, and nothing else, or says that the base has moved and it must be proved again.

    Raises StateConflict when the branch is not where VERIFY left it.
    """
    assert run.task is not None
    assert run.options is not None
    prepared = standing_at(run)
    workspace, branch = session.ports.workspace, run.options.base_branch
    is_pull = run.options.deliver == "pr"
    if is_pull:
        workspace.follow_base(branch)
        require_ours(run, session)
    moved = workspace.merge_in_base(prepared, branch, keep=run.task.source.path, message=merge_message(run))
    if isinstance(moved, Conflict):
        return StageFailed(
            code="conflict",
            reason=f"{branch} has moved, and merging it in conflicts in {', '.join(moved.files)}",
            hint=f"merge {branch} into {run.branch} by hand, then `devteam retry {run.task.id}`;"
            f" or start over with `devteam retry {run.task.id} --clean`",
        )
    if moved is not None:
        return BaseMoved(base=moved.base, head=moved.head)
    head = _tick(run, prepared, session)
    if isinstance(head, StageFailed):
        return head
    delivered = workspace.deliver(
        prepared,
        branch,
        head,
        merge=run.options.deliver == "merge",
        push=session.config.push or is_pull,
        expected_remote=session.execution.head or None,
    )
    if is_pull:
        return hand_over(run, head, session)
    return Published(head=head, merged=delivered.merged, pushed=delivered.pushed)


def _tick(run: Run, prepared: Prepared, session: Session) -> str | StageFailed:
    """The head with the task's line marked; an injected task has no line."""
    assert run.task is not None
    task, workspace = run.task, session.ports.workspace
    if task.id_from == "injected":
        return run.head
    path = task.source.path
    options = list_options(session.config.tasks, path)
    data = workspace.read(run.head, path)
    line = None if data is None else _line_of(task, read(data, options).tasks)
    if data is None or line is None:
        return StageFailed(
            code="list-changed",
            reason=f"{path} on {run.branch} has no task {local_id(task)} of this title any more",
            hint=f"see what became of it in {path}; then `devteam skip {task.id}`, or merge {run.branch} by hand",
        )
    return workspace.replace_file(prepared, path, tick(data, options, line), tick_message(run))


def _line_of(task: Task, listed: Sequence[Task]) -> str | None:
    """The id under which the list has the task now: it may have been renumbered while the work went on."""
    own = local_id(task)
    if any(each.id == own and each.title == task.title for each in listed):
        return own
    same_title = [each.id for each in listed if each.title == task.title]
    return same_title[0] if len(same_title) == 1 else None
