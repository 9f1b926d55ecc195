"""VERIFY judges a commit: in the folder where it does so, nothing that nobody committed has a say.

What an earlier attempt's tests left (a `conftest.py` that turns every report to passed) must not judge the next one,
and a process that outlived its tool must not mend the files only while they are looked at.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from devteam_action.domain.testfiles import is_gate_file
from devteam_action.errors import StateConflict
from devteam_action.git_io.copies import remove_tree
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import read_file
from devteam_action.git_io.paths import shown
from devteam_action.git_io.tree_scan import Stamp
from devteam_action.git_io.working_folder import Progress, keep_changes, some

_NOTE = "untracked"
_TIMEOUT_S = 1800
# Loaded by Python and pytest because they are there, whatever the tests import.
_LOADED = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py"})
# A file that an index marks as "do not look" is looked at all the same, and so is one with its time put back.
_LOOK = ("-c", "core.sparseCheckout=true", "-c", "core.trustctime=true", "-c", "core.checkStat=default")


class Status(Struct, frozen=True, kw_only=True):
    """A folder compared with its HEAD: tracked files that differ, the rest by whether an ignore rule names it."""

    head: str
    changed: tuple[str, ...]
    unknown: tuple[str, ...]
    ignored: tuple[str, ...]  # a folder that is ignored as a whole is one entry, with a slash at its end


def read_status(git: Git) -> Status:
    """The status of the folder of `git`, whatever its index claims about unchanged files."""
    git.run("update-index", "-q", "--really-refresh", ok=(0, 1, 128), timeout_s=_TIMEOUT_S)
    out = git.run(
        *_LOOK, "status", "--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all",
        "--ignored=matching", "--ignore-submodules=dirty", timeout_s=_TIMEOUT_S,
    ).stdout  # fmt: skip
    head = ""
    found: dict[str, list[str]] = {"changed": [], "?": [], "!": []}
    for record in os.fsdecode(out).split("\0"):
        kind, _, rest = record.partition(" ")
        if kind in ("?", "!"):
            found[kind].append(rest)
        elif kind in ("1", "u"):
            found["changed"].append(record.split(" ", 8 if kind == "1" else 10)[-1])
        elif record.startswith("# branch.oid "):
            head = record.rpartition(" ")[2]
    return Status(head=head, changed=tuple(found["changed"]), unknown=tuple(found["?"]), ignored=tuple(found["!"]))


class Folder(Struct, frozen=True, kw_only=True):
    """Where `head` of `branch` is judged: `git` runs in it, `notes` are ours about the branch; `base` is trusted."""

    git: Git
    notes: Path
    branch: str
    base: str
    head: str


class Fresh(Struct, frozen=True, kw_only=True):
    """A folder when it was fresh: its tracked files' stamps, and those that git calls changed whatever one does.

    (A repository may hold line ends that its own attributes do not allow.)
    """

    stamps: Mapping[str, Stamp | None]
    stuck: frozenset[str]


def remember(git: Git, notes: Path) -> None:
    """What is in the folder now besides tracked files belongs there: the setup made it, or (in place) the user."""
    status = read_status(git)
    note(notes, (*status.unknown, *status.ignored))


def note(notes: Path, belonging: Collection[str]) -> None:
    """The paths that belong in the folder besides tracked files."""
    temporary = notes / f"{_NOTE}.new"
    temporary.write_bytes(os.fsencode("\0".join(belonging)))
    temporary.replace(notes / _NOTE)


def is_remembered(notes: Path) -> bool:
    """Whether somebody noted what belongs in the folder."""
    return (notes / _NOTE).is_file()


def freshen(folder: Folder, tracked: Collection[str], progress: Progress) -> Fresh:
    """Afterwards tracked files are as `head` has them, and what was not there at `remember` is gone.

    Changes of tracked files are kept under refs/devteam/saved/. What an ignore rule names stays, if the base commit has
    the file with that rule as it is; compiled Python never does. Raises StateConflict where HEAD is not `head`.
    """
    git = folder.git
    # Stamped first: what is written after the stamp is seen by it, what was written before it by the status.
    stamps = stamps_of(git.directory, tracked)
    status = read_status(git)
    require_head(folder, status)
    stuck: tuple[str, ...] = ()
    if status.changed:
        _mark_as_looked_at(git, status.changed)
        kept = keep_changes(git, folder.branch)
        git.run("reset", "--hard", "--quiet", timeout_s=_TIMEOUT_S)
        stamps = stamps_of(git.directory, tracked)
        status = read_status(git)
        stuck = status.changed
        if kept:
            progress(f"{git.directory} had changes that nobody committed; they are kept as {kept}")
    surplus = appeared(folder, status)
    for path in surplus:
        _remove(git.directory, path)
    if surplus:
        progress(f"removed {_names(surplus)} from {git.directory}: not committed, and not made by the setup")
    return Fresh(stamps=stamps, stuck=frozenset(stuck))


def require_head(folder: Folder, status: Status) -> None:
    """Raises StateConflict where another commit is checked out than the one to be judged."""
    if status.head != folder.head:
        raise StateConflict(
            f"{folder.git.directory} stands at {status.head[:12]}, not at {folder.head[:12]} which is to be judged",
            remedy=f"look at the branch {folder.branch}, then run again",
        )


def stamps_of(root: Path, paths: Collection[str]) -> dict[str, Stamp | None]:
    """The stamp of each path, None of one that is not there."""
    found: dict[str, Stamp | None] = {}
    for path in paths:
        try:
            status = os.lstat(f"{root}/{path}")
        except OSError:
            found[path] = None
        else:
            found[path] = Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
    return found


def appeared(folder: Folder, status: Status) -> tuple[str, ...]:
    """What lies there uncommitted and did not at `remember`."""
    file = folder.notes / _NOTE
    known = frozenset(os.fsdecode(file.read_bytes()).split("\0")) if file.is_file() else frozenset[str]()
    ignored = [path for path in status.ignored if _is_compiled(path) or not _belongs(path, known)]
    asked = [path for path in ignored if not _is_compiled(path)]
    by_rule = _ignored_by_the_base(asked, folder.git, folder.base)
    unknown = [path for path in status.unknown if not _belongs(path, known)]
    return tuple(sorted({*unknown, *(path for path in ignored if path not in by_rule)}))


def deciding(paths: Collection[str]) -> tuple[str, ...]:
    """Those of the paths that decide how tests are run or judged by being there."""
    return tuple(path for path in paths if path.rpartition("/")[2] in _LOADED or is_gate_file(path))


def _mark_as_looked_at(git: Git, paths: Collection[str]) -> None:
    """Takes the marks off by which git would leave a changed file as it is."""
    listed = os.fsencode("".join(f"{path}\0" for path in paths))
    for mark in ("--no-skip-worktree", "--no-assume-unchanged"):
        git.run("update-index", mark, "-z", "--stdin", stdin=listed, ok=(0, 128))


def _is_compiled(path: str) -> bool:
    return path.endswith(".pyc") or "__pycache__" in path.split("/")


def _belongs(path: str, known: Collection[str]) -> bool:
    """Whether the path, a folder above it, or something below it was there."""
    if path in known or any(f"{folder}/" in known for folder in _above(path)):
        return True
    return path.endswith("/") and any(other.startswith(path) for other in known)


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _ignored_by_the_base(paths: Collection[str], git: Git, base: str) -> frozenset[str]:
    """Those that a rule of the base ignores; a `.gitignore` that a test wrote, or the task changed, hides nothing."""
    if not paths:
        return frozenset()
    listed = os.fsencode("".join(f"{path}\0" for path in paths))
    out = git.run("check-ignore", "-v", "-z", "--stdin", stdin=listed, ok=(0, 1)).stdout
    fields = os.fsdecode(out).split("\0")
    source_of = dict(zip(fields[3::4], fields[0::4], strict=False))
    trusted = {source: _is_as_in(base, source, git) for source in set(source_of.values())}
    return frozenset(path for path, source in source_of.items() if trusted[source])


def _is_as_in(base: str, source: str, git: Git) -> bool:
    if Path(source).is_absolute():
        return False
    content = read_file(git, base, source)
    return content is not None and content == read_file(git, "HEAD", source)


def _remove(root: Path, path: str) -> None:
    target = root / path.rstrip("/")
    if not target.parent.resolve().is_relative_to(root.resolve()):
        return
    with contextlib.suppress(OSError):
        if target.is_dir() and not target.is_symlink():
            remove_tree(target)
        else:
            target.unlink(missing_ok=True)
        for folder in target.parents:  # a folder that held nothing else; ends at the first that does
            if folder == root:
                break
            folder.rmdir()


def _names(paths: Collection[str]) -> str:
    return some([shown(path) for path in paths])
