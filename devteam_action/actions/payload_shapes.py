"""What of GitHub's payloads is decoded: the keys that we need, and no others.

Null stands where GitHub writes null; a required key is one without which the event says nothing.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
from msgspec import Struct

from devteam_action.errors import BadInput

Decoded = TypeVar("Decoded", bound=Struct)


class User(Struct):
    login: str = ""
    type: str = ""


class Repository(Struct):
    id: int | None = None
    full_name: str | None = None
    default_branch: str | None = None


class Payload(Struct, kw_only=True):
    repository: Repository | None = None
    sender: User | None = None


class DispatchEvent(Payload, kw_only=True):
    ref: str | None = None


class ScheduleEvent(Payload, kw_only=True):
    schedule: str | None = None


class Link(Struct):
    """That the object is there is all it says."""


class Issue(Struct):
    number: int
    pull_request: Link | None = None
    comments: int = 0


class Comment(Struct):
    id: int
    created_at: str
    body: str | None = None
    user: User | None = None
    updated_at: str | None = None
    html_url: str = ""


class IssueCommentEvent(Payload, kw_only=True):
    action: str
    issue: Issue
    comment: Comment


class End(Struct):
    ref: str
    sha: str
    repo: Repository | None = None


class PullRequest(Struct):
    number: int
    head: End
    base: End
    title: str | None = None
    user: User | None = None
    merged: bool | None = None
    draft: bool | None = None
    merge_commit_sha: str | None = None


class PullRequestEvent(Payload, kw_only=True):
    action: str
    pull_request: PullRequest


def decode(name: str, data: bytes, shape: type[Decoded]) -> Decoded:
    """`data` in that shape; raises BadInput naming the key that is missing or of a wrong type."""
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise wrong(name, _in_words(error)) from None


def wrong(name: str, why: str) -> BadInput:
    """The error for an event called `name` of which the payload cannot be used."""
    return BadInput(f"the event file of `{name}` cannot be used: {why}", remedy=_REMEDY)


_REMEDY = (
    "the job reads what GitHub wrote to the file GITHUB_EVENT_PATH: run it by an event of GitHub, or mend that file"
)


def _in_words(error: Exception) -> str:
    """`comment.id: expected `int`, got `str``, for what the decoder says of `$.comment.id`."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    what, _, where = str(error).partition(" - at `$")
    key = where.rstrip("`").lstrip(".")
    missing = re.fullmatch(r"Object missing required field `(\w+)`", what)
    if missing:
        return f"`{'.'.join(filter(None, (key, missing[1])))}` is missing"
    return f"`{key}`: {what[:1].lower()}{what[1:]}" if key else what[:1].lower() + what[1:]
