"""What people say to a run, and what it makes of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from devteam_action.domain.events import Completed, Failed, Intervened, RunOptions
from devteam_action.domain.results import Implemented

if TYPE_CHECKING:
    from devteam_action.domain.run import Run

# Failures that only a commit of a person's on the task branch mends, as their hints say.
_FOR_A_PERSON = ("conflict", "not-proved")


def after_word(run: Run, word: Intervened) -> Run:
    """The run after a person's word: stopped, opened again, or with something that its next attempt is told."""
    if word.options is not None:
        run = _with_options(run, word.options)
    if word.head or (word.kind in ("adopt", "retry") and run.ended):
        # What a person has seen holds for this word; the next one, said at home without it, is about what is there.
        run = msgspec.structs.replace(run, seen_head=word.head)
    match word.kind:
        case "stop":
            return msgspec.structs.replace(run, is_stopping=True, stop_reason=word.text)
        case "guide" if word.receipt == "refused":
            return run
        case "guide":
            if word.receipt == "taken":
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
    if options.deliver != before.deliver:
        run = _refresh(run)  # proved already: what is left is to deliver it in the other way
    return msgspec.structs.replace(run, options=options, allowed=allowed)


def _retry(run: Run) -> Run:
    """What failed outside an attempt is tried again as it is; a failed attempt gets a successor.

    Work that only lacked a means to measure it is measured again: no tool finds anything to change in it.
    """
    unmeasured = _only_lacked_means(run)
    wanted = "retry" if run.attempt and run.failure is None and not unmeasured else ""
    limit = run.options.max_attempts if run.options else 1
    by_hand = run.is_mended_by_hand or (isinstance(run.ended, Failed) and run.ended.code in _FOR_A_PERSON)
    again = msgspec.structs.replace(_reopen(run, allowed=run.attempt + limit, wanted=wanted), is_mended_by_hand=by_hand)
    if not unmeasured:
        return again
    made = run.implemented if run.verified is not None else Implemented(ok=True, adopted=True)
    return msgspec.structs.replace(again, implemented=made, verified=None)


def _only_lacked_means(run: Run) -> bool:
    """The last verdict is of the work as it stands, and nothing in it that was measured is red."""
    last = run.last_verified
    # Guidance that no tool has followed yet is still owed its attempt.
    came_to_nothing = run.implemented is not None and not run.implemented.ok and run.began_for != "guidance"
    if last is None or last.head != run.head or (run.verified is None and not came_to_nothing):
        return False
    verification = last.verification
    return verification.verdict == "unverified" or (
        verification.verdict == "failed" and not any(row.measured for row in verification.failures)
    )


def _refresh(run: Run) -> Run:
    """Proved work is delivered again, on its newest base; a run that waits for nothing is left as it is."""
    if not isinstance(run.ended, Completed) or run.ended.status != "WAITING":
        return run
    again = _reopen(run, allowed=run.allowed, wanted="")
    if run.implemented is None or run.implemented.ok:
        return again
    # Its last attempt, for guidance, came to nothing: what was proved before it still stands, and is proved again.
    return msgspec.structs.replace(again, implemented=Implemented(ok=True, adopted=True), verified=None)


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
