"""Whether a branch is gone, or only not here: another clone may have it, and the remote may know."""

from __future__ import annotations

from functools import cached_property

from devteam_action.git_io.fetching import branches_on
from devteam_action.git_io.history import head_of
from devteam_action.git_io.repository import Repository


class GoneBranches:
    """Answers for one moment; the remote is asked at most once, and only when a branch is not known here.

    `remote` is empty without one, `may_ask` False when it must not be asked; `are_pushed` False when branches stay on
    the machine that made them.
    """

    def __init__(self, repository: Repository, remote: str, *, may_ask: bool, are_pushed: bool) -> None:
        self._repository = repository
        self._remote = remote
        self._may_ask = may_ask
        self._are_pushed = are_pushed

    def is_gone(self, branch: str, head: str) -> bool:
        """Whether nobody has the branch, whose last recorded commit is `head`; what cannot be known is not gone."""
        repository = self._repository
        if repository.commit_of(branch) or repository.remote_commit_of(self._remote, branch):
            return False
        if not self._remote:
            return True
        if not self._are_pushed:
            # The remote never had it. Where its commit is, there it was: here somebody deleted it.
            return bool(head) and head_of(repository.git, head) is not None
        return self._there is not None and branch not in self._there

    @cached_property
    def _there(self) -> frozenset[str] | None:
        return branches_on(self._repository.git, self._remote, "task/*") if self._may_ask else None
