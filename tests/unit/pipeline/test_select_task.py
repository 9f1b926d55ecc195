"""Injected tasks take their places, and people's edits win over the stored state."""

import pytest

from devteam_action.domain.execution import Claim, Execution
from devteam_action.domain.task import Task
from devteam_action.pipeline.reconcile import mend, merged_elsewhere, repairs
from devteam_action.pipeline.select_task import with_injected
from devteam_action.pipeline.state import Injected

LIST = tuple(
    Task(id=task_id, title=f"Task {task_id}", dependencies=needs)
    for task_id, needs in (("1", ()), ("2", ("1",)), ("3", ("2",)))
)


def injected(place, anchor=None, task_id="x"):
    return Injected(task=Task(id=task_id, title="Extra", id_from="injected"), place=place, anchor=anchor)


@pytest.mark.parametrize(
    ("items", "order", "first"),
    [
        ((), "1 2 3", ()),
        ((injected("next"),), "x 1 2 3", ("x",)),
        ((injected("next"), injected("next", task_id="y")), "x y 1 2 3", ("x", "y")),
        ((injected("before", "2"),), "1 x 2 3", ()),
        ((injected("after", "2"),), "1 2 x 3", ()),
        ((injected("after", "gone"),), "x 1 2 3", ("x",)),
        ((injected("replace", "2"),), "1 x 3", ()),
    ],
)
def test_an_injected_task_takes_its_place(items, order, first):
    tasks, ids = with_injected(LIST, items)
    assert " ".join(task.id for task in tasks) == order
    assert ids == first


def test_who_takes_a_place_takes_its_dependencies_too():
    tasks, _ = with_injected(LIST, (injected("replace", "2"),))
    needs = {task.id: task.dependencies for task in tasks}
    assert needs == {"1": (), "x": ("1",), "3": ("x",)}


def execution(status, *, task=LIST[0], **more):
    return Execution(customer_id="p", current_task=task, status=status, branch="task/1", **more)


class Here:
    """A clone that has the branches `heads`, and whose base is older than the commits `missing`."""

    def __init__(self, heads=(), missing=()):
        self.heads, self.missing = heads, missing

    def is_gone(self, branch, head):
        return branch not in self.heads

    def lacks(self, head):
        return head in self.missing


CLAIM = Claim(owner="h:1:1", run_id="r", token="t", since="", expires="", takeover_after="")
DONE = Task(id="1", title="Task 1", status="completed")


@pytest.mark.parametrize(
    ("stored", "listed", "heads", "to"),
    [
        (execution("WAITING", waiting_for="review"), DONE, ("task/1",), "COMPLETED"),
        (execution("ERROR"), DONE, ("task/1",), "COMPLETED"),
        (execution("COMPLETED"), DONE, (), None),
        (execution("COMPLETED"), LIST[0], (), "PENDING"),
        (execution("WAITING"), LIST[0], (), "PENDING"),
        (execution("WAITING"), LIST[0], ("task/1",), None),
        (execution("IMPLEMENTING", claim=CLAIM), DONE, (), None),
        (execution("COMPLETED", task=Task(id="1", title="Extra", id_from="injected")), None, (), None),
        (execution("WAITING"), None, ("task/1",), None),
    ],
)
def test_what_people_did_to_list_and_branches_wins(stored, listed, heads, to):
    found = repairs({"1": stored}, [listed] if listed else [], Here(heads))
    assert [repair.to for repair in found] == ([to] if to else [])


def test_a_task_that_begins_anew_remembers_no_run():
    (repair,) = repairs({"1": execution("WAITING", run_id="r", head="h")}, [LIST[0]], Here())
    after = mend(execution("WAITING", run_id="r", head="h"), repair)
    assert (after.status, after.run_id, after.head, after.branch) == ("PENDING", "", "", "")


@pytest.mark.parametrize(
    ("stored", "listed", "missing", "seen"),
    [
        (execution("COMPLETED", head="h"), LIST[0], ("h",), "WAITING"),
        (execution("COMPLETED", head="h"), LIST[0], (), None),
        (execution("COMPLETED", head="h"), DONE, ("h",), None),
        (execution("ERROR", head="h"), LIST[0], ("h",), None),
    ],
)
def test_what_was_merged_elsewhere_is_not_begun_anew_here(stored, listed, missing, seen):
    here = Here(("task/1",), missing)
    found = merged_elsewhere({"1": stored}, [listed], here)
    assert [each.status for each in found.values()] == ([seen] if seen else [])
    assert not (seen and repairs({"1": stored}, [listed], here))
