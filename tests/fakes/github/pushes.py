"""What follows from a moved branch: the activity list, the heads of pull requests, and workflow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github.models import ZERO, Activity, Pull, Token
from tests.fakes.github.runs import start_for_pull, start_for_push

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

Change = tuple[str, str, str]


def record_push(repo: FakeRepository, token: Token | None, changes: list[Change], *, kind: str = "") -> None:
    """Takes in `(ref, before, after)`s that git has already carried out, in the name of the token's login."""
    login = token.login if token else "ghost"
    for ref, before, after in changes:
        if not ref.startswith("refs/heads/"):
            continue
        repo.activities.append(
            Activity(
                repo.fake.next_id(), login, ref, before, after, kind or _kind(repo, before, after), repo.fake.stamp()
            )
        )
        branch = ref.removeprefix("refs/heads/")
        if after != ZERO:
            start_for_push(repo, branch, after, token)
        _follow_heads(repo, branch, after, token)
        _follow_bases(repo, branch, before, after, login)


def _kind(repo: FakeRepository, before: str, after: str) -> str:
    if before == ZERO:
        return "branch_creation"
    if after == ZERO:
        return "branch_deletion"
    return "push" if repo.store.is_ancestor(before, after) else "force_push"


def _follow_heads(head_repo: FakeRepository, branch: str, after: str, token: Token | None) -> None:
    for repo in head_repo.fake.repositories.values():
        for pull in repo.open_pulls():
            if (pull.head_repo, pull.head_ref) != (head_repo.full_name, branch):
                continue
            pull.updated_at = repo.fake.stamp()
            if after == ZERO:
                close(repo, pull)
            else:
                pull.head_sha = after
                show_head(repo, pull)
                start_for_pull(repo, pull, token)


def _follow_bases(repo: FakeRepository, branch: str, before: str, after: str, login: str) -> None:
    for pull in repo.open_pulls():
        if pull.base_ref != branch:
            continue
        if after == ZERO:
            merged = [other for other in repo.pulls() if other.merged and other.head_ref == branch]
            if merged:
                pull.base_ref = merged[-1].base_ref
                pull.base_sha = repo.store.branch(pull.base_ref) or pull.base_sha
            else:
                close(repo, pull)
            continue
        had_commits = before != ZERO and repo.store.count(before, pull.head_sha) > 0
        if had_commits and repo.store.is_ancestor(pull.head_sha, after):
            mark_merged(repo, pull, after, login)


def show_head(repo: FakeRepository, pull: Pull) -> None:
    """`refs/pull/N/head` of the base repository holds the head, whichever repository it is from."""
    if pull.head_repo != repo.full_name:
        source = repo.fake.repositories[pull.head_repo.lower()].store.path
        repo.store.run(
            "fetch", "--quiet", "--no-tags", str(source), f"+refs/heads/{pull.head_ref}:refs/pull/{pull.number}/head"
        )
    repo.store.set_ref(f"refs/pull/{pull.number}/head", pull.head_sha)
    base = repo.store.branch(pull.base_ref)
    tree = repo.store.merged_tree(base, pull.head_sha) if base else None
    if base and tree:
        text = f"Merge {pull.head_sha} into {base}"
        made = repo.store.new_commit(tree, [base, pull.head_sha], text, pull.user, repo.fake.seconds())
        repo.store.set_ref(f"refs/pull/{pull.number}/merge", made)


def close(repo: FakeRepository, pull: Pull) -> None:
    pull.state, pull.closed_at = "closed", repo.fake.stamp()
    pull.updated_at = pull.closed_at


def mark_merged(repo: FakeRepository, pull: Pull, sha: str, login: str) -> None:
    close(repo, pull)
    pull.merged, pull.merged_at, pull.merged_by, pull.merge_commit_sha = True, pull.closed_at, login, sha
    pull.draft = False
