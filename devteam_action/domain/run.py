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
from devteam_action.domain.results import (
    BaseMoved,
    Implemented,
    Prepared,
    Published,
    StageFailed,
    StageResult,
    Usage,
    Verified,
)
from devteam_action.domain.task import Task

# Failures that only a commit of a person's on the task branch mends, as their hints say.
_FOR_A_PERSON = ("conflict", "not-proved")


class Run(Struct, frozen=True, kw_only=True):
    """What the events so far add up to.

    `head` and `base` are the last commits known to be ours on the task branch and below it. `implemented`, `verified`
    and `published` belong to the current attempt. `allowed` is the number of the last attempt that may be made;
    `wanted` names why a new attempt is due (guidance, retry), empty when none is. `signatures` are those of
    the failed attempts in a row. `last_verified` and `last_tool_failure` outlive their attempt, for the next brief.
    `is_stopping` is set by a stop and lifted by a resume. `is_mended_by_hand` says that a person was asked to commit
    on the task branch and has said `retry`, or that they adopt what is there: commits of theirs are expected.
    `pull_request` is the newest one of the branch. `has_called_a_person` is set by an end that needs one, and lifted
    by a good one.
    """

    task: Task | None = None
    options: RunOptions | None = None
    run_id: str = ""
    started: str = ""
    stage: Stage | None = None
    progress: int = 0
    attempt: int = 0
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
    failure: StageFailed | None = None
    last_verified: Verified | None = None
    last_tool_failure: str = ""
    signatures: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    usage: Usage = Usage()
    is_stopping: bool = False
    is_mended_by_hand: bool = False
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
        case AttemptStarted(number=number):
            return msgspec.structs.replace(
                run, attempt=number, wanted="", implemented=None, verified=None, published=None
            )
        case StageFinished(result=result):
            return _after_stage(run, result)
        case Intervened():
            return _after_word(run, event)
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
            # Found further than we left it: a commit of ours whose record was lost. It is kept, and proved again.
            verified = run.verified if head == run.head else None
            return msgspec.structs.replace(
                run,
                prepared=result,
                branch=result.branch,
                base=result.base,
                head=head,
                verified=verified,
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
            return msgspec.structs.replace(run, published=result, head=head, pull_request=number)
        case StageFailed():
            return msgspec.structs.replace(run, failure=result)


def _told(result: Implemented) -> str:
    """What the tool should know of this attempt beside the checks: that it failed, or what was not taken from it."""
    if not result.ok:
        return result.message or result.reason
    return f"these files were not taken over: {'; '.join(result.refused)}" if result.refused else ""


def _after_word(run: Run, word: Intervened) -> Run:
    if word.options is not None:
        run = _with_options(run, word.options)
    match word.kind:
        case "stop":
            return msgspec.structs.replace(run, is_stopping=True)
        case "guide" if word.receipt == "refused":
            return run
        case "guide":
            run = msgspec.structs.replace(run, guidance=(*run.guidance, word.text))
            return _reopen(run, allowed=run.attempt + 1, wanted="guidance") if run.ended else run
        case "retry":
            return _retry(run)
        case "adopt":
            # Their commits stand for the tool's of this attempt: what is left is to prove and to deliver them.
            done = run.implemented if run.attempt == 0 else Implemented(ok=True, adopted=True)
            again = _reopen(run, allowed=run.allowed, wanted="")
            return msgspec.structs.replace(again, implemented=done, is_mended_by_hand=True)
        case "refresh":
            return _refresh(run)
        case "resume" | "takeover":
            # Another process, perhaps another machine: the branch has to be prepared there first.
            return msgspec.structs.replace(
                run, prepared=None, is_stopping=False, ended=None if _is_stopped(run.ended) else run.ended
            )
        case "skip":
            return run


def _with_options(run: Run, options: RunOptions) -> Run:
    """New limits for a run that goes on; attempts that were made before the last retry still do not count."""
    before = run.options or options
    allowed = run.allowed - before.max_attempts + options.max_attempts
    is_waiting = isinstance(run.ended, Completed) and run.ended.status == "WAITING"
    if is_waiting and options.deliver != before.deliver:
        # Proved already: what is left is to deliver it in the other way.
        run = _reopen(run, allowed=allowed, wanted="")
    return msgspec.structs.replace(run, options=options, allowed=allowed)


def _retry(run: Run) -> Run:
    """What failed outside an attempt is tried again as it is; a failed attempt gets a successor."""
    unverified = run.verified is not None and run.verified.verification.verdict == "unverified"
    wanted = "retry" if run.attempt and run.failure is None and not unverified else ""
    limit = run.options.max_attempts if run.options else 1
    by_hand = run.is_mended_by_hand or (isinstance(run.ended, Failed) and run.ended.code in _FOR_A_PERSON)
    again = msgspec.structs.replace(_reopen(run, allowed=run.attempt + limit, wanted=wanted), is_mended_by_hand=by_hand)
    return msgspec.structs.replace(again, verified=None) if unverified else again


def _refresh(run: Run) -> Run:
    """Proved work is delivered again, on its newest base; a run that waits for nothing is left as it is."""
    if not isinstance(run.ended, Completed) or run.ended.status != "WAITING":
        return run
    again = _reopen(run, allowed=run.allowed, wanted="")
    if run.implemented is None or run.implemented.ok:
        return again
    # Its last attempt, for guidance, came to nothing: what was proved before it still stands, and is proved again.
    return msgspec.structs.replace(again, implemented=Implemented(ok=True, adopted=True), verified=None)


def needs_a_person(ended: Completed | Failed) -> bool:
    """Whether nothing goes on before somebody has looked at it; what was stopped on purpose needs nobody."""
    if isinstance(ended, Completed):
        return ended.waiting_for == "person"
    return ended.status == "ERROR" or ended.code == "not-allowed"


def _is_stopped(ended: Completed | Failed | None) -> bool:
    return isinstance(ended, Failed) and ended.status == "STOPPED"


def _reopen(run: Run, *, allowed: int, wanted: str) -> Run:
    return msgspec.structs.replace(
        run,
        ended=None,
        failure=None,
        prepared=None,
        published=None,
        is_stopping=False,
        signatures=(),
        allowed=allowed,
        wanted=wanted,
    )
