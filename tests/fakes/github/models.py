"""What the fake GitHub remembers: plain records, changed in place under its lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ZERO = "0" * 40
ACTIONS_LOGIN = "github-actions[bot]"
ACTIONS_APP = "github-actions"


@dataclass(frozen=True)
class Reaction:
    """`content` is GitHub's word: eyes, rocket, +1, -1, confused, heart, hooray, laugh."""

    id: int
    login: str
    content: str
    created_at: str


@dataclass
class Comment:
    """A comment in a conversation; `user` is a login, times are `2026-01-01T00:00:00Z`."""

    id: int
    number: int
    user: str
    body: str
    created_at: str
    updated_at: str
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Issue:
    id: int
    number: int
    title: str
    body: str
    user: str
    created_at: str
    updated_at: str
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    locked: bool = False
    closed_at: str | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Pull(Issue):
    """`head_repo` is `owner/name`; `state` is open or closed, as GitHub has it: a merged one is closed and `merged`."""

    head_repo: str = ""
    head_ref: str = ""
    head_sha: str = ""
    base_ref: str = ""
    base_sha: str = ""
    draft: bool = False
    merged: bool = False
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    node_id: str = ""


@dataclass
class CheckRun:
    """`annotations` are as they were sent, in order; `app` is the slug of the App that made it."""

    id: int
    name: str
    head_sha: str
    app: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str = ""
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    started_at: str | None = None
    completed_at: str | None = None


@dataclass
class Status:
    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    user: str
    created_at: str


@dataclass(frozen=True)
class Activity:
    """One change of a branch: `kind` is push, force_push, branch_creation, branch_deletion or pr_merge."""

    id: int
    login: str
    ref: str
    before: str
    after: str
    kind: str
    timestamp: str


@dataclass
class WorkflowRun:
    id: int
    event: str
    path: str
    head_branch: str
    head_sha: str
    actor: str
    created_at: str
    status: str = "queued"
    conclusion: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Protection:
    """`requires_pull`: nobody pushes to it; else only force pushes and deletion are refused."""

    branch: str
    requires_pull: bool = True
    required_checks: tuple[str, ...] = ()


@dataclass
class Token:
    """Whose key it is; `rights` count for Apps (a job's token is an App's), the permission table for people."""

    value: str
    login: str
    kind: str  # "app" or "person"
    repository: str | None = None
    rights: dict[str, str] = field(default_factory=dict)
    app: str | None = None
    is_job: bool = False
    is_dead: bool = False
    used: int = 0
    limit: int = 5000
    window_ends: int = 0

    def standing(self, now: int) -> tuple[int, int]:
        """Requests used in this hour, and when (epoch seconds) the next one begins."""
        if now >= self.window_ends:
            self.used, self.window_ends = 0, now + 3600
        return self.used, self.window_ends


@dataclass(frozen=True)
class Request:
    """One API request as it was answered; `status` is 0 where the connection was cut."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    is_write: bool
    body: Any
    token_login: str | None
