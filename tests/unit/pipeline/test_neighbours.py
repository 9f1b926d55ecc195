"""Which pull requests have to follow after a merge: a table of reviews, and what the remote answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from devteam_action.domain.execution import Claim, Execution
from devteam_action.domain.task import Task
from devteam_action.pipeline.neighbours import request_of, to_refresh

TASKS = (Task(id="1", title="One", status="completed"), Task(id="2", title="Two"), Task(id="3", title="Three"))
CLAIM = Claim(owner="o", run_id="r", token="t", since="", expires="", takeover_after="9")


class Remote:
    """Answers which branches conflict; everything else is not asked."""

    def __init__(self, *conflicting: str) -> None:
        self._conflicting = conflicting

    def conflicts(self, branch: str, base_branch: str) -> Collection[str]:
        return ("tasks.md",) if f"{branch} on {base_branch}" in self._conflicting else ()


def an_execution(task: Task, **fields: Any) -> Execution:
    given = {"status": "WAITING", "waiting_for": "review", "pull_request": 7, "base_branch": "main", **fields}
    return Execution(customer_id="acme/app", current_task=task, branch=f"task/{task.id}", **given)


MERGED = an_execution(TASKS[0], status="COMPLETED", waiting_for=None)


def found(*executions: Execution, conflicting: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    known = {each.task_id: each for each in (MERGED, *executions)}
    answers = to_refresh(known, TASKS, Remote(*conflicting), "main")  # type: ignore[arg-type]
    return [(each.task.id, each.base_branch) for each in answers]


@pytest.mark.parametrize(
    ("executions", "conflicting", "expected"),
    [
        ((an_execution(TASKS[1]),), ("task/2 on main",), [("2", "main")]),
        ((an_execution(TASKS[1]),), (), []),
        (
            (an_execution(TASKS[1]), an_execution(TASKS[2])),
            ("task/2 on main", "task/3 on main"),
            [("2", "main"), ("3", "main")],
        ),
        ((an_execution(TASKS[1], base_branch="task/1"),), (), [("2", "main")]),
        ((an_execution(TASKS[2], base_branch="task/2"),), ("task/3 on task/2",), [("3", "task/2")]),
        ((an_execution(TASKS[1], base_branch=""),), ("task/2 on main",), [("2", "main")]),
    ],
    ids=["conflict", "none", "both, in order", "merged below it", "moved below it", "an older record"],
)
def test_what_cannot_be_merged_any_more_is_brought_up(executions, conflicting, expected):
    assert found(*executions, conflicting=conflicting) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "ERROR", "waiting_for": None},
        {"waiting_for": "person"},
        {"pull_request": None},
        {"claim": CLAIM},
        {"skipped": "not now"},
    ],
    ids=["in error", "for a person", "without a pull request", "at work", "skipped"],
)
def test_what_is_not_in_review_is_left_alone(fields):
    assert found(an_execution(TASKS[1], **fields), conflicting=("task/2 on main",)) == []


def test_the_request_says_why_and_on_what():
    known = {"1": MERGED, "2": an_execution(TASKS[1], base_branch="task/1")}
    (refresh,) = to_refresh(known, TASKS, Remote(), "main")  # type: ignore[arg-type]
    request = request_of(refresh)
    (word,) = request.take_up.words
    assert (request.task_id, request.base_branch, word.kind) == ("2", "main", "refresh")
    assert "task/1" in word.text
    assert request.is_refreshing
