"""Recorded patches as the implementing tool: the demo, tests, and proofs without a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ConfigError, ToolMissing
from devteam_action.pipeline.ports import EmitLine, Progress, Stop, ToolJob, ToolOutcome
from devteam_action.support.environment import child_environment
from devteam_action.support.process import Command, Completed, run
from devteam_action.tools.job import KEEP_BYTES, first_words, seconds, stopped_early

_PROGRAM = "git"


class ReplayTool:
    """Applies `<task id>-<attempt>.patch`, else `<task id>.patch`, of the folder `tools.replay.patches`."""

    name = "replay"

    def __init__(self, environ: Mapping[str, str]) -> None:
        del environ

    def check(self, config: ToolConfig, env: Mapping[str, str]) -> None:
        """Raises ConfigError where no folder is named."""
        if not config.patches:
            raise ConfigError(
                "tools.replay.patches: expected a folder of recorded patches, got none",
                remedy="name the folder, such as `patches: .devteam/patches`",
            )

    def install(self, progress: Progress) -> None:
        """Nothing to do: git is needed by everything else already."""

    def implement(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome:
        """Applies one patch whole, or nothing of it; paths out of the tree and into `.git` are git's to refuse."""
        folder = job.root / job.config.patches
        if not folder.is_dir():
            raise ToolMissing(f"tools.replay.patches: there is no folder {folder}", remedy="create it, or name another")
        patch = find_patch(folder, job.task.id, job.attempt)
        if patch is None:
            return ToolOutcome(
                status="failed",
                reason="no-patch",
                message=f"no recorded patch `{job.task.id}.patch` (or `{job.task.id}-{job.attempt}.patch`) in {folder}",
                retryable=False,
            )
        listed = _git(job, stop, "apply", "--numstat", "-z", str(patch))
        applied = _git(job, stop, "apply", "--whitespace=nowarn", str(patch)) if listed.ok else listed
        early = stopped_early(applied)
        if early is not None:
            return early
        if not applied.ok:
            return ToolOutcome(
                status="failed",
                reason="malformed-edit",
                message=f"the recorded patch {patch.name} does not apply{first_words(applied)}",
            )
        for path in patched_paths(listed.stdout):
            emit("stdout", b"Applied patch to " + path)
        return ToolOutcome(status="finished")


def find_patch(folder: Path, task_id: str, attempt: int) -> Path | None:
    """The patch of this attempt before the patch of the task; a task id is a file name here, never a path."""
    names = (f"{task_id}-{attempt}.patch", f"{task_id}.patch")
    return next((folder / name for name in names if "/" not in name and (folder / name).is_file()), None)


def patched_paths(numstat: bytes) -> list[bytes]:
    """The paths of `git apply --numstat -z`: `added TAB removed TAB path NUL` each."""
    return [record.split(b"\t", 2)[2] for record in numstat.split(b"\0") if record.count(b"\t") >= 2]


def _git(job: ToolJob, stop: Stop, *args: str) -> Completed:
    # Git is told of a repository that does not exist: it then works on plain files, and nothing in the tree's own
    # `.git` (filters, attributes, a file system monitor) has a say. The user's configuration has none either.
    nowhere = {
        "GIT_DIR": str(job.scratch / "no-repository"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
    }
    command = Command(
        argv=(_PROGRAM, *args), cwd=job.tree, env=child_environment(job.env, add=nowhere), timeout_s=seconds(job.config)
    )
    return run(command, stop=stop, keep_bytes=KEEP_BYTES)
