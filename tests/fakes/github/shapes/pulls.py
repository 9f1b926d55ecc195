"""Pull requests, in the long form of one and the short form of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github.models import Pull
from tests.fakes.github.pulls import is_mergeable
from tests.fakes.github.shapes.core import Shape, api, html, repository, user
from tests.fakes.github.shapes.talk import association, label

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository


def simple(repo: FakeRepository, made: Pull) -> Shape:
    """What lists show: without `merged`, `mergeable` and the counts."""
    url, page, talk = (
        f"{api(repo)}/pulls/{made.number}",
        f"{html(repo)}/pull/{made.number}",
        f"{api(repo)}/issues/{made.number}",
    )
    source = repo.fake.repositories.get(made.head_repo.lower(), repo)
    links = {
        "self": url, "html": page, "issue": talk, "comments": f"{talk}/comments", "review_comments": f"{url}/comments",
        "review_comment": f"{api(repo)}/pulls/comments{{/number}}", "commits": f"{url}/commits",
        "statuses": f"{api(repo)}/statuses/{made.head_sha}",
    }  # fmt: skip
    named = {
        f"{name}_url": links[name]
        for name in ("issue", "commits", "review_comments", "review_comment", "comments", "statuses")
    }
    return {
        "url": url, "id": made.id, "node_id": made.node_id, "html_url": page, "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch", **named, "number": made.number, "state": made.state, "locked": made.locked,
        "title": made.title, "user": user(repo.fake, made.user), "body": made.body or None,
        "labels": [label(repo, name) for name in made.labels], "milestone": None, "active_lock_reason": None,
        "created_at": made.created_at, "updated_at": made.updated_at, "closed_at": made.closed_at,
        "merged_at": made.merged_at,
        "merge_commit_sha": made.merge_commit_sha, "assignee": None, "assignees": [], "requested_reviewers": [],
        "requested_teams": [], "draft": made.draft, "author_association": association(repo, made.user),
        "auto_merge": None,
        "head": _end(source, made.head_ref, made.head_sha), "base": _end(repo, made.base_ref, made.base_sha),
        "_links": {name: {"href": link} for name, link in links.items()},
    }  # fmt: skip


def full(repo: FakeRepository, made: Pull) -> Shape:
    mergeable = is_mergeable(repo, made)
    state = "draft" if made.draft else "unknown" if mergeable is None else "clean" if mergeable else "dirty"
    stats = repo.store.run("diff", "--numstat", f"{made.base_sha}...{made.head_sha}").splitlines()
    counts = [[int(part) if part.isdigit() else 0 for part in line.split("\t")[:2]] for line in stats]
    return {
        **simple(repo, made), "merged": made.merged, "mergeable": mergeable, "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": user(repo.fake, made.merged_by) if made.merged_by else None,
        "comments": len(repo.comments(made.number)),
        "review_comments": 0, "maintainer_can_modify": False, "commits": repo.store.count(made.base_sha, made.head_sha),
        "additions": sum(entry[0] for entry in counts), "deletions": sum(entry[1] for entry in counts),
        "changed_files": len(counts),
    }  # fmt: skip


def minimal(repo: FakeRepository, made: Pull) -> Shape:
    """What check runs and workflow runs show of it."""
    here = {"id": repo.id, "url": api(repo), "name": repo.name}
    return {
        "id": made.id, "number": made.number, "url": f"{api(repo)}/pulls/{made.number}",
        "head": {"ref": made.head_ref, "sha": made.head_sha, "repo": here},
        "base": {"ref": made.base_ref, "sha": made.base_sha, "repo": here},
    }  # fmt: skip


def _end(repo: FakeRepository, ref: str, sha: str) -> Shape:
    owner = user(repo.fake, repo.owner)
    return {"label": f"{repo.owner}:{ref}", "ref": ref, "sha": sha, "user": owner, "repo": repository(repo)}
