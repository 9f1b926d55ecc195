"""What an answer that is no success means: try again, and when; or an error that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal, cast

from msgspec import Struct

from devteam_action.errors import Missing, NotAllowed

_LIMITED = ("api rate limit exceeded", "secondary rate limit", "abuse detection", "retry your request again later",
            "wait a few minutes before you try again")  # fmt: skip


class NotFound(Missing):
    """404 or 410: not there, or not for this token to see."""

    retryable = False


class Unprocessable(Missing):
    """409 or 422: GitHub understood the request, and its rules or its state forbid it. `reasons` are its own words."""

    retryable = False

    def __init__(self, message: str, *, reasons: tuple[str, ...], remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reasons = reasons

    def says(self, words: str) -> bool:
        """Whether one of GitHub's sentences has these words, in any case."""
        return any(words in reason.lower() for reason in self.reasons)

    @property
    def is_too_long(self) -> bool:
        """Whether a shorter text might pass: comments and check runs are refused in different words."""
        return any(self.says(words) for words in ("too long", "too large", "characters are allowed"))


class Forbidden(NotAllowed):
    """403: `reason` is GitHub's sentence; `is_right` says that the token lacks a right."""

    def __init__(self, message: str, *, reason: str, is_right: bool = False, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason
        self.is_right = is_right


class Reply(Struct, frozen=True, kw_only=True):
    """An answer of GitHub's with status 400 or above; the names of `headers` are in lower case."""

    status: int
    message: str = ""
    reasons: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}


Verdict = Literal["limited", "lost", "final"]


def verdict_on(reply: Reply) -> Verdict:
    """`limited`: not carried out, ask again later; `lost`: nobody knows whether it was; `final`: asked enough."""
    if reply.status >= 500 or reply.status == 408:
        return "lost"
    if reply.status == 429 or (reply.status == 403 and _is_limit(reply)):
        return "limited"
    return "final"


def _is_limit(reply: Reply) -> bool:
    said = reply.message.lower()
    return "retry-after" in reply.headers or any(words in said for words in _LIMITED)


def wait_for(reply: Reply, now: str) -> float | None:
    """Seconds until a limited request may be repeated, None where GitHub names no time, as with its secondary limits.

    `now` is our time where it told none.
    """
    asked = _number(reply.headers.get("retry-after"))
    if asked is not None:
        return max(asked, 1.0)
    until = _number(reply.headers.get("x-ratelimit-reset"))
    if reply.headers.get("x-ratelimit-remaining") == "0" and until is not None:
        return max(until - _server_time(reply, now), 0.0) + 1.0
    return None


def is_hourly(reply: Reply) -> bool:
    """Whether the requests of this hour are used up; else too many came in a short time (a secondary limit)."""
    return reply.headers.get("x-ratelimit-remaining") == "0" and "secondary" not in reply.message.lower()


def _server_time(reply: Reply, now: str) -> float:
    """Seconds since 1970 as the server counts them: our own clock may be wrong."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return datetime.fromisoformat(now).timestamp()


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def reply_of(status: int, data: object, headers: Mapping[str, object] | None) -> Reply:
    """The typed part of an answer; whatever shape it has, there is a sentence in it for people."""
    entries = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    message = str(entries.get("message") or entries.get("data") or "")[:500]
    errors = entries.get("errors")
    details = cast("list[object]", errors) if isinstance(errors, list) else []
    told = [each for each in (_detail(detail) for detail in details) if each]
    return Reply(
        status=status,
        message=message,
        reasons=(message, *told) if message else tuple(told),
        headers={name.lower(): str(value) for name, value in (headers or {}).items()},
    )


def _detail(detail: object) -> str:
    """One entry of `errors`: a sentence, or resource, field and code."""
    if not isinstance(detail, dict):
        return str(detail)[:500]
    entry = cast("dict[str, object]", detail)
    if entry.get("message"):
        return str(entry["message"])[:500]
    return " ".join(str(entry[key]) for key in ("resource", "field", "code") if entry.get(key))[:500]


def sentence(reply: Reply) -> str:
    """GitHub's own words, without the headline where details say more."""
    details = reply.reasons[1:] if len(reply.reasons) > 1 else reply.reasons
    return "; ".join(details) or reply.message or f"status {reply.status}"
