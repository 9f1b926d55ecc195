"""Throw-away copies of a commit: files as they are stored, and a `.git` that is nobody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from msgspec import Struct

from devteam_action.git_io.layout import Layout
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.git_io.tree_scan import Stamp, scan
from devteam_action.support.scratch import prefix

# The kernel's clock for files is coarse: what was written this shortly before we looked may change again unseen.
_CLOCK_STEP_NS = 50_000_000

# Git refuses to commit, and tools write an identity of their own, where none is set.
_CONFIG = """\
[core]
\trepositoryformatversion = {version}
\tbare = false
\tfilemode = true
\tautocrlf = false
{extensions}[user]
\tname = DevTeam
\temail = devteam@localhost
"""


class Copy(Struct, frozen=True):
    """A copy and what it was made from; `stamps` tell which files are surely untouched."""

    path: Path
    head: str
    stamps: dict[str, Stamp]


@contextlib.contextmanager
def copy_of(git: PlainGit, layout: Layout, head: str, branch: str) -> Generator[Copy]:
    """A copy of `head` with a git repository in which `branch` is checked out; gone afterwards, read-only or not.

    The repository borrows the objects of the real one, so it has the whole history and costs nothing; it has no
    remote, no hook and no setting of the user's.
    """
    with temporary_folder("copy") as folder:
        tree = folder / "tree"
        _lay_out_repository(tree / ".git", layout, head, branch)
        git.run("read-tree", "-u", "--reset", head, work_tree=tree, index=tree / ".git" / "index")
        sure_before = time.time_ns() - _CLOCK_STEP_NS
        stamps = {entry.path: entry.stamp for entry in scan(tree) if entry.stamp.changed_ns < sure_before}
        yield Copy(tree, head, stamps)


@contextlib.contextmanager
def checkout_of(git: PlainGit, tree: str) -> Generator[Path]:
    """The files of a tree or commit in a folder of their own, without a repository."""
    with temporary_folder("tree") as folder:
        files = folder / "tree"
        files.mkdir()
        with git.private_index() as index:
            git.run("read-tree", "-u", "--reset", tree, work_tree=files, index=index)
        yield files


@contextlib.contextmanager
def temporary_folder(what: str) -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix(what))).resolve()
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Removes a folder even where a tool took the right to write from the folders in it."""
    pending = [folder]
    while pending:
        current = pending.pop()
        with contextlib.suppress(OSError):
            current.chmod(stat.S_IRWXU)
            with os.scandir(current) as entries:
                pending += [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    shutil.rmtree(folder, ignore_errors=True)


def _lay_out_repository(git_dir: Path, layout: Layout, head: str, branch: str) -> None:
    other = layout.object_format != "sha1"
    extensions = f"[extensions]\n\tobjectFormat = {layout.object_format}\n" if other else ""
    files = {
        "HEAD": f"ref: refs/heads/{branch}\n",
        "config": _CONFIG.format(version=1 if other else 0, extensions=extensions),
        "objects/info/alternates": f"{layout.objects}\n",
        f"refs/heads/{branch}": f"{head}\n",
        "info/exclude": "",
    }
    if (layout.common / "shallow").is_file():
        files["shallow"] = (layout.common / "shallow").read_text()
    for name, text in files.items():
        target = git_dir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
