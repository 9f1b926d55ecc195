"""The head of a pull request, fetched from the remote that it was opened on; forks' heads are found there too."""

from __future__ import annotations

from devteam_action.git_io.fetching import fetch_ref
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of


def fetch_pull_head(git: Git, remote: str, number: int) -> str | None:
    """The commit that pull request `number` ends with now; None when the remote knows no such pull request.

    GitHub keeps it as `refs/pull/<number>/head` in the repository that the request was opened on.
    Raises RemoteUnreachable.
    """
    ref = f"refs/devteam/pulls/{number}"
    found = fetch_ref(git, remote, f"refs/pull/{number}/head", ref)
    return head_of(git, ref) if found else None


def forget_branch(git: Git, branch: str) -> None:
    """Leaves `branch`, which we had checked out to look at it, and removes it; the files stay as they are."""
    git.run("checkout", "--quiet", "--detach", ok=(0, 1, 128))
    git.run("update-ref", "-d", f"refs/heads/{branch}", ok=(0, 1, 128))
