"""Whole jobs, once for each write of theirs with its answer lost after the effect: the end is always the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.github import FakeGitHub
from tests.job import Job, JobOutcome
from tests.project import CHECKED_BY_GREP, adding

BRANCH = "task/1-1-1-write-hello"
NEIGHBOURS = "- [ ] 1. Write a to `a.txt` (P)\n- [ ] 2. Write b to `b.txt` (P)\n"
OF_NEIGHBOURS = {
    "tasks": NEIGHBOURS,
    "config": CHECKED_BY_GREP.replace("hello.txt world.txt", "a.txt b.txt"),
    "patches": {"1": adding("a.txt", "a"), "2": adding("b.txt", "b")},
}
FORBIDDING = {"actions_may_open_pulls": False}
Act = Callable[[Job], JobOutcome]


def dispatch(job: Job) -> JobOutcome:
    return job.dispatch()


def ci_started(job: Job) -> JobOutcome:
    return job.dispatch(inputs={"dispatch-workflow": "ci.yml"})


def without_its_patch(job: Job) -> None:
    job.repo.commit("main", {"recorded/1.1.1.patch": None})


def two_neighbours(job: Job) -> None:
    job.dispatch(inputs={"max-tasks": "2"}).ok()
    job.repo.merge(1, by="ann")


def merged(job: Job) -> JobOutcome:
    return job.pull(1, "closed")


def a_persons_commit(job: Job) -> None:
    job.dispatch().ok()
    job.repo.commit(BRANCH, {"hello.txt": "ann\n"}, as_login="ann")
    job.github.advance(90)


def rewritten(job: Job) -> None:
    job.dispatch().ok()
    job.repo.commit(BRANCH, {"hello.txt": "ann\n"}, as_login="ann", base="main", force=True)
    job.github.advance(90)


def adopt(job: Job) -> JobOutcome:
    return job.comment(1, "/devteam adopt")


def gone(job: Job) -> None:
    job.dispatch().ok()
    job.repo.close(1)
    job.repo.delete_branch(BRANCH)
    job.repo.store.set_ref("refs/pull/1/head", None)
    job.pull(1, "closed").ok()
    job.github.advance(90)


def retry(job: Job) -> JobOutcome:
    return job.comment(1, "/devteam retry")


def opened_by_a_person(job: Job) -> None:
    job.dispatch().ok()
    job.repo.open_pull(BRANCH, "main", by="ann")


def opened(job: Job) -> JobOutcome:
    return job.pull(1, "opened")


# Name: how the repository is made, what has happened in it, the job, and its exit code.
SCENARIOS: dict[str, tuple[dict[str, object], Callable[[Job], None], Act, int]] = {
    "a failing task": ({}, without_its_patch, dispatch, 1),
    "ci that is started": ({}, lambda job: None, ci_started, 0),
    "neighbours brought up": (OF_NEIGHBOURS, two_neighbours, merged, 0),
    "a commit adopted": ({}, a_persons_commit, adopt, 0),
    "a rewritten branch adopted": ({}, rewritten, adopt, 0),
    "work made again": ({}, gone, retry, 0),
    "forbidden": (FORBIDDING, lambda job: None, dispatch, 0),
    "opened by a person": (FORBIDDING, opened_by_a_person, opened, 0),
}


def the_end(job: Job) -> object:
    """What people can see: pull requests, comments by their markers, checks, the runs of CI, the branches' files."""
    shown = ("%s", "%T")
    return (
        [(each.number, each.state, each.draft, sorted(each.labels)) for each in job.repo.pulls()],
        sorted((each.number, each.user, each.body.split("\n")[0]) for each in job.repo.all_comments),
        sorted((each.name, each.status, str(each.conclusion)) for each in job.repo.check_runs()),
        sorted(each.event for each in job.repo.runs() if each.event == "workflow_dispatch"),
        # Of several branches, and of commits within a second, git tells none the first.
        sorted(job.repo.git("log", f"--format={' '.join(shown)}", "--glob=refs/heads/task/*", "main").splitlines()),
    )


def ended(folder: Path, name: str, losing: Callable[[FakeGitHub], None]) -> tuple[object, JobOutcome]:
    settings, before, act, code = SCENARIOS[name]
    folder.mkdir()
    with FakeGitHub.serve(folder / "github") as github:
        job = Job.make(github, folder, **settings)
        before(job)
        losing(github)
        done = act(job)
        github.clear_faults()
        assert done.code == code, done.story
        return the_end(job), done


def every_other(github: FakeGitHub, first: int) -> None:
    """The answers to writes `first`, `first + 2`, … are lost: with 0 and 1 that of every write is, once."""
    for number in range(20):
        github.fault("502-after-effect", method="write", times=1, after=first + number)


@pytest.mark.parametrize("name", SCENARIOS)
def test_whichever_answers_are_lost_the_end_is_the_same(tmp_path, name):
    expected, plain = ended(tmp_path / "plain", name, lambda github: None)
    assert (plain.requests <= 25, plain.writes <= 12) == (True, True), plain.story
    for first in (0, 1):
        found, done = ended(tmp_path / f"lost-{first}", name, lambda github, first=first: every_other(github, first))
        assert any(" 502" in each for each in done.asked), done.story
        assert found == expected, done.story


@pytest.mark.parametrize("lost", range(0, 9, 2))
def test_a_push_whose_answer_is_lost_is_made_good_by_this_job_or_the_next(github, tmp_path, lost):
    """Nobody can tell whether git's server did it: either it is found done, or a run says so and goes on from there."""
    job = Job.make(github, tmp_path)
    github.fault("502-after-effect", method="POST", path="git-receive-pack", times=1, after=lost, on_git=True)
    first = job.dispatch()
    assert "Traceback" not in first.err
    if first.code:
        assert first.code in (1, 4), first.story
        job.dispatch().ok()
    assert [(each.number, each.draft, each.labels) for each in job.repo.pulls()] == [(1, False, ["devteam"])]
    assert job.repo.git("log", "--format=%s", f"main..{BRANCH}").splitlines() == [
        "Mark 1.1.1 as done",
        "1.1.1 Write hello to hello.txt.",
        "Start 1.1.1",
    ]
    assert len([each for each in job.repo.comments(1) if "devteam:task=" in each.body]) == 1
