"""What a tool is handed for one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devteam_action.domain.results import Prepared
from devteam_action.domain.run import Run
from devteam_action.pipeline.ports import ToolJob
from devteam_action.pipeline.said import Said
from devteam_action.pipeline.session import Session


def job_for(
    tool: str, brief: str, run: Run, prepared: Prepared, session: Session, *,
    tree: Path, scratch: Path, say: Callable[[Said], None],
) -> ToolJob:  # fmt: skip
    """The job of `tool`: the brief, the copy `tree`, and the way to the remote's branches where we push to one."""
    assert run.task is not None
    assert run.options is not None
    may_push = session.config.push or run.options.deliver == "pr"
    return ToolJob(
        task=run.task,
        attempt=run.attempt,
        brief=brief,
        tree=tree,
        scratch=scratch,
        files=run.task.files,
        env=session.tool_env(tool),
        config=session.config.tool_config(tool),
        root=session.root,
        project=session.execution.customer_id,
        run_id=run.run_id,
        base=prepared.base,
        head=prepared.head,
        branch=prepared.branch,
        base_branch=run.options.base_branch,
        exchange=session.ports.workspace.exchange(prepared) if may_push else None,
        conversations=session.ports.state.conversations(run.task.id, run.run_id, session.progress),
        say=say,
    )
