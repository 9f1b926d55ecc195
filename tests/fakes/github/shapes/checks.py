"""Check runs, check suites, statuses, workflows and their runs."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tests.fakes.github.models import CheckRun, Status, WorkflowRun
from tests.fakes.github.runs import Workflow, workflows
from tests.fakes.github.shapes.core import Shape, api, app, html, repository, user
from tests.fakes.github.shapes.git import simple_commit
from tests.fakes.github.shapes.pulls import minimal

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository


def suite_id(sha: str, slug: str) -> int:
    """One suite for each commit and App."""
    return zlib.crc32(f"{sha} {slug}".encode())


def _pulls(repo: FakeRepository, sha: str) -> list[Shape]:
    return [
        minimal(repo, pull) for pull in repo.open_pulls() if pull.head_sha == sha and pull.head_repo == repo.full_name
    ]


def check_run(repo: FakeRepository, made: CheckRun) -> Shape:
    url, page = f"{api(repo)}/check-runs/{made.id}", f"{html(repo)}/runs/{made.id}"
    output = {
        "title": made.title, "summary": made.summary, "text": made.text, "annotations_count": len(made.annotations),
        "annotations_url": f"{url}/annotations",
    }  # fmt: skip
    return {
        "id": made.id, "node_id": f"CR_{made.id}", "name": made.name, "head_sha": made.head_sha, "url": url,
        "html_url": page,
        "external_id": made.external_id, "details_url": made.details_url or page, "status": made.status,
        "conclusion": made.conclusion, "started_at": made.started_at, "completed_at": made.completed_at,
        "output": output,
        "check_suite": {"id": suite_id(made.head_sha, made.app)}, "app": app(repo.fake, made.app),
        "pull_requests": _pulls(repo, made.head_sha),
    }  # fmt: skip


def annotation(repo: FakeRepository, made: CheckRun, given: Shape) -> Shape:
    keys = (
        "path",
        "start_line",
        "end_line",
        "start_column",
        "end_column",
        "annotation_level",
        "title",
        "message",
        "raw_details",
    )
    return {**{key: given.get(key) for key in keys}, "blob_href": f"{html(repo)}/blob/{made.head_sha}/{given['path']}"}


def suites(repo: FakeRepository, sha: str) -> list[Shape]:
    """Those of the check runs and workflow runs on a commit."""
    slugs = {run.app for run in repo.check_runs(sha)} | ({"github-actions"} if repo.runs(sha) else set())
    return [_suite(repo, sha, slug) for slug in sorted(slugs)]


def _suite(repo: FakeRepository, sha: str, slug: str) -> Shape:
    number, checks = suite_id(sha, slug), [run for run in repo.check_runs(sha) if run.app == slug]
    runs = repo.runs(sha) if slug == "github-actions" else []
    ends = [run.conclusion for run in [*checks, *runs]]
    status = "completed" if all(ends) else "in_progress"
    worst = next((word for word in ("action_required", "failure", "cancelled", "neutral") if word in ends), "success")
    url, now = f"{api(repo)}/check-suites/{number}", repo.fake.stamp()
    branch = next(
        (run.head_branch for run in runs), next((p.head_ref for p in repo.pulls() if p.head_sha == sha), None)
    )
    return {
        "id": number, "node_id": f"CS_{number}", "head_branch": branch, "head_sha": sha, "status": status,
        "conclusion": worst if status == "completed" else None, "url": url, "before": None, "after": sha,
        "pull_requests": _pulls(repo, sha), "app": app(repo.fake, slug), "repository": repository(repo),
        "created_at": now,
        "updated_at": now, "head_commit": simple_commit(repo, sha), "latest_check_runs_count": len(checks),
        "check_runs_url": f"{url}/check-runs",
    }  # fmt: skip


def status(repo: FakeRepository, made: Status) -> Shape:
    return {
        "url": f"{api(repo)}/statuses/{made.sha}", "avatar_url": f"{repo.fake.server_url}/avatars/0", "id": made.id,
        "node_id": f"SC_{made.id}", "state": made.state, "description": made.description, "target_url": made.target_url,
        "context": made.context, "created_at": made.created_at, "updated_at": made.created_at,
    }  # fmt: skip


def workflow(repo: FakeRepository, made: Workflow) -> Shape:
    page = f"{html(repo)}/blob/{repo.default_branch}/{made.path}"
    return {
        "id": made.id, "node_id": f"W_{made.id}", "name": made.name, "path": made.path, "state": "active",
        "created_at": repo.created_at, "updated_at": repo.created_at, "url": f"{api(repo)}/actions/workflows/{made.id}",
        "html_url": page, "badge_url": f"{html(repo)}/workflows/{made.id}/badge.svg",
    }  # fmt: skip


def workflow_run(repo: FakeRepository, made: WorkflowRun) -> Shape:
    url, page = f"{api(repo)}/actions/runs/{made.id}", f"{html(repo)}/actions/runs/{made.id}"
    known = next((entry for entry in workflows(repo) if entry.path == made.path), None)
    suite = suite_id(made.head_sha, "github-actions")
    number = repo.workflow_runs.index(made) + 1
    parts = {f"{part}_url": f"{url}/{part}" for part in ("jobs", "logs", "artifacts", "cancel", "rerun")}
    person, here = user(repo.fake, made.actor), repository(repo)
    return {
        "id": made.id, "name": known.name if known else made.path, "node_id": f"WFR_{made.id}", "check_suite_id": suite,
        "check_suite_node_id": f"CS_{suite}", "head_branch": made.head_branch, "head_sha": made.head_sha,
        "path": made.path,
        "run_number": number, "run_attempt": 1, "referenced_workflows": [], "event": made.event, "status": made.status,
        "conclusion": made.conclusion, "workflow_id": known.id if known else 0, "url": url, "html_url": page,
        "pull_requests": _pulls(repo, made.head_sha), "created_at": made.created_at, "updated_at": made.created_at,
        "actor": person, "triggering_actor": person, "run_started_at": made.created_at, **parts,
        "check_suite_url": f"{api(repo)}/check-suites/{suite}", "previous_attempt_url": None,
        "workflow_url": f"{api(repo)}/actions/workflows/{known.id if known else 0}",
        "head_commit": simple_commit(repo, made.head_sha), "repository": here, "head_repository": here,
        "display_title": made.event,
    }  # fmt: skip
