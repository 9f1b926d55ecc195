"""GitHub's side of a project: the client and what stands on it, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from devteam_action.domain.events import decode
from devteam_action.github_io.ci_state import own_workflow
from devteam_action.github_io.place import GitHubPlace, place_of
from devteam_action.render.links import Links
from devteam_action.render.own_templates import PATHS
from devteam_action.settings import Environment

if TYPE_CHECKING:
    from devteam_action.domain.events import AnyEvent
    from devteam_action.domain.findings import Finding
    from devteam_action.domain.task import Task
    from devteam_action.github_io.check_runs import CheckRuns
    from devteam_action.github_io.client import GitHubClient
    from devteam_action.github_io.command_comments import CommandComments
    from devteam_action.github_io.comments import StickyComments
    from devteam_action.github_io.people import People
    from devteam_action.github_io.pull_requests import PullRequests
    from devteam_action.github_io.pushes import Pushes
    from devteam_action.github_io.reactions import Reactions
    from devteam_action.github_io.workflows import Workflows
    from devteam_action.pipeline.ports import Clock, Progress, Reporter
    from devteam_action.project import Project
    from devteam_action.reporters.check_run import CheckRunReporter
    from devteam_action.reporters.report_context import ReportContext
    from devteam_action.reporters.sticky import StickyComment
    from devteam_action.support.redact import Redactor

_LOOPBACK = ("http://127.0.0.1", "http://localhost")


class GitHubSide:
    """GitHub as this process may use it: one client, and an object for each thing that is done through it.

    `run_url` is the page of the job that we are; empty at home. `annotate` shows findings as a job can, where no check
    run may be written.
    """

    def __init__(
        self,
        place: GitHubPlace,
        environment: Environment,
        *,
        progress: Progress,
        clock: Clock,
        annotate: Callable[[Sequence[Finding]], None] | None = None,
    ) -> None:
        self.place = place
        self.is_job = environment.is_actions
        variables = environment.variables
        run_id = variables.get("GITHUB_RUN_ID", "")
        self.run_url = f"{place.web_url}/actions/runs/{run_id}" if self.is_job and run_id else ""
        self._check: CheckRunReporter | None = None
        self._summary = variables.get("GITHUB_STEP_SUMMARY", "") if self.is_job else ""
        self._annotate = annotate
        self._own_workflow = own_workflow(variables)
        self._dispatched = environment.dispatched_workflow
        self._token = _token_for(place, environment)
        self._progress = progress
        self._clock = clock

    @property
    def _is_near(self) -> bool:
        return self.place.api_url.startswith(_LOOPBACK)

    @cached_property
    def client(self) -> GitHubClient:
        """The one door."""
        from devteam_action.github_io.client import GitHubClient

        # GitHub asks for a second between writes; a server of one's own machine asks for nothing.
        pace_s = 0.0 if self._is_near else 1.0
        return GitHubClient(self.place, self._token, progress=self._progress, clock=self._clock, pace_s=pace_s)

    @cached_property
    def forge(self) -> PullRequests:
        from devteam_action.github_io.ci_after_push import SETTLES_S, CiAfterPush
        from devteam_action.github_io.pull_requests import PullRequests

        ci = CiAfterPush(
            self.client,
            own_workflow=self._own_workflow,  # the run that we are is not what people mean by their CI
            dispatched=self._dispatched,
            settles_s=() if self._is_near else SETTLES_S,
            clock=self._clock,
        )
        return PullRequests(self.client, ci=ci)

    @cached_property
    def comments(self) -> StickyComments:
        from devteam_action.github_io.comments import StickyComments

        return StickyComments(self.client)

    @cached_property
    def checks(self) -> CheckRuns:
        from devteam_action.github_io.check_runs import CheckRuns

        return CheckRuns(self.client)

    @cached_property
    def people(self) -> People:
        from devteam_action.github_io.people import People

        return People(self.client)

    @cached_property
    def reactions(self) -> Reactions:
        from devteam_action.github_io.reactions import Reactions

        return Reactions(self.client)

    @cached_property
    def pushes(self) -> Pushes:
        from devteam_action.github_io.pushes import Pushes

        return Pushes(self.client)

    @cached_property
    def new_comments(self) -> CommandComments:
        from devteam_action.github_io.command_comments import CommandComments

        return CommandComments(self.client)

    @cached_property
    def workflows(self) -> Workflows:
        from devteam_action.github_io.workflows import Workflows

        return Workflows(self.client)

    def reports(
        self, project: Project, task: Task, redactor: Redactor, *, is_fork: bool = False
    ) -> tuple[Reporter, ...]:
        """What shows a run of `task` here; a run that goes on is shown with what was before.

        A fork's pull request is told of on its job's page alone: its token may write nothing, and is not tried.
        """
        from devteam_action.reporters.annotations import AnnotationsReporter
        from devteam_action.reporters.check_run import CheckRunReporter

        context = self._context(project, redactor)
        if is_fork:
            return (AnnotationsReporter(self._annotate or _nowhere, context), *self._job_page(context, ()))
        history = history_of(project, task)
        sticky = self.sticky(project, task, redactor, context=context)
        if not self.is_job:
            return (sticky,)
        check = self._check = CheckRunReporter(self.checks, context, history=history)

        def annotate(findings: Sequence[Finding]) -> None:
            if check.id is None and self._annotate is not None:
                self._annotate(findings)

        annotations = AnnotationsReporter(annotate, context, history=history)
        return (sticky, check, annotations, *self._job_page(context, history))

    def _job_page(self, context: ReportContext, history: Sequence[AnyEvent]) -> tuple[Reporter, ...]:
        from devteam_action.reporters.job_summary import JobSummary

        return (JobSummary(Path(self._summary), context, history=history),) if self._summary else ()

    def sticky(
        self, project: Project, task: Task, redactor: Redactor, *, context: ReportContext | None = None
    ) -> StickyComment:
        """The one comment of the task's pull request, with what was before."""
        from devteam_action.reporters.sticky import StickyComment

        known = context or self._context(project, redactor)
        return StickyComment(self.comments, known, history=history_of(project, task))

    def _context(self, project: Project, redactor: Redactor) -> ReportContext:
        from devteam_action.reporters.report_context import ReportContext

        return ReportContext(
            self.links(project.base_branch),
            tell=self._progress,
            redact=redactor.redact,
            missing_rights=lambda: self.client.missing_rights,
            rate=self._rate,
            templates=project.repository.read_many(project.base, PATHS),
            line_counts=lambda head, paths: _line_counts(project, head, paths),
        )

    @property
    def check_run(self) -> int | None:
        """The id of the last check run that has a verdict."""
        return self._check.id if self._check is not None else None

    def _rate(self) -> str:
        """A sentence where the rate limit is nearly used up."""
        rate = self.client.rate
        if rate is None or rate.remaining * 10 > rate.limit:
            return ""
        return f"{rate.remaining} of {rate.limit} requests to GitHub are left until {rate.resets_at}"

    def links(self, base_branch: str) -> Links:
        """Addresses of this repository, for reports."""
        return Links(
            server_url=self.place.server_url,
            repository=self.place.repository,
            run_url=self.run_url,
            base_branch=base_branch,
        )


