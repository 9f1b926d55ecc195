from __future__ import annotations

import msgspec
import pytest

from devteam_action.domain.execution import Claim, Execution
from devteam_action.domain.task import Task
from devteam_action.errors import StateConflict
from devteam_action.pipeline.state.leases import claimed, is_before, is_free, later, renewed, still_held

NOON = "2026-01-01T12:00:00.000Z"


def held(run_id: str = "r1", owner: str = "one", at: str = NOON) -> Claim:
    return claimed(None, "1.1", run_id=run_id, owner=owner, now=at, takeover=False)


@pytest.mark.parametrize(
    ("minutes", "run_id", "owner", "takeover", "outcome"),
    [
        (1, "r1", "one", False, "kept"),
        (19.9, "r1", "one", False, "kept"),
        (1, "r2", "two", False, "refused"),
        (16, "r2", "two", False, "refused"),  # expired, and its owner may still renew it
        (19.9, "r2", "two", False, "refused"),
        (20, "r2", "two", False, "taken"),
        (1, "r2", "two", True, "taken"),
        (1, "r1", "two", False, "refused"),  # two processes that resume the same run
        (1, "r2", "one", False, "refused"),
    ],
)
def test_who_may_claim_when(minutes: float, run_id: str, owner: str, takeover: bool, outcome: str) -> None:
    first = held()
    now = later(NOON, minutes * 60)
    if outcome == "refused":
        with pytest.raises(StateConflict, match=r"task 1\.1 is claimed by run r1 \(one\) until 12:15 UTC") as error:
            claimed(first, "1.1", run_id=run_id, owner=owner, now=now, takeover=takeover)
        assert error.value.remedy == (
            "wait, end that run with `devteam stop 1.1`, or take it over with `devteam resume 1.1`"
        )
        return
    second = claimed(first, "1.1", run_id=run_id, owner=owner, now=now, takeover=takeover)
    assert (second.token == first.token) == (outcome == "kept")
    assert second.since == (NOON if outcome == "kept" else now)
    assert second.expires == later(now, 900)
    assert second.takeover_after == later(now, 1200)


def test_a_renewal_moves_both_ends_of_the_lease() -> None:
    moved = renewed(held(), later(NOON, 300))
    assert (moved.expires, moved.takeover_after) == ("2026-01-01T12:20:00.000Z", "2026-01-01T12:25:00.000Z")


def test_a_claim_without_a_time_holds_nobody_up() -> None:
    broken = msgspec.structs.replace(held(), takeover_after="tomorrow")
    assert is_free(broken, NOON)
    assert is_before("nonsense", NOON)


@pytest.mark.parametrize(
    ("run_id", "token", "is_held"),
    [("r1", None, True), ("r1", "same", True), ("r1", "other", False), ("r2", None, False)],
)
def test_only_the_run_with_the_claim_holds_it(run_id: str, token: str | None, is_held: bool) -> None:
    claim = msgspec.structs.replace(held(), token="same")
    stored = Execution(customer_id="c", current_task=Task(id="1.1", title="t"), claim=claim)
    if is_held:
        assert still_held(stored, "1.1", run_id, token) == claim
    else:
        with pytest.raises(StateConflict, match=r"has lost its claim on task 1\.1: run r1"):
            still_held(stored, "1.1", run_id, token)


def test_a_claim_that_was_dropped_is_held_by_nobody() -> None:
    with pytest.raises(StateConflict, match="nobody holds it any more"):
        still_held(None, "1.1", "r1")
