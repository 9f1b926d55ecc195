"""Dependencies as people write them: where the text stands, and which ids, ranges and phases it names."""

from __future__ import annotations

import re
from collections import deque
from typing import Literal

from msgspec import Struct

from devteam_action.domain.tasklist.text import LINK, find_paths, is_file_name

NUMBERS = re.compile(r"\d{1,40}(?:\.\d{1,40})+(?:\.[A-Za-z](?![\w]))?|\d{1,9}(?=\s*(?:[-–—]\s*\d{1,9}\s*)?$)")
"""Ids of a treed list: `1.2`, `1.2.3`, the check `1.2.A`; a number of one level only when nothing follows it."""

_WORDS = r"dependenc(?:y|ies)|depends\s+on|depends|deps|blocked\s+by"
_INLINE = re.compile(rf"[(\[]\s*[*_]*(?:(?:{_WORDS})\s*[*_]*:|depends\s+on\s|blocked\s+by\s)[*_]*", re.IGNORECASE)
_ALONE = re.compile(rf"[\s>*_•+-]*(?:{_WORDS})\s*[*_]*:[*_]*\s*(.*?)[\s*_]*$", re.IGNORECASE)
_ENDING = re.compile(rf"(?<![\w-])[*_]{{0,3}}(?:{_WORDS})\s*[*_]{{0,3}}:[*_]{{0,3}}", re.IGNORECASE)
_DONE = ("✅", "✅\ufe0f", "(done)", "(completed)", "[x]", "~~", "*", "_", "`")  # may stand behind a dependency
_SAYS_NONE = frozenset(("", "[]", "none", "n/a", "na", "-", "–", "—", "nothing", "nil", "no", "null"))
_LONGEST_ENDING, _MOST_ENDINGS = 4000, 8
_BARE = re.compile(r"[*_]*(?:depends[ \t]+on|blocked[ \t]+by)[*_]*[ \t]+(.+)", re.IGNORECASE)
_HINT = re.compile(r"depend|deps|blocked", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;\[\]、，]|\s(?:and|&|\+)\s")
_NONE = re.compile(r"(?:none|n/?a|nothing|nil|no|null|-+|–|—)?(?:[\s.(:–—-].*)?$", re.IGNORECASE | re.DOTALL)
_PHASE = re.compile(
    r"(?:all\s+(?:of\s+)?)?(?:phase|stage|milestone)s?\s+#?(\d{1,6})(?:\s*[-–—]\s*(\d{1,6}))?(?!\w)", re.IGNORECASE
)
_PREFIX = re.compile(r"(?:(?:tasks?|sections?|steps?|groups?|items?)\s+)?#?", re.IGNORECASE)
_TO = re.compile(r"\s*(?:[-–—]|\.\.\.?|…|\bto\b|\bthrough\b)\s*(?:tasks?\s+)?", re.IGNORECASE)
_NEXT = re.compile(r"\s*/\s*|\s+")
_MOST_PHASES = 1000
_PARTS_CUT = " ,;:|–—-"
_PARTS = frozenset(",;:|–—-.!?")


class Reference(Struct, frozen=True, gc=False):
    """One thing that a dependency text names; `first` is the id (or the phase's number), `last` ends a range."""

    kind: Literal["id", "range", "phase", "unresolved"]
    text: str
    first: str = ""
    last: str = ""
    line: int = 0


