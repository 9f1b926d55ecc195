"""What the self-test workflow expects of a refusal is what a job in such a repository gets, and its last step looks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "self-test.yml"
JOB = yaml.safe_load(WORKFLOW.read_text())["jobs"]["is-refused"]
ROWS = JOB["strategy"]["matrix"]["include"]


def script(row, workspace, name, **env):
    """One of the workflow's own steps, as the runner starts it."""
    step = next(step for step in JOB["steps"] if step.get("name") == name)
    named = {key: value.removeprefix("${{ matrix.").removesuffix(" }}") for key, value in step["env"].items()}
    given = {**{key: str(row.get(name, "")) for key, name in named.items()}, **env}
    return subprocess.run(
        ("bash", "-e", "-o", "pipefail", "-c", step["run"]),
        cwd=workspace,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_refusal_is_the_one_that_the_workflow_expects(row, job, tmp_path):
    workspace = tmp_path / "work" / "app"
    workspace.mkdir(parents=True)
    made = script(row, workspace, "A repository with a list")
    assert made.returncode == 0, made.stderr
    inputs = {"command": row["command"], "task": row.get("task", ""), "base-branch": "main"}
    event = job.repo.event_push("main")
    done = job.run("push", event, inputs=inputs, rights={"contents": "read"}, workspace=workspace)
    told = {"OUTCOME": "failure" if done.code else "success", "RESULT": done.outputs.get("result", "")}
    last = "It was red for this reason, and nothing happened"
    found = script(row, workspace, last, **told)
    assert found.returncode == 0, f"{found.stdout}{found.stderr}{done.story}"
    for lie in ({**told, "OUTCOME": "success"}, {**told, "CODE": "another"}, {**told, "RESULT": ""}):
        assert script(row, workspace, last, **lie).returncode != 0
