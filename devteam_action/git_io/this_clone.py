"""What this clone knows of the others' work: is a branch gone or only not here, was a merge undone or not pulled."""

from __future__ import annotations

from functools import cached_property

from devteam_action.git_io.fetching import branches_on
from devteam_action.git_io.history import head_of, is_ancestor
from devteam_action.git_io.repository import Repository


class ThisClone:
    """Answers for one moment; the remote is asked at most once, and only for a branch that is not known here.

    `base` is the commit of the base branch. `remote` is empty without one; `may_ask` is False when it must not be
    asked, `are_pushed` when branches stay on the machine that made them.
    """

    def __init__(self, repository: Repository, remote: str, base: str, *, may_ask: bool, are_pushed: bool) -> None:
        self._repository = repository
        self._remote = remote
        self._base = base
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

    def lacks(self, head: str) -> bool:
        """Whether the commit was merged in another clone, and the base branch here is only older."""
        git = self._repository.git
        if not self._remote or not head:
            return False
        if head_of(git, head) is None:
            return True
        if head == self._base or not is_ancestor(git, self._base, head):
            return False
        # Merged, and taken back, and no branch has it any more: then somebody wants it done anew.
        return bool(git.lines("for-each-ref", "--count=1", "--contains", head, "refs/heads/", "refs/remotes/"))

    @cached_property
    def _there(self) -> frozenset[str] | None:
        return branches_on(self._repository.git, self._remote, "task/*") if self._may_ask else None
