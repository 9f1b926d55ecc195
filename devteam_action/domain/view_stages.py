"""The checklist of stages: a mark is set by an event that says so, and by nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.domain.events import Stage
from devteam_action.domain.results import BaseMoved, Implemented, Saved, StageFailed, StageResult, Verified

StageState = Literal["pending", "running", "done", "failed", "stopped"]


class StageRow(Struct, frozen=True, kw_only=True):
    """One stage; `duration` is seconds over all attempts."""

    stage: Stage
    state: StageState = "pending"
    duration: float = 0.0


_NAMES: tuple[Stage, ...] = ("SELECT", "PREP", "IMPLEMENT", "VERIFY", "PUBLISH")
START = tuple(StageRow(stage=name) for name in _NAMES)
_OF_AN_ATTEMPT: tuple[Stage, ...] = ("IMPLEMENT", "VERIFY", "PUBLISH")

Rows = tuple[StageRow, ...]


def started(rows: Rows, stage: Stage) -> Rows:
    """`stage` runs; what comes after it is still to come, though it was done before."""
    place = _NAMES.index(stage)
    return tuple(
        _as(row, "running") if row.stage == stage else _as(row, "pending") if at > place else row
        for at, row in enumerate(rows)
    )


def only(rows: Rows, stages: Collection[Stage]) -> Rows:
    """PREP has found a branch on which `stages` of an attempt stand; a new base or word has undone the others."""
    return tuple(
        _as(row, "done" if row.stage in stages else "pending") if row.stage in _OF_AN_ATTEMPT else row for row in rows
    )


def finished(
    rows: Rows, stage: Stage, *, result: StageResult | None = None, is_good: bool = False, duration: float = 0.0
) -> Rows:
    """`stage` is over, as its result says (or `is_good`, where there is none)."""
    if isinstance(result, BaseMoved):
        # Delivered nothing: what was proved must be proved again.
        return tuple(
            msgspec.structs.replace(row, state="pending", duration=row.duration + duration * (row.stage == stage))
            if row.stage in ("VERIFY", "PUBLISH")
            else row
            for row in rows
        )
    state: StageState = "done" if is_good else _state_after(result)
    return tuple(
        msgspec.structs.replace(row, state=state, duration=row.duration + duration) if row.stage == stage else row
        for row in rows
    )


def new_attempt(rows: Rows) -> Rows:
    """What an attempt consists of is to come again."""
    return tuple(_as(row, "pending") if row.stage in _OF_AN_ATTEMPT else row for row in rows)


def ended(rows: Rows, *, is_good: bool, duration: float = 0.0) -> Rows:
    """No stage runs after the end: one that was cut off, after `duration` seconds, is shown as stopped."""
    return tuple(
        msgspec.structs.replace(row, state="done" if is_good else "stopped", duration=row.duration + duration)
        if row.state == "running"
        else row
        for row in rows
    )


def _as(row: StageRow, state: StageState) -> StageRow:
    return msgspec.structs.replace(row, state=state)


def _state_after(result: StageResult | None) -> StageState:
    match result:
        case Saved():
            return "stopped"
        case Implemented(ok=False) | StageFailed() | None:
            return "failed"
        case Verified(verification=verification):
            return "done" if verification.verdict == "passed" else "failed"
        case _:
            return "done"
