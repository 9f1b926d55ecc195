"""What the gate makes of an event, before it asks anybody: a table of cases. Standard library only."""

from __future__ import annotations

import json
import re
from typing import NamedTuple, cast

from devteam_action.actions.grammar import Command, Hint, Job, is_for, read_command

TASK_BRANCHES = "task/"
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
    """The workflow itself says what to do when somebody comments: whether its author may command decides."""

    author: str
    reason: str


def decide(event: str, data: bytes, *, command: str, job: Job) -> Stay | Go | Ask | AskAbout:
    """What to do with the event called `event`; `data` is its payload, `command` the input, `job` that of two jobs.

    A comment starts nothing for somebody who may not write, whatever the input says: anybody can write one.
    Raises ValueError with a sentence for a payload that lacks what decides.
    """
    if command not in ("", "auto"):
        reason = f"the input `command` decides: `{command[:20]}`"
        return _explicit(_payload(data), reason) if event == "issue_comment" else Go(reason)
    match event:
        case "issue_comment":
            return _comment(_payload(data), job)
        case "workflow_dispatch" | "schedule":
            return _work(f"`{event}` starts a run", job)
        case "pull_request":
            return _pull_request(_payload(data), job)
        case _:
            return Stay("there is nothing to do for this event")


def _explicit(payload: object, reason: str) -> Stay | AskAbout:
    comment = _object(payload, "comment")
    author = _unmeant(payload, comment) or _author(comment)
    return author if isinstance(author, Stay) else AskAbout(author, reason)


def _comment(payload: object, job: Job) -> Stay | Ask:
    comment = _object(payload, "comment")
    unmeant = _unmeant(payload, comment)
    if unmeant is not None:
        return unmeant
    read = read_command(_text(comment, "body"))
    if read is None:
        return Stay("the comment is no command")
    author = _author(comment)
    if isinstance(author, Stay):
        return author
    # Of two jobs one answers: hints are given by `control`.
    if job == "work" and isinstance(read, Hint):
        return Stay("the command was not understood; the job `control` says so")
    if isinstance(read, Command) and not is_for(read, job):
        return Stay(f"`/devteam {read.name}` is for the job `{'control' if job == 'work' else 'work'}`")
    created_at = _text(comment, "created_at")
    return Ask(_number(comment, "id"), _number(payload, "issue", "number"), author, created_at, read)


def _unmeant(payload: object, comment: object) -> Stay | None:
    """Why nobody says anything with this comment now."""
    if _at(payload, "action") != "created" or _text(comment, "updated_at") not in ("", _text(comment, "created_at")):
        return Stay("only a new comment commands, not an edited or a deleted one")
    if _at(comment, "user", "type") == "Bot" or _text(comment, "user", "login").endswith("[bot]"):
        return Stay("bots do not command")
    return None


def _author(comment: object) -> str | Stay:
    author = _text(comment, "user", "login")
    if not author:
        return Stay("the account that commented is gone")
    if not _LOGIN.fullmatch(author):
        raise ValueError("the event file has no login at `comment.user.login`")
    return author


def _pull_request(payload: object, job: Job) -> Stay | Go:
    action = _at(payload, "action")
    branch = _text(_object(payload, "pull_request"), "head", "ref")
    if action not in ("opened", "reopened", "synchronize", "closed"):
        return Stay("a pull request is looked at when it is opened, pushed to or closed")
    if not branch.startswith(TASK_BRANCHES):
        return Stay("no task: the pull request is of no task branch")
    return _work("a task's pull request", job)


def _work(reason: str, job: Job) -> Stay | Go:
    return Stay(f"{reason}, which is for the job `work`") if job == "control" else Go(reason)


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
