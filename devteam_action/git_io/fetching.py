"""What the remote has and this clone has not: asked for at the moment when it is needed."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.errors import RemoteUnreachable
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch.answers import is_absent, is_race, reason
from devteam_action.support.process import Completed

_FETCH_TIMEOUT_S = 600
_QUESTION_TIMEOUT_S = 60
# A fetch of ours is nobody's business: no FETCH_HEAD for people's `git merge FETCH_HEAD`, no tags, no submodules.
_QUIETLY = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")


def fetch_branch(git: Git, remote: str, branch: str) -> bool:
    """Brings `refs/remotes/<remote>/<branch>` up to date; False when the remote has no such branch.

    Raises RemoteUnreachable when it does not answer, or does not let us in.
    """
    return fetch_ref(git, remote, f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}")


def fetch_ref(git: Git, remote: str, theirs: str, ours: str) -> bool:
    """Brings our ref to where the remote's stands; False when the remote has no such ref. Raises RemoteUnreachable."""
    done = _fetch(git, remote, f"+{theirs}:{ours}")
    if not done.code:
        return True
    if is_absent(done):
        return False
    raise RemoteUnreachable(
        f"{theirs.removeprefix('refs/heads/')} could not be fetched from {remote}: {reason(done)}",
        remedy="check the address (`git remote -v`), the network and the credentials (GIT_USERNAME, GIT_TOKEN)",
    )


def complete_history(git: Git, remote: str) -> bool:
    """A shallow clone gets the rest of its history, where there is a remote that has it; True when it got it."""
    if not remote or git.text("rev-parse", "--is-shallow-repository") != "true":
        return False
    return _fetch(git, "--unshallow", remote).code == 0


def branches_on(git: Git, remote: str, pattern: str) -> frozenset[str] | None:
    """The remote's branches like `pattern` (`task/*`), in one question; None when it does not answer."""
    done = git.run("ls-remote", remote, f"refs/heads/{pattern}", ok=range(256), timeout_s=_QUESTION_TIMEOUT_S)
    if done.code:
        return None
    names = (line.partition("\t")[2] for line in done.stdout.decode(errors="surrogateescape").splitlines())
    return frozenset(name.removeprefix("refs/heads/") for name in names)


def default_branch(git: Git, remote: str) -> str:
    """The branch that the remote's HEAD is on; empty when it has none, or does not answer."""
    done = git.run("ls-remote", "--symref", remote, "HEAD", ok=range(256), timeout_s=_QUESTION_TIMEOUT_S)
    first = done.stdout.decode(errors="surrogateescape").partition("\t")[0]
    return first.removeprefix("ref: refs/heads/") if not done.code and first.startswith("ref: ") else ""


def _fetch(git: Git, *args: str) -> Completed:
    done = _try(git, args)
    # Somebody who fetches at the same moment holds the ref for an instant, and has brought what we want.
    return _try(git, args) if done.code and is_race(done) else done


def _try(git: Git, args: Sequence[str]) -> Completed:
    return git.run("fetch", *_QUIETLY, *args, ok=range(256), timeout_s=_FETCH_TIMEOUT_S)
