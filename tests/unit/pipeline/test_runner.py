from __future__ import annotations

import pytest

from devteam_action.domain.standing import Standing
from devteam_action.domain.task import Task, TaskSource
from devteam_action.pipeline.runner import why_chosen

TASK = Task(id="1.1", title="t", source=TaskSource(path="docs/tasks.md", line=3))
WAITING = Task(id="1.2", title="t", dependencies=("1.1",), source=TaskSource(path="docs/tasks.md", line=4))
INJECTED = Task(id="x1", title="t", id_from="injected")


@pytest.mark.parametrize(
    ("task", "state", "is_named", "why"),
    [
        (
            TASK,
            "ready",
            False,
            "the first task of docs/tasks.md that is open and free: nothing has to be done before it",
        ),
        (WAITING, "ready", False, "the first task of docs/tasks.md that is open and free: because"),
        (TASK, "ready", True, "it was asked for by its id, and nothing has to be done before it"),
        (INJECTED, "ready", False, "it was put in front of the list by hand, and nothing has to be done before it"),
        (TASK, "in-review", True, "it was asked for by its id: because"),
    ],
)
def test_a_report_says_why_this_task(task, state, is_named, why):
    assert why_chosen(Standing(task=task, state=state, because="because"), is_named=is_named) == why
