"""What can be asked of the repository without changing it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Generator, Mapping
from functools import cached_property
from pathlib import Path

from devteam_action.domain.change import Change
from devteam_action.errors import RepositoryError
from devteam_action.git_io import history
from devteam_action.git_io.copies import checkout_of
from devteam_action.git_io.diff import read_change
from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import Layout, find_layout
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.git_io.watched_files import Watched, WatchedTree

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class RepositoryQuestions:
    """Answers from the repository's objects and refs; no index and no working directory is looked at."""

    def __init__(self, git: Git) -> None:
        self.git = git

    @cached_property
    def layout(self) -> Layout:
        return find_layout(self.git)

    @cached_property
    def plain(self) -> PlainGit:
        return PlainGit(self.git, self.layout)

    def change(self, base: str, head: str) -> Change:
        """What `head` changed since `base`; paths that are no UTF-8 have their bytes as surrogates."""
        return read_change(self.plain, self._commit(base), self._commit(head))

    def find_commit(self, base: str, head: str, trailers: Mapping[str, str]) -> str | None:
        """The newest commit of `base..head` (merged ones left out) that has all the trailers."""
        return history.find_commit(self.git, base, head, trailers)

    def tree_of(self, revision: str) -> str:
        """The tree id of a commit; raises RepositoryError when there is none."""
        return history.tree_of(self.git, revision)

    def read(self, revision: str, path: str) -> bytes | None:
        """A file as it is stored; None when there is none."""
        return history.read_file(self.git, revision, path)

    def paths(self, revision: str) -> tuple[str, ...]:
        """Every path of a commit."""
        return tuple(self.plain.entries(self._commit(revision)))

    def head_of(self, branch: str) -> str | None:
        """The commit that a local branch stands at."""
        return history.head_of(self.git, f"refs/heads/{branch}")

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits."""
        return history.merge_base(self.git, one, other)

    @contextlib.contextmanager
    def checkout(self, commit: str) -> Generator[Path]:
        """A throw-away folder with the files of a commit, without a repository."""
        with checkout_of(self.plain, self._commit(commit)) as folder:
            yield folder

    def watch(self, folder: Path, head: str, meant: Collection[str]) -> Watched:
        """Called later, it tells what changed in a checkout of `head` in which the paths `meant` were written over."""
        return WatchedTree(folder, self.plain.entries(head), meant, self.layout.object_format)

    def _commit(self, revision: str) -> str:
        """The full id of a commit or tree: plain git shares the objects, but knows no branch."""
        if _FULL_ID.fullmatch(revision):
            return revision
        found = history.head_of(self.git, revision)
        if found is None:
            raise RepositoryError(f"there is no commit {revision} in {self.git.directory}")
        return found
