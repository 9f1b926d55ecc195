"""What commits that somebody else made for us may hold: our marks, ordinary files, nothing protected, nothing big."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from msgspec import Struct

from devteam_action.git_io.git import Git
from devteam_action.git_io.history import is_ancestor, read_file
from devteam_action.git_io.paths import Protected, Spellings, name_refusal, shown
from devteam_action.git_io.take_back import LARGEST_FILE_BYTES, LARGEST_TOTAL_BYTES
from devteam_action.pipeline.hand_over import Manifest, Refused

MOST_COMMITS = 200
MOST_FILES = 5_000
_ORDINARY = frozenset({"100644", "100755"})
_GONE = "000000"
_RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-commit-id")


class Rules(Struct, frozen=True, kw_only=True):
    """`lists` may change although they are protected, where `may_change` (task id, path, before, after) says so."""

    protected: Protected
    lists: tuple[str, ...]
    may_change: Callable[[str, str, bytes | None, bytes | None], bool]


class _Entry(Struct, frozen=True):
    path: str
    old_mode: str
    new_mode: str
    blob: str


def broken_rule(git: Git, manifest: Manifest, known: Sequence[str], rules: Rules) -> Refused | None:
    """The first rule that the commits beyond the base, and beyond `known` heads, break; None when they keep all."""
    base, head = manifest.base, manifest.head
    if not is_ancestor(git, base, head):
        return Refused(code="base", reason=f"{head[:12]} does not descend from {base[:12]}")
    asked = (
        "rev-list",
        "--parents",
        f"--max-count={MOST_COMMITS + 1}",
        head,
        f"^{base}",
        *(f"^{each}" for each in known),
    )
    commits = [line.split(" ") for line in git.lines(*asked)]
    if len(commits) > MOST_COMMITS:
        return Refused(code="commits", reason=f"there are more than {MOST_COMMITS} commits")
    for commit, *parents in commits:
        refused = _of_commit(git, commit, parents, manifest, rules)
        if refused is not None:
            return refused
    return _of_whole(git, manifest, rules)


def _of_commit(git: Git, commit: str, parents: Sequence[str], manifest: Manifest, rules: Rules) -> Refused | None:
    """Each commit is pushed, so each is looked at: what a later one takes away has been there."""
    wanted = f"DevTeam-Task: {manifest.task_id}"
    if wanted not in git.lines("log", "-1", "--no-show-signature", "--format=%(trailers:only,unfold)", commit):
        return Refused(code="commits", reason=f"commit {commit[:12]} does not carry {wanted}")
    if not parents:
        return Refused(code="commits", reason=f"commit {commit[:12]} has no parent")
    if len(parents) == 1:
        return _of_entries(_entries(git, parents[0], commit), commit, rules)
    if len(parents) > 2 or not is_ancestor(git, parents[1], manifest.base):
        return Refused(code="commits", reason=f"commit {commit[:12]} merges what is not on the base branch")
    # A merge of the base: only what it has from neither side is its own.
    return _of_entries(_own_entries(git, commit), commit, rules)


def _of_entries(entries: Sequence[_Entry], commit: str, rules: Rules) -> Refused | None:
    if len(entries) > MOST_FILES:
        return Refused(code="size", reason=f"commit {commit[:12]} changes more than {MOST_FILES} files")
    for entry in entries:
        if entry.new_mode not in (*_ORDINARY, _GONE) or entry.old_mode not in (*_ORDINARY, _GONE):
            return Refused(code="paths", reason=f"{shown(entry.path)} is a link or a submodule in {commit[:12]}")
        refused = _of_path(entry.path, commit, rules)
        if refused is not None:
            return refused
    return None


def _of_path(path: str, commit: str, rules: Rules) -> Refused | None:
    reason = name_refusal(path)
    if reason is None and rules.protected.covers(path) and path not in rules.lists:
        reason = "it is protected"
    return Refused(code="paths", reason=f"{shown(path)} in {commit[:12]}: {reason}") if reason else None


def _of_whole(git: Git, manifest: Manifest, rules: Rules) -> Refused | None:
    """What the branch as a whole changes: sizes, spellings, and lists, in which only the task's mark may differ."""
    entries = _entries(git, manifest.base, manifest.head)
    refused = _of_entries(entries, manifest.head, rules) or _of_sizes(git, manifest)
    if refused is not None:
        return refused
    old = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", manifest.base).stdout
    spellings = Spellings(os.fsdecode(name) for name in old.split(b"\0") if name)
    for entry in entries:
        path = entry.path
        if entry.old_mode == _GONE and (clash := spellings.clash(path)) is not None:
            return Refused(code="paths", reason=f"{shown(path)} is {shown(clash)} in another spelling")
        if path in rules.lists and not rules.may_change(
            manifest.task_id, path, read_file(git, manifest.base, path), read_file(git, manifest.head, path)
        ):
            return Refused(code="paths", reason=f"{shown(path)} changed in more than the mark of the task")
        spellings.add(path)
    return None


def _of_sizes(git: Git, manifest: Manifest) -> Refused | None:
    """Every object that the branch brings, not only those of its last commit."""
    named = git.lines("rev-list", "--objects", "--no-object-names", manifest.head, f"^{manifest.base}")
    asked = "".join(f"{name}\n" for name in named).encode()
    sizes = [int(size) for size in git.lines("cat-file", "--batch-check=%(objectsize)", stdin=asked)]
    if max(sizes, default=0) > LARGEST_FILE_BYTES or sum(sizes) > LARGEST_TOTAL_BYTES:
        return Refused(code="size", reason=f"a file has more than {LARGEST_FILE_BYTES} bytes, or all have too many")
    return None


def _own_entries(git: Git, merge: str) -> list[_Entry]:
    """What a merge of two has from neither side; the old mode is that of the first."""
    fields = git.run("diff-tree", "-r", "-c", "-z", "--raw", "--no-abbrev", "--no-commit-id", merge).stdout.split(b"\0")
    about = (field.lstrip(b":").decode().split(" ") for field in fields[::2] if field.startswith(b"::"))
    return [
        _Entry(os.fsdecode(path), first, new_mode, blob)
        for (first, _, new_mode, _, _, blob, _), path in zip(about, fields[1::2], strict=False)
    ]


def _entries(git: Git, old: str, new: str) -> list[_Entry]:
    fields = git.run(*_RAW, old, new).stdout.split(b"\0")
    about = (field[1:].decode().split(" ") for field in fields[::2] if field.startswith(b":"))
    return [
        _Entry(os.fsdecode(path), old_mode, new_mode, blob)
        for (old_mode, new_mode, _, blob, _), path in zip(about, fields[1::2], strict=False)
    ]
