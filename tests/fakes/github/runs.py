"""Which workflow runs an event starts.

Platform rules modelled: nothing that a job's token pushes starts a `push` run; a pull request that it opens or
updates gets runs that wait for a person's approval (`action_required`) where `held_runs_for_job_token`, else none;
what a person or another App does starts runs at once. A dispatch always starts one, whoever sent it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.github.models import Pull, Token, WorkflowRun

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

VIRTUAL = ".github/workflows/ci.yml"


@dataclass(frozen=True)
class Workflow:
    """`triggers` are the keys of its `on:`; `inputs` those of `workflow_dispatch` by name, None where any are taken."""

    id: int
    name: str
    path: str
    triggers: frozenset[str]
    inputs: Mapping[str, Any] | None = None


def workflows(repo: FakeRepository) -> list[Workflow]:
    """Those in the default branch's tree; where `has_workflows` and there is no file, one called CI without a file."""
    if not repo.has_workflows:
        return []
    found = repo.store.branch(repo.default_branch) and repo.store.run(
        "ls-tree", "--name-only", repo.default_branch, ".github/workflows/"
    )
    paths = [path for path in (found or "").splitlines() if path.endswith((".yml", ".yaml"))]
    if not paths:
        every = frozenset({"push", "pull_request", "workflow_dispatch"})
        return [Workflow(7001, "CI", VIRTUAL, every)]
    return [_read(repo, 7001 + number, path, repo.default_branch) for number, path in enumerate(paths)]


def at(repo: FakeRepository, known: Workflow, sha: str) -> Workflow:
    """The workflow as its file says on that commit: that file is what a dispatch there runs; none, no triggers."""
    return known if known.inputs is None else _read(repo, known.id, known.path, sha)


def _read(repo: FakeRepository, number: int, path: str, commit: str) -> Workflow:
    import yaml

    try:
        content: Any = yaml.safe_load(repo.store.read(f"{commit}:{path}"))
    except yaml.YAMLError:
        content = None
    content = content if isinstance(content, dict) else {}
    triggers = content.get("on", content.get(True, ()))
    names = {triggers} if isinstance(triggers, str) else set(triggers or ())
    dispatch = (triggers.get("workflow_dispatch") if isinstance(triggers, dict) else None) or {}
    return Workflow(
        number, str(content.get("name", path)), path, frozenset(map(str, names)), dispatch.get("inputs") or {}
    )


def start_for_push(repo: FakeRepository, branch: str, sha: str, token: Token | None) -> None:
    if repo.runs_for_pushes and token is not None and not token.is_job:
        _start(repo, "push", branch, sha, token.login)


def start_for_pull(repo: FakeRepository, pull: Pull, token: Token | None) -> None:
    if token is None or not repo.runs_for_pushes:
        return
    is_held = token.is_job or (pull.head_repo != repo.full_name and repo.level_of(token.login) in ("none", "read"))
    if not token.is_job or repo.held_runs_for_job_token:
        _start(repo, "pull_request", pull.head_ref, pull.head_sha, token.login, is_held=is_held)


def _start(repo: FakeRepository, event: str, branch: str, sha: str, login: str, *, is_held: bool = False) -> None:
    for workflow in workflows(repo):
        if event in workflow.triggers:
            run = new_run(repo, event, workflow.path, branch, sha, login)
            run.status, run.conclusion = ("completed", "action_required") if is_held else ("in_progress", None)


def new_run(repo: FakeRepository, event: str, path: str, branch: str, sha: str, login: str) -> WorkflowRun:
    run = WorkflowRun(repo.fake.next_id(), event, path, branch, sha, login, repo.fake.stamp())
    repo.workflow_runs.append(run)
    return run
