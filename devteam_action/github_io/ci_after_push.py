"""The repository's own CI after a push of ours: started where a job was told to, and what became of it in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from devteam_action.errors import DevteamError, NotAllowed
from devteam_action.github_io.ci_state import CiOnGitHub, Read, WorkflowRunSeen
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.refusals import NotFound, Unprocessable
from devteam_action.github_io.workflows import Workflows
from devteam_action.pipeline.forge import CiState

if TYPE_CHECKING:
    from devteam_action.pipeline.ports import Clock

# GitHub makes the runs of a push a moment after it.
SETTLES_S = (2.0, 4.0)
# What is said of these is true of the workflow that we have just started, whether its run is to be seen yet or not.
_ON_ITS_WAY = ("running", "none-by-token", "none-configured", "unknown")


class CiAfterPush:
    """`dispatched` is the file name of the workflow to start, empty for none; `own_workflow` the path of our own.

    Where no run is there yet, it is asked for again after each of the times in `settles_s`.
    """

    def __init__(
        self,
        client: GitHubClient,
        *,
        own_workflow: str = "",
        dispatched: str = "",
        settles_s: Sequence[float] = (),
        clock: Clock | None = None,
    ) -> None:
        self._ci = CiOnGitHub(client, own_workflow=own_workflow)
        self._workflows = Workflows(client)
        self._dispatched = dispatched.rpartition("/")[2]
        self._settles_s = tuple(settles_s) if clock is not None else ()
        self._sleep: Callable[[float], None] = clock.sleep if clock is not None else lambda seconds: None

    def state_of(self, branch: str, head: str, read: Read) -> CiState:
        """See pipeline.forge.Forge. A workflow that could not be started is named, and fails nothing.

        Two requests (four where GitHub is slow to make runs), two more to start a workflow, and one for whose the
        token is where nothing has told that yet.
        """
        told, is_started = self._started(branch, head) if self._dispatched else ("", False)
        state = self._ci.state_of(head, read)
        for seconds in self._settles_s:
            if state.state not in ("none-by-token", "unknown") or not state.may_change:
                break
            self._sleep(seconds)
            state = self._ci.state_of(head, read, known=state)
        if is_started and state.state in _ON_ITS_WAY:
            return msgspec.structs.replace(state, state="running", text=told)
        return msgspec.structs.replace(state, text=f"{told}; {state.text}") if told else state

    def _started(self, branch: str, head: str) -> tuple[str, bool]:
        """What to say of the workflow, and whether it is started on that commit, now or before."""
        name = self._dispatched
        try:
            if self._is_dispatched(head) is None:
                self._workflows.dispatch(name, branch, find=lambda: self._is_dispatched(head))
        except NotFound:
            return f"`{name}` was not started: the default branch has no workflow of that name", False
        except Unprocessable as refused:
            return f"`{name}` was not started: {'; '.join(refused.reasons)}", False
        except DevteamError as error:
            return f"`{name}` was not started: {error.message}", False
        return f"`{name}` was started on this commit", True

    def _is_dispatched(self, head: str) -> bool | None:
        """True when it is; None when it is not, or nobody may tell."""
        try:
            return True if any(map(self._is_ours, self._ci.runs_on(head))) else None
        except (NotAllowed, NotFound):
            return None

    def _is_ours(self, run: WorkflowRunSeen) -> bool:
        return run.event == "workflow_dispatch" and run.workflow.rpartition("/")[2] == self._dispatched
