"""Reactions to comments: seen, done, refused, not understood."""

from __future__ import annotations

from typing import Literal

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.comments import comment_of
from devteam_action.github_io.refusals import NotFound

Reaction = Literal["eyes", "rocket", "-1", "confused"]


class Reactions:
    """Our reactions; GitHub keeps one of a kind for each of us, however often it is sent."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def react(self, comment: int, reaction: Reaction) -> bool:
        """The comment has our reaction; False when there is no such comment any more."""
        try:
            self._client.change(
                f"reacting to comment {comment}",
                lambda here: comment_of(here, comment).create_reaction(reaction).id,
                right="issues: write",
            )
        except NotFound:
            return False
        return True
