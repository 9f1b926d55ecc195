"""`retry --clean`: a task's branch and worktree go, and everything in them can be had back."""

from __future__ import annotations

import contextlib
from pathlib import Path

from devteam_action.errors import GitFailed, RemoteUnreachable, RepositoryError
from devteam_action.git_io.fetching import fetch_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of
from devteam_action.git_io.working_folder import (
    changed_files,
    keep_changes,
    remove_worktree,
    some,
    timestamp,
    worktree_git_dir,
)


def discard(git: Git, branch: str, folder: Path | None, *, base_branch: str, remote: str = "") -> str | None:
    """The backup ref `refs/devteam/discarded/<branch>/<time>-<commit>`, None when there is no such branch.

    `folder` is the worktree, None when the checkout is used in place. The branch on `remote` stays, and has a backup
    too: whoever starts over may replace what it had then, and nothing that is pushed later.
    """
    ref = f"refs/heads/{branch}"
    head = head_of(git, ref)
    if folder is not None and worktree_git_dir(folder) is not None:
        with contextlib.suppress(GitFailed):  # a worktree that git cannot read holds nothing to keep
            keep_changes(git.at(folder), branch)
        remove_worktree(git, folder)
    theirs = _on_the_remote(git, remote, branch)
    kept_theirs = _keep(git, branch, theirs) if theirs and theirs != head else None
    if head is None:
        return kept_theirs
    if git.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1)).stdout.decode().strip() == ref:
        if dirty := changed_files(git):
            raise RepositoryError(
                f"{branch} is checked out in {git.directory} with uncommitted changes: {some(dirty)}",
                remedy="commit them or put them away with `git stash`, then run again",
            )
        git.run("checkout", "--quiet", base_branch)
    backup = _keep(git, branch, head)
    git.run("update-ref", "-d", ref, head)
    return backup


def _keep(git: Git, branch: str, commit: str) -> str:
    backup = f"refs/devteam/discarded/{branch}/{timestamp()}-{commit[:7]}"
    git.run("update-ref", "-m", "devteam: discarded", backup, commit)
    return backup


def _on_the_remote(git: Git, remote: str, branch: str) -> str | None:
    if not remote:
        return None
    with contextlib.suppress(RemoteUnreachable):  # the next push says so, and what is there stays
        if fetch_branch(git, remote, branch):
            return head_of(git, f"refs/remotes/{remote}/{branch}")
    return None
