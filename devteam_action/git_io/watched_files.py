"""Whether the files of a commit stayed as they were while they were judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from devteam_action.git_io.fresh_files import (
    Folder,
    appeared,
    deciding,
    freshen,
    read_status,
    require_head,
    stamps_of,
)
from devteam_action.git_io.tree_scan import read_content, read_link, scan
from devteam_action.git_io.working_folder import Progress

Entries = Mapping[str, tuple[str, str]]  # path -> (mode, object), of the commit
Watched = Callable[[], tuple[str, ...]]
_LINK, _MODULE = "120000", "160000"


class WatchedWorktree:
    """Makes the folder fresh; asked later, the answer names what was changed since.

    That is: tracked files that differ, Python files that were written at all (they may have been another's while they
    were looked at; a build may write its results anew as they were), and new files that have a say about the tests.
    """

    def __init__(self, folder: Folder, tracked: Collection[str], progress: Progress) -> None:
        self._folder = folder
        self._fresh = freshen(folder, tracked, progress)

    def __call__(self) -> tuple[str, ...]:
        """What was changed; afterwards the folder is fresh again."""
        now = read_status(self._folder.git)
        require_head(self._folder, now)
        written = written_since(self._folder.git.directory, self._fresh.stamps)
        changed = {*now.changed} - self._fresh.stuck | written & self._fresh.stuck
        found = changed | {path for path in written if path.endswith(".py")} | {*deciding(appeared(self._folder, now))}
        freshen(self._folder, (), lambda _: None)  # what checks leave behind is nothing to tell
        return tuple(sorted(found))


class WatchedTree:
    """The same of a throw-away folder without a repository; what differs from the commit now is meant to."""

    def __init__(self, root: Path, entries: Entries, meant: Collection[str], object_format: str) -> None:
        self._root = root
        self._entries = entries
        self._meant = frozenset(meant)
        self._object_format = object_format
        self._stamps = stamps_of(root, {*entries, *meant})
        self._there = self._deciding()

    def __call__(self) -> tuple[str, ...]:
        written = written_since(self._root, self._stamps)
        changed = {path for path in written if path.endswith(".py") or path in self._meant}
        differing = {path for path in self._entries if path not in self._meant and not self._is_as_committed(path)}
        return tuple(sorted(changed | differing | self._deciding() - self._there))

    def _is_as_committed(self, path: str) -> bool:
        mode, blob = self._entries[path]
        stamp = stamps_of(self._root, [path])[path]
        if mode == _MODULE:
            return True
        if stamp is None:
            return False
        if mode == _LINK:
            return read_link(self._root, path, self._object_format) == blob
        content = read_content(self._root, path, size=stamp.size, object_format=self._object_format)
        return content is not None and content.blob == blob

    def _deciding(self) -> frozenset[str]:
        return frozenset(deciding([entry.path for entry in scan(self._root) if entry.path not in self._entries]))


def written_since(root: Path, stamps: Mapping[str, object]) -> set[str]:
    """The paths that somebody wrote, replaced, removed or made."""
    now = stamps_of(root, stamps)
    return {path for path, stamp in stamps.items() if now[path] != stamp}
