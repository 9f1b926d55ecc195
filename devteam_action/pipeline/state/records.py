"""The records on the state branch, and what a reader of the whole gets."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from devteam_action.domain.events import Status
from devteam_action.domain.execution import Execution
from devteam_action.domain.results import Usage
from devteam_action.domain.task import Task

SCHEMA_VERSION = 1


class _Record(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class Project(_Record, frozen=True, kw_only=True):
    """`project.json`: by which rules this branch is written, and whose it is."""

    schema_version: int
    customer_id: str = ""
    created: str = ""


class Injected(_Record, frozen=True, kw_only=True):
    """A task that a person put in; `anchor` is the id that `before`, `after` and `replace` speak of."""

    task: Task
    place: Literal["next", "before", "after", "replace"] = "next"
    anchor: str | None = None
    by: str = ""
    at: str = ""


class Guidance(_Record, frozen=True, kw_only=True):
    """A person's word for a task; an empty `receipt` means that no attempt has taken it yet."""

    id: str
    task_id: str
    text: str
    by: str = ""
    at: str = ""
    receipt: str = ""


class LedgerEntry(_Record, frozen=True, kw_only=True):
    """What one attempt took: `duration` and `stages` in seconds, `criteria` name to passed."""

    run_id: str
    task_id: str
    attempt: int
    tool: str
    model: str = ""
    started: str = ""
    duration: float = 0.0
    usage: Usage = Usage()
    outcome: str = ""
    criteria: dict[str, bool] = {}
    stages: dict[str, float] = {}


class RunRecord(_Record, frozen=True, kw_only=True):
    """`run.json`: one run on one task. `last_sequence` is the highest number of a stored event, -1 for none.

    `ended` is empty while the run goes on (or was killed).
    """

    run_id: str
    task_id: str
    title: str = ""
    status: Status = "PENDING"
    branch: str = ""
    started: str = ""
    updated: str = ""
    ended: str = ""
    attempts: int = 0
    usage: Usage = Usage()
    segments: int = 0
    last_sequence: int = -1


class RunIndex(_Record, frozen=True, kw_only=True):
    """`runs/index.json`: how many runs each day has, so that retention need not list them."""

    days: dict[str, int] = {}


class Damaged(_Record, frozen=True, kw_only=True):
    """A file of the state branch that cannot be read; it is left where it is, and the rest works."""

    path: str
    reason: str


class ProjectView(_Record, frozen=True, kw_only=True):
    """Everything in flight. Keys are task ids; `guidance` is what nobody has taken yet.

    `stale`: the remote could not be asked, this is what was last seen of it.
    """

    version: str
    executions: dict[str, Execution] = {}
    queue: tuple[Injected, ...] = ()
    guidance: dict[str, tuple[Guidance, ...]] = {}
    damaged: tuple[Damaged, ...] = ()
    stale: bool = False


class Answer(_Record, frozen=True, kw_only=True):
    """What a command answered: its exit code and standard output, byte for byte."""

    exit_code: int
    stdout: bytes


class StoredRequest(_Record, frozen=True, kw_only=True):
    """One idempotency key: `token`, `lease_until` and `owner` while the first request runs, then its `answer`."""

    request: str
    at: str
    token: str = ""
    lease_until: str = ""
    owner: str = ""
    answer: Answer | None = None
