"""The state of one task's execution: the file `tasks/<id>.json` on the state branch, and `devteam status --json`."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.domain.events import Status, WaitingFor
from devteam_action.domain.results import Usage
from devteam_action.domain.task import Task


class Claim(Struct, frozen=True, kw_only=True, rename="camel"):
    """A lease on a task: `owner` names the process for people, `token` proves it; times are ISO 8601 UTC.

    Expired (`expires`, 15 minutes after the last renewal) it may be renewed by its owner; after `takeover_after`
    (20 minutes) anybody may take it.
    """

    owner: str
    run_id: str
    token: str
    since: str
    expires: str
    takeover_after: str


class ExecutionError(Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a task is in ERROR, and the command that goes on."""

    code: str
    reason: str
    hint: str = ""
    stage: str = ""


class Artifacts(Struct, frozen=True, kw_only=True, rename="camel"):
    repo_path: str = ""
    logs: tuple[str, ...] = ()


class Execution(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a task stands; the first eight fields are the contract's, the others are ours to resume by.

    `head` is the last SHA that we wrote to `branch`: when the branch is elsewhere, a person pushed. `base_branch` is
    what it is to be merged into: with `stack: true` that may be another task's branch.
    `attempts` counts over all runs since the last retry; `usage` over all runs.
    """

    customer_id: str
    current_task: Task
    status: Status = "PENDING"
    branch: str = ""
    progress: int = 0
    start_time: str = ""
    last_update: str = ""
    artifacts: Artifacts = Artifacts()

    waiting_for: WaitingFor | None = None
    run_id: str = ""
    base: str = ""
    head: str = ""
    attempts: int = 0
    usage: Usage = Usage()
    claim: Claim | None = None
    error: ExecutionError | None = None
    skipped: str | None = None
    stop_requested: bool = False
    stop_reason: str = ""
    stop_by: str = ""
    stop_at: str = ""
    pull_request: int | None = None
    tree: str = ""
    base_branch: str = ""

    @property
    def task_id(self) -> str:
        return self.current_task.id
