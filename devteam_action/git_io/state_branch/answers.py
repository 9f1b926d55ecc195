"""What git's answer to a state write means: pure, from its exit code and output."""

from __future__ import annotations

import re
from typing import Literal

from devteam_action.errors import DevteamError, Missing, NotAllowed
from devteam_action.support.process import Completed

Answer = Literal["applied", "lost", "refused", "no-space", "unknown"]

# Texts of git 2.20 to 2.50 (send-pack, receive-pack, refs/files-backend) for "the ref is not where you think".
_LOST = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "failed to update ref",
    "cannot lock ref",
    "incorrect old value provided",
    "reference already exists",
    "Unable to create",
    "does not contain",
    "failed to lock",
)
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "File too large", "unpack failed", "unpacker error")
_IN_THE_WAY = re.compile(r"'refs/heads/([^'\n]+)' exists; cannot create")
# Git asks for a name where a server has answered 401: without credentials, or with some that it does not accept.
_UNKNOWN = ("Authentication failed", "could not read Username", "could not read Password", "error: 401")
_REFUSED = (
    *_UNKNOWN,
    "[remote rejected]",
    "Permission denied",
    "permission to",
    "error: 403",
    "protected branch",
    "not allowed",
)


def push_answer(completed: Completed) -> Answer:
    """Of `git push --porcelain` with a lease; "unknown" where the remote may or may not have taken it."""
    if completed.ok:
        return "applied"
    text = _text(completed)
    if _any(_NO_SPACE, text):
        return "no-space"
    if _any(_LOST, text):
        return "lost"
    return "refused" if _any(_REFUSED, text) else "unknown"


def import_answer(completed: Completed) -> Answer:
    """Of `git fast-import` that moves the branch itself: it only does so when the new commit contains the old one."""
    if completed.ok:
        return "applied"
    return "lost" if _any(("does not contain", "cannot lock ref"), _text(completed)) else "no-space"


def in_the_way(completed: Completed) -> str:
    """Of a failed write: the branch that keeps ours from being made (git has no branch below another), or nothing."""
    found = _IN_THE_WAY.search(_text(completed))
    return found[1] if found else ""


def is_absent(completed: Completed) -> bool:
    """Of a failed `git fetch`: the remote answered, and has no such branch."""
    return "couldn't find remote ref" in _text(completed)


def is_refused(completed: Completed) -> bool:
    """Of a failed `git fetch`: the remote answered, and does not let us in."""
    return _any(_REFUSED, _text(completed))


def is_race(completed: Completed) -> bool:
    """Of a failed `git fetch`: another process of this machine was writing to the same repository."""
    return _any(("cannot lock ref", "Unable to create", "shallow file has changed"), _text(completed))


def reason(completed: Completed) -> str:
    """The lines of git's answer that say why, for people."""
    if completed.ended == "timed-out":
        return f"no answer within {completed.duration_s:.0f} s"
    lines = [line.strip() for line in _text(completed).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!", "ssh:"))] or lines
    return "; ".join(telling)[:1000] or f"git ended with code {completed.code} and said nothing"


def refusal(remote: str, branch: str, completed: Completed) -> DevteamError:
    """The error for a remote that does not let us in: Missing where it does not know us, else NotAllowed."""
    if _any(_UNKNOWN, _text(completed)):
        return Missing(
            f"the remote `{remote}` does not know who we are: {reason(completed)}",
            remedy="give a token or key that is still valid (in a workflow: the input `github-token`)",
        )
    return NotAllowed(
        f"the remote `{remote}` refuses access to the branch `{branch}`: {reason(completed)}",
        remedy="give the token or key write access (in a workflow: `contents: write`), and let it push "
        f"`{branch}` (a rule or hook on the remote may protect it)",
    )


def _text(completed: Completed) -> str:
    return (completed.stdout + b"\n" + completed.stderr).decode(errors="replace")


def _any(needles: tuple[str, ...], text: str) -> bool:
    return any(needle in text for needle in needles)
