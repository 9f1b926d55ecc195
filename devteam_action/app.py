"""The composition root: the only file that knows which concrete classes stand behind the pipeline's ports."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from devteam_action.checks.secrets_in_files import SecretsInFiles
from devteam_action.checks.verifier import GateVerifier
from devteam_action.configuration.reading import is_off
from devteam_action.domain.task import Task
from devteam_action.git_io.copies import remove_tree
from devteam_action.git_io.take_back import SecretsIn
from devteam_action.git_io.this_clone import ThisClone
from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.ask_forge import Ends, ends_of
from devteam_action.pipeline.begin import Surroundings
from devteam_action.pipeline.finish_merged import cut_off, finish_merged
from devteam_action.pipeline.heartbeat import Heartbeat
from devteam_action.pipeline.reconcile import mender, merged_elsewhere, repairs
from devteam_action.pipeline.runner import Guard, Survey
from devteam_action.pipeline.session import Ports, Session
from devteam_action.reporters.log_files import LogFiles, RunOf, ServerLog, log_paths, next_activity
from devteam_action.settings import MODEL_KEYS
from devteam_action.support.environment import child_environment
from devteam_action.support.privacy import keep_to_ourselves
from devteam_action.support.redact import Redactor
from devteam_action.support.scratch import abandoned
from devteam_action.toolbox import find_tool

if TYPE_CHECKING:
    from devteam_action.on_github import GitHubSide
    from devteam_action.pipeline.forge import Forge
    from devteam_action.pipeline.ports import Progress, Reporter, Tool
    from devteam_action.pipeline.state import ProjectView
    from devteam_action.project import Project
    from devteam_action.support.interrupts import Interrupts


class App:
    """A project with everything that can act on it. `progress` hears what takes time, `sinks` every event.

    `github` is the side of GitHub, where the project is there and a token was given.
    """

    def __init__(
        self,
        project: Project,
        *,
        progress: Progress,
        sinks: Sequence[Reporter] = (),
        github: GitHubSide | None = None,
    ) -> None:
        keep_to_ourselves()  # before anything of the repository or of a tool runs: set-up commands and checks, too
        self.project = project
        self.github = github
        self.ends = Ends()  # of pull requests, as far as an event has told us
        self._say = progress
        self._ready: set[str] = set()
        self.sinks = sinks
        self.redactor = Redactor(project.environment.secrets)

    def progress(self, sentence: str) -> None:
        """Says what takes time, to people and to the server log."""
        self._say(sentence)
        logging.getLogger("devteam.progress").info("%s", sentence)

    @property
    def logs_folder(self) -> Path:
        """Where the log streams of this repository are."""
        return self.project.repository.devteam_dir / "logs"

    def workspace(self) -> GitWorkspace:
        """The repository as the pipeline works in it."""
        project = self.project
        variables = project.environment.variables
        return GitWorkspace(
            project.repository.root,
            remote=project.remote,
            base_branch=project.base_branch,
            work_root=project.environment.workspace_dir,
            in_place=project.environment.is_actions,
            # What decides about the work is not for the tool to change: lists and configuration.
            protected=(*project.config.protected, *project.deciding_files),
            setup=() if project.environment.runs_nothing else project.config.setup,
            setup_env=child_environment(variables),
            git_env=variables,
            credentials=project.repository.git.credentials,
            secrets_in=self._secrets_in(),
        )

    def _secrets_in(self) -> SecretsIn:
        if is_off(self.project.config.criteria.get("secrets.clean")):
            return lambda content: frozenset()
        return SecretsInFiles(self.project.environment.secrets)

    @property
    def forge(self) -> Forge | None:
        """Where pull requests are opened; None where that is nowhere."""
        return self.github.forge if self.github is not None else None

    def reports(self, task: Task, *, is_fork: bool = False) -> tuple[Reporter, ...]:
        """What shows a run of `task` on GitHub; nothing where there is none."""
        github = self.github
        return github.reports(self.project, task, self.redactor, is_fork=is_fork) if github is not None else ()

    def tool(self, name: str) -> Tool:
        """The tool of that name, ready to be checked and used."""
        return find_tool(name, self.project.environment.variables, self.project.config.scar)

    def ready_tool(self, name: str) -> Tool:
        """The same, after its key was looked for and it was installed where it needs that; once a process."""
        tool = self.tool(name)
        if name not in self._ready:
            tool.check(self.project.config.tool_config(name), self.tool_environment(name))
            tool.install(self.progress)
            self._ready.add(name)
        return tool

    def tool_environment(self, name: str) -> dict[str, str]:
        """All that the tool's process may see: the allow-list, the model keys, and the names its config adds."""
        return child_environment(
            self.project.environment.variables, keep=(*MODEL_KEYS, *self.project.config.tool_config(name).env)
        )

    def verifier(self, workspace: GitWorkspace) -> GateVerifier:
        """The judge, by the rules of the base commit."""
        project = self.project
        return GateVerifier(
            project.config,
            workspace,
            root=project.repository.root,
            cache_dir=project.repository.devteam_dir / "cache",
            env=project.environment.variables,
        )

    def surroundings(self, task: Task) -> Surroundings:
        """What a run of `task` works with."""
        workspace = self.workspace()
        files = LogFiles(self.logs_folder, task.id)
        paths = log_paths(self.logs_folder, task.id)
        return Surroundings(
            ports=Ports(
                workspace=workspace,
                state=self.project.state,
                tool=self.ready_tool,
                verifier=self.verifier(workspace),
                clock=self.project.clock,
                forge=self.forge,
            ),
            config=self.project.config,
            root=self.project.repository.root,
            devteam_dir=self.project.repository.devteam_dir,
            tool_env=self.tool_environment,
            redactor=self.redactor,
            sinks=(files, RunOf(self.server_log()), *self.sinks, *self.reports(task)),
            progress=self.progress,
            logs=(str(paths.workflow), str(paths.execution)),
            run_link=self.github.run_url if self.github is not None else "",
            next_activity=lambda run_id: next_activity(paths.execution, run_id),
        )

    def server_log(self) -> ServerLog:
        """Where Python's log records of this process go, redacted: `server.log`."""
        log = logging.getLogger("devteam")
        known = next((handler for handler in log.handlers if isinstance(handler, ServerLog)), None)
        if known is not None:
            return known
        handler = ServerLog(self.logs_folder, self.redactor, level=self.project.environment.log_level)
        log.setLevel(logging.DEBUG)
        log.propagate = False
        log.addHandler(handler)
        return handler

    def sweep(self) -> None:
        """Removes the temporary folders that killed runs of this user left on this machine."""
        for folder in abandoned():
            remove_tree(folder)
            self.progress(f"removed {folder}, which a killed run had left")

    def survey(self) -> Survey:
        """SELECT on the repository as it is now; the state is reconciled first, and every repair is said."""
        project = self.project = self.project.refreshed()
        view = self.reconcile(self._finished(project.view()))
        selection = project.select(view)
        project.warn_unresolved(selection)
        return Survey(lists=project.lists, selection=selection)

    def _finished(self, view: ProjectView) -> ProjectView:
        """The view after runs that were killed between their merge and its record have got their end."""
        project = self.project
        finished = [
            task
            for task in cut_off(view.executions, project.lists.tasks)
            if finish_merged(view.executions[task.id], project.base_branch, self.surroundings(task))
        ]
        for task in finished:
            self.progress(f"task {task.id}: its merge was not on the record, and is now")
        return project.view() if finished else view

    def reconcile(self, view: ProjectView) -> ProjectView:
        """The view after what people did to list and branches was taken over into the state."""
        project = self.project
        here = ThisClone(
            project.repository,
            project.remote,
            project.base,
            may_ask=project.where.fetch and not view.stale,
            are_pushed=project.config.push,
        )
        ends = self.ends
        if self.forge is not None:
            ends = ends | ends_of(view.executions, here, self.forge)
        found = repairs(view.executions, project.lists.tasks, here, merged=ends.merged, closed=ends.closed)
        for repair in found:
            self.progress(f"task {repair.task_id}: set to {repair.to}, because {repair.why}")
            seen = view.executions[repair.task_id]
            project.state.change(repair.task_id, f"{repair.task_id}: {repair.why}", mender(repair, seen))
        view = project.view() if found else view
        elsewhere = merged_elsewhere(view.executions, project.lists.tasks, here)
        for task_id in elsewhere:
            project.warn(f"task {task_id} was completed elsewhere, and {project.base_branch} here does not have it yet")
        return msgspec.structs.replace(view, executions={**view.executions, **elsewhere}) if elsewhere else view

    def guard(self, interrupts: Interrupts) -> Guard:
        """While a session works its claim is renewed, and signals stop it."""

        @contextlib.contextmanager
        def guarded(session: Session) -> Generator[None]:
            with (
                interrupts.calling(lambda: session.request_stop("signal")),
                Heartbeat(session, has_remote=bool(self.project.remote), relay=self.project.relay),
            ):
                yield

        return guarded
