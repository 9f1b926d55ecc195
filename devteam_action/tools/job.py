"""What the tools have in common: limits, and how an early end is said."""

from __future__ import annotations

from devteam_action.domain.config import ToolConfig
from devteam_action.pipeline.ports import ToolOutcome
from devteam_action.support.process import Completed

KEEP_BYTES = 2**18  # of each stream; the lines have all been handed on, this is only for the last words


def seconds(config: ToolConfig) -> float:
    """The wall-clock limit of one call."""
    return config.timeout_minutes * 60


def stopped_early(completed: Completed) -> ToolOutcome | None:
    """The outcome of a child that we ended, else None."""
    if completed.ended == "timed-out":
        return ToolOutcome(
            status="timed-out",
            reason="timed-out",
            message=f"no end after {completed.duration_s:.0f} s (the limit is timeout-minutes of the tool)",
        )
    if completed.ended == "stopped":
        return ToolOutcome(status="stopped", reason="stopped", message="stopped on request")
    return None


def last_words(completed: Completed, limit: int = 400) -> str:
    """`: ` and the end of what the child said, stderr before stdout; empty when it said nothing."""
    for stream in (completed.stderr, completed.stdout):
        text = stream.decode("utf-8", "replace").strip()
        if text:
            return f": {text[-limit:]}"
    return ""
