"""Whole jobs: an event goes in, and what people see on GitHub afterwards is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS

EXAMPLES = Path(__file__).parents[2] / "examples"
DEVTEAM = (EXAMPLES / "devteam.yml").read_text()
VERIFY_ONLY = (EXAMPLES / "verify-only.yml").read_text()
MATRIX = (EXAMPLES / "matrix.yml").read_text()
BRANCH = "task/1-1-1-write-hello"
HELLO = {"hello.txt": "hello\n"}


@pytest.fixture
def repo(github):
    files = {LIST: TWO_TASKS, ".devteam.yml": CHECKED_BY_GREP, "README.md": "# App\n"}
    files |= {f"recorded/{task}.patch": patch for task, patch in HELLO_AND_WORLD.items()}
    made = github.repository("acme/app", files=files)
    made.collaborator("ann", "write")
    return made


def dispatch(act, repo, **inputs):
    return act.run(DEVTEAM, "workflow_dispatch", repo.event_dispatch(inputs=inputs), repo=repo)


def say(act, repo, number, text, *, by="ann", job=""):
    comment = repo.comment(number, text, by=by)
    run = act.run(DEVTEAM, "issue_comment", repo.event_comment(comment), repo=repo, actor=by, job=job)
    return comment, run


def ours(repo, number):
    return [each for each in repo.comments(number) if each.user == "github-actions[bot]"]


def asked(github) -> str:
    return "\n".join(f"{each.method} {each.path} -> {each.status}" for each in github.requests)


# --- a task


def test_a_dispatch_ends_in_a_pull_request_that_is_ready(act, github, repo):
    run = dispatch(act, repo).ok()
    [pull] = repo.pulls()
    assert (pull.draft, pull.head_ref, pull.state) == (False, BRANCH, "open"), run.story
    assert repo.git("show", f"{BRANCH}:hello.txt") == "hello"
    [sticky] = ours(repo, pull.number)
    assert "<!-- devteam:task=1.1.1 -->" in sticky.body
    [check] = repo.check_runs(pull.head_sha)
    assert (check.name, check.status, check.conclusion) == ("DevTeam / verify", "completed", "success")
    assert {each.status for each in repo.check_runs()} == {"completed"}, "a head that was left goes on for ever"
    told = run.outputs
    assert (told["status"], told["task-id"], told["branch"]) == ("WAITING", "1.1.1", BRANCH)
    assert (told["pull-request"], told["check-run"]) == (str(pull.number), str(check.id))
    assert json.loads(told["result"])["success"] is True
    assert "1.1.1" in run.summary
    # The issue's figures.
    assert len(github.requests) <= 25, asked(github)
    assert len(github.writes) <= 12, asked(github)


def test_the_same_dispatch_again_makes_nothing_a_second_time(act, github, repo):
    dispatch(act, repo, task="1.1.1").ok()
    before = (repo.branch(BRANCH), len(repo.comments(1)), len(repo.all_check_runs))
    dispatch(act, repo, task="1.1.1")
    assert (repo.branch(BRANCH), len(repo.comments(1)), len(repo.all_check_runs)) == before
    assert len(repo.pulls()) == 1


def test_a_task_that_fails_is_red_and_its_pull_request_stays_a_draft(act, repo):
    repo.commit("main", {"recorded/1.1.1.patch": None})
    run = dispatch(act, repo)
    assert run.code == 1
    assert run.outputs["status"] == "ERROR"
    assert run.steps["work/devteam/finish"].result == "success", run.story
    assert all(pull.draft for pull in repo.pulls())


def test_no_token_is_in_the_log(act, github, repo):
    run = dispatch(act, repo).ok()
    assert not [value for value in github.tokens if value in run.story]


def test_a_merge_completes_the_task_and_offers_the_next(act, repo):
    dispatch(act, repo).ok()
    repo.merge(1, by="ann")
    run = act.run(DEVTEAM, "pull_request", repo.event_pull(1, "closed"), repo=repo).ok()
    assert run.outputs["has-more"] == "true"
    assert "[x]" in repo.git("show", f"main:{LIST}")
    done = json.loads(repo.git("show", "devteam/state:tasks/1.1.1.json"))
    assert done["status"] == "COMPLETED", run.story
    assert "/devteam run 1.1.2" in run.log + run.summary + "".join(each.body for each in ours(repo, 1))


# --- comments


def test_a_command_on_an_issue_runs_the_task(act, repo):
    comment, run = say(act, repo, repo.issue("Let us begin"), "/devteam run 1.1.1")
    assert [each.head_ref for each in repo.pulls()] == [BRANCH], run.ok().story
    assert {content for _, content in repo.reactions(comment.id)} >= {"eyes", "rocket"}
    assert len(ours(repo, comment.number)) == 1


def test_status_is_answered_with_few_requests(act, github, repo):
    comment, run = say(act, repo, repo.issue("How is it going?"), "/devteam status")
    run.ok()
    assert len(ours(repo, comment.number)) == 1, run.story
    assert {content for _, content in repo.reactions(comment.id)} >= {"eyes", "rocket"}
    assert len(github.requests) <= 6, asked(github)


def test_a_comment_that_is_delivered_twice_is_carried_out_once(act, github, repo):
    comment = repo.comment(repo.issue("Let us begin"), "/devteam inject Write a word to [word.txt](word.txt)", by="ann")
    for _ in range(2):
        act.run(DEVTEAM, "issue_comment", repo.event_comment(comment), repo=repo).ok()
    queue = json.loads(repo.git("show", "devteam/state:queue.json"))
    assert json.dumps(queue).count("Write a word") == 1
    assert len(ours(repo, comment.number)) == 1


def test_a_stranger_gets_a_thumb_down_and_no_run(act, github, repo):
    comment, run = say(act, repo, repo.issue("Let me in"), "/devteam run", by="mallory")
    run.ok()
    assert [content for _, content in repo.reactions(comment.id)] == ["-1"]
    assert not repo.pulls()
    assert repo.branch("devteam/state") is None


# --- pull requests


def test_a_pull_request_of_a_fork_is_judged_with_a_token_that_only_reads(act, github, repo):
    fork = github.fork(repo, "mallory/app")
    fork.commit(BRANCH, HELLO, as_login="mallory")
    pull = repo.open_pull(BRANCH, "main", by="mallory", from_fork="mallory/app")
    event = repo.event_pull(pull.number, "opened")
    run = act.run(VERIFY_ONLY, "pull_request", event, repo=repo, is_from_fork=True, actor="mallory").ok()
    assert github.writes == [], asked(github)
    assert (repo.comments(pull.number), repo.all_check_runs, repo.branch("devteam/state")) == ([], [], None)
    assert "1 of 1 criterion met" in run.summary
    assert "A fork's token can only read, so there is no comment and no check run" in run.summary


def test_a_pull_request_of_a_fork_that_proves_nothing_is_red(act, github, repo):
    fork = github.fork(repo, "mallory/app")
    fork.commit(BRANCH, {"other.txt": "text\n"}, as_login="mallory")
    pull = repo.open_pull(BRANCH, "main", by="mallory", from_fork="mallory/app")
    event = repo.event_pull(pull.number, "opened")
    run = act.run(VERIFY_ONLY, "pull_request", event, repo=repo, is_from_fork=True, actor="mallory")
    assert run.code == 1, run.story
    assert github.writes == [], asked(github)
    assert "`words`" in run.summary


def test_a_pull_request_that_is_no_task_is_green_at_once(act, github, repo):
    repo.commit("fix/typo", {"README.md": "# The app\n"})
    pull = repo.open_pull("fix/typo", "main")
    run = act.run(DEVTEAM, "pull_request", repo.event_pull(pull.number, "opened"), repo=repo).ok()
    assert github.requests == [], run.story


def test_a_push_of_a_person_on_a_task_branch_is_judged_on_its_own_head(act, repo):
    dispatch(act, repo).ok()
    head = repo.commit(BRANCH, {"hello.txt": "hello, world\n"}, as_login="ann")
    run = act.run(DEVTEAM, "pull_request", repo.event_pull(1, "synchronize"), repo=repo).ok()
    [check] = repo.check_runs(head)
    assert (check.status, check.conclusion) == ("completed", "success"), run.story
    assert len(ours(repo, 1)) == 1


# --- other shapes of workflow


CALLER = """\
on: push
permissions: {contents: write, pull-requests: write, issues: write, checks: write, actions: read}
jobs:
  devteam:
    uses: ./.github/workflows/called.yml
    secrets: inherit
