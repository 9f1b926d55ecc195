"""A repository for checks: real git, with as little of our own code in it as can be."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.results import Prepared

_ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": f"tester{at}" for who in ("AUTHOR", "COMMITTER") for what, at in
       (("NAME", ""), ("EMAIL", "@localhost"))},
}  # fmt: skip
_Kind = Literal["added", "modified", "deleted", "renamed"]
_KINDS: dict[str, _Kind] = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "T": "modified"}


class GitTrees:
    """Satisfies checks.place.Trees on the repository in `root`, and makes commits for tests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checkouts = 0
        root.mkdir(parents=True, exist_ok=True)
        self._git("init", "-q", "-b", "main")

    def commit(self, files: Mapping[str, str | None]) -> str:
        """Writes (or, for None, removes) the files and commits all."""
        for path, content in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                target.unlink()
            else:
                target.write_text(content, encoding="utf-8")
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", "a change")
        return self._git("rev-parse", "HEAD").decode().strip()

    def status(self) -> str:
        """What is in the working directory and not in the commit, ignored files too."""
        return self._git("status", "--porcelain", "--ignored").decode()

    @contextmanager
    def checkout(self, commit: str) -> Iterator[Path]:
        self.checkouts += 1
        with tempfile.TemporaryDirectory(prefix="tree-") as folder:
            archive = self._git("archive", commit)
            subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
            yield Path(folder)

    def read(self, commit: str, path: str) -> bytes | None:
        done = subprocess.run(
            ["git", "cat-file", "blob", f"{commit}:{path}"], cwd=self.root, env=_ENV, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else None

    def change(self, base: str, head: str) -> Change:
        files: list[ChangedFile] = []
        names = self._git("diff", "-M", "--name-status", "-z", base, head).decode().split("\0")[:-1]
        while names:
            kind = names.pop(0)
            old = names.pop(0) if kind[0] == "R" else None
            files.append(self._file(base, head, names.pop(0), old, _KINDS[kind[0]]))
        tree = self._git("rev-parse", f"{head}^{{tree}}").decode().strip()
        return Change(base=base, head=head, tree=tree, files=tuple(files))

    def freshen(self, prepared: Prepared, head: str, progress: Callable[[str], None]) -> Callable[[], tuple[str, ...]]:
        return tuple

    def watch(self, folder: Path, head: str, meant: Collection[str]) -> Callable[[], tuple[str, ...]]:
        return tuple

    def _file(self, base: str, head: str, path: str, old: str | None, kind: _Kind) -> ChangedFile:
        added: list[int] = []
        removed = 0
        paths = [path, *([old] if old else [])]
        for line in self._git("diff", "-M", "-U0", base, head, "--", *paths).decode(errors="replace").splitlines():
            if line.startswith("@@"):
                before, after = line.split()[1:3]
                removed += int(before.partition(",")[2] or 1)
                start, _, count = after[1:].partition(",")
                added += range(int(start), int(start) + int(count or 1))
        return ChangedFile(path=path, kind=kind, old_path=old, added=tuple(added), removed=removed)

    def _git(self, *args: str) -> bytes:
        return subprocess.run(["git", *args], cwd=self.root, env=_ENV, capture_output=True, check=True).stdout
