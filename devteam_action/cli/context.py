"""What the verbs share: the arguments, the environment, and the project, opened when it is first needed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from devteam_action.errors import BadInput, RepositoryError
from devteam_action.project import Project, Where, open_project
from devteam_action.settings import Environment, read_environment
from devteam_action.support.interrupts import Interrupts
from devteam_action.support.redact import Redactor
from devteam_action.support.terminal import harmless

if TYPE_CHECKING:
    from devteam_action.app import App
    from devteam_action.on_github import GitHubSide
    from devteam_action.pipeline.ports import Reporter


class Context:
    """One invocation. Sentences for people go to stderr, so that stdout stays data.

    `speaker` is in whose name it is done, where that is not this machine's user; `github` the side of a job that runs
    there, with its reports, and `project` what that job has opened already.
    """

    def __init__(
        self,
        args: Namespace,
        variables: Mapping[str, str],
        interrupts: Interrupts,
        *,
        speaker: str = "",
        github: GitHubSide | None = None,
        project: Project | None = None,
    ) -> None:
        self.args = args
        self.variables = variables
        self.interrupts = interrupts
        self._speaker = speaker
        self._github = github
        if project is not None:
            self.project = project
        # Where to work: the folder of `-C`, else the current one.
        given = Path(args.directory or "")
        self.directory = given if given.is_absolute() else _here() / given
        self._said_warnings = 0

    @cached_property
    def environment(self) -> Environment:
        return read_environment(self.variables)

    @cached_property
    def project(self) -> Project:
        """The project of this folder."""
        args = self.args
        where = Where(
            directory=self.directory,
            base_branch=args.base_branch or "",
            config=args.config or "",
            worktree=args.worktree,
            fetch=not args.no_fetch,
        )
        return open_project(where, self.environment)

    def app(self, *, sinks: tuple[Reporter, ...] = ()) -> App:
        """The project with everything that can act on it."""
        from devteam_action.app import App

        progress = self.say if self.args.verbosity >= 2 else _nothing
        return App(self.project, progress=progress, sinks=sinks, github=self._side)

    @property
    def _side(self) -> GitHubSide | None:
        """GitHub, where this runs in a job of it, or was given a token for it."""
        if self._github is not None or not self.environment.enterprise_token:
            return self._github
        from devteam_action.on_github import github_side

        project = self.project
        remote_url = project.repository.remotes().get(project.remote, "")
        return github_side(self.environment, remote_url, progress=self.say, clock=project.clock)

    def clone(self, url: str) -> bool:
        """Goes on in a clone of `url`, in the folder of `-C` or below the workspace; True when it was made just now."""
        from devteam_action.git_io.remotes import checked_url, clone_or_update
        from devteam_action.git_io.repository import project_name

        url = checked_url(url)
        if not self.args.directory:
            name = project_name(url, Path(url.removesuffix("/").removesuffix(".git")))
            self.directory = self.environment.workspace_dir / "repositories" / name
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        return clone_or_update(url, self.directory, env=self.variables, progress=self.say)

    @cached_property
    def redactor(self) -> Redactor:
        """Hides the secrets of this environment in what people type: their words go into a branch that is pushed."""
        return Redactor(self.environment.secrets)

    def say(self, sentence: str) -> None:
        """One line of progress for people, set apart from what the pipeline itself tells."""
        print(f"  · {harmless(sentence)}", file=sys.stderr, flush=True)

    def finish(self) -> None:
        """Says the warnings that came up on the way."""
        if "project" not in self.__dict__:
            return
        warnings = self.project.warnings
        for sentence in warnings[self._said_warnings :]:
            print(harmless(f"warning: {sentence}"), file=sys.stderr, flush=True)
        self._said_warnings = len(warnings)

    @property
    def user(self) -> str:
        """Who speaks, for the record."""
        if self._speaker:
            return self._speaker
        named = self.variables.get("USER") or self.variables.get("LOGNAME")
        return named or self.project.repository.user_name() or "somebody"


def _nothing(sentence: str) -> None:
    """At verbosity 1 what goes on is not told, only what came of it."""


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise RepositoryError(
            "the current folder is gone", remedy="`cd` to a folder that is there, or back into this one"
        ) from None


def text_argument(value: str, what: str) -> str:
    """A text that a person typed; raises BadInput when there is nothing in it."""
    if not value.strip():
        raise BadInput(f"{what} is empty", remedy=f"say {what} in a few words")
    return value
