"""Workflows, their runs, dispatching, and the settings of Actions."""

from __future__ import annotations

from tests.fakes.github.answers import Answer, Call, Refusal, not_found
from tests.fakes.github.models import WorkflowRun
from tests.fakes.github.router import route
from tests.fakes.github.runs import new_run, workflows
from tests.fakes.github.shapes import checks

R = "/repos/{owner}/{repo}"


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
    if "workflow_dispatch" not in found.triggers:
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    name = call.text("ref").removeprefix("refs/heads/").removeprefix("refs/tags/")
    sha = call.repo.store.sha(name)
    if sha is None:
        raise Refusal(422, f"No ref found for: {call.text('ref')}")
    made = new_run(call.repo, "workflow_dispatch", found.path, name, sha, call.login)
    made.inputs = dict(call.body.get("inputs") or {})
    if call.body.get("return_run_details"):
        shape = checks.workflow_run(call.repo, made)
        return Answer(200, {"workflow_run_id": made.id, "run_url": shape["url"], "html_url": shape["html_url"]})
    return Answer(204)


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
