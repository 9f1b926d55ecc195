"""Why no task is ready, and what a person can do about it: the same words from every command."""

from __future__ import annotations

from devteam_action.domain.selection import Selection
from devteam_action.domain.standing import Standing

# What waits for a decision of a person, rather than for another task.
_WORDS = {
    "in-review": "waits for your review",
    "in-error": "is in ERROR",
    "stopped": "is stopped",
    "claimed": "is being worked on",
    "unresolved": "has a problem in the list",
}
_MOST = 3


def nothing_to_do(found: Selection, *, is_explained: bool = False) -> str:
    """The sentence for a selection without a task; `is_explained` says that the whole table stands below it."""
    waiting = [each for each in found.standing if each.state not in ("done", "optional")]
    if not waiting:
        return "nothing to do: every task is done"
    named = [each for each in waiting if each.state in _WORDS][:_MOST]
    left = len(waiting) - len(named)
    more = [f"{left} {'other' if named else 'task'}{'' if left == 1 else 's'} not ready"] if left else []
    why = "; ".join((*map(_actionable, named), *more))
    return f"nothing to do: {why}{'' if is_explained or not left else ' (`devteam next --explain`)'}"


def _actionable(each: Standing) -> str:
    return f"{each.task.id} {_WORDS[each.state]}" + (f": {each.unblock}" if each.unblock else "")
