"""The folder that a task branch is checked out in: a worktree of its own, or the checkout in place."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from devteam_action.errors import GitFailed, Missing, RepositoryError
from devteam_action.git_io.branch_start import Start, name_taken
from devteam_action.git_io.copies import remove_tree
from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import Layout, refs

Progress = Callable[[str], None]

_LOCK_PATIENCE_S = 10.0
_BIG_TREE_TIMEOUT_S = 1800


def worktree_path(work_root: Path, root: Path, layout: Layout, branch: str) -> Path:
    """`work_root/<repository>-<hash>/<branch>`; the hash tells repositories of one name apart."""
    digest = hashlib.sha256(str(layout.common).encode(errors="surrogateescape")).hexdigest()[:10]
    return work_root / f"{root.resolve().name}-{digest}" / branch


def open_worktree(git: Git, folder: Path, branch: str, start: Start, progress: Progress) -> None:
    """Afterwards `folder` is a worktree on `branch` at `start.head` with no tracked file changed."""
    git_dir = worktree_git_dir(folder)
    if git_dir is not None and _is_on(git_dir, branch) and (git_dir / "index").is_file():
        _move_branch(git, branch, start)
        _settle(git.at(folder), git_dir, branch, progress)
        return
    if git_dir is not None:
        _keep_strays(git.at(folder), branch, progress)
        remove_worktree(git, folder)
    elif folder.is_dir() and any(folder.iterdir()):
        raise RepositoryError(
            f"the folder {folder} is in the way: it should hold the worktree of {branch}, and holds something else",
            remedy="move it away; nothing of ours is in it",
        )
    _add_worktree(git, folder, branch, start)
    progress(f"writing the files of {branch} to {folder}")
    git.at(folder).run("reset", "--hard", "--quiet", timeout_s=_BIG_TREE_TIMEOUT_S)


def open_in_place(git: Git, git_dir: Path, branch: str, start: Start) -> None:
    """Afterwards the checkout is on `branch` at `start.head`; refuses a tree with uncommitted changes."""
    wait_for_index(git_dir)
    if dirty := changed_files(git):
        raise RepositoryError(
            f"{git.directory} has uncommitted changes: {some(dirty)}",
            remedy="commit them or put them away with `git stash`, then run again",
        )
    if not _is_on(git_dir, branch):
        _move_branch(git, branch, start)
        create = ("--no-track", "-b", branch, start.head) if start.current is None else (branch,)
        try:
            git.run("checkout", "--quiet", *create, timeout_s=_BIG_TREE_TIMEOUT_S)
        except GitFailed as error:
            raise _explained(git, error, branch) from error
    elif start.current != start.head:
        git.run("merge", "--ff-only", "--quiet", start.head)


def worktree_git_dir(folder: Path) -> Path | None:
    """Where the worktree `folder` keeps its HEAD and index; None when it is no linked worktree."""
    try:
        pointer = (folder / ".git").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    return Path(pointer.removeprefix("gitdir: ").strip()) if pointer.startswith("gitdir: ") else None


def changed_files(git: Git) -> list[str]:
    """Tracked files that differ from HEAD or from the index."""
    out = git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=dirty")
    return [record[3:] for record in out.stdout.decode(errors="backslashreplace").split("\0") if record]


def some(names: list[str]) -> str:
    """The first five, and how many more."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def keep_changes(git: Git, branch: str) -> str | None:
    """Keeps uncommitted changes of tracked files as a commit under refs/devteam/saved/; the ref, if there were any."""
    saved = git.run("stash", "create", ok=(0, 1)).stdout.decode().strip()
    if not saved:
        return None
    ref = f"refs/devteam/saved/{branch}/{timestamp()}"
    git.run("update-ref", ref, saved)
    return ref


def timestamp() -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def remove_worktree(git: Git, folder: Path) -> None:
    """Removes a worktree, its registration and its files, whatever state they are in."""
    git.run("worktree", "remove", "--force", "--force", str(folder), ok=(0, 128))
    if folder.is_dir() and not folder.is_symlink():
        remove_tree(folder)
    git.run("worktree", "prune")


def wait_for_index(git_dir: Path) -> None:
    """A git that outlived its killed run ends by itself; the lock of one that was killed, too, stays for ever.

    Only called with our own lock held, so no run of ours is at work in this folder.
    """
    lock = git_dir / "index.lock"
    end = time.monotonic() + _LOCK_PATIENCE_S
    while lock.exists() and time.time() - _modified(lock) < _LOCK_PATIENCE_S and time.monotonic() < end:
        time.sleep(0.05)
    lock.unlink(missing_ok=True)


def _modified(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _is_on(git_dir: Path, branch: str) -> bool:
    try:
        return (git_dir / "HEAD").read_text() == f"ref: refs/heads/{branch}\n"
    except (OSError, UnicodeDecodeError):
        return False


def _settle(git: Git, git_dir: Path, branch: str, progress: Progress) -> None:
    wait_for_index(git_dir)
    if dirty := changed_files(git):
        # Either an update was cut off, or a person edited here: the one needs mending, the other must not be lost.
        ref = keep_changes(git, branch)
        progress(f"{git.directory} had changes ({some(dirty)}); they are kept as {ref}, and the folder is put right")
        git.run("reset", "--hard", "--quiet", timeout_s=_BIG_TREE_TIMEOUT_S)


def _keep_strays(git: Git, branch: str, progress: Progress) -> None:
    """A worktree that was cut off while it was made holds nothing; one in which a person switched away may."""
    with contextlib.suppress(GitFailed, Missing):
        head = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        ref = keep_changes(git, branch) or f"refs/devteam/saved/{branch}/{timestamp()}"
        git.run("update-ref", ref, head, "0" * len(head), ok=(0, 128))
        progress(f"{git.directory} was not on {branch} any more; what was there is kept as {ref}")


def _move_branch(git: Git, branch: str, start: Start) -> None:
    if start.current is not None and start.current != start.head:
        git.run("update-ref", "-m", "devteam: go on", f"refs/heads/{branch}", start.head, start.current)


def _add_worktree(git: Git, folder: Path, branch: str, start: Start) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _move_branch(git, branch, start)
    if start.current is not None:
        # The path may still be registered, and locked, for a folder that somebody removed by hand. Without a branch
        # of that name --force does the same for less; with one it would check out what is checked out elsewhere.
        remove_worktree(git, folder)
    known = ("-f", "-f", "-b", branch, str(folder), start.head) if start.current is None else (str(folder), branch)
    try:
        git.run("worktree", "add", "--quiet", "--no-checkout", *known)
    except GitFailed as error:
        raise _explained(git, error, branch) from error


def _explained(git: Git, error: GitFailed, branch: str) -> Exception:
    said = error.completed.stderr.decode(errors="replace")
    for parent in ("/".join(branch.split("/")[:end]) for end in range(1, branch.count("/") + 1)):
        if f"refs/heads/{parent}" in refs(git, f"refs/heads/{parent}"):
            return name_taken(branch, parent)
    for phrase in ("is already checked out at", "is already used by worktree at"):
        if phrase in said:
            place = said.split(phrase, 1)[1].strip().strip("'")
            return RepositoryError(
                f"the branch {branch} is checked out in {place}, so it cannot have a worktree of its own",
                remedy=f"check out another branch there: `git -C {place} checkout -`",
            )
    return error
