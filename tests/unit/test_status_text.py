"""`devteam status` for people: a row a task below its heading, and below a row what holds or stopped its task."""

from __future__ import annotations

from typing import Any

from devteam_action.cli.watch import _overview
from devteam_action.domain.execution import Claim, Execution, ExecutionError
from devteam_action.domain.task import Task
from tests.project import HELLO_AND_WORLD, LIST, Project

LATER = "2026-11-21T12:15:00.000Z"


def an_execution(task_id: str, status: Any, **fields: Any) -> Execution:
    return Execution(customer_id="owner/repo", current_task=Task(id=task_id, title="t"), status=status, **fields)


def test_columns_have_names_and_are_in_line():
    owner = "vm:14529:495344"
    claim = Claim(owner=owner, run_id="r", token="t", since=LATER, expires=LATER, takeover_after=LATER)
    error = ExecutionError(code="attempts-spent", reason="words:\nexit code 1\nred", hint="`devteam retry 1.2`")
    assert _overview(
        [
            an_execution("1.1.1", "IMPLEMENTING", progress=10, branch="task/1-1-1-a", claim=claim),
            an_execution("1.2", "ERROR", progress=95, branch="task/1-2-b", error=error),
            an_execution("1.3", "WAITING", progress=100, branch="task/1-3-c", waiting_for="review"),
            an_execution("1.4", "ERROR", progress=95, error=error, skipped="not now"),
            an_execution("1.5", "PENDING", skipped=""),
        ]
    ) == [
        "TASK   STATUS              PROGRESS  BRANCH",
        "1.1.1  IMPLEMENTING            10 %  task/1-1-1-a",
        "       held by process 14529 on vm until 12:15 UTC",
        "1.2    ERROR                   95 %  task/1-2-b",
        "       words: exit code 1; red",
        "       next: `devteam retry 1.2`",
        "1.3    WAITING for review     100 %  task/1-3-c",
        "1.4    skipped",
        "       not now",
        "1.5    skipped",
    ]


def test_tasks_stand_in_the_order_of_the_list_and_others_below(tmp_path):
    here = Project.make(tmp_path, patches=HELLO_AND_WORLD)
    added = here.devteam("inject", "Write more", "--json").ok().json["task"]["id"]
    for task_id in ("1.1.2", added, "1.1.1"):
        here.devteam("skip", task_id).ok()
    lines = here.devteam("status").ok().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["TASK", "1.1.1", "1.1.2", added]


def test_where_nothing_was_run_no_heading_stands_alone(tmp_path):
    assert Project.make(tmp_path).devteam("status").ok().out == "nothing has been run yet\n"


def test_a_list_that_cannot_be_read_hides_no_state(tmp_path):
    here = Project.make(tmp_path)
    here.devteam("skip", "1.1.2", "later").ok()
    here.commit({LIST: "# Notes\n"})
    shown = here.devteam("status").ok()
    assert shown.out.splitlines()[1:] == ["1.1.2  skipped", "       later"]
    assert "no task found" in shown.err
