"""What SCAR answers to the commands that it handles itself, read strictly: a prefix that fits is no name that fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

_SWITCHED = re.compile(r"Switched to: ([^\n]*)")
_LOADED = re.compile(r"^✓ Loaded (\d+) commands?\s*$", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*(\d{1,4})[.)]\s+(\S+)", re.MULTILINE)
_CLONED = ("Repository cloned successfully!", "Repository already cloned.")
_MISSING = ("Repository not found: ", "No repositories found.")
_LONGEST = 400

Answer = Literal["switched", "other-repository", "missing", "no-commands", "refused"]


class Switch(Struct, frozen=True, kw_only=True):
    """The answer to `/repo`: `switched` only to the very name that was asked for, with commands loaded.

    `said` is what the server said, cut for people.
    """

    answer: Answer
    said: str


def switch(replies: Sequence[str], name: str) -> Switch:
    """Reads the answer to `/repo NAME`, the last message that has one."""
    for text in reversed(replies):
        found = _SWITCHED.match(text)
        if found is None and not text.startswith(_MISSING):
            continue
        if found is None:
            return Switch(answer="missing", said=shown(text))
        if found[1].strip() != name:
            return Switch(answer="other-repository", said=shown(text))
        loaded = _LOADED.search(text)
        has_commands = loaded is not None and int(loaded[1]) > 0
        return Switch(answer="switched" if has_commands else "no-commands", said=shown(text))
    return Switch(answer="refused", said=shown(replies[-1]) if replies else "nothing")


def is_cloned(replies: Sequence[str]) -> bool:
    """Whether `/clone` has brought the repository, or found it there."""
    return any(text.startswith(_CLONED) for text in replies)


def number_of(replies: Sequence[str], name: str) -> int | None:
    """The number of exactly that repository in the answer to `/repos`; None when it is not in it."""
    numbers = [int(found[1]) for text in replies for found in _NUMBERED.finditer(text) if found[2] == name]
    return numbers[0] if len(numbers) == 1 else None


def shown(text: str) -> str:
    """A reply for people, on one line and cut."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
