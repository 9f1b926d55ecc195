"""What the gate makes of an event, before it asks anybody: a table of cases. Standard library only."""

from __future__ import annotations

import json
import re
from typing import NamedTuple, cast

from devteam_action.actions.grammar import Command, Hint, Job, is_for, read_command

TASK_BRANCHES = "task/"
# Whoever causes these may write already, or (a fork's pull request) gives the job a token that can only read.
_OF_INSIDERS = frozenset(
    {
        "workflow_dispatch", "repository_dispatch", "workflow_call", "schedule", "push", "create", "delete", "release",
        "merge_group", "deployment", "deployment_status", "pull_request",
    }
)  # fmt: skip
# Events of which somebody's words are the cause: what holds the words, and the action that says that they are new.
_WORDS = {
    "issue_comment": ("comment", "created"),
    "pull_request_review_comment": ("comment", "created"),
    "commit_comment": ("comment", "created"),
    "discussion_comment": ("comment", "created"),
    "pull_request_review": ("review", "submitted"),
}
_LOGIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Stay(NamedTuple):
    """Nothing is to be done, and why."""

    reason: str


class Go(NamedTuple):
    """The action goes on, and why."""

    reason: str


class Ask(NamedTuple):
    """A comment that is meant for us: whether its author may command decides."""

    comment: int
    number: int
    author: str
    created_at: str
    read: Command | Hint


class AskAbout(NamedTuple):
    """The workflow says what to do at an event that anybody can cause: whether who did so may command decides."""

    author: str
    reason: str


def decide(event: str, data: bytes, *, command: str, job: Job) -> Stay | Go | Ask | AskAbout:
    """What to do with the event called `event`; `data` is its payload, `command` the input, `job` that of two jobs.

    What anybody can cause (a comment, an issue, a review) starts nothing for somebody who may not write, whatever the
    input says. Raises ValueError with a sentence for a payload that lacks what decides.
    """
    if command not in ("", "auto"):
        reason = f"the input `command` decides: `{command[:20]}`"
        return Go(reason) if is_of_insiders(event) else _explicit(event, _payload(data), reason)
    match event:
        case "issue_comment":
            return _comment(_payload(data), job)
        case "workflow_dispatch" | "schedule":
            return _work(f"`{event}` starts a run", job)
        case "pull_request":
            return _pull_request(_payload(data), job)
        case _:
            return Stay("there is nothing to do for this event")


def is_of_insiders(event: str) -> bool:
    """Whether only those who may write cause events of that name; of one that we do not know anybody may."""
    return event in _OF_INSIDERS


def is_moment(text: str) -> bool:
    """Whether `text` is a time with its zone, as GitHub writes them."""
    # Imported here: most comments are no commands, and cost no more than they must.
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _explicit(event: str, payload: object, reason: str) -> Stay | AskAbout:
    """Who is asked about: the author of the words that are the cause, else who did what the event tells."""
    key, action = _WORDS.get(event, ("sender", ""))
    cause = _object(payload, key)
    if event == "issue_comment":
        unmeant = _unmeant(payload, cause)
        if unmeant is not None:
            return unmeant
    if action and _at(payload, "action") != action:
        return Stay("only new words command, not edited or deleted ones")
    author = _person(cause, f"{key}.user", "user") if action else _person(payload, "sender", "sender")
    return author if isinstance(author, Stay) else AskAbout(author, reason)


def _comment(payload: object, job: Job) -> Stay | Ask:
    comment = _object(payload, "comment")
    unmeant = _unmeant(payload, comment)
    if unmeant is not None:
        return unmeant
    read = read_command(_text(comment, "body"))
    if read is None:
        return Stay("the comment is no command")
    author = _person(comment, "comment.user", "user")
    if isinstance(author, Stay):
        return author
    # Of two jobs one answers: hints are given by `control`.
    if job in ("work", "accept") and isinstance(read, Hint):
        return Stay("the command was not understood; the job `control` says so")
    if isinstance(read, Command) and not is_for(read, job):
        return Stay(f"`/devteam {read.name}` is for the job `{'work' if job == 'control' else 'control'}`")
    created_at = _text(comment, "created_at")
    if not is_moment(created_at):
        raise ValueError("the event file has no time at `comment.created_at`")
    return Ask(_number(comment, "id"), _number(payload, "issue", "number"), author, created_at, read)


def _unmeant(payload: object, comment: object) -> Stay | None:
    """Why nobody says anything with this comment now."""
    if _at(payload, "action") != "created" or _text(comment, "updated_at") not in ("", _text(comment, "created_at")):
        return Stay("only a new comment commands, not an edited or a deleted one")
    return _bot(comment, "user")


def _bot(value: object, key: str) -> Stay | None:
    is_bot = _at(value, key, "type") == "Bot" or _text(value, key, "login").endswith("[bot]")
    return Stay("bots do not command") if is_bot else None


def _person(value: object, where: str, key: str) -> str | Stay:
    """The login of the account at `key`, which is `where` in the payload; no bot's."""
    login = _text(value, key, "login")
    if not login:
        return Stay("the account that did this is gone")
    if not _LOGIN.fullmatch(login.removesuffix("[bot]")):
        raise ValueError(f"the event file has no login at `{where}.login`")
    return _bot(value, key) or login


def _pull_request(payload: object, job: Job) -> Stay | Go:
    action = _at(payload, "action")
    branch = _text(_object(payload, "pull_request"), "head", "ref")
    if action not in ("opened", "reopened", "synchronize", "closed"):
        return Stay("a pull request is looked at when it is opened, pushed to or closed")
    if not branch.startswith(TASK_BRANCHES):
        return Stay("no task: the pull request is of no task branch")
    return _work("a task's pull request", job)


def _work(reason: str, job: Job) -> Stay | Go:
    return Stay(f"{reason}, which is for the job `work`") if job in ("control", "accept") else Go(reason)


def _payload(data: bytes) -> object:
    try:
        return cast("object", json.loads(data))
    except (ValueError, RecursionError):
        raise ValueError("the event file cannot be read: it is no JSON, or cut short") from None


def _at(value: object, *keys: str) -> object:
    """What stands at the end of the keys; None where one of them is missing."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(key)
    return value


def _object(value: object, key: str) -> object:
    found = _at(value, key)
    if not isinstance(found, dict):
        raise ValueError(f"the event file has no `{key}`")
    return cast("dict[str, object]", found)


def _text(value: object, *keys: str) -> str:
    found = _at(value, *keys)
    return found if isinstance(found, str) else ""


def _number(value: object, *keys: str) -> int:
    found = _at(value, *keys)
    if not isinstance(found, int) or found <= 0:
        raise ValueError(f"the event file has no number at `{'.'.join(keys)}`")
    return found