def extract(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` without its `(Dependencies: …)` parts, and what they say; brackets of links inside are balanced."""
    if not _HINT.search(text):
        return text, ()
    said: list[str] = []
    while found := _INLINE.search(text):
        end = _balanced(text, found.start())
        closed = end > found.end() and text[end - 1] in ")]"
        said.append(text[found.end() : end - 1 if closed else end])
        text = f"{text[: found.start()].rstrip()} {text[end:].lstrip()}".strip()
    return text, tuple(said)


def take_ending(text: str, ids: re.Pattern[str] = NUMBERS) -> tuple[str, tuple[str, ...], str]:
    """`text` without the `…, Dependencies: 1.1` that it ends in, what that says, and what is missed of it.

    People leave the brackets out. It is read when a mark of punctuation parts it from the title and it begins with an
    id (or says none): `Install the dependencies: redis` is a title. With an id and without the mark it is missed.
    """
    said: list[str] = []
    while len(said) < _MOST_ENDINGS and _HINT.search(text) and (found := _last(_ENDING, text)):
        before = text[: found.start()].rstrip()
        value, behind = _cut_marks(text[found.end() : found.end() + _LONGEST_ENDING])
        if len(text) - found.end() > _LONGEST_ENDING or not _begins_with_id(value, ids):
            break
        is_whole = before.count("(") <= before.count(")") and value.count(")") <= value.count("(")
        if not is_whole or before[-1:] not in _PARTS or re.search(r"\.\s+\S", value):
            return text, tuple(said), text[found.start() :].strip()
        said.insert(0, value)
        if found[0][0] in "*_":  # the emphasis is the dependency's own
            behind = behind.replace("*", "").replace("_", "")
        text = before.rstrip(_PARTS_CUT) + behind
    return text, tuple(said), ""


def of_line(text: str, ids: re.Pattern[str] | None = None) -> str | None:
    """What a line that is nothing but `Dependencies: …` (bold, bulleted or not) says; None for another line.

    With `ids`, `Depends on 1.1` without a colon is such a line too when it names nothing but tasks, or none.
    """
    if not _HINT.search(text):
        return None
    if found := _ALONE.match(text):
        return found[1]
    bare = _BARE.match(text) if ids else None
    return bare[1] if ids and bare and _names_tasks(bare[1], ids) else None


def parse(text: str, line: int, ids: re.Pattern[str] = NUMBERS) -> tuple[Reference, ...]:
    """The references of a dependency text, in order; files and `None` are none, the rest is `unresolved`."""
    plain = LINK.sub(lambda link: link[1] if ids.fullmatch(link[1].strip()) else ",", text)
    found: list[Reference] = []
    for segment in _SEPARATOR.split(plain):
        _read_segment(segment, line, ids, found)
    return tuple(found)


def says_none(text: str) -> bool:
    """Whether a dependency text says that there is none, in one of the usual words."""
    return text.strip(" \t*_.").lower() in _SAYS_NONE


def sort_key(task_id: str) -> tuple[tuple[int, str], ...]:
    """Orders ids by their numbers: `1.9` before `1.10`, `T9` before `T010` before `T010a`."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"\d{1,4000}|[^\d.]+", task_id)
    )


def _read_segment(segment: str, line: int, ids: re.Pattern[str], found: list[Reference]) -> None:
    said = segment.strip().strip("*_~\"'` ").strip().rstrip(".")
    if not said or _NONE.match(said):
        return
    if phase := _PHASE.match(said):
        first, last = int(phase[1]), int(phase[2] or phase[1])
        numbers = range(first, min(last, first + _MOST_PHASES) + 1)
        found.extend(Reference("phase", said, str(number), line=line) for number in numbers)
        return
    at = _id_at(said, 0, ids)
    if at is None:
        if not find_paths(segment) and not is_file_name(said):
            found.append(Reference("unresolved", said, line=line))
        return
    while at:
        first, end = at[0], at[1]
        to = _TO.match(said, end)
        last = _id_at(said, to.end(), ids) if to else None
        if last:
            found.append(Reference("range", said[: last[1]], first, last[0], line))
            end = last[1]
        else:
            found.append(Reference("id", first, first, line=line))
        gap = _NEXT.match(said, end)
        at = _id_at(said, gap.end(), ids) if gap else None


def _id_at(said: str, at: int, ids: re.Pattern[str]) -> tuple[str, int] | None:
    """The id that begins at `at` (behind `Task`, bold and such), and where it ends."""
    start = _PREFIX.match(said, at)
    begin = start.end() if start else at
    while begin < len(said) and said[begin] in "*`_":
        begin += 1
    found = ids.match(said, begin)
    if not found or said[found.end() : found.end() + 1].isalnum():
        return None
    return found[0], found.end()


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def _cut_marks(value: str) -> tuple[str, str]:
    """A dependency text and the done marks and emphasis behind it, which are the title's."""
    behind = ""
    while True:
        value = value.rstrip()
        mark = next((mark for mark in _DONE if value.lower().endswith(mark)), "")
        if not mark:
            return value, behind
        cut = len(value) - len(mark)
        value, behind = value[:cut], (" " if mark[0] in "✅([" else "") + value[cut:] + behind


def _begins_with_id(value: str, ids: re.Pattern[str]) -> bool:
    found = parse(value, 0, ids)
    return found[0].kind != "unresolved" if found else bool(value) and (says_none(value) or bool(find_paths(value)))


def _names_tasks(text: str, ids: re.Pattern[str]) -> bool:
    found = parse(text, 0, ids)
    return all(each.kind != "unresolved" for each in found) if found else says_none(text)


def _balanced(text: str, start: int) -> int:
    """The index behind the bracket that closes the one at `start`; the end of the text when none does."""
    closer = {"(": ")", "[": "]"}[text[start]]
    depth = 0
    for index in range(start, len(text)):
        if text[index] == text[start]:
            depth += 1
        elif text[index] == closer:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)
