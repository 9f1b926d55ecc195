"""When a branch was last pushed to, by the repository's own record: the dates in commits prove nothing."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec import Struct

from devteam_action.github_io.client import GitHubClient

_PAGE = "100"
# Everything else that the list knows moves no head: docs.github.com/en/rest/repos/repos#list-repository-activities
_MOVES = ("push", "force_push", "branch_creation", "pr_merge", "merge_queue_merge")


class Push(Struct, frozen=True, kw_only=True):
    """At what time (ISO 8601, UTC), by whom (login, empty when unknown), and to which commit."""

    at: str
    by: str
    after: str


class _Actor(Struct, frozen=True):
    login: str = ""


class _Activity(Struct, frozen=True):
    ref: str
    after: str
    timestamp: str
    activity_type: str
    actor: _Actor | None = None


class Pushes:
    """The pushes of the client's repository."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def last_to(self, branch: str, *, besides: Collection[str] = ()) -> Push | None:
        """The newest push to the branch, its creation too; None when GitHub has none on record.

        Pushes of the logins `besides` hide none that lies before them.
        """
        ref = f"refs/heads/{branch}"
        found = self._client.read(
            f"reading the pushes to {branch}",
            lambda _: msgspec.convert(
                self._client.raw("GET", "/activity", ref=ref, per_page=_PAGE, direction="desc"), list[_Activity]
            ),
            right="contents: read",
        )
        pushes = [_push(each) for each in found if each.ref == ref and each.activity_type in _MOVES]
        return max((each for each in pushes if each.by not in besides), key=lambda each: each.at, default=None)


def _push(activity: _Activity) -> Push:
    return Push(at=activity.timestamp, by=activity.actor.login if activity.actor else "", after=activity.after)
