"""From one task to the next, as far as the request goes and the results allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import msgspec
from msgspec import Struct

from devteam_action.domain.events import Failed, RunOptions, Stage
from devteam_action.domain.run import Run
from devteam_action.domain.selection import Selection
from devteam_action.domain.standing import Standing
from devteam_action.domain.task import Task
from devteam_action.errors import BadInput, DependencyOpen, PipelineStopped, StateConflict
from devteam_action.pipeline.begin import Surroundings, TakeUp, begin
from devteam_action.pipeline.engine import drive
from devteam_action.pipeline.select_task import refuse_unresolved
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.task_lists import ProjectLists

UNLIMITED = 10**9


class RunRequest(Struct, frozen=True, kw_only=True):
    """What was asked for. `task_id` is the first task; `until_task` and `until_stage` name the last of their kind.

    `take_up` says how a run that was left is taken up again; `base_branch`, where it is given, is its base from now on.
    """

    task_id: str = ""
    until_task: str = ""
    until_stage: Stage | None = None
    max_tasks: int = 1
    base_branch: str = ""
    take_up: TakeUp = TakeUp()

    @property
    def is_reopening(self) -> bool:
        """Whether a task is taken up again that had ended."""
        return bool(self.take_up.words) or self.take_up.fresh

    @property
    def is_refreshing(self) -> bool:
        """Whether proved work is only brought up to its newest base: that begins nothing, and no error holds it."""
        words = self.take_up.words
        return bool(words) and all(word.kind == "refresh" for word in words)


class Survey(Struct, frozen=True, kw_only=True):
    """What SELECT saw, at one moment."""

    lists: ProjectLists
    selection: Selection


Guard = Callable[[Session], AbstractContextManager[object]]


def run_tasks(
    request: RunRequest,
    options: RunOptions,
    survey: Callable[[], Survey],
    surroundings: Callable[[Task], Surroundings],
    guard: Guard,
) -> Iterator[Run]:
    """Each run as it ends; stops by itself at the first that is not good, at the limit, or when nothing is ready.

    Raises PipelineStopped while a task is in ERROR, TaskListError when problems of the list leave nothing to begin
    with, and for a task that was named: StateConflict when it is claimed, DependencyOpen when it cannot begin yet,
    BadInput when it is not to be done at all.
    """
    done = 0
    while done < request.max_tasks:
        found = survey()
        standing = choose(found, request)
        if standing is None and request.task_id and request.until_task:
            request = msgspec.structs.replace(request, task_id="")  # that one is done: the next one up to the last
            standing = choose(found, request)
        if standing is None:
            if done == 0 and not request.task_id:
                refuse_unresolved(found.selection)
            return
        task = standing.task
        run, session = begin(
            task,
            _on_its_base(options, request, standing),
            surroundings(task),
            _with_base(request),
            why=why_chosen(standing, is_named=bool(request.task_id)),
        )
        try:
            with guard(session):
                run = drive(run, session, until=request.until_stage)
        finally:
            session.bus.close()
            session.journal.close()
        yield run
        done += 1
        if isinstance(run.ended, Failed) or run.ended is None or task.id == request.until_task:
            return
        request = msgspec.structs.replace(request, task_id="")


def _on_its_base(options: RunOptions, request: RunRequest, standing: Standing) -> RunOptions:
    base = request.base_branch or standing.base or options.base_branch
    return msgspec.structs.replace(options, base_branch=base)


def _with_base(request: RunRequest) -> TakeUp:
    """The base that was asked for counts for a run that goes on, too."""
    given = request.take_up.given | {"base_branch"} if request.base_branch else request.take_up.given
    return msgspec.structs.replace(request.take_up, given=given)


def choose(found: Survey, request: RunRequest) -> Standing | None:
    """The standing of the task to do, None when there is nothing to do; pure."""
    is_over = bool(request.until_task) and _is_done(found, request.until_task)
    if request.task_id:
        return _named(found, request)
    stopped = found.selection.stopped
    if stopped is not None:
        raise PipelineStopped(
            f"task {stopped.task_id} is in ERROR: {stopped.reason}",
            remedy=f"`{stopped.resume}`, or `devteam skip {stopped.task_id}`",
        )
    if is_over:
        return None
    return next((each for each in found.selection.standing if each.state == "ready"), None)


def why_chosen(standing: Standing, *, is_named: bool) -> str:
    """Why this task and no other, in a sentence for reports; pure."""
    task = standing.task
    if standing.state != "ready":
        return f"it was asked for by its id: {standing.because}"
    nothing_before = standing.because if task.dependencies else "nothing has to be done before it"
    if is_named:
        return f"it was asked for by its id, and {nothing_before}"
    if task.id_from == "injected":
        return f"it was put in front of the list by hand, and {nothing_before}"
    return f"the first task of {task.source.path} that is open and free: {nothing_before}"


def _is_done(found: Survey, task_id: str) -> bool:
    standing = next((each for each in found.selection.standing if each.task.id == task_id), None)
    if standing is None:
        found.lists.task(task_id)  # says that it is unknown
    return standing is not None and standing.state in ("done", "in-review")


def _named(found: Survey, request: RunRequest) -> Standing | None:
    standing = next((each for each in found.selection.standing if each.task.id == request.task_id), None)
    if standing is None:
        found.lists.task(request.task_id)
        raise BadInput(f"task {request.task_id} cannot be run")
    stopped = found.selection.stopped
    is_it = request.is_reopening and stopped is not None and stopped.task_id == request.task_id
    if stopped is not None and not is_it and not request.is_refreshing:
        raise PipelineStopped(
            f"task {stopped.task_id} is in ERROR: {stopped.reason}",
            remedy=f"`{stopped.resume}`, or `devteam skip {stopped.task_id}`",
        )
    match standing.state:
        case "ready" | "optional":
            return standing
        case "done":
            return None
        case "in-review" if not request.is_reopening and "deliver" not in request.take_up.given:
            return None
        case "claimed" if not request.take_up.takeover:
            raise StateConflict(f"task {standing.task.id} is {standing.because}", remedy=standing.unblock)
        case "blocked":
            raise DependencyOpen(f"task {standing.task.id} {standing.because}", remedy=standing.unblock)
        case "unresolved" | "skipped":
            raise BadInput(f"task {standing.task.id}: {standing.because}", remedy=standing.unblock)
        case "stopped" if not request.is_reopening:
            raise PipelineStopped(f"task {standing.task.id}: {standing.because}", remedy=standing.unblock)
        case _:
            return standing
