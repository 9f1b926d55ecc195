"""The remote's branches, for a tool that works elsewhere and pushes what it did."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from devteam_action.errors import RemoteUnreachable, StateConflict
from devteam_action.git_io.commits import make_commit
from devteam_action.git_io.delivery import push_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of, is_ancestor, is_discarded, merge_base, tree_of
from devteam_action.git_io.merging import probe_merge
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.git_io.state_branch.answers import reason

_TIMEOUT_S = 600
_ARRIVED = "refs/devteam/arrived/"  # by commit: no name of another's can be in the way of a second one
# What git itself forbids in a ref (git: check-ref-format); a server may say anything.
_ODD = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|[/.]$|\.lock$")
_NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "DevTeam"), ("EMAIL", "devteam@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}
_REMEDY = "check the address (`git remote -v`), the network and the credentials (GIT_USERNAME, GIT_TOKEN)"


class GitExchange:
    """Satisfies `pipeline.exchange.Exchange`, for the task branch `branch` that stands at `head` here.

    What is fetched stays out of `refs/remotes/`: it is nobody's word on where the branch should be.
    """

    def __init__(self, git: Git, plain: PlainGit, remote: str, *, branch: str, head: str) -> None:
        self._git = git
        self._plain = plain
        self._remote = remote
        self.branch = branch
        self.head = head

    @property
    def address(self) -> str:
        """Where the remote is, without a user's name or password."""
        return without_credentials(self._git.text("remote", "get-url", self._remote, ok=(0, 2, 128)))

    def push_branch(self, *, known: Collection[str] = ()) -> str:
        """The commit of the task branch on the remote: ours, or one of `known` that stands on top of ours."""
        there = self.remote_heads().get(self.branch)
        if there is not None and there in known and self._may_stay(there):
            return there
        push_branch(self._git, self._remote, self.branch, self.head, expected=None)
        return self.head

    def _may_stay(self, there: str) -> bool:
        """On top of ours, and not given up (`retry --clean`)."""
        is_here = self.fetch({self.branch: there}) and self.descends(there, self.head)
        return is_here and not is_discarded(self._git, self.branch, there)

    def remote_heads(self) -> Mapping[str, str]:
        """Every branch of the remote; raises RemoteUnreachable."""
        done = self._git.run("ls-remote", self._remote, "refs/heads/*", ok=range(256), timeout_s=_TIMEOUT_S)
        if done.code:
            raise RemoteUnreachable(f"the remote {self._remote} did not answer: {reason(done)}", remedy=_REMEDY)
        heads: dict[str, str] = {}
        for line in done.stdout.decode(errors="surrogateescape").splitlines():
            commit, _, ref = line.partition("\t")
            name = ref.removeprefix("refs/heads/")
            if name != ref and not _ODD.search(name):
                heads[name] = commit
        return heads

    def fetch(self, branches: Mapping[str, str]) -> bool:
        """Has the commits here; False when a branch has moved on. Raises RemoteUnreachable."""
        missing = {name: commit for name, commit in branches.items() if head_of(self._git, _ARRIVED + commit) != commit}
        if not missing:
            return True
        wanted = [f"+refs/heads/{name}:{_ARRIVED}{commit}" for name, commit in missing.items()]
        # An empty refmap: what the remote's branches are known as here is not touched.
        quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
        done = self._git.run("fetch", *quietly, self._remote, *wanted, ok=range(256), timeout_s=_TIMEOUT_S)
        if done.code and all(self.remote_heads().get(name) == commit for name, commit in missing.items()):
            raise RemoteUnreachable(f"nothing could be fetched from {self._remote}: {reason(done)}", remedy=_REMEDY)
        return not done.code and all(head_of(self._git, _ARRIVED + commit) == commit for commit in missing.values())

    def descends(self, commit: str, base: str) -> bool:
        """Whether `commit` contains `base`; False also when one of them is not here."""
        return is_ancestor(self._git, base, commit)

    def meeting(self, one: str, other: str) -> str:
        """The merge base; empty when there is none."""
        return merge_base(self._git, one, other) or ""

    def bring(self, commit: str, into: Path, *, without: str = "", since: str = "") -> bool:
        """Makes a copy of this workspace look as `commit`; neither filters nor attributes of it have a say."""
        if head_of(self._git, _ARRIVED + commit) != commit:
            raise StateConflict(f"commit {commit[:12]} was not fetched", remedy="run again")
        tree = self._on_top(commit, since) if since else commit
        if not tree:
            return False
        if without and without not in self._plain.entries(self.head) and without in self._plain.entries(tree):
            tree = self._plain.edit_tree(tree, {without: None})
        self._plain.run("read-tree", "-u", "--reset", tree, work_tree=into, index=into / ".git" / "index")
        return True

    def _on_top(self, commit: str, since: str) -> str:
        """The tree of our head with what changed from `since` to `commit`; empty when that conflicts.

        By three commits of the moment: `git merge-tree` takes a base of one's choice only from 2.40 on.
        """
        base = self._of_the_moment(since)
        probe = probe_merge(self._git, self._of_the_moment(self.head, base), self._of_the_moment(commit, base))
        return "" if probe.conflicts else probe.tree

    def _of_the_moment(self, revision: str, *parents: str) -> str:
        return make_commit(self._git, tree_of(self._git, revision), parents, "compare", _NOBODY)


def without_credentials(address: str) -> str:
    """The address with the user and the password of an https address taken out."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
