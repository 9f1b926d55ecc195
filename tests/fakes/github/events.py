"""Event payloads such as GitHub sends them, made from what the fake holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.github.models import ZERO, Comment

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

Payload = dict[str, Any]


def _about(repo: FakeRepository, sender: str) -> Payload:
    from tests.fakes.github.shapes import core

    return {"repository": core.repository(repo), "sender": core.user(repo.fake, sender)}


def comment(repo: FakeRepository, made: Comment, action: str) -> Payload:
    from tests.fakes.github.shapes import talk

    issue, about = talk.issue(repo, repo.issues[made.number]), _about(repo, made.user)
    payload: Payload = {"action": action, "issue": issue, "comment": talk.comment(repo, made), **about}
    return {**payload, "changes": {"body": {"from": "before"}}} if action == "edited" else payload


def pull(repo: FakeRepository, number: int, action: str, by: str | None, more: Mapping[str, Any]) -> Payload:
    from tests.fakes.github.shapes import pulls

    made = repo.pull(number)
    sender = by or (made.merged_by if action == "closed" and made.merged_by else made.user)
    payload: Payload = {
        "action": action,
        "number": number,
        "pull_request": pulls.full(repo, made),
        **_about(repo, sender),
    }
    if action == "synchronize":
        payload |= {"before": ZERO, "after": made.head_sha}
    return {**payload, **more}


def dispatch(repo: FakeRepository, inputs: Mapping[str, str] | None, by: str, workflow: str) -> Payload:
    return {
        "inputs": None if inputs is None else dict(inputs),
        "ref": f"refs/heads/{repo.default_branch}",
        "workflow": workflow,
        **_about(repo, by),
    }


def schedule(repo: FakeRepository, cron: str, workflow: str) -> Payload:
    return {"schedule": cron, "workflow": workflow, "repository": _about(repo, repo.owner)["repository"]}


def push(repo: FakeRepository, branch: str, before: str | None, by: str) -> Payload:
    from tests.fakes.github.shapes import core, git

    after = repo.branch(branch)
    assert after
    old = before or next((entry.before for entry in reversed(repo.activities) if entry.after == after), ZERO)
    head = git.simple_commit(repo, after)
    return {
        "ref": f"refs/heads/{branch}", "before": old, "after": after, "created": old == ZERO, "deleted": False,
        "forced": False,
        "base_ref": None, "compare": f"{core.html(repo)}/compare/{old}...{after}", "commits": [head],
        "head_commit": head,
        "pusher": {"name": by, "email": f"{by}@users.noreply.github.com"}, **_about(repo, by),
    }  # fmt: skip
