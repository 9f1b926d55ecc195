"""Why a call of aider failed; its exit code is 0 for nearly everything, so the reason is in its lines.

The markers are those of aider 0.86.2. Whether work was done is for our own diff to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from devteam_action.pipeline.ports import ToolOutcome
from devteam_action.tools.aider.transcript import Transcript
from devteam_action.tools.aider.usage import usage

_PROVIDER = re.compile(r"^litellm\.(\w+): ?(.*)")
_APPLIED = "Applied edit to "
_NONE_CONFORMED = "The LLM did not conform to the edit format."
_SOME_APPLIED = re.compile(r"^# The other \d+ SEARCH/REPLACE blocks? (?:was|were) applied successfully")
_GAVE_UP = "Only 3 reflections allowed, stopping."
_TOKEN_LIMIT = "has hit a token limit!"  # noqa: S105
_EMPTY = "Empty response received from LLM"
_GIT_FAILED = "Cmd('git') failed"

# class of the client library -> our reason, and whether the same call may succeed later
_PROVIDER_REASONS = {
    "AuthenticationError": ("authentication", False),
    "PermissionDeniedError": ("authentication", False),
    "NotFoundError": ("model-not-found", False),
    "BadRequestError": ("bad-request", False),
    "UnsupportedParamsError": ("bad-request", False),
    "ContentPolicyViolationError": ("refused", False),
    "BudgetExceededError": ("quota", False),
    "ContextWindowExceededError": ("token-limit", True),
    "RateLimitError": ("rate-limit", True),
    "Timeout": ("provider-timeout", True),
    "APIConnectionError": ("unreachable", True),
}
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
_UNREACHABLE = re.compile(r"Connection error|Cannot connect|Connection refused|Name or service not known")


class Failure(Struct, frozen=True, kw_only=True):
    """The reason word, a message for people, and whether another try may help."""

    reason: str
    message: str
    retryable: bool = True


def outcome(transcript: Transcript, code: int, last_words: str = "") -> ToolOutcome:
    """The outcome of a call that ended by itself with exit code `code`."""
    failure = exit_failure(code, last_words) or said_failure(transcript.said)
    spent = usage(transcript.said)
    if failure is None:
        return ToolOutcome(status="finished", message=transcript.reply[-1500:], usage=spent)
    return ToolOutcome(
        status="failed", reason=failure.reason, message=failure.message, usage=spent, retryable=failure.retryable
    )


def exit_failure(code: int, last_words: str) -> Failure | None:
    """Anything but 0: 2 is bad usage, negative a signal; the tree is to be thrown away."""
    if code == 0:
        return None
    if code == 2:
        return Failure(reason="bad-usage", message=f"aider refused its arguments{last_words}", retryable=False)
    if code < 0:
        return Failure(reason="crashed", message=f"aider was ended by signal {-code}{last_words}")
    return Failure(reason="crashed", message=f"aider exited with {code}{last_words}")


def said_failure(said: Sequence[str]) -> Failure | None:
    """The last thing that went wrong and was not mended by a later reply; None when nothing did."""
    provider: Failure | None = None  # mended by any reply
    edit: Failure | None = None  # mended by edits that were applied
    any_applied = False
    for line in said:
        if line.startswith(_APPLIED):
            any_applied, provider, edit = True, None, None
        elif line.startswith("Tokens: "):
            provider = None
        elif found := _PROVIDER.match(line):
            provider = provider_failure(found.group(1), found.group(2))
        elif _SOME_APPLIED.match(line):
            any_applied, edit = True, _edit_failure(partial=True)
        elif line.startswith((_GAVE_UP, _NONE_CONFORMED)):
            edit = _edit_failure(partial=any_applied)
        else:
            edit = _reply_failure(line) or edit
    return provider or edit


def _reply_failure(line: str) -> Failure | None:
    if _TOKEN_LIMIT in line:
        return Failure(reason="token-limit", message=line[:500])
    if line.startswith(_EMPTY):
        return Failure(reason="empty-reply", message="the model sent an empty reply")
    if line.startswith(_GIT_FAILED):
        return Failure(
            reason="outside-edit", message="the model edited a path outside the tree; all edits were dropped"
        )
    return None


def provider_failure(name: str, text: str) -> Failure:
    """An error of the provider, by the client library's class name and its text."""
    reason, retryable = _PROVIDER_REASONS.get(name, ("provider-error", True))
    if reason == "rate-limit" and _QUOTA.search(text):
        reason, retryable = "quota", False
    if reason == "provider-error" and _UNREACHABLE.search(text):
        reason = "unreachable"
    return Failure(reason=reason, message=f"{name}: {text}"[:500], retryable=retryable)


def _edit_failure(*, partial: bool) -> Failure:
    if partial:
        return Failure(
            reason="partial-edit", message="some of the model's edits were applied and others did not match the files"
        )
    return Failure(reason="malformed-edit", message="the model's edits did not match the files or the edit format")
