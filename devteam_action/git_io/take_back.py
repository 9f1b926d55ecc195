"""What a tool's copy gives back: regular files outside protected paths, and a reason for all else.

Git is never run inside the copy, and the copy's `.git` is never read: a tool may have written anything there. What
is refused keeps what the branch has in its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from devteam_action.git_io.copies import Copy
from devteam_action.git_io.diff import read_change, read_patch
from devteam_action.git_io.git import Git
from devteam_action.git_io.paths import (
    Protected,
    Spellings,
    blocked_by,
    folders_of,
    is_below,
    is_workflow,
    name_refusal,
    shown,
)
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.git_io.tree_scan import WHOLE_TREE, Content, Found, read_content, read_link, scan
from devteam_action.pipeline.ports import TakenBack

LARGEST_FILE_BYTES = 10_000_000
LARGEST_TOTAL_BYTES = 100_000_000

# Comparing a refused file of the branch with what it was costs less, up to this size, than asking git how big that is.
_CHEAP_BYTES = 1 << 20

_LINK, _MODULE = "120000", "160000"

Base = dict[str, tuple[str, str]]  # path -> (mode, object)
IgnoredPaths = Callable[[Path, list[str]], set[str]]
SecretsIn = Callable[[bytes], frozenset[str]]  # the kinds of secrets in a content


class _Taken(Struct):
    """The working state of one taking back."""

    edits: dict[str, tuple[str, str] | None]
    blobs: dict[str, bytes]
    refused: dict[str, str]
    total: int = 0


def take_back(
    git: PlainGit,
    copy: Copy,
    *,
    protected: Protected,
    ignored: IgnoredPaths,
    secrets_in: SecretsIn,
    object_format: str,
) -> TakenBack:
    """`ignored` says which of the given new paths the tree's ignore rules leave out."""
    base = git.entries(copy.head)
    found = {entry.path: entry for entry in scan(copy.path)}
    # An unreadable folder is never left out: what the branch has below it would count as deleted.
    new = [path for path, entry in found.items() if path not in base and entry.kind != "unreadable"]
    left_out = ignored(copy.path, new)

    taken = _Taken({}, {}, {})
    spellings = Spellings(base)
    for path in sorted(found):
        if path not in left_out:
            _take(taken, found[path], base.get(path), git, copy, protected, spellings, object_format)
    _delete_missing(taken, base, found, protected)
    _refuse_secrets(taken, base, git, secrets_in)
    _drop_what_cannot_stand(taken, base)

    git.write_blobs([taken.blobs[entry[1]] for entry in taken.edits.values() if entry and entry[1] in taken.blobs])
    before = git.text("rev-parse", f"{copy.head}^{{tree}}")
    tree = git.edit_tree(before, taken.edits) if taken.edits else before
    return TakenBack(
        tree=tree,
        files=tuple(shown(path) for path in sorted(taken.edits)),
        lines_changed=read_change(git, before, tree).lines_changed if tree != before else 0,
        refused=tuple(f"{shown(path)}: {reason}" for path, reason in sorted(taken.refused.items())),
        diff=read_patch(git, before, tree) if tree != before else b"",
    )


def _take(
    taken: _Taken,
    entry: Found,
    known: tuple[str, str] | None,
    git: PlainGit,
    copy: Copy,
    protected: Protected,
    spellings: Spellings,
    object_format: str,
) -> None:
    path, size = entry.path, entry.stamp.size
    if known is not None and copy.stamps.get(path) == entry.stamp:
        return
    if entry.kind == "symlink" and known == (_LINK, read_link(copy.path, path, object_format)):
        return
    # Whether it may come back is known before a byte is read: a tool can make a file of any size in no time.
    reason = _refusal(entry, known, protected, spellings, taken.total)
    content: Content | None = None
    if entry.kind == "file" and (reason is None or _may_be_the_same(known, size, git)):
        content = read_content(copy.path, path, size=size, object_format=object_format)
        if content is not None and known == (entry.mode, content.blob):
            return
    if reason is None and content is None:
        reason = "it cannot be read, or changed meanwhile"
    if reason is not None:
        taken.refused[path] = reason
        return
    assert content is not None
    taken.total += size
    taken.edits[path] = (entry.mode, content.blob)
    taken.blobs[content.blob] = content.data
    spellings.add(path)


