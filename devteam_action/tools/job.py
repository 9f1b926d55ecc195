"""What the tools have in common: limits, and how an early end is said."""

from __future__ import annotations

from devteam_action.domain.config import ToolConfig
from devteam_action.pipeline.ports import ToolOutcome
from devteam_action.support.process import Completed

_TRACEBACK = "Traceback (most recent call last)"
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
    """`: ` and the last lines that the child said, stderr before stdout; empty when it said nothing.

    Of a traceback that is its error: the frames above it are of use to nobody but its author. Lines are whole, but for
    one that alone is longer than `limit`.
    """
    kept: list[str] = []
    for line in reversed(_telling(_said(completed))):
        if kept and sum(map(len, kept)) + len(kept) + len(line) > limit:
            break
        kept.insert(0, line[:limit])
    return ": " + "\n".join(kept) if kept else ""


def first_words(completed: Completed, limit: int = 400) -> str:
    """The same of the first line alone: of a program that begins with what is wrong."""
    said = _said(completed)
    return f": {said[0][:limit]}" if said else ""


def _said(completed: Completed) -> list[str]:
    """The lines with something in them of stderr, else of stdout."""
    for stream in (completed.stderr, completed.stdout):
        if lines := [line.rstrip() for line in stream.decode("utf-8", "replace").splitlines() if line.strip()]:
            return lines
    return []


def _telling(lines: list[str]) -> list[str]:
    """Without rows of carets, and of a traceback the error alone."""
    lines = [line for line in lines if line.strip(" ^~|")]
    start = max((number for number, line in enumerate(lines) if line.startswith(_TRACEBACK)), default=-1)
    frames_end = (number for number in range(start + 1, len(lines)) if not lines[number].startswith(" "))
    return lines[next(frames_end, 0) :] if start >= 0 else lines
