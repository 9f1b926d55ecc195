"""Recognises the lines of a treed list: numbered items, lettered checks, and `Phase N` headings."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from devteam_action.domain.tasklist.scanner import Line
from devteam_action.domain.tasklist.text import clean_title

_FRONT = r"(?:#{1,6}[ \t]+)?(?:[-*+•][ \t]+)?"
_WRAP = r"(?:\*{1,3}|_{1,2}|~~|`)"
_BOX = r"\[(?P<{}>[^\]\[])\ufe0f?\](?![(\[:])"
_START = (
    rf"(?P<tick>✅\ufe0f?[ \t]*)?(?P<open>{_WRAP}{{0,3}})(?:[Tt]ask[ \t]+)?"
    r"(?P<id>[0-9]{1,40}(?:\.[0-9]{1,40}){0,19})(?:\.(?P<letter>[A-Za-z]))?"
    rf"(?P<close>[.):]?{_WRAP}{{0,3}}[.):]?)(?=[ \t]|$)"
)
_DASH = r"(?:[ \t]+[-–—:](?=[ \t]))?[ \t]*"
_PLAIN = re.compile(rf"[ \t]*{_FRONT}{_START}{_DASH}")
_BOXED = re.compile(
    rf"[ \t]*{_FRONT}(?:{_BOX.format('before')}[ \t]*)?{_START}(?:[ \t]*{_BOX.format('after')}(?=[ \t]|$|\*))?{_DASH}"
)
_PHASE = re.compile(
    rf"[ \t]*(?P<mark>{_FRONT}{_WRAP}{{0,3}})(?:[Pp]hase|[Ss]tage|PHASE|STAGE)[ \t]+"
    r"(?P<number>[0-9]{1,6}|[IVX]{1,6})"
    r"(?![\w.][\w])(?P<sep>[ \t]*(?:[—–:.)|]|-(?![0-9]))+[ \t]*|[ \t]*$|[ \t]+(?=\()|[ \t]+(?P<bare>(?=\w)))"
)
_DONE_TAIL = re.compile(r"[ \t]*(?:✅\ufe0f?|\((?:done|completed)\)|\[[xX]\])[ \t]*$", re.IGNORECASE)
_DONE_HEAD = re.compile(r"(?:✅\ufe0f?)[ \t]*")
_CLOSING_HASHES = re.compile(r"[ \t]+#+$")
_EDGE = frozenset("*_`~✅\ufe0f)]")  # a title with none of these at its ends is neither decorated nor marked
_ROMAN = {"I": 1, "V": 5, "X": 10}


class Numbered(Struct, frozen=True, gc=False):
    """A line that begins with a number: `letter` makes it a check (`1.1.A`), `mark` stands in a box.

    `mark_at` is the index in the line of the mark, `insert_at` the one behind the id, where a box may be written.
    """

    line: Line
    id: str
    letter: str
    title: str
    opening: str
    mark: str | None
    mark_at: int
    insert_at: int
    ticked: bool

    @property
    def depth(self) -> int:
        return self.id.count(".") + 1


class PhaseLine(Struct, frozen=True, gc=False):
    line: Line
    number: str
    title: str
    opening: str


def read_numbered(line: Line, is_mark: Callable[[str], bool]) -> Numbered | None:
    """The numbered item that the line is, or None. One-level numbers count too; what they mean is the caller's."""
    shown = line.shown
    found = _BOXED.match(shown)
    if not found:
        return None
    where = "after" if found["after"] else "before" if found["before"] else ""
    if where and not is_mark(found[where]):  # anything else in brackets is no box
        where = ""
        found = _PLAIN.match(shown)
        if not found:
            return None
    title = shown[found.end() :].strip()
    return Numbered(
        line,
        found["id"],
        (found["letter"] or "").upper(),
        _CLOSING_HASHES.sub("", title) if line.kind == "heading" else title,
        "" if found["close"].strip(".):") else found["open"],
        found[where] if where else None,
        found.start(where) if where else -1,
        found.end("close"),
        found["tick"] is not None,
    )


def read_phase(line: Line) -> PhaseLine | None:
    """The `Phase N` or `Stage N` line that the line is, or None; a sentence about a phase is none."""
    found = _PHASE.match(line.shown)
    if not found:
        return None
    title = line.shown[found.end() :].strip()
    if found["bare"] is not None and not found["mark"].strip() and (not title[:1].isupper() or title.endswith(".")):
        return None
    number = found["number"]
    return PhaseLine(
        line, number if number.isdecimal() else str(_roman(number)), title, found["mark"].lstrip("-*+•# \t")
    )


def finish_title(title: str, opening: str) -> tuple[str, bool]:
    """The title without its done marks and decoration, and whether they say that it is done."""
    title = title.strip()
    if not opening and title and title[0] not in _EDGE and title[-1] not in _EDGE:
        return clean_title(title)
    done = False
    struck = "~~" in opening
    if opening:
        for mark in re.findall(r"\*{1,3}|_{1,2}|~~|`", opening):
            if mark == "~~" and not title.rstrip(" *_`").endswith("~~"):
                struck = False
            title = title.replace(mark, "", 1)
    while True:
        before = title
        if tail := _DONE_TAIL.search(title):
            done, title = True, title[: tail.start()].rstrip()
        if head := _DONE_HEAD.match(title):
            done, title = True, title[head.end() :]
        title, inner = clean_title(title)
        struck = struck or inner
        if title == before:
            return title, done or struck


def _roman(number: str) -> int:
    values = [_ROMAN[letter] for letter in number]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
