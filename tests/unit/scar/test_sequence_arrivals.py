"""What came onto the remote while SCAR worked: taken, told, or left for a person."""

from __future__ import annotations

import pytest

from devteam_action.scar.arrivals import Arrived, Nothing, Rewritten, Several, arrival, holds_id, moves

BRANCH = "task/1-1-1-words"
BEFORE = {"main": "m1", BRANCH: "h1", "devteam/state": "s1"}
# commit -> what it contains
HISTORY = {"h2": {"h1", "b0"}, "n1": {"b0"}, "n2": {"b0"}, "alien": set(), "m2": {"m1", "b0"}}


def judged(after, *, before=BEFORE, known=()):
    seen = moves(before, after, branch=BRANCH, task_id="1.1.1", known=known)
    return arrival(
        seen, branch=BRANCH, head="h1", base="b0", descends=lambda commit, base: base in HISTORY.get(commit, set())
    )


def test_a_fast_forward_of_the_task_branch_is_taken():
    assert judged({**BEFORE, BRANCH: "h2"}) == Arrived(branch=BRANCH, commit="h2", is_own=True)


def test_one_new_branch_from_our_base_with_the_tasks_id_is_taken():
    assert judged({**BEFORE, "feature/1.1.1-words": "n1"}) == Arrived(
        branch="feature/1.1.1-words", commit="n1", is_own=False
    )


def test_nothing_moved_is_nothing():
    assert judged(BEFORE) == Nothing()


def test_what_others_push_meanwhile_is_no_arrival():
    assert judged({**BEFORE, "main": "m2", "devteam/state": "s2"}) == Nothing()


def test_a_new_branch_of_somebody_elses_is_told_and_not_taken():
    found = judged({**BEFORE, "fix-typo": "n1"})
    assert found == Nothing(unfit=("fix-typo has not the task's id in its name",))


def test_somebody_elses_new_branch_takes_nothing_away_from_the_one_that_came():
    assert judged({**BEFORE, "fix-typo": "n1", BRANCH: "h2"}) == Arrived(branch=BRANCH, commit="h2", is_own=True)


def test_a_branch_that_does_not_begin_at_our_base_is_not_taken():
    found = judged({**BEFORE, "feature-1-1-1": "alien"})
    assert found == Nothing(unfit=("feature-1-1-1 does not begin at our base",))


def test_two_branches_are_for_a_person_to_choose_from():
    found = judged({**BEFORE, "a-1-1-1": "n1", "b-1-1-1": "n2"})
    assert found == Several(branches=("a-1-1-1", "b-1-1-1"))


def test_the_task_branch_and_another_one_are_several():
    assert judged({**BEFORE, BRANCH: "h2", "b-1-1-1": "n2"}) == Several(branches=(BRANCH, "b-1-1-1"), own="h2")


def test_one_commit_under_two_names_is_one_piece_of_work():
    found = judged({**BEFORE, BRANCH: "h2", "again-1-1-1": "h2"})
    assert found == Arrived(branch=BRANCH, commit="h2", is_own=True)


@pytest.mark.parametrize("after", [{**BEFORE, BRANCH: "n1"}, {"main": "m1"}])
def test_a_task_branch_that_lost_our_commit_is_rewritten(after):
    assert judged(after) == Rewritten(commit=after.get(BRANCH, ""))


def test_a_forced_push_is_not_saved_by_a_new_branch_beside_it():
    assert judged({**BEFORE, BRANCH: "n1", "b-1-1-1": "n2"}) == Rewritten(commit="n1")


def test_a_branch_that_was_there_before_is_taken_again_only_when_it_held_such_work():
    before = {**BEFORE, "mine-1-1-1": "n1"}
    assert judged({**before, "mine-1-1-1": "n2"}, before=before) == Nothing()
    assert judged({**before, "mine-1-1-1": "n2"}, before=before, known={"mine-1-1-1"}) == Arrived(
        branch="mine-1-1-1", commit="n2", is_own=False
    )


@pytest.mark.parametrize(
    ("name", "task_id", "holds"),
    [
        ("task/1-1-1-words", "1.1.1", True),
        ("feature/1.1.1", "1.1.1", True),
        ("1_1_1", "1.1.1", True),
        ("x1.1.1", "1.1.1", False),
        ("task/1-1-11", "1.1.1", False),
        ("task/1-1-1-2", "1.1.1", False),
        ("task/2-1-1-1", "1.1.1", False),
        ("task/1-1-1-words", "1.1", False),
        ("task/1-1-3d-viewer", "1.1", True),
        ("feature/t012-login", "T012", True),
        ("feature/t0123", "T012", False),
        ("anything", "", False),
        ("a" * 5000 + "-1" * 5000, "1.1.1", False),
    ],
)
def test_an_id_is_in_a_name_as_a_whole(name, task_id, holds):
    assert holds_id(name, task_id) is holds
