"""What a finished stage found out."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.domain.findings import Verification


class Usage(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a tool consumed; `cost_usd` is None where the tool cannot tell."""

    tokens_sent: int = 0
    tokens_received: int = 0
    cost_usd: float | None = None

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            tokens_sent=self.tokens_sent + other.tokens_sent,
            tokens_received=self.tokens_received + other.tokens_received,
            cost_usd=sum(costs) if costs else None,
        )


class Prepared(Struct, frozen=True, kw_only=True, rename="camel", tag="prepared", tag_field="kind"):
    """PREP: the branch exists in `repo_path`, started at `base` (a full SHA), and stands at `head`.

    `pull_request` is its number where one is open; `note` says why there is none, `link` where a person opens it.
    `is_fork`: the branch is somebody else's repository's, and the head is found by the pull request alone.
    `begun_again`: what was done before is gone from everywhere, and the branch holds nothing of it.
    """

    base: str
    head: str
    branch: str
    repo_path: str
    cloned: bool = False
    branch_created: bool = False
    begun_again: bool = False
    pull_request: int | None = None
    link: str = ""
    note: str = ""
    is_fork: bool = False


class Implemented(Struct, frozen=True, kw_only=True, rename="camel", tag="implemented", tag_field="kind"):
    """IMPLEMENT: `ok` with the commit of this attempt, or not `ok` with the classified `reason`.

    `commit` is None when nothing changed. `adopted` says that an earlier, interrupted process had made it.
    """

    ok: bool
    commit: str | None = None
    reason: str = ""
    message: str = ""
    files_modified: tuple[str, ...] = ()
    lines_changed: int = 0
    refused: tuple[str, ...] = ()
    duration: float = 0.0
    usage: Usage = Usage()
    retryable: bool = True
    adopted: bool = False


class Saved(Struct, frozen=True, kw_only=True, rename="camel", tag="saved", tag_field="kind"):
    """IMPLEMENT was stopped: `commit` holds what the tool had written so far; the attempt goes on from it."""

    commit: str
    files_modified: tuple[str, ...] = ()
    lines_changed: int = 0
    usage: Usage = Usage()


class Verified(Struct, frozen=True, kw_only=True, rename="camel", tag="verified", tag_field="kind"):
    """VERIFY: the verdict on the commit `head`."""

    head: str
    verification: Verification


class Published(Struct, frozen=True, kw_only=True, rename="camel", tag="published", tag_field="kind"):
    """PUBLISH: the tick is committed and the branch delivered; `merged` when it is in the base branch.

    `link` leads to the pull request, or to where a person opens it; `note` says why there is none, or what a person has
    to add to one. `ci` says in a sentence what becomes of the repository's own CI on this commit, `ci_link` where to
    act on it.
    """

    head: str
    merged: bool = False
    pushed: bool = False
    pull_request: int | None = None
    link: str = ""
    note: str = ""
    ci: str = ""
    ci_link: str = ""


class BaseMoved(Struct, frozen=True, kw_only=True, rename="camel", tag="base-moved", tag_field="kind"):
    """PUBLISH found a newer base and merged it in: `head` must be verified again."""

    base: str
    head: str


class StageFailed(Struct, frozen=True, kw_only=True, rename="camel", tag="stage-failed", tag_field="kind"):
    """The stage could not do its work; no attempt can mend it."""

    code: str
    reason: str
    hint: str = ""


StageResult = Prepared | Implemented | Saved | Verified | Published | BaseMoved | StageFailed
