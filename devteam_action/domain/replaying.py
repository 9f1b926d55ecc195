"""A run's decisions, rebuilt from its events: what was decided, and whether the record agrees."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Step, Verify, decide
from devteam_action.domain.events import AnyEvent, AttemptStarted, Completed, Failed, StageStarted
from devteam_action.domain.run import Run, evolve


class Decision(Struct, frozen=True, kw_only=True, rename="camel"):
    """One step: before which event it was decided, what it is, and what the record shows instead (empty: the same)."""

    sequence_number: int
    step: str
    differs: str = ""


def decisions(events: Sequence[AnyEvent]) -> tuple[Decision, ...]:
    """Every decision of a recorded run; pure, so that the same events give the same answer on any machine."""
    run = Run()
    found: list[Decision] = []
    for event in events:
        recorded = _recorded(event)
        if recorded and run.task is not None and run.ended is None and not _came_from_outside(event):
            step = words(decide(run))
            found.append(
                Decision(
                    sequence_number=event.sequence_number,
                    step=step,
                    differs="" if step.startswith(recorded) else recorded,
                )
            )
        run = evolve(run, event)
    return tuple(found)


def words(step: Step) -> str:
    """A step in a few words."""
    match step:
        case Prepare(expected_head=head):
            return f"PREP at {head[:12]}" if head else "PREP"
        case StartAttempt(number=number, reason=reason):
            return f"ATTEMPT {number}: {reason}"
        case Implement(attempt=attempt):
            return f"IMPLEMENT, attempt {attempt}"
        case Verify(head=head):
            return f"VERIFY {head[:12]}"
        case Publish():
            return "PUBLISH"
        case Finish(event=event):
            return _end(event)


def _end(event: Completed | Failed) -> str:
    return f"FINISH: {event.status} {event.code}" if isinstance(event, Failed) else f"FINISH: {event.status}"


def _recorded(event: AnyEvent) -> str:
    match event:
        case StageStarted(stage=stage):
            return stage
        case AttemptStarted(number=number, reason=reason):
            return f"ATTEMPT {number}: {reason}"
        case Completed() | Failed():
            return _end(event)
        case _:
            return ""


def _came_from_outside(event: AnyEvent) -> bool:
    """A signal or a failing disk ended the run: nothing that could have been decided."""
    return isinstance(event, Failed) and event.status == "STOPPED" and event.code != "stopped"
