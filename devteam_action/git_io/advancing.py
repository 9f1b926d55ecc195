"""The task branch goes on to a new commit, and its working directory with it."""

from __future__ import annotations

from pathlib import Path

from devteam_action.errors import RepositoryError
from devteam_action.git_io.commits import move_branch, update_files
from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import Layout, locked
from devteam_action.git_io.working_folder import keep_changes, wait_for_index, worktree_git_dir


def advance(git: Git, layout: Layout, branch: str, folder: Path, old: str, new: str, *, in_place: bool) -> str:
    """Moves the branch, then the files: a commit that is made is found again, files are put right by prepare.

    The new head. In place a person's files may be in the way: then RepositoryError is raised before anything has moved.
    """
    there = git.at(folder)
    with locked(layout.branch_notes(branch)):
        wait_for_index(worktree_git_dir(folder) or layout.git_dir)
        if in_place:
            there.run("update-index", "-q", "--refresh", ok=(0, 1))
            there.run("read-tree", "-n", "-m", "-u", old, new)
        move_branch(git, branch, new, old)
        try:
            update_files(there, old, new)
        except RepositoryError:
            if in_place:
                raise
            keep_changes(there, branch)
            there.run("reset", "--hard", "--quiet", new)
    return new
