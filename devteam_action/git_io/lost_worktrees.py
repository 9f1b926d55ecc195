"""A worktree of ours that lost its repository: one of the two was moved, or the repository was copied."""

from __future__ import annotations

from pathlib import Path

from devteam_action.errors import GitFailed, RepositoryError
from devteam_action.git_io.branch_start import Start
from devteam_action.git_io.copies import remove_tree
from devteam_action.git_io.delivery import worktrees_of
from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import find_layout
from devteam_action.git_io.working_folder import (
    Progress,
    keep_changes,
    open_worktree,
    remove_worktree,
    worktree_git_dir,
)


def open_own_worktree(
    git: Git, folder: Path, branch: str, start: Start, progress: Progress, *, work_root: Path
) -> None:
    """Like `open_worktree`, also where a worktree of ours from before a move still has the branch.

    Such a folder lies below `work_root`: changes in it are kept as a commit, and it is removed. A person's own
    worktree is connected with its repository again, and keeps the branch: that is a RepositoryError.
    """
    try:
        open_worktree(git, folder, branch, start, progress)
    except RepositoryError as error:
        if isinstance(error, GitFailed) or not _free(git, branch, folder, work_root, progress):
            raise
        open_worktree(git, folder, branch, start, progress)


def _free(git: Git, branch: str, folder: Path, work_root: Path, progress: Progress) -> bool:
    """Takes the branch from the folders that should not have it any more; True when one of them had it."""
    common = find_layout(git).common
    is_freed = False
    for place in worktrees_of(git, branch):
        git_dir = worktree_git_dir(place)
        if git_dir is None or place.resolve() == folder.resolve():
            continue
        if not git_dir.is_dir():
            # The repository was moved, and the folder still points to where it was (git: worktree repair).
            git.run("worktree", "repair", ok=range(256))
        elif git_dir.resolve().parent.parent != common:
            _forget(common, place)
            progress(f"{place} belongs to the repository that this one was copied from, and stays with it")
            is_freed = True
            continue
        if work_root.resolve() in place.resolve().parents:
            kept = keep_changes(git.at(place), branch)
            progress(
                f"the worktree {place} is made again elsewhere{f'; its changes are kept as {kept}' if kept else ''}"
            )
            remove_worktree(git, place)
            is_freed = True
    return is_freed


def _forget(common: Path, place: Path) -> None:
    """Ends the registration of a folder without touching the folder."""
    for admin in (common / "worktrees").iterdir():
        pointer = admin / "gitdir"
        if pointer.is_file() and Path(pointer.read_text().strip()).parent == place:
            remove_tree(admin)
