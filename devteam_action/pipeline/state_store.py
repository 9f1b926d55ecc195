"""What the pipeline needs of the place where its state is kept, as protocols; `git_io/state_branch` satisfies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol


class Snapshot(Protocol):
    """The state branch at one commit (`version`; empty when there is none yet)."""

    @property
    def version(self) -> str: ...

    def get(self, path: str) -> bytes | None: ...

    def paths(self, prefix: str = "") -> Sequence[str]: ...


Changes = Mapping[str, bytes | None]  # path -> new content, or None to delete


class StateStore(Protocol):
    """A small versioned file tree with compare-and-swap."""

    def read(self, *, refresh: bool = True) -> Snapshot:
        """The newest known state; `refresh` asks the remote first, where there is one."""
        ...

    def update(self, message: str, change: Callable[[Snapshot], Changes]) -> Snapshot:
        """Applies `change` to the newest state and publishes it, or raises.

        `change` is asked again whenever another writer was faster on a path it read or wrote; it must be free of
        effects. No changes: nothing is written. Raises StateConflict, StateNotWritten or RemoteUnreachable.
        """
        ...
