"""How the phases of a spec-kit list follow each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devteam_action.domain.tasklist.checklist.items import Heading, take_parallel
from devteam_action.domain.tasklist.references import Reference, extract, of_line, parse
from devteam_action.domain.tasklist.scanner import Line

_TAIL = re.compile(r"(?:[-–—:|,;]\s*|\s)[*_]*depends\s+on[*_]*\s*:?[*_]*\s*(.+)$", re.IGNORECASE)
_STORY = re.compile(r"\bUser\s+Stor(?:y|ies)\s*#?(\d+)|\bUS-?(\d+)\b", re.IGNORECASE)


def story_of(heading: Heading) -> str:
    """The number of the user story that a phase is about, or empty."""
    found = _STORY.search(heading.line.rest)
    return found[1] or found[2] if found else ""


def is_parallel(heading: Heading) -> bool:
    """Whether `[P]` or `[PARALLEL]` stands in the heading."""
    return take_parallel(heading.line.rest)[0]


def waits_of(heading: Heading, lines: Sequence[Line], ids: re.Pattern[str]) -> tuple[Reference, ...] | None:
    """What the heading, or a line between it and its first item, says that the phase depends on; None for nothing."""
    text, said = extract(heading.line.rest)
    found = [(each, heading.line.number) for each in said]
    if tail := _TAIL.search(text):
        found.append((tail[1], heading.line.number))
    for line in lines[heading.line.number :]:
        if line.kind in ("heading", "item"):
            break
        if line.kind == "text" and (alone := of_line(line.rest)) is not None:
            found.append((alone, line.number))
    if not found:
        return None
    return tuple(reference for each, number in found for reference in parse(each, number, ids))


def plain_title(title: str) -> str:
    """A phase's title without what it says about the order."""
    return _TAIL.sub("", extract(take_parallel(title)[1])[0]).rstrip(" -–—:|,;")
