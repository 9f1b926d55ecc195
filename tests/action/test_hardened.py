"""The hardened workflow: the model's job reads, the writing job validates, and a person gets a ready pull request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS

HARDENED = (Path(__file__).parents[2] / "examples" / "hardened.yml").read_text()
BRANCH = "task/1-1-1-write-hello"


@pytest.fixture
def repo(github):
    files = {LIST: TWO_TASKS, ".devteam.yml": CHECKED_BY_GREP, "README.md": "# App\n"}
    files |= {f"recorded/{task}.patch": patch for task, patch in HELLO_AND_WORLD.items()}
    made = github.repository("acme/app", files=files)
    made.collaborator("ann", "write")
    return made


def test_a_dispatch_ends_in_a_ready_pull_request_that_the_writing_job_made(act, repo):
    run = act.run(HARDENED, "workflow_dispatch", repo.event_dispatch(inputs={}), repo=repo).ok()
    [pull] = repo.pulls()
    assert (pull.head_ref, pull.draft, pull.state) == (BRANCH, False, "open"), run.story
    assert repo.git("show", f"{BRANCH}:hello.txt") == "hello"
    assert "1.1.1 [x]" in repo.git("show", f"{BRANCH}:{LIST}")


def test_the_job_with_the_model_writes_nothing(act, github, repo):
    run = act.run(HARDENED, "workflow_dispatch", repo.event_dispatch(inputs={}), repo=repo, job="implement")
    assert repo.pulls() == []
    assert repo.branch(BRANCH) is None
    assert [each.path for each in github.writes if each.status < 300] == [], run.story


@pytest.mark.parametrize(
    ("by", "text", "reactions"),
    [
        ("mallory", "/devteam run", ["-1"]),
        ("ann", "> /devteam run", []),
        ("ann", "thanks\n/devteam run", []),
        ("ann", "/devteam run $(touch x)", ["confused"]),
        ("ann", "/devteam inject Write more", ["eyes", "confused"]),
        ("ann", "/devteam run until 1.1.2", ["eyes", "confused"]),
        ("ann", "/devteam retry", ["eyes", "confused"]),
    ],
)
def test_a_comment_that_asks_for_nothing_that_is_taken_starts_nothing(act, repo, by, text, reactions):
    comment = repo.comment(repo.issue("please", by=by), text, by=by)
    run = act.run(HARDENED, "issue_comment", repo.event_comment(comment), repo=repo, actor=by).ok()
    assert repo.pulls() == [], run.story
    assert repo.branch(BRANCH) is None
    assert [kind for _, kind in repo.reactions(comment.id)] == reactions, run.story
    assert {"implement", "publish"} & {name.partition("/")[0] for name in run.steps} == set(), run.story
    answers = [each for each in repo.comments(comment.number) if each.user == "github-actions[bot]"]
    assert len(answers) == ("confused" in reactions)


@pytest.mark.parametrize("text", ["/devteam run 1.1.1", "/DevTeam run", "/devteam run `1.1.1`."])
def test_who_may_write_starts_a_task_by_a_comment(act, repo, text):
    comment = repo.comment(repo.issue("please", by="ann"), text, by="ann")
    run = act.run(HARDENED, "issue_comment", repo.event_comment(comment), repo=repo).ok()
    [pull] = repo.pulls()
    assert pull.head_ref == BRANCH, run.story
    assert [kind for _, kind in repo.reactions(comment.id)] == ["eyes", "rocket"], run.story


def test_a_task_that_fails_ends_the_command_that_asked_for_it(act, repo):
    comment = repo.comment(repo.issue("please", by="ann"), "/devteam run 9.9", by="ann")
    run = act.run(HARDENED, "issue_comment", repo.event_comment(comment), repo=repo)
    assert run.code != 0
    assert [kind for _, kind in repo.reactions(comment.id)] == ["eyes", "confused"], run.story
