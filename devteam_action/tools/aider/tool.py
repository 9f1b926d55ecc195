"""aider as the implementing tool."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ToolMissing
from devteam_action.pipeline.ports import EmitLine, Progress, Stop, ToolJob, ToolOutcome
from devteam_action.support.process import Command, Completed, run
from devteam_action.tools.aider.command_line import (
    Folder,
    arguments,
    environment,
    prepare_folder,
    usable_files,
)
from devteam_action.tools.aider.hidden import hidden_settings
from devteam_action.tools.aider.install import install, self_test
from devteam_action.tools.aider.keys import check_keys
from devteam_action.tools.aider.location import (
    INSTALL_COMMAND,
    LAUNCHER,
    VERSION,
    environment_dir,
    existing_aider,
    is_ready,
    python_of,
)
from devteam_action.tools.aider.outcome import outcome
from devteam_action.tools.aider.transcript import Transcript, read_chat, read_output
from devteam_action.tools.aider.usage import usage
from devteam_action.tools.job import last_words, seconds, stopped_early

_KEEP_BYTES = 4 * 2**20
_GRACE_S = 1.0  # an interrupt does not end aider while it waits for a model; what it has written is in its tree


class AiderTool:
    """Drives aider 0.86.2 in an environment of its own, with its settings from nowhere but here."""

    name = "aider"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def check(self, config: ToolConfig, env: Mapping[str, str]) -> None:
        """Raises ToolMissing for a key that is not set, or an AIDER_PATH that leads nowhere; installs nothing."""
        check_keys((config.model, config.weak_model), env)
        existing_aider(self._environ)

    def install(self, progress: Progress) -> None:
        """A ready environment, or one built and tested now; an aider named by AIDER_PATH is tested instead."""
        own = existing_aider(self._environ)
        if own is None:
            install(self._environ, progress)
        else:
            progress("testing the aider that AIDER_PATH names")
            self_test(own, self._environ)

    def implement(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome:
        """One message to aider. A tree that it left by a time limit or a stop is to be thrown away."""
        if not job.brief.strip():
            return ToolOutcome(status="failed", reason="empty-brief", message="the brief is empty", retryable=False)
        if not (job.tree / ".git").exists():
            # Without a repository aider would look for one above, or write to paths outside.
            return ToolOutcome(status="failed", reason="crashed", message="the copy is no repository", retryable=False)
        folder = prepare_folder(job.scratch, job.brief)
        with hidden_settings(job.tree, job.scratch / "hidden"):
            files = usable_files(job.tree, job.files)
            command = Command(
                argv=(str(self._python()), "-I", "-u", str(LAUNCHER), *arguments(job.config, folder, files)),
                cwd=job.tree,
                env=environment(job.env, job.config, folder.home),
                timeout_s=seconds(job.config),
                grace_s=_GRACE_S,
            )
            completed = run(command, on_line=emit, stop=stop, keep_bytes=_KEEP_BYTES)
        return _judge(completed, _transcript(folder, completed))

    def _python(self) -> Path:
        own = existing_aider(self._environ)
        if own is not None:
            return own
        place = environment_dir(self._environ)
        if not is_ready(place):
            raise ToolMissing(f"aider {VERSION} is not installed", remedy=f"type `{INSTALL_COMMAND}`")
        return python_of(place)


def _transcript(folder: Folder, completed: Completed) -> Transcript:
    try:
        with folder.chat.open("rb") as file:
            file.seek(max(0, folder.chat.stat().st_size - _KEEP_BYTES))
            return read_chat(file.read().decode("utf-8", "replace"))
    except OSError:
        return read_output(completed.stdout.decode("utf-8", "replace"))


def _judge(completed: Completed, transcript: Transcript) -> ToolOutcome:
    early = stopped_early(completed)
    if early is None:
        return outcome(transcript, completed.code, last_words(completed))
    return ToolOutcome(status=early.status, reason=early.reason, message=early.message, usage=usage(transcript.said))
