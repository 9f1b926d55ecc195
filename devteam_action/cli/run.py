"""`run`: the whole pipeline, and the shared way in which every verb drives it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import msgspec

from devteam_action.app import App
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.domain.criteria import criteria_for
from devteam_action.domain.dry_run import planned
from devteam_action.domain.events import Completed, Deliver, Failed, RunOptions
from devteam_action.domain.nothing_to_do import nothing_to_do
from devteam_action.domain.projection import status_of
from devteam_action.domain.run import Run, in_vain
from devteam_action.domain.standing import Standing
from devteam_action.domain.task import Task
from devteam_action.errors import BadInput
from devteam_action.pipeline.begin import Surroundings
from devteam_action.pipeline.planning import planner
from devteam_action.pipeline.runner import UNLIMITED, RunRequest, Survey, choose, run_tasks
from devteam_action.render.wording import in_vain_text
from devteam_action.reporters.console import console


def run(args: Namespace, context: Context) -> Result:
    """SELECT, PREP, IMPLEMENT, VERIFY, PUBLISH; one task, or as many as asked for."""
    many = UNLIMITED if args.all or args.until else 1
    request = RunRequest(task_id=args.task, until_task=args.until, max_tasks=args.max_tasks or many)
    if args.task and not args.until and (args.all or args.max_tasks):
        raise BadInput(
            "TASK means that task alone", remedy="leave TASK out, say `--until ID`, or leave out --all and --max-tasks"
        )
    if args.dry_run:
        return _dry_run(args, context, request)
    if context.environment.takes_in:
        from devteam_action.cli.hand_over import take_over

        run, app = take_over(args, context, Path(context.environment.takes_in), _delivery(args, context.app()))
        return summary([run], app, request)
    runs, app = drive_tasks(args, context, request)
    return summary(runs, app, request)


def drive_tasks(args: Namespace, context: Context, request: RunRequest) -> tuple[list[Run], App]:
    """Runs the tasks that `request` names and shows them on the console as they go."""
    app = context.app(sinks=(console(sys.stderr, context.variables, verbosity=args.verbosity),))
    hand_over = context.environment.hands_over
    if hand_over:
        args.deliver = "branch"  # whoever takes it in delivers it
    options = options_of(args, app)
    app.sweep()
    request = msgspec.structs.replace(request, take_up=msgspec.structs.replace(request.take_up, given=_given(args)))

    def surroundings(task: Task) -> Surroundings:
        if task.type != "checkpoint" and not _goes_on_with_its_own_tool(task, request, app):
            # Before anything is claimed: without its key, or without the tool, there is no use in beginning.
            app.ready_tool(options.tool)
            _ready_planner(app)
        context.finish()
        return app.surroundings(task)

    runs = list(run_tasks(request, options, app.survey, surroundings, app.guard(context.interrupts)))
    if hand_over:
        from devteam_action.cli.hand_over import hand_out

        hand_out(runs, app, Path(hand_over))
    return runs, app


def _ready_planner(app: App) -> None:
    """The tool of `plan-with`, where there is one, can plan and is ready."""
    name = app.project.config.plan_with
    if name:
        planner(app.tool(name), name)
        app.ready_tool(name)


def options_of(args: Namespace, app: App) -> RunOptions:
    """The limits and choices of this run: the command line's word, else the config's, else the defaults."""
    config = app.project.config
    deliver = _delivery(args, app)
    tool = args.tool or config.writer
    try:
        app.tool(tool)
    except BadInput as error:
        key = "implement-with" if config.implement_with else "tool"
        said = "--tool" if args.tool else f"{app.project.config_path}: {key}"
        raise BadInput(f"{said}: {error.message}", remedy=error.remedy) from None
    return RunOptions(
        tool=tool,
        base_branch=app.project.base_branch,
        deliver=deliver,
        max_attempts=args.max_attempts or config.max_attempts,
        max_cost_usd=args.max_cost if args.max_cost is not None else config.max_cost_usd,
    )


def _delivery(args: Namespace, app: App) -> Deliver:
    """What becomes of proved work: a pull request where a job of GitHub can open one, unless something else is said."""
    config = app.project.config
    usual: Deliver = "pr" if app.project.environment.is_actions and app.forge is not None and config.push else "branch"
    deliver: Deliver = args.deliver or config.deliver or usual
    said = "--deliver pr" if args.deliver else f"{app.project.config_path}: deliver: pr"
    if deliver == "pr" and app.forge is None and args.verb == "stages:prep":
        return "branch"  # a branch can be made ready anywhere
    if deliver == "pr" and app.forge is None:
        raise BadInput(
            f"{said}: no pull request can be opened from here: there is no token, or the remote is not on GitHub",
            remedy="set GITHUB_TOKEN; or use --deliver branch: the proved branch is pushed, and you open it",
        )
    if deliver == "pr" and not config.push:
        raise BadInput(
            f"{said}: a pull request needs its branch on the remote, and {app.project.config_path} says `push: false`",
            remedy="take `push: false` away, or use --deliver branch",
        )
    return deliver


def _goes_on_with_its_own_tool(task: Task, request: RunRequest, app: App) -> bool:
    """Whether a run that was left is taken up with the tool that it began with; that one is made ready when needed."""
    known = app.project.state.execution(task.id, refresh=False)
    is_left = known is not None and bool(known.run_id) and not request.take_up.fresh
    return is_left and "tool" not in request.take_up.given


def _given(args: Namespace) -> frozenset[str]:
    """The run options that the command line itself names."""
    names = {"tool": "tool", "deliver": "deliver", "max_attempts": "max_attempts", "max_cost": "max_cost_usd"}
    return frozenset(option for name, option in names.items() if getattr(args, name) not in (None, ""))


def summary(runs: list[Run], app: App, request: RunRequest) -> Result:
    """What became of the tasks, and what can be done next."""
    # Whoever interrupted us may not wait for what the remote says by now.
    may_ask = not any(isinstance(run.ended, Failed) and run.ended.code == "interrupted" for run in runs)
    project = app.project.refreshed() if may_ask else app.project
    left = project.select(project.view(ask=may_ask))
    ok = all(isinstance(run.ended, Completed) for run in runs)
    document = {
        "success": ok,
        "tasks": [run_document(run) for run in runs],
        "hasMore": left.task is not None,
        "progress": left.progress,
    }
    lines: list[str] = []
    if not runs:
        asked = request.task_id or request.until_task
        named = next((each for each in left.standing if each.task.id == asked), None)
        lines.append(f"nothing to do: {_why_nothing(named)}" if named else nothing_to_do(left))
    for run in runs:
        if reason := in_vain(run):
            lines.append(in_vain_text(reason))
        lines.append(_sentence(run))
    tasks = "task" if left.total == 1 else "tasks"
    lines.append(f"{left.completed} of {left.total} {tasks} done ({left.progress} %)")
    return Result(document=document, text="\n".join(lines), exit_code=0 if ok else 1)


def run_document(run: Run) -> dict[str, object]:
    """One run for programs; `inVain` says why its last attempt came to nothing, where what was proved before stands."""
    ended = run.ended
    assert run.task is not None
    return {
        "taskId": run.task.id,
        "runId": run.run_id,
        "status": status_of(run),
        "waitingFor": ended.waiting_for if isinstance(ended, Completed) else None,
        "branch": run.branch,
        "head": run.head,
        "pullRequest": run.pull_request,
        "attempts": run.attempt,
        "inVain": in_vain(run) or None,
        "usage": run.usage,
        "error": {"code": ended.code, "message": ended.reason, "hint": ended.hint}
        if isinstance(ended, Failed)
        else None,
    }


def _sentence(run: Run) -> str:
    assert run.task is not None
    ended = run.ended
    if isinstance(ended, Failed):
        return f"{run.task.id}: {ended.status}: {ended.reason}" + (f"\n  next: {ended.hint}" if ended.hint else "")
    if isinstance(ended, Completed) and ended.status == "WAITING":
        if run.options and run.options.deliver == "pr":
            return _in_review(run)
        base = run.options.base_branch if run.options else ""
        return (
            f"{run.task.id}: proved, waiting for {ended.waiting_for} on {run.branch}\n"
            f"  next: look at it (`git diff {base}...{run.branch}`); "
            f"`devteam run {run.task.id} --deliver merge` merges it, or merge it yourself"
        )
    return f"{run.task.id}: {status_of(run).lower()}" + (f" ({run.branch})" if run.branch else "")


def _in_review(run: Run) -> str:
    assert run.task is not None
    done = run.published or run.prepared
    link = f": {done.link}" if done and done.link else ""
    ci = f"\n  {run.published.ci}" if run.published and run.published.ci else ""
    if run.pull_request is None:
        note = f" ({done.note})" if done and done.note else ""
        return f"{run.task.id}: proved on {run.branch}, without a pull request{note}{ci}\n  next: open it{link}"
    return f"{run.task.id}: proved, waiting for review on pull request #{run.pull_request}{link}{ci}"


def _why_nothing(standing: Standing) -> str:
    because = f" ({standing.because})" if standing.because not in ("", standing.state) else ""
    unblock = f"\n  next: {standing.unblock}" if standing.unblock else ""
    return f"task {standing.task.id} is {standing.state}{because}{unblock}"


def _dry_run(args: Namespace, context: Context, request: RunRequest) -> Result:
    app = context.app()
    options = options_of(args, app)
    project = app.project
    found = project.select(project.view())
    standing = choose(Survey(lists=project.lists, selection=found), request)
    if standing is None:
        return Result(document={"success": True, "task": None, "steps": []}, text=nothing_to_do(found))
    steps = planned(standing.task, options, criteria_for(standing.task, project.config, ()))
    document = {"success": True, "task": standing.task, "steps": steps}
    lines = (
        f"would do {standing.task.id}  {standing.task.headline}",
        *(f"  {number}. {step}" for number, step in enumerate(steps, 1)),
    )
    return Result(document=document, text="\n".join(lines))
