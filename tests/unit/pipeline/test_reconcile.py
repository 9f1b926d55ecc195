"""What people did to pull requests, taken over into the state."""

from __future__ import annotations

from typing import Any

import pytest

from devteam_action.domain.execution import Execution
from devteam_action.domain.selection import select
from devteam_action.domain.task import Task
from devteam_action.pipeline.reconcile import mend, repairs, unasked

TASK = Task(id="1", title="Add the flag")
INJECTED = Task(id="added-1", title="One more", id_from="injected")
DONE = Task(id="1", title="Add the flag", status="completed")


def in_review(task: Task = TASK, **fields: Any) -> Execution:
    given = {"status": "WAITING", "waiting_for": "review", "branch": "task/1", "head": "c1", "run_id": "r", **fields}
    return Execution(customer_id="acme/app", current_task=task, pull_request=7, **given)


def repaired(execution: Execution, task: Task = TASK, **asked: Any) -> Execution:
    known = {execution.task_id: execution}
    for repair in repairs(known, (task,), unasked, **asked):
        known[repair.task_id] = mend(known[repair.task_id], repair)
    return known[execution.task_id]


def test_after_the_merge_a_task_is_complete_and_keeps_its_pull_request():
    found = repaired(in_review(), DONE, merged=(7,))
    assert (found.status, found.progress, found.waiting_for, found.pull_request) == ("COMPLETED", 100, None, 7)


def test_a_pull_request_that_a_person_closed_stops_its_task_and_says_how_to_go_on():
    found = repaired(in_review(), closed=(7,))
    assert (found.status, found.branch, found.run_id) == ("STOPPED", "task/1", "r")
    assert found.error is not None
    assert found.error.reason == "pull request #7 was closed"
    assert "devteam retry 1" in found.error.hint


def test_a_task_whose_pull_request_was_closed_is_not_begun_by_itself():
    found = repaired(in_review(), closed=(7,))
    (standing,) = select((TASK,), {"1": found}, blocked={}, queue=(), now="2026-11-21T12:00:00.000Z").standing
    assert (standing.state, standing.because) == ("stopped", "pull request #7 was closed")
    assert standing.unblock == "`devteam retry 1`"


@pytest.mark.parametrize(
    ("execution", "task", "asked"),
    [
        (in_review(), TASK, {"closed": (8,)}),
        (in_review(), TASK, {"merged": (7,)}),
        (in_review(status="ERROR", waiting_for=None), TASK, {"closed": (7,)}),
        (in_review(INJECTED), INJECTED, {"merged": (8,)}),
    ],
    ids=["another's", "merged, and the list here is older", "in error", "another's, injected"],
)
def test_what_does_not_concern_a_review_changes_nothing(execution, task, asked):
    assert repaired(execution, task, **asked) == execution


def test_an_injected_task_has_no_line_so_its_merge_completes_it():
    assert repaired(in_review(INJECTED), INJECTED, merged=(7,)).status == "COMPLETED"


def test_a_done_task_is_done_even_where_its_pull_request_was_closed():
    assert repaired(in_review(), DONE, closed=(7,)).status == "COMPLETED"


def test_what_begins_anew_has_no_pull_request():
    class Gone:
        def is_gone(self, branch: str, head: str) -> bool:
            return True

        def lacks(self, head: str) -> bool:
            return False

    (repair,) = repairs({"1": in_review()}, (TASK,), Gone())
    assert mend(in_review(), repair).pull_request is None
