"""Users, Apps and repositories."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from tests.fakes.github.models import ACTIONS_APP, ACTIONS_LOGIN, Token

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub
    from tests.fakes.github.repository import FakeRepository

Shape = dict[str, Any]
_APP_IDS = {ACTIONS_APP: 15368}
_USER_PARTS = "followers following gists starred subscriptions organizations repos events received_events"
_REPO_PARTS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams "
    "trees"
)


def user(fake: FakeGitHub, login: str) -> Shape:
    is_bot = login.endswith("[bot]")
    name = login.removesuffix("[bot]")
    number = 41898282 if login == ACTIONS_LOGIN else zlib.crc32(login.encode())
    api = f"{fake.url}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
    return {
        "login": login, "id": number, "node_id": f"{'BOT' if is_bot else 'U'}_{number}", "gravatar_id": "",
        "avatar_url": f"{fake.server_url}/avatars/{number}", "url": api,
        "html_url": f"{fake.server_url}/{'apps/' if is_bot else ''}{name}",
        **{f"{part}_url": f"{api}/{part}" for part in _USER_PARTS.split()},
        "type": "Bot" if is_bot else "User", "site_admin": False, "user_view_type": "public",
    }  # fmt: skip


def me(fake: FakeGitHub, login: str) -> Shape:
    nothing = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    zero = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {**user(fake, login), **nothing, **zero, "created_at": "2020-01-01T00:00:00Z", "updated_at": fake.stamp()}


def app(fake: FakeGitHub, slug: str) -> Shape:
    number = _APP_IDS.get(slug, zlib.crc32(slug.encode()))
    return {
        "id": number, "slug": slug, "node_id": f"A_{number}", "owner": user(fake, "github"),
        "name": slug.replace("-", " ").title(),
        "description": "", "external_url": "https://help.github.com/en/actions",
        "html_url": f"{fake.server_url}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z", "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"checks": "write", "metadata": "read"},
        "events": ["workflow_dispatch"],
    }  # fmt: skip


def api(repo: FakeRepository) -> str:
    return f"{repo.fake.url}/repos/{repo.full_name}"


def html(repo: FakeRepository) -> str:
    return f"{repo.fake.server_url}/{repo.full_name}"


def repository(repo: FakeRepository, token: Token | None = None) -> Shape:
    base, page, opened = api(repo), html(repo), len([entry for entry in repo.issues.values() if entry.state == "open"])
    parts = {f"{part}_url": f"{base}/{part}" for part in _REPO_PARTS.split()}
    shape = {
        "id": repo.id, "node_id": f"R_{repo.id}", "name": repo.name, "full_name": repo.full_name,
        "private": repo.private,
        "owner": user(repo.fake, repo.owner), "html_url": page, "description": None, "fork": repo.parent is not None,
        "url": base,
        **parts, "git_url": f"git:{page.partition(':')[2]}.git", "ssh_url": f"git@github.test:{repo.full_name}.git",
        "clone_url": f"{page}.git", "svn_url": page, "mirror_url": None, "homepage": None, "language": None,
        "license": None,
        "size": 1, "stargazers_count": 0, "watchers_count": 0, "watchers": 0, "forks_count": 0, "forks": 0,
        "open_issues": opened,
        "open_issues_count": opened, "network_count": 0, "subscribers_count": 0, "default_branch": repo.default_branch,
        "has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False, "has_discussions": False,
        "has_downloads": True, "archived": False, "disabled": False, "allow_forking": True, "is_template": False,
        "topics": [],
        "visibility": "private" if repo.private else "public", "web_commit_signoff_required": False,
        "created_at": repo.created_at, "updated_at": repo.fake.stamp(), "pushed_at": repo.fake.stamp(),
    }  # fmt: skip
    return {**shape, "permissions": _permissions(repo, token)} if token else shape


def _permissions(repo: FakeRepository, token: Token) -> Shape:
    if token.kind == "app":
        can_push = token.rights.get("contents") == "write" and token.repository == repo.full_name
        return {"admin": False, "maintain": False, "push": can_push, "triage": False, "pull": True}
    return levels(repo.level_of(token.login))


def levels(level: str) -> Shape:
    order = ("pull", "triage", "push", "maintain", "admin")
    reached = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}[level]
    return {name: number < reached for number, name in enumerate(order)}
