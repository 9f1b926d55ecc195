"""What a commit range changed, file by file and line by line."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ChangedFile(Struct, frozen=True, kw_only=True, rename="camel"):
    """One file of a diff: `added` are 1-based line numbers in the new file, `removed` counts lines of the old."""

    path: str
    kind: Literal["added", "modified", "deleted", "renamed"]
    old_path: str | None = None
    added: tuple[int, ...] = ()
    removed: int = 0
    is_binary: bool = False


class Change(Struct, frozen=True, kw_only=True, rename="camel"):
    """The difference between two commits; `tree` is the tree id of `head`."""

    base: str
    head: str
    tree: str
    files: tuple[ChangedFile, ...] = ()

    @property
    def lines_changed(self) -> int:
        return sum(len(file.added) + file.removed for file in self.files)

    def base_path(self, path: str) -> str:
        """Where `path` was at the base, following a rename."""
        return next((file.old_path for file in self.files if file.path == path and file.old_path), path)
