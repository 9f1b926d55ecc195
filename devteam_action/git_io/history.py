"""Questions about commits: which are there, which are ours, what do they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devteam_action.errors import GitFailed, RepositoryError, StateConflict
from devteam_action.git_io.git import Git

# What git says (builtin/log.c, revision.c) about a range with an end that this clone does not have.
_NOT_HERE = (b"Invalid revision range", b"bad revision", b"unknown revision", b"bad object")

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
    """The best common ancestor; None when there is none, also because one of the two is not here."""
    return git.run("merge-base", one, other, ok=(0, 1, 128)).stdout.decode().strip() or None


def is_ancestor(git: Git, older: str, newer: str) -> bool:
    """Whether `newer` contains `older`; False also when one of them is not here."""
    return older == newer or git.run("merge-base", "--is-ancestor", older, newer, ok=(0, 1, 128)).code == 0


def read_file(git: Git, revision: str, path: str) -> bytes | None:
    """The bytes of a regular file as they are stored; None when there is none."""
    answer = git.run("cat-file", "blob", f"{revision}:{path}", ok=(0, 128))
    return answer.stdout if answer.code == 0 else None


def commits_between(git: Git, base: str, head: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commits of a branch since `base`, newest first, merged ones left out: id and trailer lines.

    Raises StateConflict when one of the two is not here.
    """
    asked = ("log", "--first-parent", "-z", "--no-show-signature", "--format=%H%n%(trailers:only,unfold)")
    done = git.run(*asked, f"{base}..{head}", "--", ok=(0, 128))
    if done.code and not any(said in done.stderr for said in _NOT_HERE):
        raise GitFailed(done)
    if done.code:
        raise StateConflict(
            f"commit {base[:12]} or {head[:12]} is not in {git.directory}",
            remedy="`git fetch --all` brings it, if it was pushed",
        )
    for record in done.stdout.decode(errors="surrogateescape").split("\0"):
        commit, _, trailers = record.partition("\n")
        if commit:
            yield commit, tuple(line for line in trailers.split("\n") if line)


def find_commit(git: Git, base: str, head: str, trailers: Mapping[str, str]) -> str | None:
    """The newest commit of `base..head` with all the trailers; None also when one of the two is not here."""
    wanted = {f"{key}: {value}" for key, value in trailers.items()}
    try:
        return next((commit for commit, lines in commits_between(git, base, head) if wanted <= set(lines)), None)
    except StateConflict:
        return None


def first_foreign(git: Git, base: str, head: str) -> str | None:
    """The newest commit of `base..head` that is not ours; None when all are."""
    for commit, lines in commits_between(git, base, head):
        if not any(line.startswith(OUR_TRAILERS) for line in lines):
            return commit
    return None


def is_discarded(git: Git, branch: str, commit: str) -> bool:
    """Whether the commit is one that we gave up on that branch (`retry --clean`), or older; False if unknown."""
    place = f"refs/devteam/discarded/{branch}/"
    # Asking git about a commit that is not here is an error of its (129, or 128 of older ones), and an answer to us.
    done = git.run("for-each-ref", "--count=1", "--format=%(refname)", f"--contains={commit}", place, ok=(0, 128, 129))
    return done.code == 0 and bool(done.stdout.strip())