def _may_be_the_same(known: tuple[str, str] | None, size: int, git: PlainGit) -> bool:
    if known is None or known[0] in (_LINK, _MODULE):
        return False
    return size <= _CHEAP_BYTES or int(git.text("cat-file", "-s", known[1])) == size


def _refusal(
    entry: Found, known: tuple[str, str] | None, protected: Protected, spellings: Spellings, total: int
) -> str | None:
    if entry.path == WHOLE_TREE:
        return "the copy is gone or cannot be read"
    if known is None and (reason := name_refusal(entry.path)):
        return reason
    if protected.covers(entry.path):
        return "it is a workflow, which no tool may change" if is_workflow(entry.path) else "it is protected"
    if known is not None and known[0] == _MODULE:
        return "it is a submodule"
    if entry.kind != "file":
        return {
            "symlink": "it is a symbolic link",
            "unreadable": "it cannot be read",
            "special": "it is no regular file (a pipe, socket or device)",
            "folder": "it is a repository of its own",
        }[entry.kind]
    size = entry.stamp.size
    if size > LARGEST_FILE_BYTES:
        return f"it has {size / 1e6:.1f} MB, more than {LARGEST_FILE_BYTES / 1e6:.0f} MB"
    if total + size > LARGEST_TOTAL_BYTES:
        return f"all changed files together have more than {LARGEST_TOTAL_BYTES / 1e6:.0f} MB"
    if known is None and (other := spellings.clash(entry.path)):
        return f"its name differs from {shown(other)} in spelling only"
    return None


def _delete_missing(taken: _Taken, base: Base, found: dict[str, Found], protected: Protected) -> None:
    """A path that is gone is deleted, unless it is protected or lies where something was refused."""
    refused = set(taken.refused)
    if WHOLE_TREE in refused:
        return
    for path, (mode, _) in base.items():
        if path in found or is_below(path, refused):
            continue
        if mode == _MODULE:
            # An empty folder stands for a submodule; without files below it, nothing was done to it.
            for inside in [other for other in taken.edits if other.startswith(f"{path}/")]:
                del taken.edits[inside]
                taken.refused[inside] = "it is in a submodule"
        elif protected.covers(path):
            taken.refused[path] = "it is protected, and was deleted"
        else:
            taken.edits[path] = None


def _refuse_secrets(taken: _Taken, base: Base, git: PlainGit, secrets_in: SecretsIn) -> None:
    """A secret that a commit holds is out for good, even if the next one removes it; what the base has is no news."""
    for path, entry in list(taken.edits.items()):
        if entry and path not in base and (kinds := secrets_in(os.fsencode(path))):
            del taken.edits[path]
            taken.refused[path] = f"its name holds a secret ({', '.join(sorted(kinds))})"
            continue
        kinds = secrets_in(taken.blobs[entry[1]]) if entry else frozenset[str]()
        if kinds and path in base:
            kinds -= secrets_in(git.run("cat-file", "blob", base[path][1]))
        if kinds:
            del taken.edits[path]
            taken.refused[path] = f"it holds a secret ({', '.join(sorted(kinds))})"


def _drop_what_cannot_stand(taken: _Taken, base: Base) -> None:
    """No new file where a folder stays, no new folder where a file stays: what stays wins."""
    stays = {path for path in base if taken.edits.get(path, ("", "")) is not None}
    kept_files = {path for path in stays if path not in taken.edits}
    kept_folders = folders_of(kept_files)
    for path in [path for path, entry in taken.edits.items() if entry is not None]:
        if blocker := blocked_by(path, kept_files, kept_folders):
            del taken.edits[path]
            what = "the folder there" if blocker == path else f"the file {shown(blocker)}"
            taken.refused[path] = f"{what} stays"


def ignored_paths(git: Git, git_dir: Path) -> IgnoredPaths:
    """Asks the ignore rules of the copy, with the trusted `git_dir` and the copy as its work tree."""

    def ask(copy: Path, paths: list[str]) -> set[str]:
        # Names that git itself would stumble over are refused anyway.
        asked = [path for path in paths if name_refusal(path) is None]
        if not asked:
            return set()
        listed = b"".join(os.fsencode(path) + b"\0" for path in asked)
        there = git.at(copy, git_dir=git_dir, work_tree=copy)
        answer = there.run("check-ignore", "-z", "--no-index", "--stdin", stdin=listed, ok=(0, 1)).stdout
        return {os.fsdecode(path) for path in answer.split(b"\0") if path}

    return ask
