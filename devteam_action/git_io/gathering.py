"""What the remote has of ours, brought into a clone that will push nothing: from then on the clone is on its own."""

from __future__ import annotations

from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of

_GATHERED = "refs/devteam/gathered"


def gather(git: Git, remote: str) -> None:
    """State and task branches of the remote stand in this clone; once in a job, since what it did is newer then.

    For a checkout that nobody else uses: branches of these names are overwritten. Raises GitFailed.
    """
    job = "-".join(git.source.get(name, "") for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"))
    mark = f"{_GATHERED}/{job.strip('-') or 'here'}"
    if not remote or head_of(git, mark) is not None:
        return
    wanted = (f"+refs/heads/{each}/*:refs/heads/{each}/*" for each in ("devteam", "task"))
    quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--update-head-ok")
    git.run("fetch", *quietly, remote, *wanted, timeout_s=600)
    git.run("update-ref", mark, "HEAD")
