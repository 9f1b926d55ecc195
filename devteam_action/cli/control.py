"""`guide`, `stop`, `resume`, `retry`, `skip`, `inject`: people's words to the pipeline."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Literal

import msgspec

from devteam_action.cli.context import Context, text_argument
from devteam_action.cli.output import Result
from devteam_action.cli.run import drive_tasks, summary
from devteam_action.cli.two_jobs import hands_over
from devteam_action.domain.events import Intervened
from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist.naming import branch_name
from devteam_action.errors import BadInput, StateConflict, UnknownTask
from devteam_action.pipeline.begin import TakeUp
from devteam_action.pipeline.runner import RunRequest
from devteam_action.pipeline.state import Injected
from devteam_action.pipeline.state.stop_all import stop_all

_UNSEEN = "a job that is at work on it hears it within seconds and hands over what it has"
_NOBODY = {"stop_reason": "", "stop_by": "", "stop_at": ""}
Place = Literal["next", "before", "after", "replace"]


def guide(args: Namespace, context: Context) -> Result:
    """Advice for the next attempt; on a task in ERROR or in review it starts one."""
    queued = queue_guidance(args, context)
    return take_guidance(args, context) or queued


def queue_guidance(args: Namespace, context: Context) -> Result:
    """Puts the advice into the task's inbox, where the next attempt finds it."""
    _task(context, args.task)
    text = context.redactor.redact(text_argument(args.text, "the guidance"))
    word = context.project.state.add_guidance(args.task, text, context.user)
    return Result(
        document={"success": True, "taskId": args.task, "guidance": word.id, "receipt": "next-attempt"},
        text=f"{args.task}: it is taken at the next attempt",
    )


def take_guidance(args: Namespace, context: Context) -> Result | None:
    """Starts an attempt with what is in the inbox, where nothing is at the task; None where something is."""
    known = context.project.view().executions.get(args.task)
    if known is None or known.claim is not None or known.status not in ("ERROR", "WAITING"):
        return None
    return _drive(args, context, TakeUp(words=(Intervened(kind="guide", text=args.text, by=context.user),)))


def stop(args: Namespace, context: Context) -> Result:
    """Asks the run of a task (or every run) to stop; what it has done is kept.

    A run that holds no claim, because its job hands its work over, hears it as well.
    """
    project = context.project
    view = project.view()
    reason = " ".join(context.redactor.redact(args.reason).split())
    unseen = hands_over(project)
    if args.task:
        _task(context, args.task)
        asked = [args.task]
    else:
        asked = [task_id for task_id, execution in view.executions.items() if execution.claim is not None]
        if unseen:
            stop_all(project.store, project.clock, project.customer_id, context.user, reason)
    for task_id in asked:
        task = _task(context, task_id)
        project.state.change(task_id, f"Stop task {task_id}", _stopping(task, reason, context))
    told = [_stopped(view.executions.get(task_id), task_id, reason, unseen=unseen) for task_id in asked]
    if unseen and not args.task:
        told.append("a job that is at work without a claim hears it within seconds and hands over what it has")
    return Result(document={"success": True, "stopped": asked}, text="\n".join(told) or "nothing is running")


def resume(args: Namespace, context: Context) -> Result:
    """Lifts a stop and goes on at the unfinished stage; takes over a run that is held elsewhere."""
    known = _known(args.task, context)
    lift(args.task, context)
    usual = "retry" if known.status == "ERROR" else "resume"
    word = Intervened(kind="adopt" if args.adopt else usual, by=context.user, head=args.seen)
    return _drive(args, context, TakeUp(words=(word,), takeover=True))


def retry(args: Namespace, context: Context) -> Result:
    """A new attempt on the kept branch, or with `--clean` on a new one."""
    known = _known(args.task, context)
    _refuse_running(args.task, context)
    if known.status == "WAITING" and not (args.clean or args.adopt):
        raise BadInput(
            f"task {args.task} is proved and waits for {known.waiting_for or 'review'}: there is nothing to try again",
            remedy=f"`devteam run {args.task} --deliver merge` merges it; "
            f"`devteam guide {args.task} TEXT` asks for a change",
        )
    lift(args.task, context)
    if not args.clean:
        adopt = (Intervened(kind="adopt", by=context.user),) if args.adopt else ()
        again = Intervened(kind="retry", by=context.user, head=args.seen)
        return _drive(args, context, TakeUp(words=(*adopt, again)))
    # A run that found its branch taken never had it: starting over takes that name for our own.
    backup = context.app().workspace().discard(known.branch or branch_name(known.current_task))
    if backup:
        context.say(f"the old branch is kept as {backup}")
    context.project.state.change(args.task, f"Start task {args.task} over", _afresh)
    return _drive(args, context, TakeUp(fresh=True))


