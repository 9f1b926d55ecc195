"""What people do to a task branch behind our back: rewritten or deleted, a comment goes on, and nothing is lost."""

from __future__ import annotations

import pytest

from tests.job import Job
from tests.project import HELLO_AND_WORLD, adding

BRANCH = "task/1-1-1-write-hello"


def log(job: Job) -> list[str]:
    return job.repo.git("log", "--format=%s", f"main..{BRANCH}").splitlines()


def pulls(job: Job) -> list[tuple[int, str, bool, list[str]]]:
    return [(each.number, each.state, each.draft, each.labels) for each in job.repo.pulls()]


def rewritten(job: Job) -> str:
    """A person rebases the branch on a base that has moved, and force-pushes it; their commit."""
    job.dispatch().ok()
    job.repo.commit("main", {"other.txt": "x\n"}, as_login="ann")
    theirs = job.repo.commit(BRANCH, {"hello.txt": "hello, rebased\n"}, as_login="ann", base="main", force=True)
    job.github.advance(90)
    return theirs


def closed_and_deleted(job: Job) -> None:
    job.dispatch().ok()
    job.repo.close(1)
    job.repo.delete_branch(BRANCH)
    job.pull(1, "closed").ok()
    job.github.advance(90)


@pytest.fixture
def twice(github, tmp_path) -> Job:
    """The tool has something to add at its second attempt."""
    return Job.make(github, tmp_path, patches={**HELLO_AND_WORLD, "1.1.1-2": adding("more.txt", "more\n")})


def test_a_rewritten_branch_is_left_to_its_person_until_they_say_adopt(job):
    theirs = rewritten(job)
    guided = job.comment(1, "/devteam guide in capitals")
    assert guided.code == 1, guided.story
    assert "was rewritten" in guided.out
    assert "/devteam adopt" in guided.out
    assert job.repo.branch(BRANCH) == theirs
    job.github.advance(90)
    adopted = job.comment(1, "/devteam adopt").ok()
    assert adopted.outputs["status"] == "WAITING"
    assert log(job) == ["Mark 1.1.1 as done", "Change"]
    assert pulls(job) == [(1, "open", False, ["devteam"])]
    job.repo.merge(1, by="ann")
    assert job.pull(1, "closed").ok().outputs["status"] == "COMPLETED"


def test_work_whose_branch_was_deleted_is_gone_on_with(twice):
    closed_and_deleted(twice)
    twice.comment(1, "/devteam retry").ok()
    assert pulls(twice) == [(1, "closed", False, ["devteam"]), (2, "open", False, ["devteam"])]
    assert log(twice)[-3:] == ["Mark 1.1.1 as done", "1.1.1 Write hello to hello.txt.", "Start 1.1.1"]
    assert twice.repo.git("show", f"{BRANCH}:more.txt") == "more"


def test_work_that_is_nowhere_any_more_is_made_again(job):
    closed_and_deleted(job)
    job.repo.store.set_ref("refs/pull/1/head", None)
    done = job.comment(1, "/devteam retry").ok()
    assert "begun again" in done.err
    assert pulls(job)[-1] == (2, "open", False, ["devteam"])
    assert log(job) == ["Mark 1.1.1 as done", "1.1.1 Write hello to hello.txt.", "Start 1.1.1"]


def test_work_that_is_lost_and_cannot_be_made_again_is_not_called_proved(github, tmp_path):
    job = Job.make(github, tmp_path)
    closed_and_deleted(job)
    job.repo.store.set_ref("refs/pull/1/head", None)
    job.repo.commit("main", {"recorded/1.1.1.patch": None})
    failed = job.comment(1, "/devteam retry")
    assert failed.code == 1, failed.story
    assert failed.outputs["status"] == "ERROR"


def test_a_deleted_branch_can_be_adopted_as_its_pull_request_ended(job):
    job.dispatch().ok()
    job.repo.commit(BRANCH, {"hello.txt": "by ann\n"}, as_login="ann")
    job.repo.close(1)
    job.repo.delete_branch(BRANCH)
    job.github.advance(90)
    job.comment(1, "/devteam adopt").ok()
    assert job.repo.git("show", f"{BRANCH}:hello.txt") == "by ann"
    assert pulls(job)[-1] == (2, "open", False, ["devteam"])
