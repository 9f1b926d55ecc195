"""Builds a change from the files before and after it, and asks what is gamed in it."""

from __future__ import annotations

from collections.abc import Mapping

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming import gaming
from devteam_action.domain.task import Task

Files = Mapping[str, str]


def change_of(base: Files, head: Files, renames: Mapping[str, str] | None = None) -> Change:
    """The change as git would tell it; `renames` maps new paths to old ones."""
    moved = renames or {}
    files: list[ChangedFile] = []
    for path in sorted({*base, *head} - set(moved.values())):
        old = moved.get(path)
        before, after = base.get(old or path, "").split("\n"), head.get(path, "").split("\n")
        if path not in head:
            files.append(ChangedFile(path=path, kind="deleted", removed=len(before)))
        elif old or path not in base or before != after:
            had = set(before)
            added = tuple(n for n, line in enumerate(after, 1) if line not in had)
            kind = "renamed" if old else "modified" if path in base else "added"
            files.append(ChangedFile(path=path, kind=kind, old_path=old, added=added))
    return Change(base="b", head="h", tree="t", files=tuple(files))


def findings(
    base: Files, head: Files, renames: Mapping[str, str] | None = None, title: str = "Add halves"
) -> Mapping[str, tuple[Finding, ...]]:
    """The findings by criterion."""
    return gaming(Task(id="1", title=title), change_of(base, head, renames), base.get, head.get)
