"""What every report of a run shows, folded from its events alone: no clock, no file, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import msgspec
from msgspec import Struct

from devteam_action.domain.activity import display
from devteam_action.domain.events import (
    ActivityLogged,
    ActivityType,
    AnyEvent,
    AttemptStarted,
    CheckFinished,
    Completed,
    Failed,
    Intervened,
    Stage,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.results import Prepared, Published, Verified
from devteam_action.domain.run import Run, evolve
from devteam_action.domain.task import Task
from devteam_action.domain.view_activity import Seen as ActivitySeen
from devteam_action.domain.view_activity import after, words_of
from devteam_action.domain.view_attempts import AttemptRow, after_finish, begun, elapsed_s
from devteam_action.domain.view_stages import START, StageRow, ended, finished, new_attempt, only, started

_ERRORS = 5  # latest errors of the tool that are kept
_RECEIPTS = 30  # latest words of people that are kept
_ORDER = {"error": 0, "warning": 1, "notice": 2}


class Receipt(Struct, frozen=True, kw_only=True):
    """A person's word and what became of it: `taken`, `next-attempt` or `refused`."""

    kind: str
    receipt: str
    by: str = ""
    text: str = ""


class RunView(Struct, frozen=True, kw_only=True):
    """One run as people see it.

    `run` is the fold that decisions are made from. `counts` are activities by type, `activity` the latest of them and
    `doing` the very last in words, empty outside a stage. `rows` are the criteria judged last, in attempt
    `rows_attempt`; once all of them are, `rows_head` is the commit. `link` leads to the pull request, or to where a
    person opens it, and `note` says why there is none. `stage_since` is when the running stage began.
    """

    run: Run = Run()
    why: str = ""
    stages: tuple[StageRow, ...] = START
    attempts: tuple[AttemptRow, ...] = ()
    rows: tuple[CriterionResult, ...] = ()
    rows_attempt: int = 0
    rows_head: str = ""
    doing: str = ""
    counts: Mapping[ActivityType, int] = {}
    activity: ActivitySeen = ActivitySeen()
    errors: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    pull_request: int | None = None
    link: str = ""
    note: str = ""
    ci: str = ""
    ci_link: str = ""
    stage_since: str = ""

    @property
    def task(self) -> Task | None:
        return self.run.task

    @property
    def end(self) -> Completed | Failed | None:
        return self.run.ended

    @property
    def is_fork(self) -> bool:
        """Whether this is the verdict on a fork's pull request: nothing of ours is there to command or to write to."""
        return self.run.prepared is not None and self.run.prepared.is_fork

    @property
    def duration_s(self) -> float:
        """Seconds of work: the finished stages, and the running one up to the last event; pauses are no work."""
        running = elapsed_s(self.stage_since, self.run.last_update) if self.stage_since else 0.0
        return sum(row.duration for row in self.stages) + running

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The new findings of the criteria judged last, errors first, each once."""
        found = dict.fromkeys(finding for row in self.rows for finding in row.findings)
        return tuple(sorted(found, key=lambda each: (_ORDER[each.severity], not each.path, each.path, each.line or 0)))

    @property
    def are_rows_old(self) -> bool:
        """Whether what was judged is to be judged again: the rows speak of an earlier commit or base."""
        return bool(self.rows_head) and any(
            row.stage == "VERIFY" and row.state in ("pending", "running") for row in self.stages
        )

    @property
    def failures(self) -> tuple[CriterionResult, ...]:
        return tuple(row for row in self.rows if not row.passed)


def view_of(events: Iterable[AnyEvent], view: RunView | None = None) -> RunView:
    """The view after all of `events`."""
    return reduce(seen, events, view or RunView())


def seen(view: RunView, event: AnyEvent) -> RunView:
    """The view after one more event."""
    if isinstance(event, ActivityLogged):
        return seen_activities(view, (event,))
    view = msgspec.structs.replace(view, run=evolve(view.run, event))
    match event:
        case Started():
            return msgspec.structs.replace(view, why=event.why, stages=finished(view.stages, "SELECT", is_good=True))
        case StageStarted(stage=stage):
            return msgspec.structs.replace(
                view, stages=started(view.stages, stage), stage_since=event.timestamp, doing=""
            )
        case AttemptStarted():
            return msgspec.structs.replace(
                view, stages=new_attempt(view.stages), attempts=(*view.attempts, begun(event, view.run))
            )
        case CheckFinished(result=result, attempt=attempt):
            same = view.rows if attempt == view.rows_attempt else ()
            rows = (*(row for row in same if row.criterion != result.criterion), result)
            return msgspec.structs.replace(view, rows=rows, rows_attempt=attempt, rows_head="")
        case StageFinished():
            return _after_stage(view, event)
        case Intervened():
            return msgspec.structs.replace(view, receipts=_receipts(view.receipts, event))
        case Completed() | Failed():
            since = elapsed_s(view.stage_since, event.timestamp) if view.stage_since else 0.0
            stages = ended(view.stages, is_good=isinstance(event, Completed), duration=since)
            return msgspec.structs.replace(view, stages=stages, doing="", stage_since="")
        case _:
            return view


def seen_activities(view: RunView, events: Sequence[ActivityLogged]) -> RunView:
    """The view after many activities at once, where thousands come a second."""
    if not events:
        return view
    counts = dict(view.counts)
    for event in events:
        if event.activity.verbosity >= 3:  # the status of a command is no doing of its own
            kind = event.activity.type
            counts[kind] = counts.get(kind, 0) + 1
    wrong = [event.activity for event in events if event.activity.type == "error"][-_ERRORS:]
    return msgspec.structs.replace(
        view,
        run=evolve(view.run, events[-1]),
        counts=counts,
        doing=words_of(events[-1].activity),
        activity=after(view.activity, events),
        errors=(*view.errors, *map(display, wrong))[-_ERRORS:],
    )


def _receipts(known: tuple[Receipt, ...], word: Intervened) -> tuple[Receipt, ...]:
    """With one more; a word that waited for the next attempt has one receipt, which says what became of it."""
    said = Receipt(kind=word.kind, receipt=word.receipt, by=word.by, text=word.text)
    waited = msgspec.structs.replace(said, receipt="next-attempt")
    if waited in known:
        at = known.index(waited)
        return (*known[:at], said, *known[at + 1 :])
    return (*known, said)[-_RECEIPTS:]


def _done_in(run: Run) -> tuple[Stage, ...]:
    """The stages of the current attempt whose work stands."""
    done: list[Stage] = ["IMPLEMENT"] if run.implemented is not None and run.implemented.ok else []
    if run.verified is not None and run.verified.verification.verdict == "passed":
        done.append("VERIFY")
    return (*done, "PUBLISH") if run.published is not None else tuple(done)


def _after_stage(view: RunView, event: StageFinished) -> RunView:
    result = event.result
    view = msgspec.structs.replace(
        view,
        stages=finished(view.stages, event.stage, result=result, duration=event.duration),
        attempts=after_finish(view.attempts, event),
        stage_since="",
        doing="",
    )
    match result:
        case Verified(head=head, verification=verification):
            return msgspec.structs.replace(view, rows=verification.results, rows_attempt=event.attempt, rows_head=head)
        case Prepared():
            return msgspec.structs.replace(
                view,
                stages=only(view.stages, _done_in(view.run)),
                pull_request=result.pull_request or view.pull_request,
                link=result.link or view.link,
                note=result.note,
                errors=(),
            )
        case Published():
            return msgspec.structs.replace(
                view,
                pull_request=result.pull_request or view.pull_request,
                link=result.link or view.link,
                note=result.note or view.note,
                ci=result.ci,
                ci_link=result.ci_link,
            )
        case _:
            return view
