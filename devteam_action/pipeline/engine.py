"""The loop: ask for the step, carry it out through a port, emit what came back, and keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import assert_never

from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Step, Verify, decide
from devteam_action.domain.events import (
    AnyEvent,
    AttemptStarted,
    CheckFinished,
    Completed,
    Failed,
    Intervened,
    Stage,
    StageFinished,
    StageStarted,
)
from devteam_action.domain.results import Saved, StageFailed, StageResult, Verified
from devteam_action.domain.run import Run, evolve
from devteam_action.errors import DevteamError, StateConflict
from devteam_action.pipeline.begin import announced
from devteam_action.pipeline.implement import implement
from devteam_action.pipeline.prepare import prepare
from devteam_action.pipeline.publish import publish
from devteam_action.pipeline.pull_requests import call_a_person
from devteam_action.pipeline.session import Halted, Session
from devteam_action.pipeline.verify import verify

_Work = Callable[[], StageResult]
_ORDER: tuple[Stage, ...] = ("SELECT", "PREP", "IMPLEMENT", "VERIFY", "PUBLISH")


def drive(run: Run, session: Session, *, until: Stage | None = None, only_delivers: bool = False) -> Run:
    """Carries a run on until it ends, or until its next step lies beyond stage `until`; what happened is kept.

    Guidance that came too late starts one more attempt, unless this process `only_delivers`: then it waits.
    Raises the DevteamError that makes going on impossible, after the run has been kept as STOPPED with it.
    """
    try:
        while True:
            while run.ended is None:
                step = decide(run)
                if until is not None and _beyond(_stage_of(step), until):
                    session.keep(run, release=True)
                    return run
                session.check_stop()
                for event in perform(step, run, session):
                    run = evolve(run, event)
                    session.enter(event, run)
                if run.ended is not None or not session.stop.is_set():
                    session.keep(run)  # else the stop is put on the record with it: one write to wait for, not two
            reopened = run if only_delivers else _reopened(run, session)
            if reopened is run:
                return run
            run = reopened
            session.reclaim()
            session.keep(run)
    except Halted:
        return _halt(run, session)
    except DevteamError as error:
        call_a_person(run, Failed(status="STOPPED", code=error.code, reason=error.message), session)
        session.keep_if_possible(_end(run, session, error.code, error.message, error.remedy))
        raise


def perform(step: Step, run: Run, session: Session) -> Iterator[AnyEvent]:
    """Carries out one step; yields each event as soon as it is on the record."""
    emit = session.bus.emit
    match step:
        case Prepare():
            yield from _stage("PREP", run, session, lambda: prepare(run, step, session))
        case StartAttempt(number=number, reason=reason):
            assert run.task is not None
            assert run.options is not None
            tool = "" if run.task.type == "checkpoint" else run.options.tool
            yield emit(AttemptStarted(number=number, reason=reason, limit=run.allowed, tool=tool))
            if not tool:
                yield from _guidance(session)
        case Implement():
            for event in _guidance(session):
                run = evolve(run, event)
                yield event
            yield from _implement(run, session)
        case Verify(head=head):
            yield from _stage("VERIFY", run, session, lambda: verify(run, head, session))
        case Publish():
            yield from _stage("PUBLISH", run, session, lambda: publish(run, session))
        case Finish(event=event):
            if isinstance(event, Completed) and event.status == "COMPLETED":
                # Too late for this task: whoever gave it should hear so, and it must not wait for ever.
                yield from _guidance(session, receipt="refused")
            call_a_person(run, event, session)
            yield emit(event)
        case _:
            assert_never(step)


def _stage(stage: Stage, run: Run, session: Session, work: _Work) -> Iterator[AnyEvent]:
    clock = session.ports.clock
    yield session.bus.emit(StageStarted(stage=stage, attempt=run.attempt))
    started = clock.monotonic()
    try:
        result = work()
    except StateConflict as error:
        if run.options is None or run.options.deliver != "pr":
            raise
        result = _not_ours_alone(error, run)
    if isinstance(result, Verified):
        for row in result.verification.results:
            yield session.bus.emit(CheckFinished(attempt=run.attempt, result=row))
    duration = round(clock.monotonic() - started, 3)
    yield session.bus.emit(StageFinished(stage=stage, attempt=run.attempt, result=result, duration=duration))
    if not isinstance(result, Saved):
        yield session.bus.progress(stage, 1.0)


def _not_ours_alone(error: StateConflict, run: Run) -> StageFailed:
    """Somebody else has pushed to a pull request of ours: theirs is kept, and they say what becomes of it."""
    task_id = run.task.id if run.task else ""
    hint = error.remedy.replace("TASK", task_id)
    if not hint or "--adopt" in hint:  # to be adopted: on a pull request a comment does that
        hint = (
            f"`/devteam adopt` on the pull request (`devteam resume {task_id} --adopt`) goes on with what is there; "
            f"`devteam retry {task_id} --clean` begins again and keeps a backup"
        )
    return StageFailed(code="branch-moved", reason=error.message, hint=hint)


def _implement(run: Run, session: Session) -> Iterator[AnyEvent]:
    yield from _stage("IMPLEMENT", run, session, lambda: implement(run, session))


def _guidance(session: Session, *, receipt: str = "taken") -> Iterator[AnyEvent]:
    """Takes what is in the inbox."""
    for each in session.take_guidance():
        yield session.bus.emit(Intervened(kind="guide", text=each.text, by=each.by, receipt=receipt))


def _reopened(run: Run, session: Session) -> Run:
    """Guidance that came too late for the last attempt starts one more, unless the task is done."""
    is_done = isinstance(run.ended, Completed) and run.ended.status == "COMPLETED"
    is_stopped = isinstance(run.ended, Failed) and run.ended.status == "STOPPED"
    if is_done or is_stopped:
        return run
    return reduce(evolve, map(session.bus.emit, announced(session)), run)


def _halt(run: Run, session: Session) -> Run:
    if session.stop_cause == "lost":
        raise StateConflict(
            f"task {session.execution.task_id} was taken over by another run",
            remedy=f"see `devteam status`; the work so far is on the branch {run.branch}",
        )
    if session.stop_cause == "signal":
        run = _end(run, session, "interrupted", "interrupted by a signal", "`devteam run` goes on at this stage")
    else:
        run = evolve(run, session.bus.emit(session.stop_word))
        for event in perform(decide(run), run, session):
            run = evolve(run, event)
    session.keep(run)
    return run


def _end(run: Run, session: Session, code: str, reason: str, hint: str) -> Run:
    return evolve(run, session.bus.emit(Failed(status="STOPPED", code=code, reason=reason, hint=hint)))


def _stage_of(step: Step) -> Stage | None:
    match step:
        case Prepare():
            return "PREP"
        case StartAttempt() | Implement():
            return "IMPLEMENT"
        case Verify():
            return "VERIFY"
        case Publish():
            return "PUBLISH"
        case Finish():
            return None
        case _:
            assert_never(step)


def _beyond(stage: Stage | None, until: Stage) -> bool:
    return stage is not None and _ORDER.index(stage) > _ORDER.index(until)
