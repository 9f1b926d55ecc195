"""What becomes of the repository's own CI on a commit that we pushed, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from msgspec import Struct

from devteam_action.errors import NotAllowed
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.identity import JOB_LOGIN, login_of
from devteam_action.github_io.refusals import NotFound
from devteam_action.github_io.triggers import concerns_pushes
from devteam_action.pipeline.forge import CiState

Read = Callable[[str], "bytes | None"]  # a file of the commit, by its path

_HELD = ("action_required", "waiting")
_GOOD = ("success", "neutral", "skipped")
_USUAL = ".github/workflows/devteam.yml"  # where `init` writes ours: outside of a job nothing else tells its name
_READ = "actions: read"


class WorkflowRunSeen(Struct, frozen=True, kw_only=True):
    """A workflow run on a commit; `workflow` is the path of its file, `event` what started it."""

    id: int
    workflow: str
    status: str
    conclusion: str
    link: str
    event: str = ""

    @property
    def is_held(self) -> bool:
        """A person has to let it run (docs.github.com/en/actions/how-tos/manage-workflow-runs)."""
        return self.status in _HELD or self.conclusion in _HELD


def state_from(
    runs: Sequence[WorkflowRunSeen], workflows: Sequence[str] | None, *, is_job_token: bool, head: str = ""
) -> CiState:
    """The state by the runs on the commit (the newest first) and, without any, by the workflows that could run."""
    held = [run for run in runs if run.is_held]
    if held:
        # The hold is against the job's own token: that one cannot lift it.
        how = "“Approve and run”" if is_job_token else f"“Approve and run”; `/devteam approve {head[:12]}`"
        text = f"CI is held: somebody with write access must let it run ({how})"
        return CiState(state="held", text=text, link=held[0].link)
    if runs:
        return _by_its_last_runs(runs)
    if workflows is None:
        return CiState(state="unknown", text="whether CI runs is not known: the token may not see it (`actions: read`)")
    if not workflows:
        text = "the repository has no other workflow that a push or a pull request starts"
        return CiState(state="none-configured", text=text)
    if is_job_token:
        return CiState(
            state="none-by-token",
            text=(
                "no CI has started: a push with the job's own token starts none. The token of a GitHub App, or the "
                "input `dispatch-workflow`, does"
            ),
            may_change=True,
        )
    return CiState(state="unknown", text="no CI has started on this commit yet", may_change=True)


def _by_its_last_runs(runs: Sequence[WorkflowRunSeen]) -> CiState:
    """Of each workflow its last run counts: one that was run again says what is true now."""
    last: dict[str, WorkflowRunSeen] = {}
    for run in runs:
        last.setdefault(run.workflow, run)
    running = [run for run in last.values() if run.status != "completed"]
    failed = [run for run in last.values() if run.status == "completed" and run.conclusion not in _GOOD]
    if failed:
        return CiState(state="failed", text=f"CI failed on this commit ({failed[0].conclusion})", link=failed[0].link)
    if running:
        return CiState(state="running", text="CI runs on this commit", link=running[0].link)
    return CiState(state="passed", text="CI passed on this commit", link=runs[0].link)


def own_workflow(variables: Mapping[str, str]) -> str:
    """The path of the workflow file that runs us, from GITHUB_WORKFLOW_REF; empty outside of a job."""
    _, slash, name = variables.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].partition("/.github/workflows/")
    return f".github/workflows/{name}" if slash else ""


class CiOnGitHub:
    """Asks GitHub; runs and workflows of `own_workflow` (the path of our own file) are not the repository's CI."""

    def __init__(self, client: GitHubClient, *, own_workflow: str = "") -> None:
        self._client = client
        self._own = own_workflow or _USUAL

    def state_of(self, head: str, read: Read = lambda path: None, *, known: CiState | None = None) -> CiState:
        """Two requests at most, and one for whose the token is where nothing has told that yet.

        `read` tells from a workflow's file whether it concerns us. `known` is the answer of a moment ago: where there
        is still no run, it stands. A token that may not look is `unknown`, not an error.
        """
        try:
            runs = self.runs_on(head)
            if not runs and known is not None:
                return known
            workflows = None if runs else self._workflows(read)
        except (NotAllowed, NotFound):
            runs, workflows = [], None
        depends = bool(workflows) or any(run.is_held for run in runs)
        is_job_token = depends and login_of(self._client) == JOB_LOGIN
        return state_from(runs, workflows, is_job_token=is_job_token, head=head)

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
                        event=cast("str | None", run.event) or "",
                    ),
                )
                for run in here.get_workflow_runs(head_sha=head).get_page(0)
            ],
            right=_READ,
        )
        return [run for sha, run in found if sha == head and not self._is_own(run.workflow)]

    def _workflows(self, read: Read) -> list[str]:
        found = self._client.read(
            "reading the workflows",
            lambda here: [(each.path, each.state) for each in here.get_workflows().get_page(0)],
            right=_READ,
        )
        # Others, such as `dynamic/pages`, are GitHub's own and no CI.
        return [
            path
            for path, state in found
            if state == "active"
            and path.startswith(".github/workflows/")
            and not self._is_own(path)
            and concerns_pushes(read(path))
        ]

    def _is_own(self, path: str) -> bool:
        return path == self._own
