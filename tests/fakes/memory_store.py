"""A state store in memory with the rules of the real one; held to them by tests/contract/test_state_store.py.

Several stores over one `Remote` are several writers. `Remote.fail_next` makes the next push fail in a stated way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from devteam_action.errors import NotAllowed, RemoteUnreachable, StateConflict, StateNotWritten
from devteam_action.git_io.state_branch.reads import TrackedReads
from devteam_action.pipeline.ports import Changes, Snapshot

Fault = Literal["answer-lost", "not-arrived", "refused", "no-space"]


class MemorySnapshot:
    def __init__(self, version: str, files: Mapping[str, bytes]) -> None:
        self.version = version
        self.files = dict(files)

    def get(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self, prefix: str = "") -> Sequence[str]:
        return tuple(sorted(path for path in self.files if path.startswith(prefix)))


class Remote:
    """What all stores share: every version there ever was."""

    def __init__(self) -> None:
        self.versions: list[MemorySnapshot] = [MemorySnapshot("", {})]
        self.messages: list[str] = []
        self.is_reachable = True
        self.faults: list[Fault] = []

    @property
    def tip(self) -> MemorySnapshot:
        return self.versions[-1]

    def push(self, expected: str, message: str, changes: Changes) -> tuple[bool, MemorySnapshot | None]:
        """Whether there was an answer, and the new version (None: lost the race)."""
        if not self.is_reachable:
            return False, None
        fault = self.faults.pop(0) if self.faults else None
        if fault == "refused":
            raise NotAllowed("the remote refuses")
        if fault == "no-space":
            raise StateNotWritten("no space left")
        if fault == "not-arrived":
            return False, None
        if self.tip.version != expected:
            return True, None
        files = {**self.tip.files, **{path: content for path, content in changes.items() if content is not None}}
        for path, content in changes.items():
            if content is None:
                files.pop(path, None)
        self.versions.append(MemorySnapshot(f"v{len(self.versions)}", files))
        self.messages.append(message)
        return fault != "answer-lost", self.tip


class MemoryStore:
    def __init__(self, remote: Remote | None = None) -> None:
        self.remote = remote or Remote()
        self._known = self.remote.versions[0]

    def read(self, *, refresh: bool = True) -> Snapshot:
        if refresh:
            if not self.remote.is_reachable:
                raise RemoteUnreachable("the remote does not answer")
            self._known = self.remote.tip
        return self._known

    def update(self, message: str, change: Callable[[Snapshot], Changes]) -> Snapshot:
        unanswered = 0
        reads = TrackedReads(self._known)
        try:
            changes = change(reads)
        except Exception:  # noqa: BLE001 - whatever it was, it is asked again on the newest state below
            changes = {}
        if not changes:
            reads = TrackedReads(self.read())
            changes = change(reads)
        while changes:
            count = len(self.remote.versions)
            is_answered, made = self.remote.push(self._known.version, message, changes)
            if is_answered and made is not None:
                self._known = made
                return made
            unanswered += not is_answered
            if unanswered > 3 or len(self.remote.versions) - count > 100:
                raise StateConflict("no turn")
            before = self._known
            self.read()
            if made is not None and made in self.remote.versions:
                return self._known
            moved = {
                path
                for path in before.files.keys() | self._known.files.keys()
                if before.files.get(path) != self._known.files.get(path)
            }
            if not before.version or reads.concerned_by(moved, changes):
                reads = TrackedReads(self._known)
                changes = change(reads)
        return self._known
