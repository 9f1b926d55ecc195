"""Tells which dialect a file is written in, and what a file without tasks has instead."""

from __future__ import annotations

import re

from devteam_action.domain.tasklist.model import Dialect
from devteam_action.domain.tasklist.scanner import DONE_MARKS, OPEN_MARKS, Line, Scan
from devteam_action.domain.tasklist.wbs.lines import read_numbered

_SPECKIT_ID = re.compile(r"[*_`~]*[A-Z]{1,4}\d{2,5}[a-z]?\b")
_ENOUGH = 1000  # items that decide; a long list is not looked through twice
_MARKS = frozenset(OPEN_MARKS + DONE_MARKS)


def detect_scan(scan: Scan) -> Dialect:
    """The dialect of most outermost items: boxes below a numbered line are its details, and the other way round."""
    boxes = numbers = headings = labelled = 0
    holder: tuple[str, int] = ("", 0)
    for line in scan.lines:
        if line.retired or line.kind not in ("item", "text", "heading"):
            continue
        what = _shape(line)
        if line.kind == "heading":
            headings += what == "number"
            holder = ("", 0)
        elif what and (holder[0] in ("", what) or line.indent <= holder[1]):
            holder = (what, line.indent)
            boxes += what == "box"
            numbers += what == "number"
            labelled += what == "box" and _SPECKIT_ID.match(line.rest) is not None
            if boxes + numbers == _ENOUGH:
                break
    if boxes and boxes >= numbers:
        return "speckit" if 2 * labelled >= boxes else "checklist"
    return "wbs" if numbers or headings else "checklist"


def describe(scan: Scan) -> str:
    """What a file has in place of tasks, for the error message."""
    kinds = {line.kind for line in scan.lines if not line.retired}
    has = [
        (any(line.kind == "text" and line.rest.startswith("|") for line in scan.lines), "a table"),
        (any(line.bullet[:1].isdecimal() for line in scan.lines), "an ordered list"),
        (any(line.bullet and not line.bullet[0].isdecimal() for line in scan.lines), "a bulleted list without boxes"),
        ("heading" in kinds, "headings"),
        ("fence" in kinds, "fenced code"),
        (any(line.retired for line in scan.lines), "an HTML comment"),
        ("text" in kinds, "prose"),
    ]
    named = [name for there, name in has if there]
    if not named:
        return "it is empty"
    if named == ["prose"]:
        return "it has only prose"
    return "it has " + (named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1])


def _shape(line: Line) -> str:
    if line.mark is not None:
        return "box"
    numbered = read_numbered(line, _MARKS.__contains__)
    if numbered is None or (numbered.depth == 1 and not numbered.letter):
        return ""
    return "box" if numbered.mark is not None and line.kind == "item" and line.mark is not None else "number"
