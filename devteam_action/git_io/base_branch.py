"""Which branch tasks start from, and the commit it stands at."""

from __future__ import annotations

from devteam_action.errors import RemoteUnreachable, RepositoryError
from devteam_action.git_io.fetching import default_branch, fetch_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import is_ancestor
from devteam_action.git_io.repository import Repository

_OURS = ("task/", "devteam/")


def current_base(repository: Repository, remote: str = "") -> str:
    """The branch that is checked out; on one of our own task branches, the branch that tasks start from.

    With a `remote` (a job's checkout may be detached) a base branch that only the remote has is one, too, and where
    nothing here speaks of it, the remote's default branch.
    """
    if repository.current_branch and not repository.current_branch.startswith(_OURS[0]):
        return repository.current_branch
    place = f"refs/remotes/{remote or 'origin'}"
    found = repository.git.run("symbolic-ref", "--quiet", f"{place}/HEAD", ok=(0, 1)).stdout
    named = found.decode().strip().removeprefix(f"{place}/")
    usual = ("main", "master") if repository.current_branch or remote else ()
    for name in (named, *usual):
        if name and (repository.commit_of(name) or repository.remote_commit_of(remote, name)):
            return name
    if remote and (name := default_branch(repository.git, remote)):
        return name
    raise RepositoryError(
        "HEAD is detached, so there is no base branch to start from"
        if not repository.current_branch
        else f"{repository.current_branch} is a task branch, and the branch it started from is unknown",
        remedy="`git switch` to the base branch, or name it with --base-branch",
    )


def base_commit(repository: Repository, branch: str, said: str, remote: str = "", *, ask: bool) -> tuple[str, str]:
    """The full SHA of a local branch; with a `remote`, as it is there now, unless the one here is further.

    The second word is a warning where the remote was to be asked (`ask`) and did not answer: what was seen of it
    before has to do. Raises RepositoryError that begins with `said`, which tells who named the branch.
    """
    warning = ""
    if remote and ask:
        try:
            fetch_branch(repository.git, remote, branch)
        except RemoteUnreachable as error:
            warning = f"{branch} is as last seen on {remote}: {error.message}"
    commit = newest_of(repository.git, repository.commit_of(branch), repository.remote_commit_of(remote, branch))
    if commit is None:
        raise RepositoryError(
            f"{said}: there is no branch `{branch}` in this repository{f' ({warning})' if warning else ''}",
            remedy=_other(repository, branch),
        )
    return commit, warning


def newest_of(git: Git, here: str | None, there: str | None) -> str | None:
    """The commit of a branch that is in two places: here only where it is further than on the remote."""
    if here is None or there is None:
        return here or there
    return here if is_ancestor(git, there, here) else there


def _other(repository: Repository, branch: str) -> str:
    for remote in repository.remotes():
        if repository.remote_commit_of(remote, branch):
            return f"`git branch {branch} {remote}/{branch}` makes it from the one on {remote}"
    known = [name for name in repository.branches() if not name.startswith(_OURS)]
    return f"name another: this repository has {', '.join(known[:5]) or 'no branch yet'}"
