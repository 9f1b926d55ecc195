"""Issues, comments, labels and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github.models import Comment, Issue, Pull, Reaction
from tests.fakes.github.shapes.core import Shape, api, html, user

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository


def association(repo: FakeRepository, login: str) -> str:
    if login == repo.owner:
        return "OWNER"
    return "COLLABORATOR" if login in repo.people else "NONE"


def label(repo: FakeRepository, name: str) -> Shape:
    number, color, description = repo.labels[name]
    return {
        "id": number, "node_id": f"LA_{number}", "url": f"{api(repo)}/labels/{name.replace(' ', '%20')}", "name": name,
        "color": color, "description": description, "default": False,
    }  # fmt: skip


def reaction(repo: FakeRepository, made: Reaction) -> Shape:
    return {
        "id": made.id, "node_id": f"REA_{made.id}", "user": user(repo.fake, made.login), "content": made.content,
        "created_at": made.created_at,
    }  # fmt: skip


def rollup(url: str, reactions: list[Reaction]) -> Shape:
    words = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    counts = {word: sum(entry.content == word for entry in reactions) for word in words}
    return {"url": f"{url}/reactions", "total_count": len(reactions), **counts}


def comment(repo: FakeRepository, made: Comment) -> Shape:
    url = f"{api(repo)}/issues/comments/{made.id}"
    kind = "pull" if isinstance(repo.issues.get(made.number), Pull) else "issues"
    return {
        "id": made.id, "node_id": f"IC_{made.id}", "url": url, "issue_url": f"{api(repo)}/issues/{made.number}",
        "html_url": f"{html(repo)}/{kind}/{made.number}#issuecomment-{made.id}", "user": user(repo.fake, made.user),
        "body": made.body, "created_at": made.created_at, "updated_at": made.updated_at,
        "author_association": association(repo, made.user), "performed_via_github_app": None,
        "reactions": rollup(url, made.reactions),
    }  # fmt: skip


def issue(repo: FakeRepository, made: Issue) -> Shape:
    url, is_pull = f"{api(repo)}/issues/{made.number}", isinstance(made, Pull)
    page = f"{html(repo)}/{'pull' if is_pull else 'issues'}/{made.number}"
    shape: Shape = {
        "id": made.id, "node_id": f"I_{made.id}", "url": url, "repository_url": api(repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments", "events_url": f"{url}/events", "html_url": page,
        "timeline_url": f"{url}/timeline",
        "number": made.number, "state": made.state, "state_reason": None, "title": made.title,
        "body": made.body or None,
        "user": user(repo.fake, made.user), "labels": [label(repo, name) for name in made.labels], "assignee": None,
        "assignees": [], "milestone": None, "locked": made.locked, "active_lock_reason": None,
        "comments": len(repo.comments(made.number)), "closed_at": made.closed_at, "created_at": made.created_at,
        "updated_at": made.updated_at, "author_association": association(repo, made.user),
        "reactions": rollup(url, made.reactions),
        "performed_via_github_app": None,
    }  # fmt: skip
    if isinstance(made, Pull):
        pull_url = f"{api(repo)}/pulls/{made.number}"
        shape["draft"] = made.draft
        shape["pull_request"] = {
            "url": pull_url, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch",
            "merged_at": made.merged_at,
        }  # fmt: skip
    return shape
