"""Check runs and statuses. Only Apps make check runs, and only the App that made one may change it."""

from __future__ import annotations

from typing import Any

from tests.fakes.github.answers import Answer, Call, Refusal, invalid, not_found
from tests.fakes.github.models import CheckRun, Status
from tests.fakes.github.router import route
from tests.fakes.github.shapes import checks, core

R = "/repos/{owner}/{repo}"
_LONGEST = 65_535


def _app(call: Call) -> str:
    if call.token is None or call.token.app is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    return call.token.app


def _check_run(call: Call) -> CheckRun:
    number = call.number("check_run_id")
    found = next((entry for entry in call.repo.all_check_runs if entry.id == number), None)
    if found is None:
        raise not_found()
    return found


def _sha(call: Call, name: str) -> str:
    found = call.repo.store.sha(name)
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {name}")
    return found


@route("POST", R + "/check-runs", "checks=write")
def create(call: Call) -> Answer:
    app = _app(call)
    sha = call.text("head_sha")
    if len(sha) != 40:
        raise invalid("CheckRun", "head_sha must be a 40 character SHA", field="head_sha")
    made = CheckRun(call.fake.next_id(), call.text("name"), _sha(call, sha), app, started_at=call.fake.stamp())
    _write(call, made)
    call.repo.all_check_runs.append(made)
    return Answer(201, checks.check_run(call.repo, made))


@route("PATCH", R + "/check-runs/{check_run_id}", "checks=write")
def update(call: Call) -> Answer:
    app, found = _app(call), _check_run(call)
    if app != found.app:
        number = core.app(call.fake, app)["id"]
        raise Refusal(
            403, f"Invalid app_id `{number}` - check run can only be modified by the GitHub App that created it."
        )
    _write(call, found)
    return Answer(body=checks.check_run(call.repo, found))


def _write(call: Call, run: CheckRun) -> None:
    """Takes over what the body says, after the rules that GitHub has in prose only."""
    body: dict[str, Any] = call.body
    output: dict[str, Any] = body.get("output") or {}
    if body.get("status") == "completed" and not body.get("conclusion") and not run.conclusion:
        raise invalid("CheckRun", 'Missing property "conclusion"', field="conclusion", code="missing_field")
    if output and "summary" not in output:
        raise Refusal(422, "Invalid request.\n\nFor 'properties/output', \"summary\" wasn't supplied.")
    if "title" not in output and output and run.title is None:
        raise Refusal(422, "Invalid request.\n\nFor 'properties/output', \"title\" wasn't supplied.")
    for name in ("summary", "text"):
        if len(str(output.get(name) or "")) > _LONGEST:
            raise Refusal(
                422, f"Invalid request.\n\nOnly {_LONGEST} characters are allowed; {len(output[name])} were supplied."
            )
    added = output.get("annotations") or []
    if len(added) > 50:
        raise Refusal(422, f"Invalid request.\n\nNo more than 50 items are allowed; {len(added)} were supplied.")
    for entry in added:
        _check(entry)
    if len(body.get("actions") or []) > 3:
        raise Refusal(422, "Invalid request.\n\nNo more than 3 items are allowed.")
    for name in ("name", "details_url", "external_id", "started_at", "completed_at"):
        setattr(run, name, body.get(name, getattr(run, name)))
    for name in ("title", "summary", "text"):
        setattr(run, name, output.get(name, getattr(run, name)))
    run.annotations += added
    if "conclusion" in body:
        run.status, run.conclusion = "completed", body["conclusion"]
        run.completed_at = run.completed_at or call.fake.stamp()
    elif "status" in body:
        run.status = body["status"]
        if run.status != "completed":
            run.conclusion = run.completed_at = None


def _check(entry: dict[str, Any]) -> None:
    start, end = entry["start_line"], entry["end_line"]
    if end < start or start < 1:
        raise invalid("CheckRun", "end_line must not be before start_line", field="annotations", code="invalid")
    if start != end and ("start_column" in entry or "end_column" in entry):
        raise invalid("CheckRun", "columns only where start_line is end_line", field="annotations", code="invalid")
    sizes = {name: len(str(entry.get(name) or "").encode()) for name in ("message", "raw_details")}  # 64 KB of each
    too_long = [name for name, size in sizes.items() if size > 65_536]
    too_long += ["title"] if len(str(entry.get("title") or "")) > 255 else []
    if too_long:
        raise invalid("CheckRun", f"{too_long[0]} is too long", field="annotations", code="invalid")


@route("GET", R + "/check-runs/{check_run_id}", "checks=read")
def get(call: Call) -> Answer:
    return Answer(body=checks.check_run(call.repo, _check_run(call)))


@route("GET", R + "/check-runs/{check_run_id}/annotations", "checks=read")
def annotations(call: Call) -> Answer:
    run = _check_run(call)
    return Answer(items=[checks.annotation(call.repo, run, entry) for entry in run.annotations])


@route("GET", R + "/commits/{ref}/check-runs", "checks=read")
def of_commit(call: Call) -> Answer:
    """`filter=latest` (the default) shows the newest of each name and App, as GitHub does."""
    found = call.repo.check_runs(_sha(call, call.params["ref"]))
    if call.query.get("filter", "latest") == "latest":
        found = list({(entry.name, entry.app): entry for entry in found}.values())
    for key, name in (("check_name", "name"), ("status", "status")):
        if key in call.query:
            found = [entry for entry in found if getattr(entry, name) == call.query[key]]
    if "app_id" in call.query:
        found = [entry for entry in found if str(core.app(call.fake, entry.app)["id"]) == call.query["app_id"]]
    found.sort(key=lambda entry: -entry.id)
    return Answer(items=[checks.check_run(call.repo, entry) for entry in found], key="check_runs")


@route("GET", R + "/commits/{ref}/check-suites", "checks=read")
def suites(call: Call) -> Answer:
    return Answer(items=checks.suites(call.repo, _sha(call, call.params["ref"])), key="check_suites")


@route("POST", R + "/statuses/{sha}", "statuses=write")
def create_status(call: Call) -> Answer:
    sha, body = _sha(call, call.params["sha"]), call.body
    context = body.get("context") or "default"
    made = Status(
        call.fake.next_id(),
        sha,
        body["state"],
        context,
        body.get("description"),
        body.get("target_url"),
        call.login,
        call.fake.stamp(),
    )
    call.repo.statuses.append(made)
    return Answer(201, {**checks.status(call.repo, made), "creator": core.user(call.fake, call.login)})


@route("GET", R + "/commits/{ref}/statuses", "statuses=read")
def statuses(call: Call) -> Answer:
    sha = _sha(call, call.params["ref"])
    found = [entry for entry in reversed(call.repo.statuses) if entry.sha == sha]
    return Answer(
        items=[{**checks.status(call.repo, entry), "creator": core.user(call.fake, entry.user)} for entry in found]
    )


@route("GET", R + "/commits/{ref}/status", "statuses=read")
def combined(call: Call) -> Answer:
    sha = _sha(call, call.params["ref"])
    latest = {entry.context: entry for entry in call.repo.statuses if entry.sha == sha}
    states = {entry.state for entry in latest.values()}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    url = f"{core.api(call.repo)}/commits/{sha}"
    return Answer(body={
        "state": state, "statuses": [checks.status(call.repo, entry) for entry in latest.values()], "sha": sha,
        "total_count": len(latest), "repository": core.repository(call.repo), "commit_url": url, "url": f"{url}/status",
    })  # fmt: skip
