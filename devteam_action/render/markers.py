"""The hidden lines by which comments of ours are found again; honoured only in comments of our own login."""

from __future__ import annotations

import re


def task_marker(task_id: str) -> str:
    """The first line of a task's one sticky comment (CONTRACT: on GitHub)."""
    return f"<!-- devteam:task={_word(task_id)} -->"


def answer_marker() -> str:
    """The first line of the one comment on an issue or pull request that answers commands; the latest stands in it."""
    return "<!-- devteam:answer -->"


def _word(text: str) -> str:
    """Nothing that could end an HTML comment, and never two ids alike that the dialects tell apart."""
    return re.sub(r"[^A-Za-z0-9._-]|(?<=-)-", lambda found: f"%{ord(found[0]):X}", text)[:200]
