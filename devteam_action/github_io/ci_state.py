"""What becomes of the repository's own CI on a commit that we pushed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from msgspec import Struct

from devteam_action.errors import NotAllowed
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.identity import JOB_LOGIN, login_of
from devteam_action.github_io.refusals import NotFound
from devteam_action.pipeline.forge import CiState

_HELD = ("action_required", "waiting")
_USUAL = ".github/workflows/devteam.yml"  # where `init` writes ours: outside of a job nothing else tells its name
_READ = "actions: read"


class WorkflowRunSeen(Struct, frozen=True, kw_only=True):
    """A workflow run on a commit; `workflow` is the path of its file."""

    id: int
    workflow: str
    status: str
    conclusion: str
    link: str

    @property
    def is_held(self) -> bool:
        """A person has to let it run (docs.github.com/en/actions/how-tos/manage-workflow-runs)."""
        return self.status in _HELD or self.conclusion in _HELD


def state_from(runs: Sequence[WorkflowRunSeen], workflows: Sequence[str] | None, *, is_job_token: bool) -> CiState:
    """The state by the runs on the commit and, where there are none, by the workflows that there are to run."""
    held = [run for run in runs if run.is_held]
    if held:
        return CiState(
            state="held",
            text="CI is held: somebody with write access must let it run (“Approve and run”; `/devteam approve HASH`)",
            link=held[0].link,
        )
    if runs:
        return CiState(state="running", text="CI runs on this commit", link=runs[0].link)
    if workflows is None:
        return CiState(state="unknown", text="whether CI runs is not known: the token may not see it (`actions: read`)")
    if not workflows:
        return CiState(state="none-configured", text="the repository has no other workflow that could run")
    if is_job_token:
        return CiState(
            state="none-by-token",
            text=(
                "no CI has started: a push with the job's own token starts none. The token of a GitHub App, or the "
                "input `dispatch-workflow`, does"
            ),
        )
    return CiState(state="unknown", text="no CI has started on this commit yet")


def own_workflow(variables: Mapping[str, str]) -> str:
    """The path of the workflow file that runs us, from GITHUB_WORKFLOW_REF; empty outside of a job."""
    _, slash, name = variables.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].partition("/.github/workflows/")
    return f".github/workflows/{name}" if slash else ""


class CiOnGitHub:
    """Asks GitHub; runs and workflows of `own_workflow` (the path of our own file) are not the repository's CI."""

    def __init__(self, client: GitHubClient, *, own_workflow: str = "") -> None:
        self._client = client
        self._own = own_workflow or _USUAL

    def state_of(self, head: str) -> CiState:
        """Two requests at most, and one for whose the token is where nothing has told that yet.

        A token that may not look is `unknown`, not an error.
        """
        try:
            runs = self.runs_on(head)
            workflows = None if runs else self._workflows()
        except (NotAllowed, NotFound):
            runs, workflows = [], None
        return state_from(runs, workflows, is_job_token=bool(workflows) and login_of(self._client) == JOB_LOGIN)

    def runs_on(self, head: str) -> list[WorkflowRunSeen]:
        """The runs of other workflows than ours on the commit, the newest first."""
        found = self._client.read(
            f"reading the workflow runs on {head[:12]}",
            lambda here: [
                (
                    run.head_sha,
                    WorkflowRunSeen(
                        id=run.id,
                        workflow=(run.path or "").partition("@")[0],
                        status=cast("str | None", run.status) or "",
                        conclusion=cast("str | None", run.conclusion) or "",
                        link=run.html_url,
                    ),
                )
                for run in here.get_workflow_runs(head_sha=head).get_page(0)
            ],
            right=_READ,
        )
        return [run for sha, run in found if sha == head and not self._is_own(run.workflow)]

    def _workflows(self) -> list[str]:
        found = self._client.read(
            "reading the workflows",
            lambda here: [(each.path, each.state) for each in here.get_workflows().get_page(0)],
            right=_READ,
        )
        # Others, such as `dynamic/pages`, are GitHub's own and no CI.
        return [
            path
            for path, state in found
            if state == "active" and path.startswith(".github/workflows/") and not self._is_own(path)
        ]

    def _is_own(self, path: str) -> bool:
        return path == self._own
