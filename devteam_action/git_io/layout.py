"""Where a repository keeps its things, and whether it is fit to work in."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
from collections.abc import Generator
from pathlib import Path

from msgspec import Struct

from devteam_action.errors import GitFailed, RepositoryError
from devteam_action.git_io.git import Git

_OBJECT_FORMAT = re.compile(r"^\s*objectformat\s*=\s*\"?(sha1|sha256)", re.MULTILINE | re.IGNORECASE)


class Identity(Struct, frozen=True, kw_only=True):
    """Who commits; without one, git's configured user does."""

    name: str
    email: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", self.name), ("EMAIL", self.email))
        }


class Layout(Struct, frozen=True, kw_only=True):
    """`common` is the git folder that all worktrees share, `git_dir` the one of the folder that was asked.

    `notes` is ours: small files about branches, outside every tree, shared by all worktrees, never pushed.
    """

    common: Path
    git_dir: Path
    object_format: str

    @property
    def objects(self) -> Path:
        return self.common / "objects"

    @property
    def notes(self) -> Path:
        return self.common / "devteam"

    def branch_notes(self, branch: str) -> Path:
        return self.notes / "branches" / hashlib.sha256(branch.encode()).hexdigest()[:16]


def find_layout(git: Git) -> Layout:
    """Raises RepositoryError where there is no repository."""
    plain = git.directory / ".git"
    if (plain / "HEAD").is_file():
        # The common case, an ordinary checkout, without starting git: everything in PREP waits for this.
        folder = plain.resolve()
        named = _OBJECT_FORMAT.search((folder / "config").read_text(errors="replace"))
        return Layout(common=folder, git_dir=folder, object_format=named[1].lower() if named else "sha1")
    try:
        common, git_dir, object_format = git.lines(
            "rev-parse", "--path-format=absolute", "--git-common-dir", "--git-dir", "--show-object-format"
        )
    except GitFailed as error:
        said = error.completed.stderr.decode(errors="replace").strip()
        if "not a git repository" not in said:
            raise
        raise RepositoryError(
            f"{git.directory} is no git repository", remedy="run `git init` there, or give another folder with `-C`"
        ) from error
    return Layout(common=Path(common).resolve(), git_dir=Path(git_dir).resolve(), object_format=object_format)


def current_branch(git: Git) -> str:
    """The branch that HEAD is on; raises RepositoryError for a detached HEAD and for a repository with no commit."""
    branch = git.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).stdout.decode().strip()
    if not branch:
        raise RepositoryError(
            f"HEAD of {git.directory} is detached: no branch is checked out, so there is no base branch",
            remedy="check out a branch, or name one with `--base-branch` or `base-branch:` in .devteam.yml",
        )
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1)).code:
        raise no_commit(git)
    return branch


def no_commit(git: Git) -> RepositoryError:
    return RepositoryError(
        f"the repository {git.directory} has no commit yet",
        remedy="commit the task list first: `git add -A && git commit -m 'Start'`",
    )


def require_identity(git: Git) -> None:
    """Raises RepositoryError, with the commands that mend it, where nobody told git who commits."""
    # Without useConfigOnly git makes an address up from the host's name.
    answer = git.run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT", ok=(0, 128))
    if answer.code:
        raise RepositoryError(
            "git does not know who commits: user.name or user.email is not set",
            remedy='run `git config user.name "Your Name"` and `git config user.email you@example.org`',
        )


def refs(git: Git, *patterns: str) -> dict[str, str]:
    """Full ref names and their commits; a pattern is a whole name or a prefix that ends at a slash."""
    lines = git.lines("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
    return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """One process at a time, on this machine; the system lifts the lock when its holder dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
