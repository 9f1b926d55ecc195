"""What the pipeline and its reporters need of a forge such as GitHub; `github_io/` satisfies it.

Every call may be repeated: it looks for what is there, and makes it only when it is not. A forge that cannot be
reached raises `Missing`, a right that is lacking raises `NotAllowed` with the setting that gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from devteam_action.domain.findings import Finding


class PullRequest(Struct, frozen=True, kw_only=True):
    """A pull request: `head` is the commit that the forge shows at its end, `node_id` its name in GraphQL."""

    number: int
    url: str
    branch: str
    base: str
    head: str
    node_id: str = ""
    state: Literal["open", "closed", "merged"] = "open"
    is_draft: bool = False
    is_fork: bool = False
    labels: tuple[str, ...] = ()


class NoPullRequest(Struct, frozen=True, kw_only=True):
    """The forge lets us open none: `reason` for people, and the `link` under which a person opens it."""

    reason: str
    link: str


class CiState(Struct, frozen=True, kw_only=True):
    """What becomes of the repository's own CI on a commit; `text` is a sentence for people, `link` where to act.

    `may_change` says that a moment later there may be a run.
    """

    state: Literal["passed", "failed", "running", "held", "none-by-token", "none-configured", "unknown"]
    text: str
    link: str = ""
    may_change: bool = False


class Forge(Protocol):
    """Where pull requests are."""

    def open(self, branch: str, base: str, *, title: str, body: str) -> PullRequest | NoPullRequest:
        """The open pull request of `branch`: a draft where drafts are offered, else one labelled `devteam:wip`."""
        ...

    def find(self, branch: str) -> PullRequest | None:
        """The newest pull request of our own `branch`, open or not."""
        ...

    def get(self, number: int) -> PullRequest: ...

    def make_ready(self, pull_request: PullRequest) -> None:
        """It is no draft any more, and has no label `devteam:wip`."""
        ...

    def ask_for_a_person(self, number: int, *, wanted: bool) -> None:
        """Puts the label `needs-human` on it, or takes it off."""
        ...

    def set_base(self, number: int, base: str) -> None: ...

    def file_link(self, path: str, line: int | None, revision: str) -> str:
        """The address under which people read a file (at `line`) of a branch or commit; asks nobody."""
        ...

    def ci_after_push(self, branch: str, head: str, read: Callable[[str], bytes | None]) -> CiState:
        """What the repository's CI does with the commit that we pushed; one that is to be started is, once.

        `read` gives a file of that commit by its path.
        """
        ...


class CheckRun(Struct, frozen=True, kw_only=True):
    """One check run as it is to be; `external_id` finds ours again, `id` is known after the first write."""

    name: str
    head: str
    external_id: str
    status: Literal["in_progress", "completed"]
    conclusion: Literal["success", "failure", "neutral", "cancelled", "action_required"] | None = None
    title: str = ""
    summary: str = ""
    text: str = ""
    annotations: tuple[Finding, ...] = ()
    details_url: str = ""
    id: int | None = None


class TooLong(Exception):
    """The forge takes no text of this length: the caller sends a shorter one. Nobody else meets this."""


class Comments(Protocol):
    """Comments of ours on issues and pull requests, found again by a marker."""

    def put(self, number: int, marker: str, body: str) -> int:
        """Edits our comment with that marker, or posts it; its id. `body` contains `marker`. Raises TooLong."""
        ...


class Checks(Protocol):
    """Check runs on commits."""

    def write(self, check: CheckRun) -> int:
        """Creates or updates the check run with its `external_id` on its head; its id. Annotations go in batches."""
        ...
