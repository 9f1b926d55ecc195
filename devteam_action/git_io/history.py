"""Questions about commits: which are there, which are ours, what do they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devteam_action.errors import RepositoryError
from devteam_action.git_io.git import Git

OUR_TRAILERS = "DevTeam-"  # every commit that we make has a trailer that begins so; a person's has none


def head_of(git: Git, ref: str) -> str | None:
    """The commit that a branch (or any revision) stands at; None when there is none."""
    answer = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ok=(0, 1, 128))
    return answer.stdout.decode().strip() or None


def tree_of(git: Git, revision: str) -> str:
    """The tree id of a commit or tree; raises RepositoryError."""
    answer = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}", ok=(0, 1, 128))
    if answer.code:
        raise RepositoryError(f"there is no commit {revision} in {git.directory}")
    return answer.stdout.decode().strip()


def merge_base(git: Git, one: str, other: str) -> str | None:
    """The best common ancestor; None when the histories have nothing in common."""
    return git.run("merge-base", one, other, ok=(0, 1)).stdout.decode().strip() or None


def is_ancestor(git: Git, older: str, newer: str) -> bool:
    """Whether `newer` contains `older`; False also when one of them is not here."""
    return older == newer or git.run("merge-base", "--is-ancestor", older, newer, ok=(0, 1, 128)).code == 0


def read_file(git: Git, revision: str, path: str) -> bytes | None:
    """The bytes of a regular file as they are stored; None when there is none."""
    answer = git.run("cat-file", "blob", f"{revision}:{path}", ok=(0, 128))
    return answer.stdout if answer.code == 0 else None


def commits_between(git: Git, base: str, head: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commits of a branch since `base`, newest first, merged ones left out: id and trailer lines."""
    out = git.text(
        "log", "--first-parent", "-z", "--no-show-signature", "--format=%H%n%(trailers:only,unfold)", f"{base}..{head}"
    )
    for record in out.split("\0"):
        commit, _, trailers = record.partition("\n")
        if commit:
            yield commit, tuple(line for line in trailers.split("\n") if line)


def find_commit(git: Git, base: str, head: str, trailers: Mapping[str, str]) -> str | None:
    """The newest commit of `base..head` with all the trailers."""
    wanted = {f"{key}: {value}" for key, value in trailers.items()}
    return next((commit for commit, lines in commits_between(git, base, head) if wanted <= set(lines)), None)


def first_foreign(git: Git, base: str, head: str) -> str | None:
    """The newest commit of `base..head` that is not ours; None when all are."""
    for commit, lines in commits_between(git, base, head):
        if not any(line.startswith(OUR_TRAILERS) for line in lines):
            return commit
    return None
