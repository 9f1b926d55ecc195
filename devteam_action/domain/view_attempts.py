"""The attempts of a run as rows: what each changed, what it cost, and how it ended."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from devteam_action.domain.events import AttemptStarted, StageFinished
from devteam_action.domain.results import BaseMoved, Implemented, Saved, StageFailed, Usage, Verified
from devteam_action.domain.run import Run


class AttemptRow(Struct, frozen=True, kw_only=True):
    """One attempt; `outcome` is empty while it goes on, else `passed`, `failed`, `unverified` or the tool's reason.

    `missed` are the criteria that it did not meet, `message` the words of a tool or stage that failed, `refused` the
    files that were not taken from the tool. `limit` is the number of the last attempt that may be made, 0 if unknown.
    """

    number: int
    reason: str = "first"
    tool: str = ""
    limit: int = 0
    outcome: str = ""
    message: str = ""
    commit: str | None = None
    files: tuple[str, ...] = ()
    lines_changed: int = 0
    refused: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    duration: float = 0.0
    usage: Usage = Usage()


def begun(event: AttemptStarted, run: Run) -> AttemptRow:
    """The row of an attempt that begins."""
    limit = event.limit or (run.options.max_attempts if run.options else 0)
    return AttemptRow(number=event.number, reason=event.reason, tool=event.tool, limit=limit)


def after_finish(rows: tuple[AttemptRow, ...], event: StageFinished) -> tuple[AttemptRow, ...]:
    """The rows after a stage of the last attempt is over; PREP before the first attempt is no part of one."""
    # A verdict on what somebody else pushed belongs to no attempt, and says so by the number 0.
    if not rows or event.stage == "PREP" or event.attempt != rows[-1].number:
        return rows
    row = msgspec.structs.replace(rows[-1], duration=round(rows[-1].duration + event.duration, 3))
    match event.result:
        case Implemented() as result:
            row = msgspec.structs.replace(
                row,
                outcome="" if result.ok else result.reason or "failed",
                message=result.message,
                commit=result.commit,
                files=result.files_modified,
                lines_changed=result.lines_changed,
                refused=result.refused,
                usage=row.usage + result.usage,
            )
        case Saved(commit=commit, files_modified=files, lines_changed=lines, usage=usage):
            row = msgspec.structs.replace(
                row, outcome="stopped", commit=commit, files=files, lines_changed=lines, usage=row.usage + usage
            )
        case Verified(verification=verification):
            missed = tuple(failure.criterion for failure in verification.failures)
            row = msgspec.structs.replace(row, outcome=verification.verdict, missed=missed)
        case BaseMoved():
            row = msgspec.structs.replace(row, outcome="")
        case StageFailed(code=code, reason=reason):
            row = msgspec.structs.replace(row, outcome=code, message=reason)
        case _:
            pass
    return (*rows[:-1], row)


def elapsed_s(start: str, end: str) -> float:
    """Seconds between two timestamps of events; 0 where one is none."""
    try:
        return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    except ValueError:
        return 0.0
