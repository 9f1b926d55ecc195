"""After a merge: the task is completed, its neighbours can still be merged, and the next one is offered or done."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.job import Job
from tests.project import CHECKED_BY_GREP, adding

THREE = """\
1 Files
1.1 One
1.1.1 Write a to [a.txt](a.txt).
1.2 Two
1.2.1 Write b to [b.txt](b.txt).
1.3 Three
1.3.1 Write c to [c.txt](c.txt).
"""
NEIGHBOURS = """\
- [ ] 1. Write a to `a.txt` (P)
- [ ] 2. Write b to `b.txt` (P)
- [ ] 3. Write c to `c.txt` (P)
"""
CHECK = CHECKED_BY_GREP.replace("hello.txt world.txt", "a.txt b.txt c.txt")
PATCHES = {number: adding(f"{name}.txt", name) for number, name in zip("123", "abc", strict=True)}


def merged(job: Job, number: int) -> None:
    job.repo.merge(number, by="ann")
    job.pull(number, "closed").ok()


@pytest.fixture
def neighbours(github, tmp_path) -> Job:
    """Three tasks on three lines, one below the other, each with a ready pull request."""
    job = Job.make(github, tmp_path, NEIGHBOURS, config=CHECK, patches=PATCHES)
    job.dispatch(inputs={"max-tasks": "3"}).ok()
    assert [each.draft for each in job.repo.pulls()] == [False] * 3
    return job


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=lambda order: "".join(map(str, order)))
def test_three_neighbours_merge_in_every_order_without_a_person(neighbours, order):
    for number in order:
        merged(neighbours, number)
    assert neighbours.list_text() == NEIGHBOURS.replace("[ ]", "[x]").strip()
    assert all(each.merged and each.labels == ["devteam"] for each in neighbours.repo.pulls())


def test_a_merge_completes_the_task_and_offers_the_next(job):
    job.dispatch().ok()
    job.repo.merge(1, by="ann")
    done = job.pull(1, "closed").ok()
    assert (done.outputs["status"], done.outputs["task-id"], done.outputs["has-more"]) == ("COMPLETED", "1.1.1", "true")
    assert "1.1.2" in done.summary
    (comment,) = (each for each in job.repo.comments(1) if "devteam:task=" in each.body)
    assert "**done**" in comment.body
    again = job.pull(1, "closed").ok()
    assert again.outputs["status"] == "COMPLETED"
    assert len(job.repo.pulls()) == 1


def test_a_squashed_merge_completes_the_task_too(job):
    job.dispatch().ok()
    job.repo.merge(1, by="ann", method="squash")
    assert job.pull(1, "closed").ok().outputs["status"] == "COMPLETED"


def test_where_it_is_wished_the_next_task_is_done_after_a_merge(github, tmp_path):
    job = Job.make(github, tmp_path, config=CHECKED_BY_GREP + "on-merge: run\n")
    job.dispatch().ok()
    job.repo.merge(1, by="ann")
    done = job.pull(1, "closed").ok()
    assert (done.outputs["task-id"], done.outputs["status"]) == ("1.1.2", "WAITING")
    assert job.repo.pull(2).draft is False


def test_a_pull_request_that_was_closed_is_not_wanted_until_somebody_says_retry(job):
    job.dispatch().ok()
    job.repo.close(1)
    job.pull(1, "closed").ok()
    stopped = job.dispatch()
    assert stopped.code == 0, stopped.story
    assert len(job.repo.pulls()) == 1
    job.comment(1, "/devteam retry").ok()
    assert [(each.number, each.state) for each in job.repo.pulls()] == [(1, "closed"), (2, "open")]
