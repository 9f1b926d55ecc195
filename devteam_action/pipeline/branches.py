"""What the pipeline asks about branches that others have, too: where they stand, and whether they can be merged."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Branches(Protocol):
    """Nothing is changed by a question; one that asks the remote may raise RemoteUnreachable."""

    def follow_base(self, base_branch: str) -> None:
        """Asks the remote where the base branch stands; from now on that counts, unless the one here is further."""
        ...

    def base_tip(self, base_branch: str) -> str | None:
        """The commit of the base branch that counts."""
        ...

    def remote_head_of(self, branch: str) -> str | None:
        """Where the branch stands on the remote, asked now."""
        ...

    def pushed_head_of(self, branch: str, pull_request: int | None) -> str | None:
        """The same, and where the branch is deleted there, the commit that its pull request ended with."""
        ...

    def conflicts(self, branch: str, base_branch: str) -> Collection[str]:
        """The files in which the remote's base and the remote's branch cannot be merged; nothing is changed."""
        ...
