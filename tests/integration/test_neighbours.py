"""Several pull requests at once: neighbours that conflict in the list, and tasks that stand on each other."""

from __future__ import annotations

from itertools import permutations

import pytest

from devteam_action.errors import NotAllowed
from tests.fakes.pull_ground import CONFIG, NEIGHBOURS, NUMBERS
from tests.project import LIST

STACK = CONFIG + "stack: true\n"


@pytest.mark.parametrize("order", [*permutations((1, 2, 3))], ids=lambda order: "".join(map(str, order)))
def test_three_neighbours_are_merged_in_every_order_without_a_person(ground, order):
    here = ground(NEIGHBOURS)
    assert len(here.devteam("run", "--all")["tasks"]) == 3
    refreshed = 0
    for number in order:
        here.forge.merge(number, delete=True)
        refreshed += len(here.refresh())
    assert here.there("main", LIST).count("[x]") == 3
    assert here.there("main", LIST).replace("[x]", "[ ]") + "\n" == NEIGHBOURS
    assert [here.there("main", f"{word}.txt") for word in NUMBERS] == list(NUMBERS)
    assert refreshed, "git merges neighbouring lines by itself now?"
    assert here.devteam("run", "--all")["tasks"] == []
    assert [here.project.execution(task)["status"] for task in ("1", "2", "3")] == ["COMPLETED"] * 3
    assert all(each.labels == ["devteam"] for each in here.forge.pulls())


def test_a_neighbour_that_is_not_brought_up_cannot_be_merged(ground):
    here = ground(NEIGHBOURS)
    here.devteam("run", "--all")
    here.forge.merge(1)
    with pytest.raises(NotAllowed, match="CONFLICT"):
        here.forge.merge(2)


def test_bringing_up_what_is_up_to_date_does_nothing(ground):
    here = ground(NEIGHBOURS)
    here.devteam("run", "--all")
    assert here.refresh() == []


def test_a_conflict_beyond_the_list_is_handed_to_a_person(ground):
    here = ground(NEIGHBOURS)
    here.devteam("run", "--all")
    here.by_a_person("main", {"two.txt": "another two\n"})
    with pytest.raises(AssertionError, match="conflict"):
        here.refresh()
    assert "needs-human" in here.forge.pull(2).labels
    assert here.project.execution("2")["status"] == "ERROR"


def test_a_neighbour_is_brought_up_although_another_task_is_in_error(ground):
    here = ground(NEIGHBOURS)
    here.devteam("run", "--all")
    here.forge.merge(3)
    here.by_a_person("main", {"one.txt": "another one\n"})
    with pytest.raises(AssertionError, match="conflict"):
        here.refresh()
    assert here.refresh() == ["2"]
    here.forge.merge(2)


def test_stacked_tasks_stand_on_each_others_branch(ground):
    here = ground(config=STACK)
    assert [each["taskId"] for each in here.devteam("run", "--all")["tasks"]] == ["1.1.1", "1.1.2", "1.1.3"]
    branches = [each.branch for each in here.forge.pulls()]
    assert [each.base for each in here.forge.pulls()] == ["main", *branches[:2]]
    third = here.log(f"{branches[1]}..{branches[2]}")
    assert third == ["Mark 1.1.3 as done", "1.1.3 Write three to three.txt.", "Start 1.1.3"]


@pytest.mark.parametrize("squash", [False, True], ids=["merge", "squash"])
@pytest.mark.parametrize("delete", [False, True], ids=["kept", "deleted"])
def test_a_stack_is_merged_from_below_without_a_person(ground, squash, delete):
    here = ground(config=STACK)
    here.devteam("run", "--all")
    for number in (1, 2, 3):
        assert here.forge.pull(number).base == "main"
        here.forge.merge(number, squash=squash, delete=delete)
        here.refresh()
    assert here.there("main", LIST).count("[x]") >= 3
    assert [here.there("main", f"{word}.txt") for word in NUMBERS] == list(NUMBERS)
    here.devteam("run", "--all")
    assert [here.project.execution(f"1.1.{number}")["status"] for number in (1, 2, 3)] == ["COMPLETED"] * 3
