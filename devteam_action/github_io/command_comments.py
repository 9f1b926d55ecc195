"""The newest comments of a whole repository in one request: commands that no run has taken are found in them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.refusals import NotFound

_PAGE = 100


class CommentSeen(Struct, frozen=True, kw_only=True):
    """A comment on issue or pull request `number`; the last four count the reactions of everybody."""

    id: int
    number: int
    body: str
    author: str
    is_bot: bool
    created_at: str
    updated_at: str
    is_pull_request: bool
    eyes: int = 0
    rocket: int = 0
    minus_one: int = 0
    confused: int = 0


class _User(Struct, frozen=True):
    login: str = ""
    type: str = ""


class _Counts(Struct, frozen=True):
    eyes: int = 0
    rocket: int = 0
    minus_one: int = msgspec.field(default=0, name="-1")
    confused: int = 0


class _Comment(Struct, frozen=True):
    id: int
    html_url: str
    issue_url: str
    created_at: str
    updated_at: str
    body: str | None = None
    user: _User | None = None
    reactions: _Counts | None = None


class CommandComments:
    """The comments of the client's repository."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def one(self, comment: int) -> CommentSeen | None:
        """That comment as it is now; None when it is gone."""
        try:
            answer = self._client.read(
                f"reading comment {comment}", lambda _: self._client.raw("GET", f"/issues/comments/{comment}")
            )
        except NotFound:
            return None
        return _seen(msgspec.convert(answer, _Comment))

    def since(self, at: str) -> list[CommentSeen]:
        """Those that were written or edited since `at` (ISO 8601), the oldest first; one request for every hundred."""
        start = datetime.fromisoformat(at)
        found: list[_Comment] = []
        page = 1
        while True:
            comments = self._client.read("reading the newest comments", lambda _, page=page: self._page(at, page))
            found += comments
            page += 1
            if len(comments) < _PAGE:
                break
        seen = {each.id: _seen(each) for each in found if datetime.fromisoformat(each.updated_at) >= start}
        return sorted(seen.values(), key=lambda each: each.id)

    def _page(self, at: str, page: int) -> list[_Comment]:
        answer = self._client.raw(
            "GET",
            "/issues/comments",
            since=at,
            sort="updated",
            direction="asc",
            per_page=str(_PAGE),
            page=str(page),
        )
        return msgspec.convert(answer, list[_Comment])


def _seen(comment: _Comment) -> CommentSeen:
    user = comment.user or _User()
    counts = comment.reactions or _Counts()
    return CommentSeen(
        id=comment.id,
        number=int(comment.issue_url.rpartition("/")[2]),
        body=comment.body or "",
        author=user.login,
        is_bot=user.type == "Bot" or user.login.endswith("[bot]"),
        created_at=comment.created_at,
        updated_at=comment.updated_at,
        is_pull_request="/pull/" in comment.html_url,
        eyes=counts.eyes,
        rocket=counts.rocket,
        minus_one=counts.minus_one,
        confused=counts.confused,
    )
