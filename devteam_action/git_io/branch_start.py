"""Where a task branch begins, and that nobody else's work is on it."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.errors import RemoteUnreachable, RepositoryError, StateConflict
from devteam_action.git_io.base_branch import newest_of
from devteam_action.git_io.fetching import complete_history, fetch_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import first_foreign, head_of, is_ancestor, is_discarded, merge_base
from devteam_action.git_io.layout import no_commit, refs


class Start(Struct, frozen=True, kw_only=True):
    """`base` is what the task's work is compared with, `head` where the branch must stand.

    `current` is where the local branch stands now: None when it must be made, older than `head` when another
    machine went on.
    """

    base: str
    head: str
    current: str | None


def find_start(
    git: Git,
    branch: str,
    base_branch: str,
    *,
    remote: str,
    expected: str | None,
    pinned_base: str | None,
    newest: bool = False,
    left: str = "",
) -> Start:
    """Where the work goes on; the remote is asked for a branch or a commit of it that is not here.

    `newest`: the base branch as last seen on the remote counts where that is newer than the one here. `left` on the
    remote is what a tool of ours pushed there and nobody took in: it is not the work, and no stranger's either.

    Raises RepositoryError for a missing base or a taken name, StateConflict for somebody else's commits,
    RemoteUnreachable when only the remote could have the recorded commit and does not answer.
    """
    local, base_ref = f"refs/heads/{branch}", f"refs/heads/{base_branch}"
    tracked, tracked_base = f"refs/remotes/{remote}/{branch}", f"refs/remotes/{remote}/{base_branch}"
    discarded = f"refs/devteam/discarded/{branch}/"
    known = refs(git, local, base_ref, tracked, tracked_base, discarded)
    here, there = known.get(base_ref), known.get(tracked_base)
    tip = newest_of(git, here, there) if newest else here or there
    if tip is None:
        raise _no_base(git, base_branch, remote)
    if below := next((name for name in known if name.startswith(f"{local}/")), None):
        raise name_taken(branch, below)
    current = known.get(local)
    theirs = known.get(tracked)
    is_missing = expected is not None and head_of(git, expected) is None
    if remote and (is_missing or current is None):
        theirs = _fetched(git, remote, branch, is_needed=is_missing)
        pinned_base = pinned_base if pinned_base and head_of(git, pinned_base) else None
    if theirs and any(name.startswith(discarded) for name in known) and is_discarded(git, branch, theirs):
        theirs = None  # what we discarded ourselves is nobody's work
    if theirs and theirs == left:
        theirs = None
    if theirs and current is None and expected is None and is_ancestor(git, theirs, tip):
        theirs = None  # merged long ago: the task begins anew, on the newest base
    if current is None and expected is None and theirs is None:
        base = pinned_base or tip
        return Start(base=base, head=base, current=None)
    ours = _newest_of_ours(git, branch, current, expected, theirs, tip)
    base = pinned_base or merge_base(git, ours, tip)
    if base is None and complete_history(git, remote):
        base = merge_base(git, ours, tip)
    if base is None:
        raise StateConflict(
            f"branch {branch} has no history in common with {base_branch}", remedy=_remedy(branch, "that branch")
        )
    return Start(base=base, head=ours, current=current)


def our_head(git: Git, branch: str, known: str) -> str:
    """`known`, when the branch still stands there; raises StateConflict for all else.

    Not even a commit that looks like ours is taken along: a trailer is soon written, and nobody has verified it.
    """
    now = head_of(git, f"refs/heads/{branch}")
    if now == known:
        return known
    where = f"to {now[:12]}" if now else "altogether: it is gone"
    raise StateConflict(
        f"branch {branch} was moved from {known[:12]} {where} while we worked",
        remedy=_remedy(branch, now[:12]) if now else "look at the branch, then run again",
    )


def _newest_of_ours(
    git: Git, branch: str, current: str | None, expected: str | None, theirs: str | None, tip: str
) -> str:
    """The newest head that is ours: recorded, or made by a run that was cut off before it could record it."""
    recorded = expected
    if recorded is None:
        # Nothing is recorded: a branch with no commit of its own holds no work, ours are found by their trailers.
        recorded = merge_base(git, current or theirs or tip, tip) or tip
    elif head_of(git, recorded) is None and theirs:
        raise StateConflict(
            f"branch {branch} was rewritten: it stands on the remote at {theirs[:12]}, and our last commit "
            f"{recorded[:12]} is not in it",
            remedy=_remedy(branch, theirs[:12]),
        )
    elif head_of(git, recorded) is None:
        raise StateConflict(
            f"branch {branch} should stand at {recorded[:12]}, and that commit is nowhere to be found",
            remedy="push it from the machine that made it, or begin again with `devteam retry TASK --clean`",
        )
    head = recorded
    for place, found in (("here", current), ("on the remote", theirs)):
        if found is None or is_ancestor(git, found, head):
            continue  # behind: that place has only less of the same
        foreign = first_foreign(git, head, found) if is_ancestor(git, head, found) else found
        if foreign is not None:
            expected_text = f"our last commit is {recorded[:12]}" if expected else "no run of ours made it"
            raise StateConflict(
                f"branch {branch} stands {place} at {found[:12]}, with commit {foreign[:12]} that is not ours "
                f"({expected_text})",
                remedy=_remedy(branch, foreign[:12]),
            )
        head = found
    return head


def _remedy(branch: str, what: str) -> str:
    return (
        f"keep {what}: `devteam resume TASK --adopt` goes on with it, `git branch -m {branch} NAME` puts it aside; "
        "`devteam retry TASK --clean` begins again and keeps a backup"
    )


def _fetched(git: Git, remote: str, branch: str, *, is_needed: bool) -> str | None:
    """The remote's branch as it is now, as last seen when the remote does not answer and is not needed."""
    tracked = f"refs/remotes/{remote}/{branch}"
    try:
        return head_of(git, tracked) if fetch_branch(git, remote, branch) else None
    except RemoteUnreachable:
        if is_needed:
            raise
        return head_of(git, tracked)


def _no_base(git: Git, base_branch: str, remote: str) -> RepositoryError:
    if head_of(git, "HEAD") is None and not refs(git, "refs/heads/", "refs/remotes/"):
        return no_commit(git)
    where = f", nor on the remote {remote} as far as was fetched" if remote else ""
    return RepositoryError(
        f"there is no base branch {base_branch} in {git.directory}{where}",
        remedy=f"create it, fetch it (`git fetch {remote or 'origin'} {base_branch}`), or name another one with "
        "`base-branch:` in .devteam.yml",
    )


def name_taken(branch: str, by: str) -> RepositoryError:
    return RepositoryError(
        f"the branch {branch} cannot be made: the name is taken by {by.removeprefix('refs/heads/')}, "
        "and git keeps no branch below another",
        remedy=f"rename that branch: `git branch -m {by.removeprefix('refs/heads/')} <other name>`",
    )
