"""Finds the boxes of a checklist, each with its number, its star and the lines that are its own.

What is read here is what stands in the file; who is whose child and what may be skipped over is for
`tree.py` to decide. `speckit.py` finds its tasks among the same items by ids of another shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import Struct, field

from devteam_action.domain.tasklist.scanner import Line

_STAR = re.compile(r"\*(?:[ \t]+|(?=\d))")
_WRAP = re.compile(r"[*_`~]+")
_NUMBER = re.compile(
    r"(?:(?:task|step)[ \t]+)?(\d{1,9}(?:\.\d{1,9}){0,11}[a-z]?)([.):：]*)(\*?)([.):：]*)(?=$|\s|[*_`~])", re.IGNORECASE
)
_HEADING_NUMBER = re.compile(
    r"[*_]*(?:(?:phase|stage|step|part|section|sprint|milestone|epic|group|task)[ \t]+)?"
    r"(\d{1,9}(?:\.\d{1,9}){0,11})(?=[.):：]|\s|[*_]|$)",
    re.IGNORECASE,
)
_PARALLEL = re.compile(r"(?<!\S)(?:\(P\)|\[P\]|\[(?i:parallel)\b[^\]]*\])(?=\s|$|[*_:：])")


class Heading(Struct, gc=False):
    """A heading: `number` is the one its title begins with ("2" of `2. Services`, `Phase 2: Services`), or empty."""

    line: Line
    parent: int
    number: str
    end: int = 0  # the index of the line behind its section, sub-headings included


class Item(Struct, gc=False):
    """One bullet with a box. `own` are the indices of its further lines, without those of boxes below it.

    `number` is what is written before the title, `strong` whether it can be nothing but a number. `heading` and
    `inside` are indices of the heading it stands under and of the box it is indented below, or -1.
    """

    line: Line
    number: str
    strong: bool
    optional: bool
    text: str
    heading: int
    inside: int
    own: list[int] = field(default_factory=list[int])


class Items(Struct):
    """The boxes and headings of one file, in its order; `retired`: numbers of boxes in HTML comments, with lines."""

    headings: list[Heading]
    items: list[Item]
    retired: dict[str, int]


class Start(Struct, frozen=True, gc=False):
    """How a box's text begins; see `Item` for the fields."""

    number: str
    strong: bool
    optional: bool
    text: str


def find_items(lines: tuple[Line, ...], start: Callable[[str], Start] | None = None) -> Items:
    """Reads every box; a block ends at the next bullet of the same or a higher level, or at a heading.

    With `start` (another way to read an id) boxes without one are mere details of the item around them.
    """
    found = Items([], [], {})
    heading = -1
    open_items: list[int] = []  # the boxes that the next line may belong to, outermost first
    after_blank = False
    for index, line in enumerate(lines):
        if line.retired:
            if line.kind == "item" and line.mark is not None and (number := (start or _start)(line.rest).number):
                found.retired.setdefault(number, line.number)
            continue
        if line.kind == "heading":
            heading = _add_heading(found.headings, line, index, heading)
            open_items.clear()
        elif line.kind == "item":
            while open_items and found.items[open_items[-1]].line.indent >= line.indent:
                open_items.pop()
            read = (start or _start)(line.rest) if line.mark is not None else None
            if read is not None and (read.number or start is None):
                open_items.append(_add_item(found.items, read, line, heading, open_items))
            elif open_items:
                found.items[open_items[-1]].own.append(index)
        elif open_items and line.kind in ("text", "fence"):
            while after_blank and len(open_items) > 1 and found.items[open_items[-1]].line.indent >= line.indent:
                open_items.pop()
            found.items[open_items[-1]].own.append(index)
        after_blank = line.kind == "blank"
    _end_sections(found.headings, len(lines))
    return found


def live_free(retired: Iterable[str], live: Iterable[str]) -> tuple[str, ...]:
    """The retired ids that no live box has."""
    known = set(live)
    return tuple(number for number in retired if number not in known)


def take_parallel(text: str) -> tuple[bool, str]:
    """Whether `text` is marked `(P)`, `[P]` or `[PARALLEL]`, and the text without the mark."""
    shown, marks = _PARALLEL.subn("", text)
    return bool(marks), " ".join(shown.split()) if marks else text


def _add_heading(headings: list[Heading], line: Line, index: int, above: int) -> int:
    while above >= 0 and headings[above].line.level >= line.level:
        above = headings[above].parent
    number = _HEADING_NUMBER.match(line.rest)
    headings.append(Heading(line, above, number[1] if number else ""))
    return len(headings) - 1


def _end_sections(headings: list[Heading], end: int) -> None:
    still_open: list[Heading] = []
    for heading in headings:
        while still_open and still_open[-1].line.level >= heading.line.level:
            still_open.pop().end = heading.line.number - 1
        still_open.append(heading)
    for heading in still_open:
        heading.end = end


def _add_item(items: list[Item], read: Start, line: Line, heading: int, open_items: list[int]) -> int:
    number, strong = read.number, read.strong
    # `1. [ ] Title`: the bullet is the number; below another box people count from 1 again.
    if not number and line.bullet[0].isdecimal() and not open_items:
        number, strong = line.bullet.rstrip(".)"), True
    inside = open_items[-1] if open_items else -1
    items.append(Item(line, number, strong, read.optional, read.text, heading, inside))
    return len(items) - 1


def _start(rest: str) -> Start:
    star = _STAR.match(rest)
    body = rest[star.end() :] if star else rest
    wrap = _WRAP.match(body)
    at = wrap.end() if wrap else 0
    found = _NUMBER.match(body, at)
    if not found:
        return Start("", False, star is not None, body)
    number, punctuation = found[1].lower(), found[2] + found[4]
    marker = wrap[0] if wrap else ""
    # In `*1.1* Title` and `**1.1** Title` the stars are the number's decoration.
    marker_of_optional = found[3] == "*" and "*" not in marker
    behind = body[found.end(1) :].lstrip(".):：") if marker and not marker_of_optional else body[found.end() :]
    if marker and behind.startswith(marker):
        behind, marker = behind[len(marker) :], ""
    text = marker + behind.lstrip(" \t.:：)–—-") if marker else behind.lstrip(" \t.:：)").removeprefix("- ")
    strong = bool(punctuation or found[0][:1].isalpha()) or ("." in number and not number[-1].isalpha())
    return Start(number, strong, star is not None or marker_of_optional, text)
