"""Claims on tasks: pure rules of a lease of 15 minutes that anybody may take over after 20 (CONTRACT: state branch)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from devteam_action.domain.execution import Claim, Execution
from devteam_action.domain.standing import claim_advice, holder, minute
from devteam_action.errors import StateConflict
from devteam_action.support.tokens import random_hex

LEASE_S = 15 * 60
TAKEOVER_S = 20 * 60


def later(when: str, seconds: float) -> str:
    """An ISO 8601 UTC time, moved."""
    moved = _time(when).astimezone(UTC) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_before(first: str, second: str) -> bool:
    return _time(first) < _time(second)


def _time(when: str) -> datetime:
    """What is no time (somebody edited the file) is long past: it must not hold a task for ever."""
    try:
        time = datetime.fromisoformat(when)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def is_free(claim: Claim | None, now: str) -> bool:
    """Nobody holds it, or the holder has not been heard of for 20 minutes."""
    return claim is None or not is_before(now, claim.takeover_after)


def claimed(held: Claim | None, task_id: str, *, run_id: str, owner: str, now: str, takeover: bool) -> Claim:
    """The claim of this run; the same run and owner asking again keeps its own. Raises StateConflict."""
    if held is not None and held.run_id == run_id and held.owner == owner:
        return renewed(held, now)
    if not is_free(held, now) and not takeover:
        assert held is not None
        raise StateConflict(
            f"task {task_id} is claimed by run {held.run_id} ({holder(held.owner)}) until {minute(held.expires)}",
            remedy=claim_advice(task_id),
        )
    fresh = Claim(owner=owner, run_id=run_id, token=random_hex(16), since=now, expires=now, takeover_after=now)
    return renewed(fresh, now)


def renewed(claim: Claim, now: str) -> Claim:
    return msgspec.structs.replace(claim, expires=later(now, LEASE_S), takeover_after=later(now, TAKEOVER_S))


def still_held(stored: Execution | None, task_id: str, run_id: str, token: str | None = None) -> Claim:
    """The stored claim when it is this run's (and of this token, where one is given); raises StateConflict."""
    claim = stored.claim if stored is not None else None
    if claim is not None and claim.run_id == run_id and token in (None, claim.token):
        return claim
    holder = f"run {claim.run_id} ({claim.owner}) holds it" if claim is not None else "nobody holds it any more"
    raise StateConflict(
        f"run {run_id} has lost its claim on task {task_id}: {holder}",
        remedy=f"see `devteam status`; to go on here, `devteam resume {task_id}`",
    )


def unless_gone(execution: Execution) -> Execution:
    """The execution, without the claim of a process of this host that is no more."""
    if execution.claim is None:
        return execution
    from devteam_action.support.owner import is_gone

    return msgspec.structs.replace(execution, claim=None) if is_gone(execution.claim.owner) else execution
