"""The base branch has moved: is merging it in clean, and what comes of it."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.errors import RepositoryError
from devteam_action.git_io.fetching import complete_history
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import merge_base
from devteam_action.git_io.plain_git import PlainGit


class Probe(Struct, frozen=True):
    """The tree of a merge, and the files that conflict in it."""

    tree: str
    conflicts: tuple[str, ...]


def probe_merge(git: Git, ours: str, theirs: str) -> Probe:
    """Merges in memory: no branch, index or file is touched (git ≥ 2.38: merge-tree --write-tree)."""
    done = git.run(
        "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs, ok=(0, 1, 128, 129)
    )
    if done.code == 129:
        raise RepositoryError("this git cannot probe a merge", remedy="install git 2.38 or newer")
    if done.code == 128:
        said = done.stderr.decode(errors="replace").strip()
        raise RepositoryError(f"{theirs[:12]} cannot be merged into {ours[:12]}: {said}")
    tree, *names = done.stdout.decode(errors="surrogateescape").split("\0")
    return Probe(tree, tuple(sorted({name for name in names if name})))


def merged_tree(git: Git, plain: PlainGit, ours: str, theirs: str, *, keep: str, remote: str = "") -> Probe:
    """Like `probe_merge`, but a conflict in the file `keep` is settled: the base's version of it stands.

    A shallow clone in which the two do not meet gets the rest of its history from `remote`.
    """
    if merge_base(git, ours, theirs) is None:
        complete_history(git, remote)
    probe = probe_merge(git, ours, theirs)
    if probe.conflicts != (keep,):
        return probe
    return Probe(plain.edit_tree(probe.tree, {keep: plain.entries(theirs).get(keep)}), ())
