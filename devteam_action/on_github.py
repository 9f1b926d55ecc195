"""GitHub's side of a project: the client and what stands on it, made when first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from devteam_action.settings import Environment

if TYPE_CHECKING:
    from devteam_action.pipeline.forge import Forge
    from devteam_action.pipeline.ports import Clock, Progress


class GitHubSide:
    """GitHub as this process may use it; nothing is asked before something is needed."""

    def __init__(self, environment: Environment, remote_url: str, *, progress: Progress, clock: Clock) -> None:
        self._environment = environment
        self._remote_url = remote_url
        self._progress = progress
        self._clock = clock

    @cached_property
    def forge(self) -> Forge | None:
        """Where pull requests are opened."""
        return None


def github_side(environment: Environment, remote_url: str, *, progress: Progress, clock: Clock) -> GitHubSide | None:
    """The side of GitHub that the environment speaks of; None without a token, or where the remote is no GitHub."""
    if not environment.github_token:
        return None
    return GitHubSide(environment, remote_url, progress=progress, clock=clock)
