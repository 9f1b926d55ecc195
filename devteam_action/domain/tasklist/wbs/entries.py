"""Finds the items of a treed list in its lines, decides what its phases are, and where each item's block ends."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.scanner import Line
from devteam_action.domain.tasklist.text import clean_title
from devteam_action.domain.tasklist.wbs.lines import Numbered, PhaseLine, finish_title, read_numbered, read_phase

_READABLE = ("text", "item", "heading", "comment")


class Entry(Struct, gc=False):
    """A line that is part of the tree: a phase, a numbered item, or (a title) a heading that is taken for a phase.

    Its block is the lines from `start` up to, not including, `end`.
    """

    what: PhaseLine | Numbered | str
    retired: bool
    start: int
    end: int

    def below(self, lines: Sequence[Line]) -> Sequence[Line]:
        return lines[self.start : self.end] if self.end > self.start else ()


def find_entries(lines: Sequence[Line], marks: frozenset[str]) -> tuple[list[Entry], list[int]]:
    """The entries of a file in order, and the numbers of boxes that belong to no item."""
    found: list[Entry] = []
    unread: list[int] = []
    for index, line in enumerate(lines):
        if line.kind not in _READABLE:
            continue
        entry = _entry(line, index, marks)
        if entry:
            found.append(entry)
        elif line.kind == "heading":
            found.append(Entry(clean_title(line.rest)[0], False, index + 1, index + 1))
        elif line.mark is not None and not line.retired:
            unread.append(line.number)
    kept = _with_phases(found)
    _end_blocks(found, {id(entry) for entry in kept}, lines)
    return kept, unread


def _with_phases(found: Sequence[Entry]) -> list[Entry]:
    """The entries that count: `Phase N` lines are the phases, else one-level numbers are, else headings are."""
    if any(isinstance(entry.what, PhaseLine) and not entry.retired for entry in found):
        kept = [entry for entry in found if _is_deep(entry)]
    else:
        kept = _with_number_phases(found)
    if any(isinstance(entry.what, PhaseLine) and not entry.retired for entry in kept):
        return [entry for entry in kept if not isinstance(entry.what, str)]
    return kept


def _end_blocks(found: Sequence[Entry], kept: set[int], lines: Sequence[Line]) -> None:
    """A block ends at the next item or heading; what is commented out ends none."""
    end = len(lines)
    for entry in reversed(found):
        entry.end = entry.start if entry.retired else end
        if not entry.retired and (id(entry) in kept or lines[entry.start - 1].kind == "heading"):
            end = entry.start - 1


def _entry(line: Line, index: int, marks: frozenset[str]) -> Entry | None:
    numbered = read_numbered(line, marks.__contains__)
    if numbered:
        # `1. Do this` inside a text is a step of it, not an item; at the margin it may turn out to be a phase.
        if numbered.depth == 1 and not numbered.letter and (line.indent > 0 and line.kind != "heading"):
            return None
        return Entry(numbered, line.retired, index + 1, index + 1)
    phase = read_phase(line)
    return Entry(phase, line.retired, index + 1, index + 1) if phase else None


def _is_deep(entry: Entry) -> bool:
    return not isinstance(entry.what, Numbered) or entry.what.depth > 1


def _with_number_phases(found: Sequence[Entry]) -> list[Entry]:
    """Takes one-level numbers (`1. Core`) for phases where the next item has a number below theirs."""
    kept: list[Entry] = []
    following = ""
    for entry in reversed(found):
        what = entry.what
        if isinstance(what, Numbered) and what.depth > 1:
            following = what.id if not entry.retired else following
        elif isinstance(what, Numbered):
            if not following.startswith(f"{what.id}.") or entry.retired:
                continue
            entry.what = PhaseLine(what.line, what.id, finish_title(what.title, what.opening)[0], "")
        kept.append(entry)
    return kept[::-1]
