"""What changed between two commits or trees, line by line, whatever the files are called and attributes say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.git_io.plain_git import PlainGit

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_GITLINK = "160000"
_Kind = Literal["added", "modified", "deleted", "renamed"]
_KINDS: dict[str, _Kind] = {"A": "added", "D": "deleted", "R": "renamed", "M": "modified", "T": "modified"}
_RENAMES = "--find-renames"


def read_change(git: PlainGit, base: str, head: str) -> Change:
    """The change from `base` to `head`; paths that are no UTF-8 have their bytes as surrogates."""
    raw = git.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", _RENAMES, base, head)
    patch = git.run(
        "diff-tree", "-r", "-p", "-U0", _RENAMES, "--no-color", "--no-ext-diff", "--no-textconv", base, head
    )
    tree = git.text("rev-parse", "--verify", f"{head}^{{tree}}")
    return Change(base=base, head=head, tree=tree, files=parse_change(raw, patch))


def read_patch(git: PlainGit, base: str, head: str) -> bytes:
    """The same change as a patch that `git apply` takes, binary files included."""
    return git.run("diff-tree", "-r", "-p", "--binary", "--full-index", _RENAMES, "--no-color", base, head)


class _Entry(Struct, frozen=True):
    status: str
    old_mode: str
    new_mode: str
    path: str
    old_path: str | None


class _Block(Struct):
    """What one `diff --git` says: the new numbers of added lines, and how many old lines went."""

    added: list[int]
    removed: int = 0
    is_binary: bool = False


def parse_change(raw: bytes, patch: bytes) -> tuple[ChangedFile, ...]:
    """`git diff --raw -z` says which files, `git diff -U0` which lines; both are in the same order."""
    blocks = _blocks(patch)
    return tuple(_changed_file(entry, blocks) for entry in _entries(raw))


def _entries(raw: bytes) -> Iterator[_Entry]:
    fields = iter(raw.split(b"\0"))
    for about in fields:
        if not about.startswith(b":"):
            continue
        old_mode, new_mode, _old, _new, status = about[1:].decode().split(" ")
        first = os.fsdecode(next(fields))
        renamed = status[0] in "RC"
        path = os.fsdecode(next(fields)) if renamed else first
        yield _Entry(status[0], old_mode, new_mode, path, first if renamed else None)


def _changed_file(entry: _Entry, blocks: Iterator[_Block]) -> ChangedFile:
    # A change of type (file to symlink) is shown as a deletion and a creation.
    parts = [next(blocks) for _ in range(2 if entry.status == "T" else 1)]
    opaque = _GITLINK in (entry.old_mode, entry.new_mode) or any(part.is_binary for part in parts)
    return ChangedFile(
        path=entry.path,
        kind=_KINDS.get(entry.status, "modified"),
        old_path=entry.old_path,
        added=() if opaque else tuple(number for part in parts for number in part.added),
        removed=0 if opaque else sum(part.removed for part in parts),
        is_binary=opaque,
    )


def _blocks(patch: bytes) -> Iterator[_Block]:
    """Hunks say how many lines they have, so a line of a file that looks like a header is never taken for one."""
    block: _Block | None = None
    skip = 0
    for line in patch.split(b"\n"):
        if skip:
            skip -= not line.startswith(b"\\")
        elif line.startswith(b"diff --git "):
            if block is not None:
                yield block
            block = _Block([])
        elif block is None:
            continue
        elif found := _HUNK.match(line):
            removed, start, added = (int(count) if count else 1 for count in found.groups())
            block.added += range(start, start + added)
            block.removed += removed
            skip = removed + added
        elif line.startswith(b"Binary files "):
            block.is_binary = True
    if block is not None:
        yield block
