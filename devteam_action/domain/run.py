"""A run of one task, folded from its events; resume is: fold the stored events, ask `decide` again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import msgspec
from msgspec import Struct

from devteam_action.domain.events import (
    ActivityLogged,
    AnyEvent,
    AttemptStarted,
    CheckFinished,
    Completed,
    Failed,
    Intervened,
    Progressed,
    RunOptions,
    Stage,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.failures import signature
from devteam_action.domain.people import after_word
from devteam_action.domain.results import (
    BaseMoved,
    Implemented,
    Prepared,
    Published,
    Saved,
    StageFailed,
    StageResult,
    Usage,
    Verified,
)
from devteam_action.domain.task import Task


class Run(Struct, frozen=True, kw_only=True):
    """What the events so far add up to.

    `head` and `base` are the last commits known to be ours on the task branch and below it. `implemented`, `verified`
    and `published` belong to the current attempt, which `began_for` a reason. `allowed` is the number of the last
    attempt that may be made;
    `wanted` names why a new attempt is due (guidance, retry), empty when none is. `signatures` are those of
    the failed attempts in a row. `last_verified` and `last_tool_failure` outlive their attempt, for the next brief.
    `is_stopping` is set by a stop, with its `stop_reason`, and lifted by a resume. `is_mended_by_hand` says that a
    person was asked to commit on the task branch and has said `retry`, or that they adopt what is there: commits of
    theirs are expected, up to `seen_head` where that is known.
    `pull_request` is the newest one of the branch, `delivered` the last that got proved work. `has_called_a_person` is
    set by an end that needs one, and lifted by a good one.
    """

    task: Task | None = None
    options: RunOptions | None = None
    run_id: str = ""
    started: str = ""
    stage: Stage | None = None
    progress: int = 0
    attempt: int = 0
    began_for: str = ""
    allowed: int = 0
    wanted: str = ""
    branch: str = ""
    base: str = ""
    head: str = ""
    prepared: Prepared | None = None
    implemented: Implemented | None = None
    verified: Verified | None = None
    published: Published | None = None
    pull_request: int | None = None
    delivered: int | None = None
    failure: StageFailed | None = None
    last_verified: Verified | None = None
    last_tool_failure: str = ""
    signatures: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    usage: Usage = Usage()
    is_stopping: bool = False
    stop_reason: str = ""
    is_mended_by_hand: bool = False
    seen_head: str = ""
    has_called_a_person: bool = False
    ended: Completed | Failed | None = None
    last_update: str = ""
    event_count: int = 0


def standing_at(run: Run) -> Prepared:
    """The branch as the run left it: where it stands now, and on which base; PREP's own answer is older."""
    assert run.prepared is not None
    return msgspec.structs.replace(run.prepared, base=run.base, head=run.head)


def fold(events: Iterable[AnyEvent], run: Run | None = None) -> Run:
    """The run after all of `events`."""
    return reduce(evolve, events, run or Run())


def evolve(run: Run, event: AnyEvent) -> Run:
    """The run after one more event."""
    run = msgspec.structs.replace(run, last_update=event.timestamp, event_count=run.event_count + 1)
    match event:
        case Started(task=task, options=options):
            return msgspec.structs.replace(
                run,
                task=task,
                options=options,
                run_id=event.run_id,
                started=event.timestamp,
                allowed=options.max_attempts,
            )
        case StageStarted(stage=stage):
            return msgspec.structs.replace(run, stage=stage)
        case AttemptStarted(number=number, reason=reason):
            return msgspec.structs.replace(
                run, attempt=number, began_for=reason, wanted="", implemented=None, verified=None, published=None
            )
        case StageFinished(result=result):
            return _after_stage(run, result)
        case Intervened():
            return after_word(run, event)
        case Progressed(progress=progress):
            return msgspec.structs.replace(run, progress=max(run.progress, progress))
        case Completed() | Failed():
            is_good = isinstance(event, Completed) and not needs_a_person(event)
            called = not is_good and (run.has_called_a_person or needs_a_person(event))
            return msgspec.structs.replace(run, ended=event, has_called_a_person=called)
        case CheckFinished() | ActivityLogged():
            return run


def _after_stage(run: Run, result: StageResult) -> Run:
    match result:
        case Prepared(head=head):
            run = _without_work(run) if result.begun_again else run
            # Found further than we left it: a commit of ours whose record was lost. It is kept, and proved again.
            # A red verdict falls where a person stands for what is there: meanwhile it may have passed.
            is_red = run.verified is not None and run.verified.verification.verdict != "passed"
            verified = None if head != run.head or (is_red and run.is_mended_by_hand) else run.verified
            published = run.published if run.published is not None and run.published.head == head else None
            return msgspec.structs.replace(
                run,
                prepared=result,
                branch=result.branch,
                base=result.base,
                head=head,
                verified=verified,
                published=published,
                pull_request=result.pull_request or run.pull_request,
                is_mended_by_hand=False,
            )
        case Implemented(commit=commit, usage=usage, ok=ok):
            return msgspec.structs.replace(
                run,
                implemented=result,
                head=commit or run.head,
                usage=run.usage + usage,
                last_tool_failure=_told(result),
                signatures=run.signatures if ok else (*run.signatures, signature(result)),
            )
        case Saved(commit=commit, usage=usage):
            return msgspec.structs.replace(run, head=commit, usage=run.usage + usage)
        case Verified(verification=verification):
            failed = verification.verdict != "passed"
            return msgspec.structs.replace(
                run,
                verified=result,
                last_verified=result,
                signatures=(*run.signatures, signature(verification)) if failed else (),
            )
        case BaseMoved(base=base, head=head):
            # What was proved was proved on the old base.
            return msgspec.structs.replace(run, base=base, head=head, verified=None)
        case Published(head=head):
            number = result.pull_request or run.pull_request
            return msgspec.structs.replace(run, published=result, head=head, pull_request=number, delivered=number)
        case StageFailed():
            return msgspec.structs.replace(run, failure=result)


def _without_work(run: Run) -> Run:
    """The run after its work was lost: what was made and proved is no more, and the next attempt makes it anew."""
    wanted = run.wanted or ("retry" if run.attempt else "")
    return msgspec.structs.replace(run, wanted=wanted, implemented=None, verified=None, last_verified=None)


def _told(result: Implemented) -> str:
    """What the tool should know of this attempt beside the checks: that it failed, or what was not taken from it."""
    if not result.ok:
        return result.message or result.reason
    return f"these files were not taken over: {'; '.join(result.refused)}" if result.refused else ""


def in_vain(run: Run) -> str:
    """Why the last attempt came to nothing, of a run that ended well all the same: what was proved before it stands."""
    last = run.implemented
    return _told(last) if last is not None and not last.ok and isinstance(run.ended, Completed) else ""


def needs_a_person(ended: Completed | Failed) -> bool:
    """Whether nothing goes on before somebody has looked at it; what was stopped on purpose needs nobody."""
    if isinstance(ended, Completed):
        return ended.waiting_for == "person"
    return ended.status == "ERROR" or ended.code == "not-allowed"
