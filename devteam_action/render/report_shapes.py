"""The shapes that templates show: texts for people, chosen and bounded, nothing escaped yet."""

from __future__ import annotations

from msgspec import Struct


class StageShown(Struct, frozen=True, kw_only=True):
    icon: str
    name: str
    took: str


class ResultShown(Struct, frozen=True, kw_only=True):
    """A row of the results table; `why` is empty where the row says it all."""

    icon: str
    criterion: str
    required: str
    actual: str
    why: str
    notes: tuple[str, ...]


class FindingShown(Struct, frozen=True, kw_only=True):
    icon: str
    place: str
    address: str
    message: str
    rule: str


class ActivityShown(Struct, frozen=True, kw_only=True):
    """A type of activity; `more` were before the `latest`."""

    icon: str
    title: str
    latest: tuple[str, ...]
    more: int


class LineShown(Struct, frozen=True, kw_only=True):
    icon: str
    text: str


class CommandShown(Struct, frozen=True, kw_only=True):
    """A command that a server ran for us; `facts` are its times and counts, and why it did not complete."""

    icon: str
    name: str
    state: str
    facts: str


class AttemptShown(Struct, frozen=True, kw_only=True):
    icon: str
    number: int
    why: str
    changed: str
    commit: str
    address: str
    outcome: str
    usage: str
    took: str
    refused: tuple[str, ...]


class ReceiptShown(Struct, frozen=True, kw_only=True):
    outcome: str
    kind: str
    by: str
    text: str


class FailureShown(Struct, frozen=True, kw_only=True):
    """The failure card: what was tried, what stands in the way, and the smallest piece of the log that shows it.

    `reason` is empty where the table of results says it all.
    """

    reason: str
    attempts: str
    changed: tuple[str, ...]
    more_changed: int
    excerpt_of: str
    excerpt: str


class LinkShown(Struct, frozen=True, kw_only=True):
    text: str
    address: str


class Report(Struct, frozen=True, kw_only=True):
    """Everything that templates show of a run.

    `results_of` says which attempt and commit the `results` are of, where that is not plain.
    """

    task_id: str
    title: str
    icon: str
    standing: str
    is_ended: bool
    progress: int
    stages: tuple[StageShown, ...]
    doing: str
    counts: str
    activity: tuple[ActivityShown, ...]
    recent: tuple[LineShown, ...]
    errors: tuple[str, ...]
    commands: tuple[CommandShown, ...]
    results: tuple[ResultShown, ...]
    results_of: str
    verdict: str
    failure: FailureShown | None
    findings: tuple[FindingShown, ...]
    more_findings: int
    more_findings_where: str
    attempts: tuple[AttemptShown, ...]
    usage: tuple[str, ...]
    took: str
    tool: str
    branch: str
    branch_address: str
    head: str
    head_address: str
    pull_request: int | None
    is_fork: bool
    link: str
    note: str
    note_links: tuple[LinkShown, ...]
    ci: str
    ci_link: str
    receipts: tuple[ReceiptShown, ...]
    why: str
    next_steps: tuple[str, ...]
    missing_rights: tuple[str, ...]
    troubles: tuple[str, ...]
    rate: str
    reproduce: str
    run_url: str
    updated: str
