"""Comments of ours, found again by their marker and edited, never posted twice (satisfies pipeline.Comments)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.identity import JOB_LOGIN, login_of, note_author
from devteam_action.github_io.refusals import NotFound, Unprocessable
from devteam_action.github_io.texts import sendable
from devteam_action.pipeline.forge import TooLong

if TYPE_CHECKING:
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser
    from github.Repository import Repository

RIGHT = "pull-requests: write"
PAGE = 100


class _Ours(Struct, frozen=True):
    id: int
    body: str


class StickyComments:
    """Comments of ours; `known` are ids from before, by number and marker, that cost one request less each.

    Ours are those by `login`; without one, those by a job's own token and by whoever our token belongs to, who is
    asked for when a comment depends on it. A marker in anybody else's comment is none. Safe for several threads.
    """

    def __init__(
        self,
        client: GitHubClient,
        *,
        login: str | None = None,
        known: Mapping[tuple[int, str], int] | None = None,
    ) -> None:
        self._client = client
        self._login = login
        self._known = dict(known or {})
        self._doubtful: set[tuple[int, str]] = set()  # sent twice: there may be two
        self._posted_anew: set[tuple[int, str]] = set()
        self._lock = threading.Lock()

    @property
    def known(self) -> dict[tuple[int, str], int]:
        """The ids so far, for the next process."""
        return dict(self._known)

    def put(
        self, number: int, marker: str, body: str, *, is_new: bool = False, known: int | None = None, from_page: int = 0
    ) -> int:
        """Edits our comment with the marker on issue or pull request `number`, or posts it; its id.

        `is_new` says that we opened `number` just now, so that nothing is looked for; `known` is its id from before.
        Without one it is looked for from that page of a hundred on. A comment that a person deleted is posted once
        more, not twice. Of several of ours the oldest stays. Raises TooLong.
        """
        with self._lock:
            if known is not None:
                self._known.setdefault((number, marker), known)
            try:
                return self._put(number, marker, sendable(body), is_new, from_page)
            except Unprocessable as refused:
                if refused.is_too_long:
                    raise TooLong(refused.message) from refused
                raise

    def edit(self, number: int, marker: str, body: str, *, known: int | None = None) -> bool:
        """The same where our comment is there already; False, and nothing is posted, where it is not."""
        with self._lock:
            if known is not None and self._edit(known, sendable(body)):
                return True
            kept = self._keep_oldest(number, marker, sendable(body))
            if kept is not None:
                self._known[(number, marker)] = kept
            return kept is not None

    def _put(self, number: int, marker: str, body: str, is_new: bool, from_page: int = 0) -> int:
        key = (number, marker)
        known = self._known.get(key)
        if known is not None and key not in self._doubtful:
            if self._edit(known, body):
                return known
            if key in self._posted_anew:
                return known
            self._posted_anew.add(key)
        is_new = is_new and known is None
        kept = None if is_new else self._keep_oldest(number, marker, body, from_page)
        if kept is None:
            kept = self._post(number, marker, body)
            if not is_new:
                # Another process may have posted between our look and our post; the older one stays.
                kept = self._keep_oldest(number, marker, body, from_page) or kept
        self._known[key] = kept
        return kept

    def _keep_oldest(self, number: int, marker: str, body: str, from_page: int = 0) -> int | None:
        """The oldest of ours, with this body; the others are deleted. None when there is none of ours."""
        self._doubtful.discard((number, marker))
        kept: int | None = None
        for each in self._ours(number, marker, from_page):
            if kept is not None:
                self._delete(each.id)
            elif each.body == body or self._edit(each.id, body):
                kept = each.id
        return kept

    def _post(self, number: int, marker: str, body: str) -> int:
        times = 0

        def send(here: Repository) -> int:
            nonlocal times
            times += 1
            posted = here.get_issue(number).create_comment(body)
            note_author(self._client, posted.user)
            return posted.id

        def find() -> int | None:
            return next((each.id for each in self._ours(number, marker)), None)

        posted = self._client.create(f"commenting on #{number}", send, find=find, right=RIGHT)
        if times > 1:
            self._doubtful.add((number, marker))
        return posted

    def _edit(self, comment: int, body: str) -> bool:
        """False when it is gone."""
        try:
            self._client.change(
                f"editing comment {comment}", lambda here: comment_of(here, comment).edit(body), right=RIGHT
            )
        except NotFound:
            return False
        return True

    def _delete(self, comment: int) -> None:
        try:
            self._client.change(
                f"deleting comment {comment}", lambda here: comment_of(here, comment).delete(), right=RIGHT
            )
        except NotFound:
            return

    def _ours(self, number: int, marker: str, page: int = 0) -> list[_Ours]:
        """Our comments with the marker from that page on, the oldest first."""
        found: list[_Ours] = []
        while True:
            comments = self._client.read(
                f"reading the comments of #{number}",
                lambda here, page=page: here.get_issue(number).get_comments().get_page(page),
                right="pull-requests: read",
            )
            found += [
                _Ours(each.id, each.body or "")
                for each in comments
                # At the beginning, where nothing foreign stands: what a tool printed may hold any marker.
                if (each.body or "").startswith(marker) and self._is_ours(author_of(each))
            ]
            page += 1
            if len(comments) < PAGE:
                return sorted(found, key=lambda each: each.id)

    def _is_ours(self, author: str) -> bool:
        if self._login is not None:
            return author.lower() == self._login.lower()
        if author == JOB_LOGIN:
            return True
        # An App is never a person, nor the other way round: most strangers need no question.
        return author.endswith("[bot]") == self._client.is_app and author == login_of(self._client)


def comment_of(here: Repository, comment: int) -> IssueComment:
    """The comment of that id, unasked; its issue is not in its address."""
    return here.get_issue(0).get_comment(comment)


def author_of(comment: IssueComment) -> str:
    """The login; empty when the account is gone."""
    user = cast("NamedUser | None", comment.user)
    return user.login if user is not None else ""
