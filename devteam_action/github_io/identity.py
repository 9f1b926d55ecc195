"""As whom we write: asked of GitHub only where something depends on it, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from msgspec import Struct

from devteam_action.errors import NotAllowed
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.refusals import NotFound, Unprocessable

if TYPE_CHECKING:
    from github.NamedUser import NamedUser
    from github.Organization import Organization

JOB_LOGIN = "github-actions[bot]"  # as whom the job's own token writes
_VIEWER = "query { viewer { login } }"


class _Viewer(Struct, frozen=True):
    login: str


class _Answer(Struct, frozen=True):
    viewer: _Viewer


def login_of(client: GitHubClient) -> str:
    """The login behind the token; that of a job's own where GitHub does not tell.

    `GET /user` is for people's tokens; those of Apps, a job's among them, are told by GraphQL.
    """
    if not client.login:
        ask = _by_graphql if client.is_app else _by_rest
        try:
            client.login = ask(client)
        except (NotAllowed, NotFound, Unprocessable):
            client.login = JOB_LOGIN
    return client.login


def note_author(client: GitHubClient, user: NamedUser | Organization) -> None:
    """GitHub has said who wrote what we have just written: it need not be asked again."""
    author = cast("NamedUser | Organization | None", user)
    if author is not None:
        client.login = author.login


def _by_rest(client: GitHubClient) -> str:
    return client.read(
        "asking whose the token is", lambda _: msgspec.convert(client.raw("GET", "/user"), _Viewer)
    ).login


def _by_graphql(client: GitHubClient) -> str:
    answer = client.query("asking whose the token is", _VIEWER)
    return msgspec.convert(answer, _Answer).viewer.login
