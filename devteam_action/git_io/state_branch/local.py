"""The state branch in the user's own repository: no remote, the branch itself is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch.answers import Answer, import_answer, in_the_way
from devteam_action.git_io.state_branch.fast_import import Commit
from devteam_action.git_io.state_branch.repository import StateRepository, git_folder, name_taken, not_written
from devteam_action.git_io.state_branch.turn import turn


class LocalBranch(StateRepository):
    """Reads and moves `refs/heads/<branch>`; never the working directory or the index."""

    is_truth = True  # what `known` answers needs no asking elsewhere
    place = "in this repository"

    def __init__(self, git: Git, branch: str) -> None:
        super().__init__(git)
        self.ref = f"refs/heads/{branch}"
        self.is_temporary = False
        self._lock: Path | None = None

    def known(self) -> str:
        return self.commit_at(self.ref)

    def refresh(self) -> str:
        return self.known()

    def turn(self) -> AbstractContextManager[bool]:
        """True where another process of this machine had its turn first."""
        if self._lock is None:
            self._lock = git_folder(self.git) / "devteam" / "state" / "turn.lock"
        return turn(self._lock)

    def publish(self, commit: Commit) -> tuple[Answer, str]:
        """Compare and swap: fast-import moves a ref only from what its new commit contains, under the ref's lock."""
        completed = self.write(commit)
        answer = import_answer(completed)
        if answer == "lost" and (other := in_the_way(completed)):
            raise name_taken(other, self.place)
        if answer == "no-space":
            raise not_written(completed, self.place)
        return answer, completed.stdout.decode().strip()

    def before_batch(self, version: str, prefix: str, blobs: Sequence[str]) -> None:
        """Everything is here already."""
