"""Begin a run, or take up one that was left: claim, journal, the folded past, and the word that reopens it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.domain.events import AnyEvent, Failed, Intervened, Progressed, RunOptions, Started
from devteam_action.domain.execution import Execution
from devteam_action.domain.run import Run, evolve
from devteam_action.domain.task import Task
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.journal import Journal, read_lines
from devteam_action.pipeline.ports import Clock, Progress, Reporter
from devteam_action.pipeline.session import Ports, Session
from devteam_action.support.owner import is_gone, this_owner
from devteam_action.support.redact import Redactor


class Surroundings(Struct, frozen=True, kw_only=True):
    """What every session of this process has in common; `devteam_dir` is private to this machine.

    `activities_so_far` tells how many activities of a run are logged already.
    """

    ports: Ports
    config: Config
    root: Path
    devteam_dir: Path
    tool_env: Mapping[str, str]
    redactor: Redactor
    sinks: Sequence[Reporter]
    progress: Progress
    logs: tuple[str, ...] = ()
    activities_so_far: Callable[[str], int] = lambda run_id: 0


def new_run_id(clock: Clock) -> str:
    """Sorts by time, and names the same run to everybody: `20261120T234500Z-1a2b`."""
    stamp = clock.now()[:19].replace("-", "").replace(":", "")
    return f"{stamp}Z-{secrets.token_hex(2)}"


def begin(
    task: Task,
    options: RunOptions,
    around: Surroundings,
    *,
    why: str,
    word: Intervened | None,
    fresh: bool,
    takeover: bool,
) -> tuple[Run, Session]:
    """Claims the task and gives its run as far as it got; with `fresh` (and where nothing is left) a new one.

    `word` is what a person said to take it up again (resume, retry); with `takeover` another run's claim does not
    hold us. Raises StateConflict when another run has it.
    """
    state = around.ports.state
    known = state.execution(task.id)
    run_id = known.run_id if known is not None and known.run_id and not fresh else new_run_id(around.ports.clock)
    abandoned = known is not None and known.claim is not None and is_gone(known.claim.owner)
    execution = state.claim(task, run_id=run_id, owner=this_owner(), takeover=takeover or abandoned)
    run, session = open_run(execution, around)
    for event in _opening(run, task, options, why, word, was_abandoned=abandoned):
        run = evolve(run, session.bus.emit(event))
    session.keep(run)
    return run, session


def open_run(execution: Execution, around: Surroundings) -> tuple[Run, Session]:
    """The run that `execution` is claimed for, as far as this disk and the state branch know it."""
    run_id = execution.run_id
    journal = Journal.open(around.devteam_dir / "journal" / f"{run_id}.jsonl")
    stored = around.ports.state.events(run_id)
    journal.follow(stored)
    past = read_lines(journal.new_since(0), str(journal.path))
    run = Run(run_id=run_id)
    bus = Bus(
        customer_id=execution.customer_id,
        task_id=execution.task_id,
        run_id=run_id,
        clock=around.ports.clock,
        redactor=around.redactor,
        sinks=around.sinks,
        journal=journal,
        start_sequence=max((event.sequence_number for event in past), default=-1) + 1,
        start_progress=max((event.progress for event in past if isinstance(event, Progressed)), default=0),
        start_activity=around.activities_so_far(run_id),
    )
    session = Session(
        ports=around.ports,
        config=around.config,
        bus=bus,
        journal=journal,
        execution=execution,
        root=around.root,
        folder=around.devteam_dir / "runs" / run_id,
        tool_env=around.tool_env,
        progress=around.progress,
        logs=around.logs,
        mirrored=len(stored),
    )
    for number, event in enumerate(past):
        run = evolve(run, event)
        session.enter(event, run, is_stored=number < len(stored))
    return run, session


def _opening(
    run: Run, task: Task, options: RunOptions, why: str, word: Intervened | None, *, was_abandoned: bool
) -> list[AnyEvent]:
    """The events that make a run ready to be decided on; pure."""
    if run.task is None:
        return [Started(task=task, options=options, why=why)]
    if word is not None:
        return [word]
    if run.ended is None:
        return [Intervened(kind="takeover" if was_abandoned else "resume")]
    is_interrupted = isinstance(run.ended, Failed) and run.ended.status == "STOPPED"
    return [Intervened(kind="resume")] if is_interrupted else []