def github_side(
    environment: Environment,
    remote_url: str,
    *,
    progress: Progress,
    clock: Clock,
    annotate: Callable[[Sequence[Finding]], None] | None = None,
) -> GitHubSide | None:
    """The side of GitHub that the environment speaks of; None without a token, or where the remote is no GitHub."""
    place = place_of(environment.variables, remote_url)
    if place is None or not _token_for(place, environment):
        return None
    return GitHubSide(place, environment, progress=progress, clock=clock, annotate=annotate)


def _nowhere(findings: Sequence[Finding]) -> None:
    """Where nothing can annotate."""


def _token_for(place: GitHubPlace, environment: Environment) -> str:
    return environment.enterprise_token if place.is_enterprise else environment.github_token


def history_of(project: Project, task: Task) -> tuple[AnyEvent, ...]:
    """The events of the task's last run, as far as the state branch has them."""
    known = project.state.execution(task.id, refresh=False)
    if known is None or not known.run_id:
        return ()
    return tuple(map(decode, project.state.events(known.run_id)))


def _line_counts(project: Project, head: str, paths: Sequence[str]) -> dict[str, int]:
    """How many lines each of the files has; a last one without a line end is one."""
    found = project.repository.read_many(head, paths)
    return {path: data.count(b"\n") + (not data.endswith(b"\n") and data != b"") for path, data in found.items()}
