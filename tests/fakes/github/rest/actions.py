"""Workflows, their runs, dispatching, and the settings of Actions."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.github.answers import Answer, Call, Refusal, not_found
from tests.fakes.github.models import WorkflowRun
from tests.fakes.github.router import route
from tests.fakes.github.runs import Workflow, at, new_run, workflows
from tests.fakes.github.shapes import checks

R = "/repos/{owner}/{repo}"
_MOST_INPUTS = 65_535  # characters, all together


def _run(call: Call) -> WorkflowRun:
    number = call.number("run_id")
    found = next((entry for entry in call.repo.workflow_runs if entry.id == number), None)
    if found is None:
        raise not_found()
    return found


@route("GET", R + "/actions/workflows", "actions=read")
def all_workflows(call: Call) -> Answer:
    return Answer(items=[checks.workflow(call.repo, entry) for entry in workflows(call.repo)], key="workflows")


@route("GET", R + "/actions/runs", "actions=read")
def runs(call: Call) -> Answer:
    """Newest first. `status` is a status or a conclusion, as GitHub has it."""
    wanted = call.query
    found = list(reversed(call.repo.workflow_runs))
    for key, name in (("head_sha", "head_sha"), ("branch", "head_branch"), ("event", "event"), ("actor", "actor")):
        if key in wanted:
            found = [entry for entry in found if getattr(entry, name) == wanted[key]]
    if "status" in wanted:
        found = [entry for entry in found if wanted["status"] in (entry.status, entry.conclusion)]
    return Answer(items=[checks.workflow_run(call.repo, entry) for entry in found], key="workflow_runs")


@route("GET", R + "/actions/runs/{run_id}", "actions=read")
def run(call: Call) -> Answer:
    return Answer(body=checks.workflow_run(call.repo, _run(call)))


@route("GET", R + "/actions/runs/{run_id}/jobs", "actions=read")
def jobs(call: Call) -> Answer:
    _run(call)
    return Answer(items=[], key="jobs")


@route("POST", R + "/actions/runs/{run_id}/cancel", "actions=write")
def cancel(call: Call) -> Answer:
    found = _run(call)
    if found.status == "completed":
        raise Refusal(409, "Cannot cancel a workflow run that is completed.")
    found.status, found.conclusion = "completed", "cancelled"
    return Answer(202, {})


@route("POST", R + "/actions/runs/{run_id}/approve", "actions=write")
def approve(call: Call) -> Answer:
    """A person with write access lets a held run go; a job's token may not, since the hold is against it (assumed)."""
    found = _run(call)
    if call.token and call.token.is_job:
        raise Refusal(403, "Resource not accessible by integration")
    if found.conclusion != "action_required":
        raise Refusal(403, "This run is not from a fork pull request")
    found.status, found.conclusion = "in_progress", None
    return Answer(201, {})


@route("POST", R + "/actions/workflows/{workflow_id}/dispatches", "actions=write")
def dispatch(call: Call) -> Answer:
    wanted = call.params["workflow_id"]
    found = next((w for w in workflows(call.repo) if wanted in (str(w.id), w.path.rpartition("/")[2])), None)
    if found is None:
        raise not_found()
    name = call.text("ref").removeprefix("refs/heads/").removeprefix("refs/tags/")
    refs, store = {f"refs/{kind}/{name}" for kind in ("heads", "tags")}, call.repo.store
    sha = store.sha(name) if refs & set(store.refs("refs")) else None
    if sha is None:
        raise Refusal(422, f"No ref found for: {call.text('ref')}")
    inputs = dict(call.body.get("inputs") or {})
    _check_inputs(at(call.repo, found, sha), inputs)
    made = new_run(call.repo, "workflow_dispatch", found.path, name, sha, call.login)
    made.inputs = inputs
    if call.body.get("return_run_details"):
        shape = checks.workflow_run(call.repo, made)
        return Answer(200, {"workflow_run_id": made.id, "run_url": shape["url"], "html_url": shape["html_url"]})
    return Answer(204)


def _check_inputs(workflow: Workflow, inputs: dict[str, Any]) -> None:
    """By the file on the ref that is dispatched. The words for too much are ours; the rest is as observed."""
    if "workflow_dispatch" not in workflow.triggers:
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    if len(json.dumps(inputs, ensure_ascii=False)) > _MOST_INPUTS:
        raise Refusal(422, "inputs are too large.")
    if workflow.inputs is None:
        return
    if unknown := sorted(set(inputs) - set(workflow.inputs)):
        raise Refusal(422, f"Unexpected inputs provided: {json.dumps(unknown)}")
    for name, about in workflow.inputs.items():
        if (about or {}).get("required") and "default" not in about and not inputs.get(name):
            raise Refusal(422, f"Required input '{name}' not provided")


@route("POST", R + "/dispatches", "contents=write")
def repository_dispatch(call: Call) -> Answer:
    sha = call.repo.branch(call.repo.default_branch) or ""
    for workflow in workflows(call.repo):
        if "repository_dispatch" in workflow.triggers:
            new_run(call.repo, "repository_dispatch", workflow.path, call.repo.default_branch, sha, call.login)
    return Answer(204)


@route("GET", R + "/actions/permissions/workflow", "administration=read")
def settings(call: Call) -> Answer:
    may = call.repo.actions_may_open_pulls
    return Answer(body={"default_workflow_permissions": "read", "can_approve_pull_request_reviews": may})


@route("GET", R + "/actions/secrets", "secrets=read")
def secrets(call: Call) -> Answer:
    now = call.repo.created_at
    found = [{"name": name, "created_at": now, "updated_at": now} for name in call.repo.secrets]
    return Answer(items=found, key="secrets")
