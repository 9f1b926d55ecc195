"""SCAR as the implementing tool: it works on a server, pushes to the remote, and is judged by what arrives there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devteam_action.domain.config import ToolConfig
from devteam_action.domain.scar_config import ScarConfig, is_cloneable
from devteam_action.errors import BadInput, ConfigError, Missing, NotAllowed
from devteam_action.pipeline.ports import EmitLine, Progress, Stop, ToolJob, ToolOutcome
from devteam_action.scar.arguments import TooLong, command_line, encoded
from devteam_action.scar.conversation import conversation_of, project_id_of
from devteam_action.scar.errand import Errand
from devteam_action.scar.intake import Intake
from devteam_action.scar.orders import Assignment, Invocation, invocations, repository_of
from devteam_action.scar.problems import ScarStrange, ScarUnavailable
from devteam_action.scar.sequence import Switch, implementing, planning

if TYPE_CHECKING:
    from devteam_action.scar.sync import SyncScar

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ScarTool:
    """Satisfies `ports.Tool`. `environ` is our own process's: it tells whether this is a job of GitHub Actions."""

    name = "scar"

    def __init__(self, settings: ScarConfig, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ

    def check(self, config: ToolConfig, env: Mapping[str, str]) -> None:
        """Raises ScarUnavailable where no server answers, ScarStrange where something else does."""
        del config, env
        with self._connected() as scar:
            try:
                try:
                    scar.is_busy(conversation_of(self._settings.conversation_prefix, "probe"))
                except ScarStrange:
                    scar.get_messages("probe")  # the busy list may be kept from us; the messages may not
            except ScarUnavailable as error:
                raise self._explained(error) from error

    def install(self, progress: Progress) -> None:
        """Nothing to do here: the server is its operator's."""

    def implement(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome:
        """The whole sequence; what came is in the copy `job.tree` when it has finished.

        Raises ConversationTaken while something goes on in the conversation, and ScarUnavailable when the server went
        away before a command was delivered.
        """
        del emit  # whole messages go to `job.say`
        return self._run(job, stop, only_plan=False)

    def plan(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome:
        """Only the commands that plan: the outcome's message is the plan, and nothing is brought back."""
        del emit
        return self._run(job, stop, only_plan=True)

    def _run(self, job: ToolJob, stop: Stop, *, only_plan: bool) -> ToolOutcome:
        settings = self._settings
        if job.exchange is None or job.conversations is None:
            raise Missing(
                "SCAR works on the branches of a remote, and this project has none that we push to",
                remedy="add a remote that SCAR reaches, too (`git remote add origin …`), and leave `push: true`",
            )
        project_id = project_id_of(job.project)
        assignment = Assignment(
            run_id=job.run_id, task_id=job.task.id, branch=job.branch, brief=job.brief, only_plan=only_plan
        )
        orders = invocations(settings, assignment, settings.plan_commands if only_plan else settings.commands)
        switch = self._switch(job.exchange.address)
        unsendable = _unsendable(orders, conversation_of(settings.conversation_prefix, project_id))
        if unsendable is not None:
            return unsendable
        intake = Intake(
            job.exchange,
            branch=job.branch,
            task_id=job.task.id,
            head=job.head,
            base=job.base,
            base_branch=job.base_branch,
            without=assignment.plan,
        )
        steps = planning(switch, orders) if only_plan else implementing(switch, orders)
        from devteam_action.scar.talk import ScarTalk

        with self._connected() as scar:
            talk = ScarTalk(scar, project_id, settings, say=job.say, stop=stop)
            try:
                return Errand(talk, job.conversations, intake, stop).run(steps, job.tree)
            except ScarUnavailable as error:
                raise self._explained(error) from error

    def _connected(self) -> SyncScar:
        from devteam_action.scar.client import ScarClient
        from devteam_action.scar.sync import SyncScar

        settings = self._settings
        return SyncScar(
            ScarClient(
                settings.base_url,
                prefix=settings.conversation_prefix,
                timeout_s=settings.timeout_seconds,
                poll_interval_s=settings.poll_interval,
            )
        )

    def _switch(self, address: str) -> Switch:
        """Which repository SCAR may be told to work on: this project's own, and only where the configuration allows it.

        No name and no address comes from a task list, a comment or SCAR itself.
        """
        settings = self._settings
        name = repository_of(settings, address)
        if not _NAME.fullmatch(name) or name in (".", ".."):
            raise ConfigError(
                f"'{name[:60]}', the last part of the remote's address, is no name of a repository on SCAR",
                remedy="say its name there: `scar: {repository: NAME}`",
            )
        if settings.repositories and name not in settings.repositories:
            raise NotAllowed(
                f"SCAR may not be told to work on {name}: `scar.repositories` names {', '.join(settings.repositories)}",
                remedy=f"add {name} to `scar.repositories`, or name the right one with `scar.repository`",
            )
        clone_url = settings.clone_url or address
        if not is_cloneable(clone_url):
            raise ConfigError(
                f"'{clone_url[:60]}' is no address that SCAR can clone", remedy="write one to `scar.clone-url`"
            )
        return Switch(repository=name, clone_url=clone_url)

    def _explained(self, error: ScarUnavailable) -> ScarUnavailable:
        """In a job, an address on `localhost` is the runner's own: on GitHub's runners nobody's server is there."""
        is_job = self._environ.get("GITHUB_ACTIONS") == "true"
        is_hosted = self._environ.get("RUNNER_ENVIRONMENT", "github-hosted") == "github-hosted"
        if is_job and (urlsplit(self._settings.base_url).hostname or "") in _LOOPBACK:
            where = "a runner of GitHub's, where no SCAR is" if is_hosted else "this runner itself"
            error.message += f"; in this job `localhost` is {where}"
            error.remedy = (
                "run the job on a runner of your own beside SCAR (examples/scar-self-hosted.yml), or set "
                "`scar.base-url` to an address that the runner reaches, not on the internet: SCAR has no login"
            )
        return error


def _unsendable(orders: tuple[Invocation, ...], conversation: str) -> ToolOutcome | None:
    """Found before anything is begun: half a sequence would be work that nobody asked for."""
    for order in orders:
        try:
            encoded(conversation, command_line(order.command, order.arguments))
        except TooLong as error:
            return ToolOutcome(status="failed", reason="brief-too-long", message=error.message, retryable=False)
        except BadInput as error:
            return ToolOutcome(status="failed", reason="bad-request", message=error.message, retryable=False)
    return None
