"""What a change looked at: decides whether another writer's commit concerns it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devteam_action.pipeline.ports import Snapshot


class TrackedReads:
    """A snapshot that remembers which paths were read and which prefixes were listed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: set[str] = set()
        self._listed: set[str] = set()

    @property
    def version(self) -> str:
        return self._snapshot.version

    def get(self, path: str) -> bytes | None:
        self._read.add(path)
        return self._snapshot.get(path)

    def paths(self, prefix: str = "") -> Sequence[str]:
        self._listed.add(prefix)
        return self._snapshot.paths(prefix)

    def concerned_by(self, changed: Iterable[str], written: Iterable[str]) -> bool:
        """True when `changed` meets anything that was read, listed or is to be written.

        A file in the place of a folder (`a` against `a/b`) meets too: a writer that puts one there is no friend.
        """
        mine = self._read.union(written)
        prefixes = tuple(self._listed)
        folders = {parent for path in mine for parent in _parents(path)}
        for path in changed:
            if path in mine or path in folders or path.startswith(prefixes) or not mine.isdisjoint(_parents(path)):
                return True
        return False


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
