"""Reactions to comments: seen, done, refused, not understood."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.comments import comment_of
from devteam_action.github_io.identity import JOB_LOGIN, login_of, note_author
from devteam_action.github_io.refusals import NotFound


class _User(Struct, frozen=True):
    login: str = ""


class _Left(Struct, frozen=True):
    content: str
    user: _User | None = None


Reaction = Literal["eyes", "rocket", "-1", "confused"]


class Reactions:
    """Our reactions; GitHub keeps one of a kind for each of us, however often it is sent."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def ours(self, comment: int) -> frozenset[str]:
        """The kinds of reaction that we have left on the comment, among its first hundred."""
        found = self._client.read(
            f"reading the reactions to comment {comment}",
            lambda _: msgspec.convert(
                self._client.raw("GET", f"/issues/comments/{comment}/reactions", per_page="100"), list[_Left]
            ),
        )
        us = {JOB_LOGIN, login_of(self._client)} if found else set[str]()
        return frozenset(each.content for each in found if each.user is not None and each.user.login in us)

    def react(self, comment: int, reaction: Reaction) -> bool:
        """The comment has our reaction; False when there is no such comment any more."""
        try:
            left = self._client.change(
                f"reacting to comment {comment}",
                lambda here: comment_of(here, comment).create_reaction(reaction),
                right="issues: write",
            )
            note_author(self._client, left.user)
        except NotFound:
            return False
        return True
