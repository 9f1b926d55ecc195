"""Commits made without a checkout, and branches that move only from where we saw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devteam_action.errors import GitFailed, RepositoryError, StateConflict
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of


def make_commit(git: Git, tree: str, parents: Sequence[str], message: str, identity: Mapping[str, str]) -> str:
    """A commit that no branch has yet; no hook runs, nothing is signed."""
    args = [part for parent in parents for part in ("-p", parent)]
    done = git.run("commit-tree", tree, *args, stdin=message.encode(errors="replace"), env=identity)
    return done.stdout.decode().strip()


def move_branch(git: Git, branch: str, new: str, old: str) -> None:
    """Raises StateConflict when the branch is not at `old` any more."""
    ref = f"refs/heads/{branch}"
    try:
        git.run("update-ref", "-m", "devteam", ref, new, old)
    except GitFailed as error:
        now = head_of(git, ref)
        if now == old:
            raise
        where = f"stands at {now[:12]} now" if now else "is gone"
        raise StateConflict(
            f"branch {branch} was moved by somebody else: it {where}, we had left it at {old[:12]}",
            remedy="look at the branch, then run again",
        ) from error


def update_files(git: Git, old: str, new: str) -> None:
    """Brings index and files of a working directory from `old` to `new`; what is not tracked stays.

    Changes of a person's are kept where `new` does not touch the file; where it does, nothing is done at all and
    RepositoryError names the files. Doing it again is harmless.
    """
    # Files whose times changed but not their bytes must not count as changed.
    git.run("update-index", "-q", "--refresh", ok=(0, 1))
    done = git.run("read-tree", "-m", "-u", old, new, ok=(0, 128), timeout_s=1800)
    if done.code:
        said = done.stderr.decode(errors="replace").replace("error: ", "").strip()
        raise RepositoryError(
            f"the files in {git.directory} cannot be brought to {new[:12]}: {said}",
            remedy="commit, stash or move away what is in the way, then run again",
        )
