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
        ("mallory", "/devteam run", {"-1"}),
        ("ann", "> /devteam run", set()),
        ("ann", "/devteam run $(touch x)", {"confused"}),
        ("ann", "thanks\n/devteam run", set()),
    ],
)
def test_a_comment_that_is_no_command_of_somebody_who_may_write_starts_nothing(act, repo, by, text, reactions):
    comment = repo.comment(repo.issue("please", by=by), text, by=by)
    run = act.run(HARDENED, "issue_comment", repo.event_comment(comment), repo=repo, actor=by)
    assert repo.pulls() == [], run.story
    assert repo.branch(BRANCH) is None
    assert {kind for _, kind in repo.reactions(comment.id)} <= reactions


def test_who_may_write_starts_a_task_by_a_comment(act, repo):
    comment = repo.comment(repo.issue("please", by="ann"), "/devteam run 1.1.1", by="ann")
    run = act.run(HARDENED, "issue_comment", repo.event_comment(comment), repo=repo).ok()
    [pull] = repo.pulls()
    assert pull.head_ref == BRANCH, run.story
    assert {kind for _, kind in repo.reactions(comment.id)} == {"eyes"}
