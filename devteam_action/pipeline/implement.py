"""IMPLEMENT: the tool writes in a throw-away copy, and what may come back becomes one commit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from devteam_action.domain.change import Change
from devteam_action.domain.config import Config
from devteam_action.domain.criteria import criteria_for
from devteam_action.domain.results import Implemented, Prepared, Saved, Usage
from devteam_action.domain.run import Run, standing_at
from devteam_action.domain.task import Task
from devteam_action.errors import DevteamError, RemoteUnreachable
from devteam_action.pipeline.messages import saved_message, saved_trailers, trailers, work_message
from devteam_action.pipeline.planning import plan_first
from devteam_action.pipeline.ports import TakenBack, ToolOutcome
from devteam_action.pipeline.session import Halted, Session
from devteam_action.pipeline.tool_job import job_for
from devteam_action.pipeline.tool_words import ToolWords
from devteam_action.pipeline.workflow_files import ONLY_PEOPLE, workflows_in
from devteam_action.render.brief import build_brief
from devteam_action.support.scratch import prefix

_CONVENTIONS = ("AGENTS.md", "CONTRIBUTING.md")


def implement(run: Run, session: Session) -> Implemented | Saved:
    """One attempt. Success is our own reading of what changed, never the tool's word; raises Halted on a stop."""
    prepared = standing_at(run)
    adopted = _adopt(run, prepared, session)
    if adopted is not None:
        return adopted
    started = session.ports.clock.monotonic()
    outcome, taken = _work(run, prepared, session)
    if outcome.status == "stopped":
        return _keep(run, prepared, taken, outcome, session)
    duration = round(session.ports.clock.monotonic() - started, 3)
    if session.config.max_cost_usd is not None and outcome.usage.cost_usd is None:
        session.progress("the tool does not tell what this attempt cost, so the cost cap cannot count it")
    saved = _saved(run, prepared, session) if taken is not None and not taken.files and not taken.refused else None
    if saved is not None:
        return _made_before(saved, session, duration=duration, usage=outcome.usage)
    if taken is None or not taken.files:
        reason, message = _why_nothing(outcome, taken)
        return Implemented(
            ok=False,
            reason=reason,
            message=message,
            refused=taken.refused if taken else (),
            duration=duration,
            usage=outcome.usage,
            retryable=outcome.retryable and reason != "workflow-file",  # it would write the same again
        )
    commit = session.ports.workspace.commit(prepared, taken.tree, work_message(run), onto=outcome.onto)
    _share(run, prepared, commit, session)
    return Implemented(
        ok=True,
        commit=commit,
        files_modified=taken.files,
        lines_changed=taken.lines_changed,
        refused=taken.refused,
        duration=duration,
        usage=outcome.usage,
    )


def _keep(run: Run, prepared: Prepared, taken: TakenBack | None, outcome: ToolOutcome, session: Session) -> Saved:
    """What a stopped tool had written, as a commit that the attempt goes on from; raises Halted where that is nothing.

    Nothing that goes wrong on the way out of a stop may keep the run from ending as it was asked to: it is told.
    """
    if taken is None or not taken.files:
        raise Halted
    try:
        commit = session.ports.workspace.commit(prepared, taken.tree, saved_message(run))
        _share(run, prepared, commit, session)
    except DevteamError as error:
        session.progress(f"what the tool had written could not be kept: {error.message}")
        raise Halted from error
    return Saved(commit=commit, files_modified=taken.files, lines_changed=taken.lines_changed, usage=outcome.usage)


def _share(run: Run, prepared: Prepared, commit: str, session: Session) -> None:
    """Pushes the attempt's commit, so that the task can be taken up on any machine, whatever becomes of this one."""
    assert run.options is not None
    try:
        session.ports.workspace.deliver(
            prepared,
            run.options.base_branch,
            commit,
            merge=False,
            push=session.config.push,
            expected_remote=session.execution.head or None,
        )
    except RemoteUnreachable as error:
        # It is pushed again at the end; until then only this machine can go on.
        session.progress(f"the branch could not be pushed yet: {error.message}")


def _adopt(run: Run, prepared: Prepared, session: Session) -> Implemented | None:
    """The commit of this very attempt, when an interrupted process had made it before it could say so."""
    workspace = session.ports.workspace
    commit = workspace.find_commit(run.base, prepared.head, trailers(run))
    if commit is None:
        return None
    return _made_before(commit, session)


