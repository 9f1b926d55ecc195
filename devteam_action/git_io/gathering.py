"""What the remote has of ours, brought into a clone that will push nothing: from then on the clone is on its own.

But for what people say meanwhile, which is read from the remote's state.
"""

from __future__ import annotations

from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of
from devteam_action.git_io.state_branch import BranchStore
from devteam_action.git_io.state_branch.snapshot import BranchSnapshot
from devteam_action.pipeline.ports import Clock
from devteam_action.pipeline.state.relay import Relay

_GATHERED = "refs/devteam/gathered"
_GATHERED_STATE = "refs/devteam/gathered-state"
_STATE = "refs/heads/devteam/state"


def gather(git: Git, remote: str) -> None:
    """State and task branches of the remote stand in this clone; once in a job, since what it did is newer then.

    For a checkout that nobody else uses: branches of these names are overwritten. Raises GitFailed.
    """
    job = _job(git)
    mark = f"{_GATHERED}/{job}"
    if not remote or head_of(git, mark) is not None:
        return
    wanted = (f"+refs/heads/{each}/*:refs/heads/{each}/*" for each in ("devteam", "task"))
    quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--update-head-ok")
    git.run("fetch", *quietly, remote, *wanted, timeout_s=600)
    state = head_of(git, _STATE)
    if state is not None:
        git.run("update-ref", f"{_GATHERED_STATE}/{job}", state)
    git.run("update-ref", mark, "HEAD")


def relay(git: Git, remote: str, here: BranchStore, clock: Clock) -> Relay | None:
    """Brings what people have said on the remote since; None where there is none."""
    if not remote:
        return None
    copied = head_of(git, f"{_GATHERED_STATE}/{_job(git)}") or ""
    return Relay(BranchStore(git, remote=remote, clock=clock), here, BranchSnapshot(git.run, copied))


def _job(git: Git) -> str:
    job = "-".join(git.source.get(name, "") for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"))
    return job.strip("-") or "here"
