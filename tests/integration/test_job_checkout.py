"""In a job of GitHub Actions: the checkout is shallow, detached or old, and the base branch is what the remote has."""

from __future__ import annotations

import pytest

from tests.fakes.pull_ground import CONFIG, NEIGHBOURS, Ground
from tests.project import LIST

BRANCH = "task/1-1-1-write-one"


def as_a_job(here: Ground, monkeypatch: pytest.MonkeyPatch, ref: str, *, depth: int = 1) -> Ground:
    """The checkout as actions/checkout makes it: one ref, shallow; a branch is checked out, all else is detached."""
    here.empty_the_root()
    git, branch = here.project.git, ref.removeprefix("refs/heads/")
    place = f"refs/remotes/origin/{branch}" if branch != ref else ref.replace("refs/", "refs/remotes/")
    git("init", "-q")
    git("remote", "add", "origin", here.bare.as_uri())
    git("fetch", "-q", "--no-tags", *([f"--depth={depth}"] if depth else []), "origin", f"+{ref}:{place}")
    git("checkout", "-q", *(("-B", branch, place) if branch != ref else ("--detach", place)))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return here


def merge_ref(here: Ground) -> str:
    """What GitHub checks out for the event of a pull request."""
    here.project.git("update-ref", "refs/pull/1/merge", "main", cwd=here.bare)
    return "refs/pull/1/merge"


def test_a_dispatched_run_works_in_place_and_opens_its_pull_request(ground, monkeypatch):
    here = as_a_job(ground(config=CONFIG.replace("deliver: pr\n", "")), monkeypatch, "refs/heads/main")
    assert here.run()["waitingFor"] == "review"
    assert here.one().branch == BRANCH
    assert here.project.git("symbolic-ref", "--short", "HEAD") == BRANCH
    assert not (here.project.folder / "work").exists()


@pytest.mark.parametrize("depth", [1, 0], ids=["shallow", "full"])
@pytest.mark.parametrize("said", [("--base-branch", "main"), ()], ids=["named", "unnamed"])
def test_a_detached_checkout_knows_the_base_branch_from_the_remote(ground, monkeypatch, depth, said):
    here = ground()
    here = as_a_job(here, monkeypatch, merge_ref(here), depth=depth)
    assert here.devteam("next", *said)["task"]["id"] == "1.1.1"
    assert here.run(*said)["waitingFor"] == "review"
    assert here.log(f"main..{BRANCH}")[-1] == "Start 1.1.1"


def test_the_list_is_read_as_the_remote_has_it_now(ground, monkeypatch):
    here = as_a_job(ground(), monkeypatch, "refs/heads/main")
    here.by_a_person("main", {LIST: here.there("main", LIST).replace("1.1.1 ", "1.1.1 [x] ") + "\n"})
    assert here.devteam("next")["task"]["id"] == "1.1.2"
    assert here.run()["taskId"] == "1.1.2"


def test_one_job_goes_on_with_what_another_has_left(ground, monkeypatch):
    here = as_a_job(ground(), monkeypatch, "refs/heads/main")
    here.devteam("implement", "1.1.1")
    here.by_a_person("main", {"neighbour.txt": "somebody else's\n"})
    here = as_a_job(here, monkeypatch, "refs/heads/main")
    assert here.run("1.1.1")["attempts"] == 1
    assert here.there(BRANCH, "neighbour.txt") == "somebody else's"
    assert here.log(BRANCH).count("1.1.1 Write one to one.txt.") == 1
    assert len(here.forge.pulls()) == 1


def test_neighbours_are_brought_up_in_a_job(ground, monkeypatch):
    here = as_a_job(ground(NEIGHBOURS), monkeypatch, "refs/heads/main")
    here.devteam("run", "--all")
    here.forge.merge(2)
    here = as_a_job(here, monkeypatch, "refs/heads/main")
    assert sorted(here.refresh()) == ["1", "3"]
    here.forge.merge(3)
    assert here.refresh() == []
    here.forge.merge(1)
    assert here.there("main", LIST).count("[x]") == 3


def test_a_branch_that_nobody_has_is_bad_input(ground, monkeypatch):
    here = as_a_job(ground(), monkeypatch, "refs/heads/main")
    refused = here.devteam("next", "--base-branch", "nowhere", code=2)
    assert "there is no branch `nowhere`" in refused["error"]["message"]


def test_a_remote_that_does_not_answer_leaves_what_was_seen_of_it(ground, monkeypatch):
    here = as_a_job(ground(), monkeypatch, "refs/heads/main")
    here.project.git("remote", "set-url", "origin", (here.project.folder / "gone.git").as_uri())
    assert here.devteam("next")["task"]["id"] == "1.1.1"
