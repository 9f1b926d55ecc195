"""What is known of branches here and on the remote: where the base stands, where a task's branch stands there."""

from __future__ import annotations

from collections.abc import Collection

from devteam_action.domain.results import Prepared
from devteam_action.errors import RepositoryError
from devteam_action.git_io import history
from devteam_action.git_io.base_branch import newest_of
from devteam_action.git_io.exchange import GitExchange
from devteam_action.git_io.fetching import complete_history, fetch_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.merging import probe_merge
from devteam_action.git_io.pull_heads import fetch_pull_head
from devteam_action.git_io.repository_questions import RepositoryQuestions


class KnownBranches(RepositoryQuestions):
    """Nothing is changed but what this clone remembers of its remote.

    A base branch counts as it stands here, until it is followed; in place (a job's checkout) always as the remote has
    it, where that is newer.
    """

    def __init__(self, git: Git, *, remote: str, in_place: bool) -> None:
        super().__init__(git)
        self.remote = remote
        self.in_place = in_place
        self._followed: set[str] = set()

    def follow_base(self, base_branch: str) -> None:
        """From now on the base branch counts as the remote has it now, unless the one here is further.

        Raises RepositoryError where the remote has no such branch, RemoteUnreachable where it does not answer.
        """
        if not self.remote or not fetch_branch(self.git, self.remote, base_branch):
            raise RepositoryError(
                f"the base branch {base_branch} is not on the remote{f' {self.remote}' if self.remote else ''}, "
                "and a pull request needs it there",
                remedy=f"push it (`git push {self.remote or 'origin'} {base_branch}`), or name another one with "
                "--base-branch",
            )
        self._followed.add(base_branch)

    def is_followed(self, base_branch: str) -> bool:
        """Whether the remote's base branch counts where it is newer."""
        return self.in_place or base_branch in self._followed

    def base_tip(self, base_branch: str) -> str | None:
        """The commit of the base branch that counts; None when there is none."""
        here = history.head_of(self.git, f"refs/heads/{base_branch}")
        there = history.head_of(self.git, f"refs/remotes/{self.remote}/{base_branch}") if self.remote else None
        return newest_of(self.git, here, there) if self.is_followed(base_branch) else here or there

    def remote_head_of(self, branch: str) -> str | None:
        """Where the branch stands on the remote, asked now; None without one. Raises RemoteUnreachable."""
        if not self.remote or not fetch_branch(self.git, self.remote, branch):
            return None
        return history.head_of(self.git, f"refs/remotes/{self.remote}/{branch}")

    def pushed_head_of(self, branch: str, pull_request: int | None) -> str | None:
        """The same, and where the branch is deleted there, the commit that its pull request ended with."""
        there = self.remote_head_of(branch)
        if there is not None or pull_request is None or not self.remote:
            return there
        return fetch_pull_head(self.git, self.remote, pull_request)

    def conflicts(self, branch: str, base_branch: str) -> Collection[str]:
        """The files in which the newest base and the branch, as the remote has both, cannot be merged; tries only."""
        if base_branch not in self._followed and self.remote_head_of(base_branch) is not None:
            self._followed.add(base_branch)  # asked once for all the branches that are to be merged into it
        tip = history.head_of(self.git, f"refs/remotes/{self.remote}/{base_branch}")
        head = self.remote_head_of(branch)
        if tip is None or head is None or history.is_ancestor(self.git, tip, head):
            return ()
        if self.merge_base(head, tip) is None:
            complete_history(self.git, self.remote)
        return probe_merge(self.git, head, tip).conflicts

    def exchange(self, prepared: Prepared) -> GitExchange | None:
        """The remote's branches, for a tool that pushes its work; None where there is no remote."""
        if not self.remote or self.remote not in self.git.lines("remote"):
            return None
        return GitExchange(self.git, self.plain, self.remote, branch=prepared.branch, head=prepared.head)
