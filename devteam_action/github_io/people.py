"""Who may command: the permission of a person on the repository, and never anything softer."""

from __future__ import annotations

import re
from typing import Literal, cast

from devteam_action.errors import NotAllowed
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.refusals import NotFound, Unprocessable

Permission = Literal["admin", "write", "read", "none"]
# A login becomes part of an address; with `_` in it that of a managed user, with `[bot]` that of an App.
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})(?:\[bot\])?")


class People:
    """The people of the client's repository."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def permission_of(self, login: str) -> Permission:
        """By the collaborator endpoint (`maintain` counts as write, `triage` as read); whatever is unclear is `none`.

        Raises Missing when GitHub does not answer: then nobody is allowed anything either.
        """
        if not _LOGIN.fullmatch(login):
            return "none"
        try:
            said = self._client.read(
                f"asking for the permission of {login}",
                lambda here: here.get_collaborator_permission(login),
                right="contents: write",
            )
        except (NotAllowed, NotFound, Unprocessable):
            return "none"
        return cast("Permission", said) if said in ("admin", "write", "read") else "none"
