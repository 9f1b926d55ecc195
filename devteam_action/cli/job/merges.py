"""After a task's pull request was merged or closed: the record and its neighbours follow, the next is offered."""

from __future__ import annotations

from devteam_action.actions.payloads import PullRequestChange
from devteam_action.actions.route import run_argv, tooling
from devteam_action.app import App
from devteam_action.cli.job.branches import task_of_branch
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.job.pull_requests import pull_request_of, take_over
from devteam_action.cli.output import Result
from devteam_action.cli.run import drive_tasks, run_document
from devteam_action.domain.events import Completed, Failed
from devteam_action.domain.run import Run
from devteam_action.domain.standing import Standing
from devteam_action.domain.task import Task
from devteam_action.on_github import GitHubSide
from devteam_action.pipeline.ask_forge import Ends
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.neighbours import Refresh, request_of, to_refresh

_ROUNDS = 50  # of refreshing: each brings at least one pull request up, so this ends long before


def after_merge(change: PullRequestChange, desk: Desk) -> Result:
    """What was merged is COMPLETED, the pull requests that it made unmergeable are brought up, the next task is told.

    With `on-merge: run` in the configuration the next task is done at once. A job that runs nothing puts the merge on
    the record, and no more.
    """
    args, context = desk.context(("run", *tooling(desk.inputs)))
    app = context.app()
    number = frozenset({change.number})
    _note_number(app, change, desk)
    app.ends = Ends(merged=number) if change.is_merged else Ends(closed=number)
    standing = app.survey().selection.standing
    task = _finished(app, change)
    if task is not None and desk.github is not None:
        _tell(app, task, desk.github)
    runs: list[Run] = []
    tried: set[tuple[str, str]] = set()
    only_records = desk.environment.runs_nothing
    for _ in range(0 if only_records else _ROUNDS):
        todo = next((each for each in _to_refresh(app) if (each.task.id, each.why) not in tried), None)
        if todo is None:
            break
        tried.add((todo.task.id, todo.why))
        desk.say(f"task {todo.task.id}: {todo.why}")
        done, _ = drive_tasks(args, context, request_of(todo))
        runs += done
    following = next((each for each in standing if each.state == "ready"), None)
    goes_on = app.project.config.on_merge == "run" and change.is_merged and not only_records
    if following is not None and goes_on:
        return desk.run(run_argv(desk.inputs))
    return _result(change, task, runs, following)


def _note_number(app: App, change: PullRequestChange, desk: Desk) -> None:
    """Of a pull request that no job has judged since a person opened it, the record has the number now."""
    task = task_of_branch(change.head_ref, app.project.lists.tasks, app.project.view().executions)
    if task is not None:
        take_over(pull_request_of(change), task, app, desk)


def _finished(app: App, change: PullRequestChange) -> Task | None:
    """The task that this merge has completed, as the list at the base branch has it now."""
    task = task_of_branch(change.head_ref, app.project.lists.tasks, app.project.view().executions)
    return task if task is not None and task.is_done and change.is_merged else None


def _tell(app: App, task: Task, github: GitHubSide) -> None:
    """The task's comment says that it is completed; its run had ended with a wait for this."""
    project = app.project
    known = project.state.execution(task.id, refresh=False)
    sticky = github.sticky(project, task, app.redactor)
    if known is None or known.pull_request is None or sticky.view.task is None:
        return
    bus = Bus(
        customer_id=project.customer_id,
        task_id=task.id,
        run_id=known.run_id,
        clock=project.clock,
        redactor=app.redactor,
        sinks=(sticky,),
    )
    bus.emit(Completed())
    bus.close()


def _to_refresh(app: App) -> tuple[Refresh, ...]:
    project = app.project = app.project.refreshed()
    return to_refresh(project.view().executions, project.lists.tasks, app.workspace(), project.base_branch)


def _result(change: PullRequestChange, task: Task | None, runs: list[Run], following: Standing | None) -> Result:
    ok = all(isinstance(run.ended, Completed) for run in runs)
    what = "merged" if change.is_merged else "closed"
    lines = [f"pull request #{change.number} was {what}" + (f": {task.id} is completed" if task is not None else "")]
    lines += [f"{run.task.id}: {_became(run)}" for run in runs if run.task is not None]
    if following is not None:
        lines.append(f"next: {following.task.id} {following.task.headline} (`/devteam run {following.task.id}`)")
    document = {
        "success": ok,
        "tasks": [run_document(run) for run in runs],
        "hasMore": following is not None,
        "taskId": task.id if task is not None else None,
        "status": "COMPLETED" if task is not None else None,
        "branch": change.head_ref,
        "pullRequest": change.number,
    }
    return Result(document=document, text="\n".join(lines), exit_code=0 if ok else 1)


def _became(run: Run) -> str:
    """What a refresh came to."""
    ended = run.ended
    return f"not brought up: {ended.reason}" if isinstance(ended, Failed) else "brought up to its newest base"
