"""A pull request on a task branch: its head is judged, with no right needed but to read."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

import msgspec

from devteam_action.actions.payloads import PullRequestChange
from devteam_action.app import App
from devteam_action.cli.context import Context
from devteam_action.cli.job.branches import task_of_branch
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result
from devteam_action.cli.stages import verification_document
from devteam_action.domain.events import AnyEvent, Completed, Failed, RunOptions, StageFinished
from devteam_action.domain.execution import Execution
from devteam_action.domain.results import Prepared, Verified
from devteam_action.domain.task import Task
from devteam_action.domain.view import view_of
from devteam_action.errors import DevteamError
from devteam_action.git_io.pull_heads import fetch_pull_head, forget_branch
from devteam_action.on_github import history_of
from devteam_action.pipeline.begin import new_run_id
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.forge import PullRequest
from devteam_action.pipeline.verdict import judged
from devteam_action.reporters.console import console


def judge(pull: PullRequest, by: str, desk: Desk) -> Result:
    """The verdict on that head of the pull request; one that has moved on is left to its own event."""
    _, context = desk.context(("verify", "-"))
    app = context.app()
    task = task_of_branch(pull.branch, app.project.lists.tasks, app.project.view().executions)
    if task is None:
        return _nothing(f"no task has the branch {pull.branch}: nothing to verify on pull request #{pull.number}")
    git = app.project.repository.git
    head = fetch_pull_head(git, app.project.remote, pull.number)
    if head is None or head != pull.head:
        return _nothing(f"pull request #{pull.number} has moved on from {pull.head[:9]}: its new head has its own run")
    take_over(pull, task, app, desk)
    branch = f"devteam/pull-{pull.number}-{head[:12]}"
    try:
        prepared = _prepared(app, task, branch, pull, context)
        return _result(task, pull, _judged(app, task, prepared, by, context))
    finally:
        forget_branch(git, branch)


def pull_request_of(change: PullRequestChange) -> PullRequest:
    """The pull request as an event shows it."""
    return PullRequest(
        number=change.number,
        url="",
        branch=change.head_ref,
        base=change.base_ref,
        head=change.head_sha,
        is_draft=change.is_draft,
        is_fork=change.is_fork,
    )


def take_over(pull: PullRequest, task: Task, app: App, desk: Desk) -> None:
    """The record has the pull request that a person opened for a branch of ours, and it has our label.

    So that it is kept up to date as if we had opened it. A job that may not write leaves that to one that may.
    """
    known = app.project.state.execution(task.id, refresh=False)
    if pull.is_fork or known is None or _with_number(known, pull) == known:
        return
    try:
        app.project.state.change(
            task.id,
            f"{task.id}: pull request #{pull.number} was opened for {pull.branch}",
            lambda known: _with_number(known, pull) if known is not None else None,
        )
        desk.needed_github.forge.claim(pull.number)
    except DevteamError as error:
        desk.say(f"pull request #{pull.number} could not be taken over: {error.message}")


def _with_number(known: Execution, pull: PullRequest) -> Execution:
    """The execution with its pull request, where it has none; a run that goes on finds it by itself."""
    if known.pull_request is not None or known.branch != pull.branch or known.claim is not None:
        return known
    was_for_it = known.status == "WAITING" and known.waiting_for == "person"
    return msgspec.structs.replace(
        known, pull_request=pull.number, waiting_for="review" if was_for_it else known.waiting_for
    )


def _nothing(said: str) -> Result:
    return Result(document={"success": True, "tasks": []}, text=said)


def _prepared(app: App, task: Task, branch: str, pull: PullRequest, context: Context) -> Prepared:
    """The head checked out on a branch of ours; reports speak of the pull request's own."""
    workspace = app.workspace()
    base = workspace.merge_base(pull.head, app.project.base) or app.project.base
    prepared = workspace.prepare(
        branch, app.project.base_branch, expected_head=pull.head, pinned_base=base, progress=context.say
    )
    known = app.project.state.execution(task.id, refresh=False)
    return msgspec.structs.replace(
        prepared,
        base=base,
        branch=pull.branch,
        pull_request=pull.number,
        note="" if pull.is_fork else _what_is_left(known),
        is_fork=pull.is_fork,
    )


def _what_is_left(known: Execution | None) -> str:
    """What a person says next where the record does not have this head as proved: a verdict alone delivers nothing."""
    if known is None or known.status in ("COMPLETED", "WAITING"):
        return ""
    return "`/devteam adopt` takes this commit in, and makes the pull request ready."


def _judged(app: App, task: Task, prepared: Prepared, by: str, context: Context) -> tuple[AnyEvent, ...]:
    project, stop = app.project, threading.Event()
    bus = Bus(
        customer_id=project.customer_id,
        task_id=task.id,
        run_id=new_run_id(project.clock),
        clock=project.clock,
        redactor=app.redactor,
        sinks=(
            console(sys.stderr, context.variables, verbosity=context.args.verbosity),
            *app.reports(task, is_fork=prepared.is_fork),
        ),
    )
    options = RunOptions(tool="", base_branch=project.base_branch, deliver="pr")
    past = () if prepared.is_fork else history_of(project, task)
    why = view_of(past).why or f"pull request #{prepared.pull_request}: {prepared.head[:9]} by {by or 'somebody'}"
    verifier = app.verifier(app.workspace())
    try:
        with context.interrupts.calling(stop.set):
            return tuple(judged(task, prepared, options, verifier, bus, context.say, stop, why=why))
    finally:
        bus.close()


def _result(task: Task, pull: PullRequest, events: Sequence[AnyEvent]) -> Result:
    results = (event.result for event in events if isinstance(event, StageFinished))
    verified = next((result for result in results if isinstance(result, Verified)), None)
    document: dict[str, object] = {"success": False, "taskId": task.id}
    if verified is not None:
        document = verification_document(task.id, verified.verification)
    document |= {"branch": pull.branch, "pullRequest": pull.number, "head": pull.head}
    ended = events[-1]
    if isinstance(ended, Completed):
        return Result(document=document, text=f"{task.id}: proved at {pull.head[:9]}")
    assert isinstance(ended, Failed)
    return Result(document=document, text=f"{task.id}: {ended.reason}\n  next: {ended.hint}", exit_code=1)