"""
CALLED = """\
on: workflow_call
jobs:
  work:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with: {ref: main, persist-credentials: false}
      - id: devteam
        uses: devteam-action/devteam-action@v1
        with: {command: COMMAND}
"""


@pytest.mark.parametrize(("command", "branches"), [("run", [BRANCH]), ("auto", [])])
def test_a_called_workflow_goes_by_its_command_and_not_by_its_callers_event(act, repo, command, branches):
    called = {"called.yml": CALLED.replace("COMMAND", command)}
    run = act.run(CALLER, "push", repo.event_push("main"), repo=repo, called=called).ok()
    assert [each.head_ref for each in repo.pulls()] == branches, run.story


def test_the_matrix_example_works_on_every_task_that_is_ready(act, repo):
    lists = {LIST: TWO_TASKS.replace("1.1.2", "1.2.1").replace("1.2.1", "1.2 Others\n1.2.1")}
    repo.commit("main", {**lists, "recorded/1.2.1.patch": HELLO_AND_WORLD["1.1.2"]})
    run = act.run(MATRIX, "workflow_dispatch", repo.event_dispatch(), repo=repo).ok()
    assert sorted(each.head_ref for each in repo.pulls()) == [BRANCH, "task/1-2-1-write-world"], run.story
    assert not any(each.draft for each in repo.pulls())
