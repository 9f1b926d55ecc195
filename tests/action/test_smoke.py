"""The action as a whole, before anything of ours is asked for: what is not for us costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLE = (Path(__file__).parents[2] / "examples" / "devteam.yml").read_text()
# Without the filter of the example's jobs: the gate alone decides.
BARE = """\
on: issue_comment
permissions: {contents: write, issues: write, pull-requests: write}
jobs:
  devteam:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with: {persist-credentials: false}
      - uses: devteam-action/devteam-action@v1
        env: {OPENAI_API_KEY: nobody-may-see-this}
"""


@pytest.fixture
def repo(github):
    made = github.repository("acme/app", files={"README.md": "# App\n"})
    made.collaborator("ann", "write")
    return made


@pytest.mark.parametrize(
    "text",
    [
        "Nice work!",
        "Write `/devteam run` to start it",
        "> /devteam run",
        "```\n/devteam run\n```",
        "/run\n/devteam run",
        "::set-output name=go::true\n$(touch pwned) ${{ github.token }}",
        "x" * 65_536,
    ],
    ids=["praise", "in a sentence", "quoted", "fenced", "second line", "hostile", "long"],
)
def test_a_comment_that_is_no_command_costs_nothing(act, github, repo, text):
    comment = repo.comment(repo.issue("A task"), text, by="ann")
    run = act.run(BARE, "issue_comment", repo.event_comment(comment), repo=repo).ok()
    assert github.requests == []
    assert run.steps["devteam/devteam/gate"].outputs["go"] == "false"
    assert "devteam/devteam/install" not in run.steps, run.story
    assert set(run.outputs.values()) <= {""}


def test_the_example_starts_no_job_for_talk(act, github, repo):
    comment = repo.comment(repo.issue("A task"), "Nice work!", by="ann")
    run = act.run(EXAMPLE, "issue_comment", repo.event_comment(comment), repo=repo).ok()
    assert github.requests == []
    assert run.jobs == {}, run.story


def test_a_stranger_may_not_command_and_nothing_is_installed(act, github, repo):
    comment = repo.comment(repo.issue("A task"), "/devteam run", by="mallory")
    run = act.run(BARE, "issue_comment", repo.event_comment(comment), repo=repo, actor="mallory").ok()
    assert "devteam/devteam/install" not in run.steps, run.story
    assert [content for _, content in repo.reactions(comment.id)] == ["-1"]
    assert repo.comments(comment.number) == [comment]
