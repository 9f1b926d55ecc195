"""Which pull requests are asked for, and what their ends make of their tasks."""

from __future__ import annotations

from typing import Any

import pytest

from devteam_action.domain.execution import Claim, Execution
from devteam_action.domain.task import Task
from devteam_action.pipeline.ask_forge import Ends, ends_of
from devteam_action.pipeline.forge import PullRequest
from devteam_action.pipeline.reconcile import repairs

LISTED = Task(id="1", title="One")
INJECTED = Task(id="added-1", title="More", id_from="injected")
CLAIM = Claim(owner="o", run_id="r", token="t", since="", expires="", takeover_after="9")


class Clone:
    def __init__(self, *gone: str) -> None:
        self._gone = gone

    def is_gone(self, branch: str, head: str) -> bool:
        return branch in self._gone

    def lacks(self, head: str) -> bool:
        return True


class Pulls:
    """Only knows states by number; a number that it was not told of must not be asked for."""

    def __init__(self, **states: Any) -> None:
        self._states = states

    def get(self, number: int) -> PullRequest:
        return PullRequest(number=number, url="", branch="", base="main", head="", state=self._states[f"n{number}"])


def in_review(task: Task = LISTED, **fields: Any) -> Execution:
    given = {"status": "WAITING", "waiting_for": "review", "branch": "task/1", "pull_request": 7, **fields}
    return Execution(customer_id="acme/app", current_task=task, **given)


@pytest.mark.parametrize(
    ("execution", "gone", "states", "ends"),
    [
        (in_review(), ("task/1",), {"n7": "closed"}, Ends(closed=frozenset({7}))),
        (in_review(), ("task/1",), {"n7": "merged"}, Ends(merged=frozenset({7}))),
        (in_review(), ("task/1",), {"n7": "open"}, Ends()),
        (in_review(INJECTED), (), {"n7": "merged"}, Ends(merged=frozenset({7}))),
        (in_review(), (), {}, Ends()),
        (in_review(claim=CLAIM), ("task/1",), {}, Ends()),
        (in_review(status="ERROR"), ("task/1",), {}, Ends()),
        (in_review(pull_request=None), ("task/1",), {}, Ends()),
    ],
    ids=["closed", "merged", "open", "injected", "there", "at work", "in error", "without one"],
)
def test_only_what_is_unclear_is_asked_for(execution, gone, states, ends):
    known = {execution.task_id: execution}
    assert ends_of(known, Clone(*gone), Pulls(**states)) == ends  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "to"), [("closed", ["STOPPED"]), ("merged", []), ("open", ["PENDING"])])
def test_a_branch_that_went_with_its_closed_pull_request_is_not_begun_anew(state, to):
    known, here = {"1": in_review()}, Clone("task/1")
    ends = ends_of(known, here, Pulls(n7=state))  # type: ignore[arg-type]
    found = repairs(known, (LISTED,), here, merged=ends.merged, closed=ends.closed)
    assert [repair.to for repair in found] == to