def skip(args: Namespace, context: Context) -> Result:
    """Leaves a task out; others that depend on it still wait for it."""
    task = _task(context, args.task)
    reason = context.redactor.redact(args.reason.strip()) or f"by {context.user}"

    if task.is_done:
        raise BadInput(f"task {args.task} is done already", remedy="`devteam tasks` shows what is open")

    def change(known: Execution | None) -> Execution:
        now = _or_new(known, task, context)
        # A run that is at it must not go on to deliver what nobody wants any more.
        stops = now.stop_requested or now.claim is not None
        return msgspec.structs.replace(
            now, skipped=reason, stop_requested=stops, stop_by=context.user, stop_at=context.project.clock.now()
        )

    context.project.state.change(args.task, f"Skip task {args.task}", change)
    return Result(
        document={"success": True, "taskId": args.task, "skipped": reason}, text=f"{args.task}: skipped: {reason}"
    )


def inject(args: Namespace, context: Context) -> Result:
    """Adds a task that the list does not have."""
    project = context.project
    title = context.redactor.redact(text_argument(args.title, "the title"))
    place, anchor = _place(args)
    if anchor:
        project.lists.task(anchor)
    if place == "replace":
        _refuse_running(anchor, context)
    taken = {task.id for task in project.lists.tasks} | {item.task.id for item in project.view().queue}
    taken |= set(project.view().executions)
    task_id = next(name for name in (f"added-{number}" for number in range(1, 10**6)) if name not in taken)
    task = Task(
        id=task_id,
        title=" ".join(title.split()),
        description=context.redactor.redact(args.description),
        touches=tuple(args.touches),
        id_from="injected",
    )
    item = Injected(task=task, place=place, anchor=anchor or None, by=context.user, at=project.clock.now())
    task = project.state.inject(item).task
    where = f"{place} {anchor}" if anchor else "next"
    return Result(
        document={"success": True, "task": task, "place": where}, text=f"{task.id}: {task.headline} ({where})"
    )


def _place(args: Namespace) -> tuple[Place, str]:
    places: tuple[Place, ...] = ("before", "after", "replace")
    for place in places:
        anchor = str(getattr(args, place))
        if anchor:
            return place, anchor
    return "next", ""


def _drive(args: Namespace, context: Context, take_up: TakeUp) -> Result:
    request = RunRequest(task_id=args.task, take_up=take_up)
    runs, app = drive_tasks(args, context, request)
    return summary(runs, app, request)


def _task(context: Context, task_id: str) -> Task:
    """The task of that id, from the list or the queue."""
    queued = next((item.task for item in context.project.view().queue if item.task.id == task_id), None)
    return queued or context.project.lists.task(task_id)


def _refuse_running(task_id: str, context: Context) -> None:
    """Raises StateConflict while a run is at the task: nothing may be taken from under it."""
    running = context.project.view().executions.get(task_id)
    if running is not None and running.claim is not None:
        raise StateConflict(
            f"task {task_id} is being worked on by run {running.claim.run_id}",
            remedy=f"wait for it, or stop it first: `devteam stop {task_id}`",
        )


def _known(task_id: str, context: Context) -> Execution:
    known = context.project.state.execution(task_id)
    if known is None:
        _task(context, task_id)
        raise UnknownTask(f"task {task_id} was never started", remedy=f"`devteam run {task_id}`")
    if known.status == "COMPLETED":
        raise BadInput(f"task {task_id} is completed", remedy="put a new task in the list, or `devteam inject`")
    return known


def _or_new(known: Execution | None, task: Task, context: Context) -> Execution:
    return known or Execution(customer_id=context.project.customer_id, current_task=task)


def _stopping(task: Task, reason: str, context: Context) -> Callable[[Execution | None], Execution]:
    said = {"stop_reason": reason, "stop_by": context.user, "stop_at": context.project.clock.now()}
    return lambda known: msgspec.structs.replace(_or_new(known, task, context), stop_requested=True, **said)


def _stopped(known: Execution | None, task_id: str, reason: str, *, unseen: bool) -> str:
    running = known is not None and known.claim is not None
    nobody = f"none begins, and {_UNSEEN}" if unseen else "no run is at it, and none begins"
    what = "its run was asked to stop, and its work is kept" if running else nobody
    why = f" ({reason})" if reason else ""
    return f"{task_id}: {what}{why}; `devteam resume {task_id}` lifts the stop"


def lift(task_id: str, context: Context) -> None:
    """A stop or a skip of the task holds no more; nothing is started."""

    def change(known: Execution | None) -> Execution | None:
        return known and msgspec.structs.replace(known, stop_requested=False, **_NOBODY, skipped=None)

    context.project.state.change(task_id, f"Take task {task_id} up again", change)


def _afresh(known: Execution | None) -> Execution | None:
    return known and msgspec.structs.replace(
        known, status="PENDING", run_id="", base="", head="", tree="", attempts=0, error=None, waiting_for=None
    )
