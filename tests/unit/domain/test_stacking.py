"""`stack: true`: what waits only for reviews may begin, and on which branch."""

from __future__ import annotations

from typing import Any

import pytest

from devteam_action.domain.execution import Execution
from devteam_action.domain.selection import select
from devteam_action.domain.standing import Standing
from devteam_action.domain.task import Task
from tests.unit.domain.test_selection import NOW, a_task, done


def in_review(task: Task, *, on: str = "main", **fields: Any) -> Execution:
    given = {"status": "WAITING", "waiting_for": "review", "branch": f"task/{task.id}", "base_branch": on, **fields}
    return Execution(customer_id="owner/repo", current_task=task, **given)


def last_of(*tasks: Task, executions: tuple[Execution, ...], stack: bool = True) -> Standing:
    known = {each.task_id: each for each in executions}
    found = select(tasks, known, blocked={}, queue=(), now=NOW, stack=stack)
    return found.standing[-1]


ONE, TWO = a_task("1"), a_task("2")
ON_ONE = a_task("2", "1")


@pytest.mark.parametrize(
    ("tasks", "executions", "base"),
    [
        ((ONE, a_task("2", "1")), (in_review(ONE),), "task/1"),
        ((done("1"), TWO, a_task("3", "1", "2")), (in_review(TWO),), "task/2"),
        ((ONE, ON_ONE, a_task("3", "2")), (in_review(ONE), in_review(ON_ONE, on="task/1")), "task/2"),
        ((ONE, ON_ONE, a_task("3", "1", "2")), (in_review(ONE), in_review(ON_ONE, on="task/1")), "task/2"),
        ((ONE, ON_ONE, a_task("3", "2", "1")), (in_review(ONE), in_review(ON_ONE, on="task/1")), "task/2"),
    ],
    ids=["one", "one of two", "a chain", "both of a chain", "in any order"],
)
def test_a_task_begins_on_the_branch_of_the_last_one_that_it_waits_for(tasks, executions, base):
    standing = last_of(*tasks, executions=executions)
    assert (standing.state, standing.base) == ("ready", base)
    assert base in standing.because


@pytest.mark.parametrize(
    "executions",
    [
        (in_review(ONE),),
        (in_review(ONE), in_review(TWO, waiting_for="person")),
        (in_review(ONE), in_review(TWO, status="ERROR", waiting_for=None)),
        (in_review(ONE), in_review(TWO, branch="")),
        (in_review(ONE), in_review(TWO, skipped="not now")),
    ],
    ids=["not begun", "for a person", "in error", "no branch", "skipped"],
)
def test_what_waits_for_more_than_a_review_stays_blocked(executions):
    standing = last_of(ONE, TWO, a_task("3", "1", "2"), executions=executions)
    assert standing.state in ("blocked", "stopped")
    assert standing.base == ""


def test_two_branches_that_do_not_stand_on_each_other_are_no_base_and_it_is_said():
    standing = last_of(ONE, TWO, a_task("3", "1", "2"), executions=(in_review(ONE), in_review(TWO)))
    assert standing.state == "blocked"
    assert standing.because == "waits for 1, 2, in review on branches that do not stand on each other"
    assert "merge" in standing.unblock


def test_without_stack_a_review_is_waited_for():
    assert last_of(ONE, a_task("2", "1"), executions=(in_review(ONE),), stack=False).state == "blocked"


def test_a_task_that_waits_for_nothing_begins_where_all_begin():
    standing = last_of(ONE, TWO, executions=(in_review(ONE),))
    assert (standing.state, standing.base) == ("ready", "")


def test_bases_that_go_round_in_a_circle_end():
    tasks = (ONE, TWO, a_task("3", "1", "2"))
    executions = (in_review(ONE, on="task/2"), in_review(TWO, on="task/1"))
    assert last_of(*tasks, executions=executions).state == "ready"
