"""What becomes of CI on our commit, in words."""

from __future__ import annotations

import pytest

from devteam_action.github_io.ci_state import WorkflowRunSeen, own_workflow, state_from
from devteam_action.github_io.triggers import concerns_pushes


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("acme/app/.github/workflows/devteam.yml@refs/heads/main", ".github/workflows/devteam.yml"),
        ("acme/.github/.github/workflows/a.yml@refs/heads/x@y", ".github/workflows/a.yml"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_our_own_workflow_is_known_from_the_job(reference, path):
    assert own_workflow({"GITHUB_WORKFLOW_REF": reference}) == path


def run(status: str, conclusion: str = "", *, of: str = "ci.yml") -> WorkflowRunSeen:
    return WorkflowRunSeen(id=1, workflow=of, status=status, conclusion=conclusion, link=f"https://x/{status}")


@pytest.mark.parametrize(
    ("runs", "workflows", "is_job_token", "state"),
    [
        ([run("in_progress")], None, True, "running"),
        ([run("queued")], None, True, "running"),
        ([run("completed", "success")], None, True, "passed"),
        ([run("completed", "skipped")], None, True, "passed"),
        ([run("completed", "timed_out")], None, True, "failed"),
        ([run("completed", "success"), run("completed", "failure")], None, True, "passed"),  # of one workflow
        ([run("completed", "success"), run("queued", of="b.yml")], None, True, "running"),
        ([run("queued"), run("completed", "failure", of="b.yml")], None, True, "failed"),
        ([run("completed", "action_required")], None, True, "held"),
        ([run("completed", "success"), run("waiting")], None, True, "held"),
        ([], ["ci.yml"], True, "none-by-token"),
        ([], ["ci.yml"], False, "unknown"),
        ([], [], True, "none-configured"),
        ([], [], False, "none-configured"),
        ([], None, True, "unknown"),
    ],
)
def test_the_state_follows_from_runs_and_workflows(runs, workflows, is_job_token, state):
    assert state_from(runs, workflows, head="a" * 40, is_job_token=is_job_token).state == state


def test_a_held_run_is_linked_for_whoever_lets_it_go():
    state = state_from([run("completed", "success"), run("waiting")], None, head="5d1e77fa" * 5, is_job_token=True)
    assert state.link == "https://x/waiting"
    assert "Approve" in state.text


@pytest.mark.parametrize(
    ("content", "concerns"),
    [
        (b"on: push\n", True),
        (b"on: [workflow_dispatch, pull_request]\n", True),
        (b"'on': {pull_request_target: {types: [opened]}}\n", True),
        (b"on: {schedule: [{cron: '0 0 * * *'}], workflow_dispatch: }\n", False),
        (b"on: workflow_call\njobs: {a: {steps: [{run: git push}]}}\n", False),
        (b"on: release\n", False),
        (b"jobs: {}\n", True),
        (b"on: 7\n", True),
        (b"{{{", True),
        (b"\xff\xfe", True),
        (b"- a\n", True),
        (b"", True),
        (None, True),
    ],
)
def test_whether_a_push_starts_a_workflow_is_read_from_its_file(content, concerns):
    assert concerns_pushes(content) is concerns
