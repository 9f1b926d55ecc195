"""The events of GitHub that we act on, each as one small struct; what else a payload holds is not decoded.

Shapes: GitHub's webhook payloads, as a job finds them in the file GITHUB_EVENT_PATH. Objects may be null (a deleted
fork, a ghost user) and newer keys absent.
"""

from __future__ import annotations

import re

from msgspec import Struct

from devteam_action.actions.gate_rules import is_moment
from devteam_action.actions.payload_shapes import (
    DispatchEvent,
    IssueCommentEvent,
    Payload,
    PullRequestEvent,
    Repository,
    ScheduleEvent,
    User,
    decode,
    wrong,
)


class Sent(Struct, frozen=True, kw_only=True):
    """What every event tells: `repository` as owner/name, who caused it; all empty where the payload is silent."""

    repository: str = ""
    default_branch: str = ""
    sender: str = ""


class Dispatch(Sent, frozen=True, kw_only=True):
    """Somebody started the workflow by hand, on `ref` (`refs/heads/…`)."""

    ref: str = ""


class Schedule(Sent, frozen=True, kw_only=True):
    """The clock started the workflow; `cron` is the line that did."""

    cron: str = ""


class CommandComment(Sent, frozen=True, kw_only=True):
    """A new comment on an issue or pull request `number`; whether it is a command, the grammar tells.

    `author` is empty when the account is gone; `created_at` is GitHub's time (ISO 8601, `Z`), `is_edited` that the
    body is not what was first written. `comments` is how many there are below that number, 0 where it is not told.
    """

    id: int
    number: int
    body: str
    author: str
    created_at: str
    url: str
    is_pull_request: bool
    is_bot: bool
    is_edited: bool
    comments: int = 0


class PullRequestChange(Sent, frozen=True, kw_only=True):
    """A pull request was `opened`, `reopened`, `synchronize`d (new commits) or `closed` (`is_merged` or not).

    `is_fork` is told by repository ids, never by names; a head whose repository is gone counts as a fork.
    `merge_sha` is the commit that the merge made on the base branch, empty before.
    """

    action: str
    number: int
    title: str
    author: str
    head_ref: str
    head_sha: str
    head_repository_id: int | None
    base_ref: str
    base_sha: str
    is_fork: bool
    is_merged: bool
    is_draft: bool
    merge_sha: str = ""


class Ignored(Struct, frozen=True, kw_only=True):
    """Nothing is to be done, and `reason` is the sentence that says why."""

    reason: str


Event = Dispatch | Schedule | CommandComment | PullRequestChange | Ignored

PULL_REQUEST_ACTIONS = frozenset({"opened", "reopened", "synchronize", "closed"})


def parse_event(name: str, data: bytes) -> Event:
    """The event called `name` (GITHUB_EVENT_NAME) with payload `data`; one that we do not know is Ignored.

    Raises BadInput naming the key when the payload is cut short, is another event's, or has a wrong type.
    """
    match name:
        case "workflow_dispatch":
            dispatch = decode(name, data, DispatchEvent)
            return Dispatch(ref=dispatch.ref or "", **_sent(dispatch))
        case "schedule":
            schedule = decode(name, data, ScheduleEvent)
            return Schedule(cron=schedule.schedule or "", **_sent(schedule))
        case "issue_comment":
            return _comment(decode(name, data, IssueCommentEvent))
        case "pull_request":
            return _pull_request(decode(name, data, PullRequestEvent))
        case "pull_request_target":
            return Ignored(reason="`pull_request_target` gives foreign code our secrets: use `pull_request` instead")
        case _:
            shown = f"`{name}`" if re.fullmatch(r"[a-z_]{1,40}", name) else "of that name"
            return Ignored(reason=f"there is nothing to do for an event {shown}")


def is_bot(login: str, kind: str) -> bool:
    """Whether an account with that login and `type` is a program's."""
    return kind == "Bot" or login.endswith("[bot]")


def _comment(event: IssueCommentEvent) -> CommandComment | Ignored:
    if event.action != "created":
        return Ignored(reason="only a new comment can be a command, not one that was edited or deleted")
    comment, user = event.comment, event.comment.user or User()
    if not is_moment(comment.created_at):
        raise wrong("issue_comment", "`comment.created_at` is no time")
    return CommandComment(
        id=comment.id,
        number=event.issue.number,
        body=comment.body or "",
        author=user.login,
        created_at=comment.created_at,
        url=comment.html_url,
        is_pull_request=event.issue.pull_request is not None,
        is_bot=is_bot(user.login, user.type),
        is_edited=comment.updated_at not in (None, comment.created_at),
        comments=event.issue.comments,
        **_sent(event),
    )


def _pull_request(event: PullRequestEvent) -> PullRequestChange | Ignored:
    if event.action not in PULL_REQUEST_ACTIONS:
        return Ignored(
            reason="a pull request is looked at when it is opened, pushed to or merged; this changed no code"
        )
    pull = event.pull_request
    head_id = pull.head.repo.id if pull.head.repo else None
    base_id = pull.base.repo.id if pull.base.repo else None
    return PullRequestChange(
        action=event.action,
        number=pull.number,
        title=pull.title or "",
        author=(pull.user or User()).login,
        head_ref=pull.head.ref,
        head_sha=pull.head.sha,
        head_repository_id=head_id,
        base_ref=pull.base.ref,
        base_sha=pull.base.sha,
        is_fork=head_id is None or head_id != base_id,
        is_merged=bool(pull.merged),
        is_draft=bool(pull.draft),
        merge_sha=(pull.merge_commit_sha or "") if pull.merged else "",
        **_sent(event),
    )


def _sent(payload: Payload) -> dict[str, str]:
    repository = payload.repository or Repository()
    return {
        "repository": repository.full_name or "",
        "default_branch": repository.default_branch or "",
        "sender": (payload.sender or User()).login,
    }
