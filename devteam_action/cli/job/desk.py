"""What every answer of a job needs: the checkout made ready, GitHub, and commands run as if somebody typed them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from devteam_action.actions.inputs import ActionInputs, JobFacts
from devteam_action.actions.workflow_commands import Muzzle, annotation_lines
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.cli.parser import build_parser
from devteam_action.errors import Missing
from devteam_action.git_io.git import Git
from devteam_action.git_io.remotes import clone_or_update
from devteam_action.git_io.repository import open_repository
from devteam_action.project import Project
from devteam_action.settings import MODEL, Environment, read_environment
from devteam_action.support.clock import SystemClock
from devteam_action.support.interrupts import Interrupts
from devteam_action.support.terminal import harmless

if TYPE_CHECKING:
    from devteam_action.cli import Verb
    from devteam_action.on_github import GitHubSide

# Who commits where nobody is configured: the account that a job's token belongs to.
_IDENTITY = {"NAME": "github-actions[bot]", "EMAIL": "41898282+github-actions[bot]@users.noreply.github.com"}


class Desk:
    """One job at work; everything is opened when it is first needed, and once."""

    def __init__(
        self,
        inputs: ActionInputs,
        job: JobFacts,
        variables: Mapping[str, str],
        interrupts: Interrupts,
        *,
        runner: Muzzle,
    ) -> None:
        self.inputs = inputs
        self.job = job
        self.interrupts = interrupts
        self.runner = runner
        self.clock = SystemClock()
        self._given = variables

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """The environment of the commands: what the inputs say stands where people at home would put it."""
        inputs = self.inputs
        token = {"GIT_TOKEN": inputs.github_token} if inputs.github_token else {}
        scar = {"SCAR_BASE_URL": inputs.scar_url} if inputs.scar_url else {}
        model = {MODEL: inputs.model} if inputs.model else {}
        known = {"GIT_USERNAME": "x-access-token", **token, **self._given, **scar, **model}
        root = Path(self.job.workspace)
        if not (root / ".git").exists():
            clone_or_update(self._address, root, env=known, progress=self.say)
        if Git(root, env=known).run("config", "user.email", ok=(0, 1)).stdout.strip():
            return known
        identity = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _IDENTITY.items()}
        return {**identity, **known}

    @cached_property
    def environment(self) -> Environment:
        return read_environment(self.variables)

    @property
    def _address(self) -> str:
        return f"{self.job.server_url}/{self.job.repository}.git"

    @cached_property
    def github(self) -> GitHubSide | None:
        """GitHub, as far as the token reaches; None without a token."""
        from devteam_action.on_github import github_side

        return github_side(
            self.environment,
            self._address,
            progress=self.say,
            clock=self.clock,
            annotate=lambda findings: self.runner.say(annotation_lines(findings)),
        )

    @cached_property
    def project(self) -> Project:
        """The project of the checkout, at the newest commit of its base branch."""
        return self.context(("status",))[1].project

    def say(self, sentence: str) -> None:
        """One line of the job's log."""
        print(f"  · {harmless(sentence)}", file=sys.stderr, flush=True)

    def context(self, argv: tuple[str, ...], *, speaker: str = "") -> tuple[Namespace, Context]:
        """The arguments that `devteam ARGV` has, and what it works with."""
        args = build_parser(only=argv[0]).parse_args((argv[0], *self._common, *argv[1:]))
        for name in ("task", "idempotency_key"):
            if hasattr(args, name):
                setattr(args, name, getattr(args, name) or "")
        speaker = speaker or self.job.actor
        context = Context(args, self.variables, self.interrupts, speaker=speaker, github=self.github)
        return args, context

    def run(self, argv: tuple[str, ...], *, speaker: str = "") -> Result:
        """What `devteam ARGV` answers; raises what it raises."""
        args, context = self.context(argv, speaker=speaker)
        module, _, function = str(args.verb).partition(":")
        verb = cast("Verb", getattr(import_module(f"devteam_action.cli.{module}"), function))
        try:
            return verb(args, context)
        finally:
            context.finish()

    @property
    def logs_folder(self) -> Path:
        """Where the logs of this checkout's runs are; nothing is asked for that."""
        return open_repository(Path(self.job.workspace), self.variables).devteam_dir / "logs"

    @property
    def needed_github(self) -> GitHubSide:
        """GitHub; raises Missing without a token for it."""
        if self.github is None:
            raise Missing(
                "there is no token for GitHub", remedy="give the input `github-token: ${{ github.token }}` to the step"
            )
        return self.github

    @property
    def _common(self) -> tuple[str, ...]:
        inputs = self.inputs
        return (
            *("-C", self.job.workspace),
            *(("--base-branch", inputs.base_branch) if inputs.base_branch else ()),
            *(("--config", inputs.config) if inputs.config else ()),
            *(("--verbosity", str(inputs.verbosity)) if inputs.verbosity else ()),
        )
