"""PREP: the task branch, at the commit where we left it, in a working directory."""

from __future__ import annotations

import msgspec

from devteam_action.domain.decide import Prepare
from devteam_action.domain.results import Prepared, StageFailed
from devteam_action.domain.run import Run
from devteam_action.domain.tasklist.naming import branch_name
from devteam_action.errors import NotAllowed, SetupFailed
from devteam_action.pipeline.ports import Workspace
from devteam_action.pipeline.pull_requests import forge_of, open_pull_request
from devteam_action.pipeline.session import Session


def prepare(run: Run, step: Prepare, session: Session) -> Prepared | StageFailed:
    """Makes or finds the branch; a commit of ours beyond `step.expected_head`, whose record was lost, is kept."""
    assert run.task is not None
    assert run.options is not None
    workspace, is_pull = session.ports.workspace, run.options.deliver == "pr"
    if is_pull:
        forge_of(session)
        workspace.follow_base(run.options.base_branch)
    branch = run.branch or session.execution.branch or branch_name(run.task)
    recorded = step.expected_head or session.execution.head
    expected = _where_it_stands(branch, recorded, run, workspace)
    begins_again = is_pull and bool(expected) and _is_lost(branch, expected, run, workspace)
    if begins_again:
        session.progress(f"{branch} is gone, here and on the remote, with all that was on it: it is begun again")
        expected = ""
    try:
        prepared = workspace.prepare(
            branch,
            run.options.base_branch,
            expected_head=expected or None,
            pinned_base=None if begins_again else run.base or session.execution.base or None,
            progress=session.progress,
            stop=session.stop,
            left=session.ports.state.left_of(run.task.id),
        )
    except SetupFailed as error:
        session.check_stop()  # what was interrupted has not failed
        return StageFailed(
            code=error.code, reason=error.message, hint=f"mend it, commit that, then `devteam retry {run.task.id}`"
        )
    prepared = msgspec.structs.replace(prepared, base=_base_of(prepared, run, session), begun_again=begins_again)
    return open_pull_request(run, prepared, session) if is_pull else prepared


def _where_it_stands(branch: str, recorded: str, run: Run, workspace: Workspace) -> str:
    """The head to go on from: ours beyond `recorded` too, and where a person has said so, whatever they made of it."""
    expected, here = recorded, workspace.head_of(branch)
    there = workspace.pushed_head_of(branch, run.pull_request) if run.is_mended_by_hand else None
    for head in (here, there):
        if head and head != expected and _is_expected(head, expected, run, workspace):
            expected = head
    if not there or not expected or _has(expected, there, workspace):
        return expected
    _refuse_unseen(there, run)
    # Rewritten: theirs counts. What stands here and is no more than we had recorded is put aside, and kept.
    if here and not _has(there, here, workspace) and _has(recorded, here, workspace):
        workspace.discard(branch, here_only=True)
    return there


def _has(head: str, commit: str, workspace: Workspace) -> bool:
    return head == commit or workspace.merge_base(head, commit) == commit


def _is_lost(branch: str, expected: str, run: Run, workspace: Workspace) -> bool:
    """Whether nobody has the branch any more, nor the commit that it should stand at; asked where that is not here.

    Of a pull request everything was pushed: no other machine has more of it. Its last head is fetched in passing, and
    the commit with it where that is the one.
    """
    if workspace.head_of(branch) or workspace.merge_base(expected, expected):
        return False
    return not workspace.remote_head_of(branch) and not (
        workspace.pushed_head_of(branch, run.pull_request) and workspace.merge_base(expected, expected)
    )


def _is_expected(head: str, expected: str, run: Run, workspace: Workspace) -> bool:
    """Whether what stands beyond `expected` is this run's, or what a person was asked to put there.

    Raises NotAllowed for what they cannot have seen.
    """
    if workspace.find_commit(expected or run.base, head, {"DevTeam-Run": run.run_id}) == head:
        return True
    if not run.is_mended_by_hand or not expected or workspace.merge_base(expected, head) != expected:
        return False
    _refuse_unseen(head, run)
    return True


def _refuse_unseen(head: str, run: Run) -> None:
    """Raises NotAllowed where a person spoke of a branch that has moved since."""
    if run.seen_head and head != run.seen_head:
        raise NotAllowed(
            f"the branch stands at {head[:9]}, and not any more at {run.seen_head[:9]}, which was there when you spoke",
            remedy="look at the new head, then say it again",
        )


def _base_of(prepared: Prepared, run: Run, session: Session) -> str:
    """The commit of the base branch that the work stands on; it moves when a newer base is merged in."""
    assert run.options is not None
    workspace = session.ports.workspace
    newest = workspace.base_tip(run.options.base_branch)
    meeting = workspace.merge_base(prepared.head, newest) if newest else None
    # Delivered already: the meeting point is the work itself, and says nothing about where it began.
    return prepared.base if meeting is None or meeting == prepared.head else meeting
