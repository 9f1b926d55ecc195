"""What the stages of one run share: ports, limits, the bus, and the way to be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.domain.events import AnyEvent, AttemptStarted, Completed, Intervened, StageFinished
from devteam_action.domain.execution import Execution
from devteam_action.domain.projection import execution_of
from devteam_action.domain.results import Implemented, StageResult, Usage, Verified
from devteam_action.domain.run import Run
from devteam_action.errors import DevteamError
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.forge import Forge
from devteam_action.pipeline.journal import Journal
from devteam_action.pipeline.ports import Clock, Progress, Tool, Verifier, Workspace
from devteam_action.pipeline.run_output import RunOutput
from devteam_action.pipeline.state import Guidance, LedgerEntry, ProjectState
from devteam_action.support.owner import this_owner

StopCause = Literal["person", "signal", "lost"]


class Halted(Exception):
    """A stage noticed that the run is to stop; what it was doing is undone or will be found again."""


class Ports(Struct, frozen=True, kw_only=True):
    """The outside of a project, as `app.py` composed it."""

    workspace: Workspace
    state: ProjectState
    tool: Callable[[str], Tool]
    verifier: Verifier
    clock: Clock
    forge: Forge | None = None


class Session:
    """One process working on one run.

    `folder` is private to the run and survives it: each attempt's brief, diff and output are below it. `tool_env`
    gives what only the process of that tool may see. `mirrored` counts the events that the state branch has already.
    `run_link` is where people see this process at work, empty where they cannot. `output` collects what tools did.
    """

    def __init__(
        self,
        *,
        ports: Ports,
        config: Config,
        bus: Bus,
        journal: Journal,
        execution: Execution,
        root: Path,
        folder: Path,
        tool_env: Callable[[str], Mapping[str, str]],
        progress: Progress,
        logs: tuple[str, ...] = (),
        mirrored: int = 0,
        run_link: str = "",
        output: RunOutput | None = None,
    ) -> None:
        self.ports = ports
        self.config = config
        self.bus = bus
        self.journal = journal
        self.execution = execution
        self.root = root
        self.folder = folder
        self.tool_env = tool_env
        self.progress = progress
        self.logs = logs
        self.mirrored = mirrored
        self.run_link = run_link
        self._output = output or RunOutput()
        self.stop = threading.Event()
        self.stop_cause: StopCause | None = None
        self._durations: dict[str, float] = {}
        self._is_entered = False
        self._taken: list[Guidance] = []
        self._told: set[str] = set()
        self._ledger: list[LedgerEntry] = []

    def request_stop(self, cause: StopCause) -> None:
        """Ends the running child soon; the first cause counts."""
        self.stop_cause = self.stop_cause or cause
        self.stop.set()

    def check_stop(self) -> None:
        """Raises Halted when a stop is wanted."""
        if self.stop.is_set():
            raise Halted

    def attempt_folder(self, number: int) -> Path:
        """Where attempt `number` leaves its brief, diff and output."""
        folder = self.folder / f"attempt-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def waiting_guidance(self) -> tuple[Guidance, ...]:
        """The guidance that nobody has taken yet, each told once: what no attempt takes calls for no second one."""
        fresh = tuple(each for each in self._inbox() if each.id not in self._told)
        self._told.update(each.id for each in fresh)
        return fresh

    def take_guidance(self, wanted: Callable[[Guidance], bool] = lambda word: True) -> tuple[Guidance, ...]:
        """The guidance that nobody has taken yet (and is `wanted`); it counts as taken with the next `keep`."""
        already = {each.id for each in self._taken}
        fresh = tuple(each for each in self._inbox() if each.id not in already and wanted(each))
        self._taken.extend(fresh)
        return fresh

    def _inbox(self) -> tuple[Guidance, ...]:
        return self.ports.state.load().guidance.get(self.execution.task_id, ())

    def enter(self, event: AnyEvent, run: Run, *, is_stored: bool = False) -> None:
        """Enters the attempt into the ledger that `event`, the last of `run`, has ended.

        An entry is stored together with its event: of a stored one (`is_stored`) only the time is counted, so that
        what a killed process had done, and not yet recorded, is paid for once.
        """
        if isinstance(event, AttemptStarted) and self._is_entered:
            self._is_entered = False
            self._durations.clear()
        if not isinstance(event, StageFinished):
            return
        self._durations[event.stage] = round(self._durations.get(event.stage, 0.0) + event.duration, 3)
        outcome = _outcome_of(event.result)
        if outcome:
            self._is_entered = True
            if not is_stored:
                self._ledger.append(self._entry(run, outcome))

    def _entry(self, run: Run, outcome: str) -> LedgerEntry:
        assert run.task is not None
        assert run.options is not None
        return LedgerEntry(
            run_id=run.run_id,
            task_id=run.task.id,
            attempt=run.attempt,
            tool=run.options.tool,
            model=self.config.tool_config(run.options.tool).model,
            started=run.started,
            duration=round(sum(self._durations.values()), 3),
            usage=run.implemented.usage if run.implemented else Usage(),
            outcome=outcome,
            criteria={row.criterion: row.passed for row in run.verified.verification.results} if run.verified else {},
            stages=dict(self._durations),
        )

    def keep(self, run: Run, *, release: bool = False) -> None:
        """Brings the state branch up to date with the run, and gives the claim back when it has ended (or `release`).

        Raises StateConflict when the task is no longer ours.
        """
        wanted = execution_of(run, self.execution, logs=self.logs)
        events = self.journal.new_since(self.mirrored)
        taken = [msgspec.structs.replace(each, receipt=_receipt(run)) for each in self._taken]
        pieces = self._output.pieces()
        self.execution = self.ports.state.save(
            wanted,
            message=f"{wanted.task_id}: {wanted.status.lower()}",
            events=events,
            ledger=self._ledger,
            taken=taken,
            output=pieces,
            release=release or run.ended is not None,
        )
        self._output.stored(len(pieces))
        self.mirrored += len(events)
        self._ledger = []
        self._taken = []
        if self.execution.stop_requested and run.ended is None:
            self.request_stop("person")

    @property
    def stop_word(self) -> Intervened:
        """Who asked to stop, and why, as the state was last seen."""
        stored = self.ports.state.execution(self.execution.task_id, refresh=False) or self.execution
        return Intervened(kind="stop", text=stored.stop_reason, by=stored.stop_by)

    def reclaim(self) -> None:
        """Takes the task again after its claim was given back, for guidance that came at the very end."""
        self.execution = self.ports.state.claim(
            self.execution.current_task, run_id=self.execution.run_id, owner=this_owner()
        )

    def keep_if_possible(self, run: Run) -> None:
        """The same on the way out of an error: the first error is the one to tell, and the journal has it all."""
        try:
            self.keep(run)
        except DevteamError as error:
            self.progress(f"the state branch could not be brought up to date: {error.message}")


def _outcome_of(result: StageResult) -> str:
    """How the attempt ended with this result; empty when it goes on."""
    match result:
        case Verified(verification=verification):
            return verification.verdict
        case Implemented(ok=False, reason=reason):
            return reason
        case _:
            return ""


def _receipt(run: Run) -> str:
    """What became of the guidance that this run took."""
    is_done = isinstance(run.ended, Completed) and run.ended.status == "COMPLETED"
    return f"too late: run {run.run_id} was done" if is_done else f"taken: run {run.run_id}, attempt {run.attempt}"
