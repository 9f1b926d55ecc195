"""Which branch tasks start from, and the commit it stands at."""

from __future__ import annotations

from devteam_action.errors import RepositoryError
from devteam_action.git_io.repository import Repository

_OURS = ("task/", "devteam/")


def current_base(repository: Repository) -> str:
    """The branch that is checked out; on one of our own task branches, the branch that tasks start from."""
    if repository.current_branch and not repository.current_branch.startswith(_OURS[0]):
        return repository.current_branch
    found = repository.git.run("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD", ok=(0, 1)).stdout
    name = found.decode().strip().removeprefix("origin/")
    if name and repository.commit_of(name):
        return name
    if repository.current_branch:
        for usual in ("main", "master"):
            if repository.commit_of(usual):
                return usual
    raise RepositoryError(
        "HEAD is detached, so there is no base branch to start from"
        if not repository.current_branch
        else f"{repository.current_branch} is a task branch, and the branch it started from is unknown",
        remedy="`git switch` to the base branch, or name it with --base-branch",
    )


def base_commit(repository: Repository, branch: str, said: str) -> str:
    """The full SHA of a local branch; raises RepositoryError that begins with `said`, which tells who named it."""
    commit = repository.commit_of(branch)
    if commit is None:
        raise RepositoryError(
            f"{said}: there is no branch `{branch}` in this repository", remedy=_other(repository, branch)
        )
    return commit


def _other(repository: Repository, branch: str) -> str:
    for remote in repository.remotes():
        if repository.remote_commit_of(remote, branch):
            return f"`git branch {branch} {remote}/{branch}` makes it from the one on {remote}"
    known = [name for name in repository.branches() if not name.startswith(_OURS)]
    return f"name another: this repository has {', '.join(known[:5]) or 'no branch yet'}"
