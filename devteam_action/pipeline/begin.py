"""Begin a run, or take up one that was left: claim, journal, the folded past, and the word that reopens it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.domain.events import AnyEvent, Failed, Intervened, Progressed, RunOptions, Started
from devteam_action.domain.execution import Execution
from devteam_action.domain.run import Run, evolve
from devteam_action.domain.task import Task
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.journal import Journal, read_lines
from devteam_action.pipeline.ports import Clock, Progress, Reporter
from devteam_action.pipeline.run_output import RunOutput
from devteam_action.pipeline.session import Ports, Session
from devteam_action.support.owner import is_gone, this_owner
from devteam_action.support.redact import Redactor


class Surroundings(Struct, frozen=True, kw_only=True):
    """What every session of this process has in common; `devteam_dir` is private to this machine.

    `tool_env` gives what only the process of that tool may see; `next_activity` tells the number of a run's next
    activity by the logs of this machine. `run_link` is where people see this process at work, as a job of GitHub
    Actions has it.
    """

    ports: Ports
    config: Config
    root: Path
    devteam_dir: Path
    tool_env: Callable[[str], Mapping[str, str]]
    redactor: Redactor
    sinks: Sequence[Reporter]
    progress: Progress
    logs: tuple[str, ...] = ()
    run_link: str = ""
    next_activity: Callable[[str], int] = lambda run_id: 0


def new_run_id(clock: Clock) -> str:
    """Sorts by time, and names the same run to everybody: `20261120T234500Z-1a2b`."""
    stamp = clock.now()[:19].replace("-", "").replace(":", "")
    return f"{stamp}Z-{secrets.token_hex(2)}"


class TakeUp(Struct, frozen=True, kw_only=True):
    """How a run that was left is taken up again: with the `words` that a person said (resume, retry, adopt, guide).

    `given` names the options that were asked for now; the others stay as they were. `fresh` begins a new run instead,
    `takeover` does not let another run's claim hold us.
    """

    words: tuple[Intervened, ...] = ()
    given: frozenset[str] = frozenset()
    fresh: bool = False
    takeover: bool = False


def begin(task: Task, options: RunOptions, around: Surroundings, take_up: TakeUp, *, why: str) -> tuple[Run, Session]:
    """Claims the task and gives its run as far as it got, or a new one; raises StateConflict when another has it."""
    state = around.ports.state
    known = state.execution(task.id)
    left = "" if known is None or take_up.fresh else known.run_id
    run_id = left or new_run_id(around.ports.clock)
    abandoned = known is not None and known.claim is not None and is_gone(known.claim.owner)
    execution = state.claim(task, run_id=run_id, owner=this_owner(), takeover=take_up.takeover or abandoned)
    run, session = open_run(execution, around)
    started = Started(task=task, options=options, why=why)
    for event in _opening(run, started, _with_inbox(take_up, session), was_abandoned=abandoned):
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
    output = RunOutput()
    bus = Bus(
        customer_id=execution.customer_id,
        task_id=execution.task_id,
        run_id=run_id,
        clock=around.ports.clock,
        redactor=around.redactor,
        sinks=(*around.sinks, output),
        journal=journal,
        start_sequence=max((event.sequence_number for event in past), default=-1) + 1,
        start_progress=max((event.progress for event in past if isinstance(event, Progressed)), default=0),
        start_activity=_next_activity(run_id, around) if past else 0,
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
        run_link=around.run_link,
        output=output,
    )
    for number, event in enumerate(past):
        run = evolve(run, event)
        session.enter(event, run, is_stored=number < len(stored))
    return run, session


def _next_activity(run_id: str, around: Surroundings) -> int:
    """A killed process has logged more than it stored, and one on another machine has stored what no log here has."""
    return max(around.next_activity(run_id), around.ports.state.next_activity(run_id))


def _with_inbox(take_up: TakeUp, session: Session) -> TakeUp:
    """A word of guidance is in the inbox, with others that nobody has taken yet: the attempt will take them all.

    Not before it begins: the branch may turn out to be somebody else's first.
    """
    if not any(word.kind == "guide" for word in take_up.words):
        return take_up
    others = tuple(word for word in take_up.words if word.kind != "guide")
    return msgspec.structs.replace(take_up, words=(*others, *announced(session)))


def announced(session: Session) -> tuple[Intervened, ...]:
    """The guidance that waits for an attempt, as the words that make one due."""
    return tuple(
        Intervened(kind="guide", text=each.text, by=each.by, receipt="next-attempt")
        for each in session.waiting_guidance()
    )


def _opening(run: Run, started: Started, take_up: TakeUp, *, was_abandoned: bool) -> list[AnyEvent]:
    """The events that make a run ready to be decided on; pure."""
    if run.options is None:
        return [started]
    words = list(take_up.words or _usual_word(run, was_abandoned=was_abandoned))
    options = _chosen(run.options, started.options, take_up.given)
    if not words and options.deliver != run.options.deliver:
        words = [Intervened(kind="resume")]
    if words and options != run.options:
        words[0] = msgspec.structs.replace(words[0], options=options)
    return [*words]


def _usual_word(run: Run, *, was_abandoned: bool) -> tuple[Intervened, ...]:
    if run.ended is None:
        return (Intervened(kind="takeover" if was_abandoned else "resume"),)
    is_interrupted = isinstance(run.ended, Failed) and run.ended.status == "STOPPED"
    return (Intervened(kind="resume"),) if is_interrupted else ()


def _chosen(before: RunOptions, now: RunOptions, given: frozenset[str]) -> RunOptions:
    """The options of the run, with those that were asked for now."""
    chosen = {name: value for name, value in msgspec.structs.asdict(now).items() if name in given}
    return msgspec.structs.replace(before, **chosen)
