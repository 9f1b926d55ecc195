"""A project as it is found: repository, base commit, configuration and task lists; light enough for `devteam next`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from devteam_action.configuration.reading import CONFIG_PATHS, parse_config
from devteam_action.domain.config import Config
from devteam_action.errors import RepositoryError
from devteam_action.git_io.base_branch import base_commit, current_base
from devteam_action.git_io.repository import Repository, open_repository, project_name, usual_remote
from devteam_action.pipeline.select_task import survey as survey_tasks
from devteam_action.pipeline.task_criteria import criteria_problems, with_problems
from devteam_action.pipeline.task_lists import DEFAULT_PATHS, ProjectLists, read_lists
from devteam_action.settings import Environment, with_environment
from devteam_action.support.clock import SystemClock

if TYPE_CHECKING:
    from devteam_action.domain.selection import Selection
    from devteam_action.git_io.state_branch import BranchStore
    from devteam_action.pipeline.state import ProjectState, ProjectView
    from devteam_action.pipeline.state.relay import Relay


class Where(Struct, frozen=True, kw_only=True):
    """What the command line says about the place: `base_branch` and `config` empty mean the usual ones.

    With `worktree` lists and config are read as they lie in the working directory; without `fetch` the remote's state
    is not asked for.
    """

    directory: Path
    base_branch: str = ""
    config: str = ""
    worktree: bool = False
    fetch: bool = True


class Project:
    """One repository at one base commit. `warnings` are sentences for people, collected on the way."""

    def __init__(self, repository: Repository, environment: Environment, where: Where) -> None:
        self.repository = repository
        self.environment = environment
        self.where = where
        self.clock = SystemClock()
        self.warnings: list[str] = []
        self.config_path = ""
        self.base_branch = where.base_branch or current_base(repository, self._followed)
        self.base = self._base_commit(self.base_branch)
        self._files = self._prefetch(self.base)
        self.config_path, self.config = self._read_config()
        if self.config.base_branch and not where.base_branch and self.config.base_branch != self.base_branch:
            # The file on this branch names another base: what is said there counts.
            self.base_branch = self.config.base_branch
            self.base = self._base_commit(self.base_branch)
            self._files = self._prefetch(self.base)
            self.config_path, self.config = self._read_config()

    @cached_property
    def _remotes(self) -> dict[str, str]:
        return self.repository.remotes()

    @property
    def _followed(self) -> str:
        """The remote that says where the base branch stands: in a job, whose checkout is detached or old."""
        return usual_remote(self._remotes) if self.environment.is_actions else ""

    @property
    def remote(self) -> str:
        """The name of the remote that state and branches go to; empty without one, and where work is handed over."""
        return "" if self.environment.hands_over else self.home

    @cached_property
    def home(self) -> str:
        """The name of the remote that this clone belongs to; empty without one."""
        known = self._remotes
        if self.config.remote:
            if self.config.remote not in known:
                raise RepositoryError(
                    f"the config names the remote `{self.config.remote}`, which this repository does not have",
                    remedy=f"its remotes: {', '.join(sorted(known)) or 'none'}",
                )
            return self.config.remote
        return usual_remote(known)

    @cached_property
    def customer_id(self) -> str:
        """The project's name in every record: `owner/repo` where a remote tells."""
        url = self._remotes.get(self.home, "")
        return project_name(url, self.repository.root)

    @property
    def place(self) -> str:
        """Where lists and config are read, for people."""
        return "the working directory" if self.where.worktree else f"the last commit of {self.base_branch}"

    @cached_property
    def lists(self) -> ProjectLists:
        """The task lists at the base commit (or in the working directory)."""
        lists = read_lists(self.config.tasks, self.read_file, self.list_files, where=self.place)
        lists = with_problems(lists, criteria_problems(lists.tasks, self.config))
        self._warn_uncommitted((*lists.paths, *CONFIG_PATHS))
        return lists

    @property
    def deciding_files(self) -> tuple[str, ...]:
        """Globs of what decides about the work: every place where a list or a configuration is looked for."""
        wanted = self.config.tasks.path
        asked = (wanted,) if isinstance(wanted, str) else wanted
        return (*self.lists.paths, *(path for path in asked if path), *DEFAULT_PATHS, *CONFIG_PATHS, *self._own_config)

    @property
    def _own_config(self) -> tuple[str, ...]:
        return (self.where.config,) if self.where.config else ()

    @cached_property
    def state(self) -> ProjectState:
        """The state branch of this project."""
        from devteam_action.pipeline.state import ProjectState

        return ProjectState(self.store, self.clock, self.customer_id, keep_runs=self.config.state.keep_runs)

    @cached_property
    def store(self) -> BranchStore:
        """Where the state is kept."""
        from devteam_action.git_io.state_branch import BranchStore

        if self.environment.hands_over:
            from devteam_action.git_io.gathering import gather

            gather(self.repository.git, self.home)
        return BranchStore(self.repository.git, remote=self.remote or None, clock=self.clock)

    @cached_property
    def relay(self) -> Relay | None:
        """Where work is handed over, the way on which people's words come into this clone's state; else None."""
        from devteam_action.git_io.gathering import relay

        return relay(self.repository.git, self.home, self.store, self.clock) if self.environment.hands_over else None

    def view(self, *, ask: bool = True) -> ProjectView:
        """The state now (without `ask`: as last seen); what is wrong is warned of, claims of the dead here are void."""
        from devteam_action.pipeline.state.leases import unless_gone

        view = self.state.load(refresh=ask and self.where.fetch)
        if view.stale:
            self.warn(f"the remote `{self.remote}` cannot be reached; this is the state as last seen")
        for each in view.damaged:
            self.warn(f"state file {each.path} is damaged and set aside: {each.reason}")
        executions = {task_id: unless_gone(execution) for task_id, execution in view.executions.items()}
        return msgspec.structs.replace(view, executions=executions)

    def select(self, view: ProjectView) -> Selection:
        """SELECT on what is known now."""
        return survey_tasks(self.lists, view, self.config, self.clock.now())

    def warn_unresolved(self, found: Selection) -> None:
        """Names the tasks that a problem of the list holds back."""
        for each in found.unresolved:
            self.warn(f"task {each.task.id} is left out: {each.because}; {each.unblock}")

    def refreshed(self) -> Project:
        """The same project, read again: its base may have moved."""
        fresh = Project(self.repository, self.environment, self.where)
        fresh.warnings = self.warnings
        return fresh

    def warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def read_file(self, path: str) -> bytes | None:
        """A file at the base commit (or in the working directory); None when it is not there."""
        if path not in self._files:
            found = self._read([path])
            self._files[path] = found.get(path)
        return self._files[path]

    def _prefetch(self, commit: str) -> dict[str, bytes | None]:
        names = [*([self.where.config] if self.where.config else CONFIG_PATHS), *DEFAULT_PATHS]
        self.base = commit
        found = self._read(names)
        return {name: found.get(name) for name in names}

    def _read(self, paths: Sequence[str]) -> dict[str, bytes]:
        here = self.repository
        return here.read_lying(paths) if self.where.worktree else here.read_many(self.base, paths)

    def list_files(self) -> Sequence[str]:
        """Every path at the base commit (or in the working directory, ignored files left out)."""
        return self.repository.lying() if self.where.worktree else self.repository.files(self.base)

    def _read_config(self) -> tuple[str, Config]:
        if self.where.config:
            data = self.read_file(self.where.config)
            if data is None:
                raise RepositoryError(
                    f"the config {self.where.config} is not in {self.base_branch}",
                    remedy="commit it, or use --worktree",
                )
            return self.where.config, with_environment(parse_config(data, self.where.config), self.environment)
        for path in CONFIG_PATHS:
            data = self.read_file(path)
            if data is not None:
                return path, with_environment(parse_config(data, path), self.environment)
        return "", with_environment(Config(), self.environment)

    def _base_commit(self, branch: str) -> str:
        said = "--base-branch" if self.where.base_branch else f"{self.config_path}: base-branch"
        commit, warning = base_commit(self.repository, branch, said, self._followed, ask=self.where.fetch)
        if warning:
            self.warn(warning)
        return commit

    def _warn_uncommitted(self, paths: Sequence[str]) -> None:
        if self.where.worktree or self.repository.current_branch != self.base_branch:
            return
        for path in self.repository.uncommitted(paths):
            self.warn(f"{path} has uncommitted changes; the committed version counts (`--worktree` reads the file)")


def open_project(where: Where, environment: Environment) -> Project:
    """The project that `where.directory` is in; raises RepositoryError, ConfigError or CriterionError."""
    variables = environment.variables
    repository = open_repository(where.directory, variables)
    if not environment.git_token:
        return Project(repository, environment, where)
    from devteam_action.git_io.remotes import credentials_for

    def opened(remote: str) -> Project:
        credentials = credentials_for(repository.remotes().get(remote, ""), variables)
        return Project(open_repository(where.directory, variables, credentials=credentials), environment, where)

    # The configuration may name a remote, and be in a base branch that has to be fetched first.
    project = opened(usual_remote(repository.remotes()))
    return project if project.home == usual_remote(repository.remotes()) else opened(project.home)
