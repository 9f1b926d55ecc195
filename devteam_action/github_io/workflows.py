"""Workflows of the repository: started, let run, and what they are allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from devteam_action.errors import NotAllowed
from devteam_action.github_io.ci_state import CiOnGitHub
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.identity import JOB_LOGIN, login_of
from devteam_action.github_io.refusals import Forbidden, NotFound, Unprocessable

RIGHT = "actions: write"


class _Settings(Struct, frozen=True):
    can_approve_pull_request_reviews: bool


class Workflows:
    """The workflows of the client's repository."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def dispatch(
        self,
        workflow: str,
        ref: str,
        inputs: Mapping[str, str] | None = None,
        *,
        find: Callable[[], bool | None] | None = None,
    ) -> None:
        """Starts a workflow (the name of its file) on a branch; after a lost answer `find` looks whether it has.

        Without it a lost answer raises Missing: it is sent once.
        """
        name = workflow.rpartition("/")[2]
        self._client.create(
            f"starting {name} on {ref}",
            lambda here: here.get_workflow(name).create_dispatch(  # pyright: ignore[reportUnknownMemberType]
                ref, dict(inputs or {}), throw=True
            ),
            find=find,
            right=RIGHT,
        )

    def approve_held(self, head: str) -> int:
        """Lets the runs on the commit go that wait for a person's approval; how many did."""
        held = [run for run in CiOnGitHub(self._client).runs_on(head) if run.is_held]
        return sum(self._approve(run.id) for run in held)

    def _approve(self, run: int) -> bool:
        """False when it was not waiting any more. Raises NotAllowed for the job's own token, whatever its rights."""
        try:
            self._client.change(
                f"approving workflow run {run}",
                lambda _: self._client.raw("POST", f"/actions/runs/{run}/approve"),
                right=RIGHT,
            )
        except (NotFound, Unprocessable):
            return False
        except Forbidden as refused:
            if login_of(self._client) != JOB_LOGIN:
                raise
            raise NotAllowed(
                "a job's own token may not let runs go that are held because of it",
                remedy="press “Approve and run” on the pull request, or give the action the token of a GitHub App",
            ) from refused
        return True

    def may_open_pulls(self) -> bool | None:
        """Whether jobs may open pull requests here; None when the token may not ask (a job's own may not)."""
        try:
            answer = self._client.read(
                "reading what workflows may do",
                lambda _: msgspec.convert(self._client.raw("GET", "/actions/permissions/workflow"), _Settings),
            )
        except (NotAllowed, NotFound):
            return None
        return answer.can_approve_pull_request_reviews