def _saved(run: Run, prepared: Prepared, session: Session) -> str | None:
    """The commit that a stop made of this attempt, where the tool now found nothing to add to it."""
    found = session.ports.workspace.find_commit(run.base, prepared.head, saved_trailers(run))
    return found if found == prepared.head else None


def _made_before(commit: str, session: Session, *, duration: float = 0.0, usage: Usage | None = None) -> Implemented:
    change: Change = session.ports.workspace.change(f"{commit}^", commit)
    return Implemented(
        ok=True,
        commit=commit,
        files_modified=tuple(file.path for file in change.files),
        lines_changed=change.lines_changed,
        duration=duration,
        usage=usage or Usage(),
        adopted=True,
    )


def _work(run: Run, prepared: Prepared, session: Session) -> tuple[ToolOutcome, TakenBack | None]:
    assert run.options is not None
    folder = session.attempt_folder(run.attempt)
    plan = plan_first(run, prepared, session, _brief(run, prepared, session, only_plan=True))
    if isinstance(plan, ToolOutcome):
        return plan, None
    brief = _brief(run, prepared, session, plan=plan)
    (folder / "brief.md").write_text(brief)
    name = run.options.tool
    words = ToolWords(run, session, name)
    tool = session.ports.tool(name)
    with (
        session.ports.workspace.copy(prepared) as tree,
        tempfile.TemporaryDirectory(prefix=prefix("scratch")) as scratch,
    ):
        job = job_for(name, brief, run, prepared, session, tree=tree, scratch=Path(scratch), say=words.say)
        try:
            outcome = tool.implement(job, words.line, session.stop)
        finally:
            words.close(folder)
        # After a lost claim the branch is somebody else's, and of a tool that failed nothing is kept.
        is_kept = outcome.status == "finished" or (outcome.status == "stopped" and session.stop_cause != "lost")
        if not is_kept:
            return outcome, None
        taken = session.ports.workspace.take_back(tree, prepared)
    (folder / "changes.diff").write_bytes(session.bus.redactor.redact_bytes(taken.diff))
    return outcome, taken


def _brief(run: Run, prepared: Prepared, session: Session, *, plan: str = "", only_plan: bool = False) -> str:
    """What the tool is told; a secret that stands in a list or a document is no tool's business either."""
    assert run.task is not None
    brief = build_brief(
        _with_criteria(run.task, session.config),
        conventions=_conventions(prepared, session),
        failures=run.last_verified.verification.failures if run.last_verified else (),
        tool_failure=run.last_tool_failure,
        guidance=run.guidance,
        attempt=run.attempt,
        plan=plan,
        only_plan=only_plan,
    )
    return session.bus.redactor.redact(brief)


def _with_criteria(task: Task, config: Config) -> Task:
    """The task with every criterion that somebody stated for it: a tool should know the bar before it is measured."""
    stated = {wanted.name: wanted.required.text for wanted in criteria_for(task, config, ())}
    implied = () if task.criteria or config.criteria else ("diff.size",)
    return msgspec.structs.replace(task, criteria={k: v for k, v in stated.items() if k not in implied})


def _conventions(prepared: Prepared, session: Session) -> dict[str, str]:
    found = {name: session.ports.workspace.read(prepared.head, name) for name in _CONVENTIONS}
    return {name: data.decode(errors="replace") for name, data in found.items() if data}


def _why_nothing(outcome: ToolOutcome, taken: TakenBack | None) -> tuple[str, str]:
    if taken is None:
        return outcome.reason or outcome.status, outcome.message or f"the tool {outcome.status}"
    if taken.refused and len(workflows_in(taken.refused)) == len(taken.refused):
        return "workflow-file", f"all that the tool changed is {', '.join(workflows_in(taken.refused))}: {ONLY_PEOPLE}"
    if taken.refused:
        return "refused", f"nothing may be taken over: {'; '.join(taken.refused)}"
    # The model's last words often say why (a question, a refusal); the next brief and the user should hear them.
    return "no-edit", f"the tool changed nothing: {outcome.message}" if outcome.message else "the tool changed nothing"
