"""VERIFY alone, told like a run: the verdict on a head that somebody else pushed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from devteam_action.domain.events import (
    AnyEvent,
    CheckFinished,
    Completed,
    Failed,
    RunOptions,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import Verification
from devteam_action.domain.results import Prepared, Verified
from devteam_action.domain.task import Task
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.ports import Progress, Verifier


def judged(
    task: Task, prepared: Prepared, options: RunOptions, verifier: Verifier, bus: Bus, progress: Progress,
    stop: threading.Event, *, why: str,
) -> Iterator[AnyEvent]:  # fmt: skip
    """Judges `prepared.head` and tells it; nothing is claimed, committed or kept. The last event is the outcome.

    A verdict that was interrupted is none: then the outcome is STOPPED.
    """
    emit = bus.emit
    yield emit(Started(task=task, options=options, why=why))
    yield emit(StageFinished(stage="PREP", result=prepared))
    yield emit(StageStarted(stage="VERIFY"))
    started = bus.clock.monotonic()
    verification = verifier.verify(task, prepared, prepared.head, progress, stop)
    if stop.is_set():
        yield emit(Failed(status="STOPPED", code="interrupted", reason="interrupted by a signal"))
        return
    for row in verification.results:
        yield emit(CheckFinished(attempt=0, result=row))
    duration = round(bus.clock.monotonic() - started, 3)
    result = Verified(head=prepared.head, verification=verification)
    yield emit(StageFinished(stage="VERIFY", result=result, duration=duration))
    yield emit(_end(verification))


def _end(verification: Verification) -> Completed | Failed:
    if verification.verdict == "passed":
        return Completed(status="WAITING", waiting_for="review")
    if verification.verdict == "unverified":
        return Failed(
            code="unverified",
            reason="no criterion could be measured, so nothing is proved",
            hint="state a criterion (`criteria:` in .devteam.yml), or set up tests, lint or types",
        )
    failed = "; ".join(
        f"{row.criterion}: {row.reason or f'{row.actual}, required {row.required}'}" for row in verification.failures
    )
    return Failed(code="not-proved", reason=failed, hint="push a commit that mends it")
