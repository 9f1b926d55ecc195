"""What groups of lines have in common: how they are asked, and that none is endless."""

from __future__ import annotations

from typing import Protocol

from devteam_action.domain.activity_rules import Details
from devteam_action.domain.events import ActivityType

_MOST_LINES = 1000
_MOST_CHARACTERS = 256 * 1024


class Group(Protocol):
    """Lines so far; `take` says whether the next one belongs to them, and keeps it then."""

    lines: list[str]

    def take(self, line: str) -> bool: ...

    def result(self) -> tuple[ActivityType, str, Details]: ...


class Bounded:
    """Nobody's group is endless: a hostile one ends here, and its other lines stand for themselves."""

    def __init__(self, first: str) -> None:
        self.lines = [first]
        self._size = len(first)

    def keep(self, line: str) -> bool:
        """Takes the line in; False where the group is full."""
        self._size += len(line)
        if len(self.lines) >= _MOST_LINES or self._size > _MOST_CHARACTERS:
            return False
        self.lines.append(line)
        return True
