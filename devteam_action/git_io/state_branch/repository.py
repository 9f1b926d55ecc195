"""What the local and the remote state branch share: running git in one repository and asking it about commits."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from devteam_action.errors import GitFailed, RepositoryError, StateNotWritten
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch.answers import reason
from devteam_action.git_io.state_branch.fast_import import Commit, stream
from devteam_action.support.process import Completed


class StateRepository:
    """A repository that holds state commits; `extra` is added to the environment of each git child."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self.extra: Mapping[str, str] = {}

    def run(self, *args: str, stdin: bytes = b"", ok: Collection[int] = (0,), timeout_s: float = 120) -> Completed:
        return self.git.run(*args, stdin=stdin, ok=ok, timeout_s=timeout_s, env=self.extra)

    def attempt(self, *args: str, timeout_s: float = 120) -> Completed:
        """Runs git and hands back its answer, whatever it is."""
        try:
            return self.run(*args, timeout_s=timeout_s)
        except GitFailed as error:
            return error.completed

    def commit_at(self, ref: str) -> str:
        """The commit that `ref` names, or an empty text."""
        out = self.run("rev-parse", "--verify", "--quiet", ref + "^{commit}", ok=(0, 1, 128))
        return out.stdout.decode().strip() if out.code == 0 else ""

    def write(self, commit: Commit) -> Completed:
        """Runs fast-import; a failure is an answer. Its crash report goes: it tells people nothing."""
        try:
            return self.git.run("fast-import", "--quiet", "--done", stdin=stream(commit), env=self.extra)
        except GitFailed as error:
            if found := re.search(rb"dumping crash report to (\S+)", error.completed.stderr):
                with contextlib.suppress(OSError):
                    (self.git.directory / found[1].decode(errors="surrogateescape")).unlink()
            return error.completed

    def contains(self, version: str, commit: str) -> bool:
        if not version or version == commit:
            return version == commit
        return self.run("merge-base", "--is-ancestor", commit, version, ok=(0, 1, 128)).code == 0

    def changed(self, old: str, new: str) -> Sequence[str] | None:
        """The paths that differ between two versions (an empty one has no file); None when that cannot be told."""
        if old and new:
            completed = self.attempt("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        else:
            completed = self.attempt("ls-tree", "-r", "-z", "--name-only", "--full-tree", old or new)
        if not completed.ok:
            return None
        return [raw.decode(errors="surrogateescape") for raw in completed.stdout.split(b"\0") if raw]


def not_written(completed: Completed, where: str) -> StateNotWritten:
    """The error for a write that failed for good: no space, no right."""
    why = reason(completed)
    full = any(word in why for word in ("No space left", "quota", "too large")) or completed.code < 0
    return StateNotWritten(
        f"the state could not be written {where}: {why}",
        remedy="free some disk space, then run the same command again; nothing was lost"
        if full
        else "make the git folder there writable, then run the same command again; nothing was lost",
    )


def name_taken(other: str, where: str) -> RepositoryError:
    """The error for a state branch that cannot be made because of another branch; no other turn would help."""
    return RepositoryError(
        f"the state branch cannot be made {where}: the name is taken by the branch {other}",
        remedy=f"rename that branch there: `git branch -m {other} <other name>`",
    )


def git_folder(git: Git) -> Path:
    """The git folder that all worktrees of the repository share."""
    return Path(git.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
