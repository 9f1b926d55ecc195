"""Any program as the implementing tool: its argument template comes from the configuration."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ConfigError, ToolMissing
from devteam_action.pipeline.ports import EmitLine, Progress, Stop, ToolJob, ToolOutcome
from devteam_action.support.process import Command, Completed, run
from devteam_action.tools.job import KEEP_BYTES, last_words, seconds, stopped_early

_PLACEHOLDER = re.compile(r"\{(brief|tree|task|attempt|files)\}")


class CommandTool:
    """Runs `tools.command.argv` in the throw-away copy; what it did is for our own diff to say."""

    name = "command"

    def __init__(self, environ: Mapping[str, str]) -> None:
        del environ  # the child sees the job's environment and nothing of ours

    def check(self, config: ToolConfig, env: Mapping[str, str]) -> None:
        """Raises ConfigError where `argv` is missing, ToolMissing where its program is."""
        if not config.argv or not config.argv[0].strip():
            raise ConfigError(
                "tools.command.argv: expected a list of arguments, got none",
                remedy='name the program and its arguments, such as `argv: ["./implement.sh", "{brief}"]`',
            )
        program = config.argv[0]
        if "/" in program or _PLACEHOLDER.search(program):
            return  # relative to a tree that is not there yet; a missing one is said when it is run
        if shutil.which(program, path=env.get("PATH")) is None:
            raise ToolMissing(
                f"tools.command.argv: the program `{program}` is not on PATH",
                remedy=f"install `{program}`, or write its full path in tools.command.argv",
            )

    def install(self, progress: Progress) -> None:
        """Nothing to do: the program is the user's own."""

    def implement(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome:
        """One run of the program with the tree as its working directory."""
        brief = job.scratch / "brief.md"
        brief.write_bytes(job.brief.encode("utf-8", "replace"))
        command = Command(
            argv=expand(job.config.argv, job, brief),
            cwd=job.tree,
            env=job.env,
            stdin=brief.read_bytes() if job.config.brief == "stdin" else b"",
            timeout_s=seconds(job.config),
        )
        return outcome(run(command, on_line=emit, stop=stop, keep_bytes=KEEP_BYTES))


def expand(argv: Sequence[str], job: ToolJob, brief: Path) -> tuple[str, ...]:
    """The arguments with their placeholders replaced, once: text that comes in is never read as a placeholder.

    `{files}` as an argument of its own becomes one argument a file; other braces stay as they are.
    """
    files = tuple(as_operand(path) for path in job.files)
    values = {
        "brief": str(brief),
        "tree": str(job.tree),
        "task": job.task.id,
        "attempt": str(job.attempt),
        "files": " ".join(files),
    }
    expanded: list[str] = []
    for argument in argv:
        if argument == "{files}":
            expanded.extend(files)
        else:
            expanded.append(_PLACEHOLDER.sub(lambda found: values[found.group(1)], argument))
    return tuple(expanded)


def as_operand(path: str) -> str:
    """A path that no program takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def outcome(completed: Completed) -> ToolOutcome:
    """An exit code other than 0 is a crash; whether 0 did any work is not asked here."""
    early = stopped_early(completed)
    if early is not None:
        return early
    if completed.code == 0:
        return ToolOutcome(status="finished")
    how = f"was ended by signal {-completed.code}" if completed.code < 0 else f"exited with {completed.code}"
    return ToolOutcome(
        status="failed",
        reason="crashed",
        message=f"`{completed.argv[0]}` {how}{last_words(completed)}",
    )
