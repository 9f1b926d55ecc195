"""The verified branch goes out: into the local base branch, or to the remote; nobody's work is overwritten."""

from __future__ import annotations

from pathlib import Path

from devteam_action.errors import GitFailed, RemoteUnreachable, RepositoryError, StateConflict
from devteam_action.git_io.commits import move_branch, update_files
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of, is_ancestor, is_discarded
from devteam_action.git_io.refusals import rejected

_NETWORK_TIMEOUT_S = 300


def merge_into_base(git: Git, base_branch: str, head: str) -> None:
    """Fast-forwards the base branch to `head`, with the files of every worktree that has it checked out.

    Raises StateConflict when the base has moved on, RepositoryError when uncommitted changes are in the way; then
    nothing has changed. Again is harmless.
    """
    old = head_of(git, f"refs/heads/{base_branch}")
    if old is None:
        raise RepositoryError(
            f"there is no local branch {base_branch} to merge into", remedy=f"make it: `git branch {base_branch}`"
        )
    if is_ancestor(git, head, old):
        return
    if not is_ancestor(git, old, head):
        raise StateConflict(
            f"{base_branch} has moved to {old[:12]} in the meantime, which {head[:12]} does not contain",
            remedy="run again: it is merged in and verified first",
        )
    folders = worktrees_of(git, base_branch)
    # The files first: when we are cut off in between, doing both again is harmless. The other way round the
    # folder would look as if somebody had taken the work back.
    updated: list[Path] = []
    try:
        for folder in folders:
            update_files(git.at(folder), old, head)
            updated.append(folder)
        move_branch(git, base_branch, head, old)
    except (RepositoryError, StateConflict):
        for folder in updated:
            update_files(git.at(folder), head, old)
        raise


def worktrees_of(git: Git, branch: str) -> list[Path]:
    """The folders that have the branch checked out."""
    found: list[Path] = []
    folder = ""
    for record in git.run("worktree", "list", "--porcelain", "-z").stdout.decode(errors="surrogateescape").split("\0"):
        key, _, value = record.partition(" ")
        if key == "worktree":
            folder = value
        elif key == "branch" and value == f"refs/heads/{branch}" and Path(folder).is_dir():
            found.append(Path(folder))
    return found


def push_branch(git: Git, remote: str, branch: str, head: str, *, expected: str | None) -> bool:
    """Pushes `head` to the remote's `branch`; True when the remote has it now, False when there is no such remote.

    What stands there now must be contained in `head`, or be `expected` (what we wrote last), or be what we
    discarded ourselves; the push holds only while it still stands there. Raises StateConflict when somebody
    else pushed, NotAllowed when the remote refuses, RemoteUnreachable when it does not answer.

    Where the remote still stands at `expected`, this is one push, and nothing is asked before it.
    """
    if not remote or remote not in git.lines("remote"):
        return False
    ref = f"refs/heads/{branch}"
    if expected and _pushed_onto(git, remote, branch, head, expected):
        return True
    there = _remote_head(git, remote, ref)
    if there == head:
        return True
    if there is not None and there != expected and not _is_ours(git, branch, there, head):
        raise StateConflict(
            f"somebody pushed {there[:12]} to {branch} on {remote}, which {head[:12]} does not contain",
            remedy=f"fetch it and look (`git fetch {remote} {branch}`); merge it into the branch, then "
            "`devteam resume TASK --adopt`; or begin again with `devteam retry TASK --clean`",
        )
    _push(git, remote, branch, head, there or "")
    return True


def _pushed_onto(git: Git, remote: str, branch: str, head: str, expected: str) -> bool:
    """False where the remote's branch is not at `expected` any more (nor at `head`): nothing was pushed then."""
    try:
        _push(git, remote, branch, head, expected)
    except StateConflict:
        return False
    return True


def _push(git: Git, remote: str, branch: str, head: str, lease: str) -> None:
    ref = f"refs/heads/{branch}"
    done = git.run(
        "push", "--porcelain", "--no-verify", f"--force-with-lease={ref}:{lease}", remote, f"{head}:{ref}",
        ok=(0, 1, 128), timeout_s=_NETWORK_TIMEOUT_S,
    )  # fmt: skip
    if done.code:
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        raise rejected(out, err, branch, remote, reach=_REACH)


def _remote_head(git: Git, remote: str, ref: str) -> str | None:
    try:
        done = git.run("ls-remote", remote, ref, ok=(0, 128), timeout_s=_NETWORK_TIMEOUT_S)
    except GitFailed as error:
        raise RemoteUnreachable(error.message, remedy=_REACH) from error
    if done.code:
        said = done.stderr.decode(errors="replace").strip()
        raise RemoteUnreachable(f"the remote {remote} did not answer: {said}", remedy=_REACH)
    return next((line.split("\t")[0] for line in done.stdout.decode().splitlines() if line.endswith(f"\t{ref}")), None)


_REACH = (
    "check the address (`git remote -v`), the network and the credentials (GIT_USERNAME, GIT_TOKEN); the work is kept"
)


def _is_ours(git: Git, branch: str, there: str, head: str) -> bool:
    return is_ancestor(git, there, head) or is_discarded(git, branch, there)
