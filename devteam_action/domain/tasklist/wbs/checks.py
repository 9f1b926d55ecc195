"""The checks of a treed list: `Validate …`, `Verify …` and `Document … in FILE` of a task. They are no tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.limits import stated_criterion
from devteam_action.domain.tasklist.scanner import Line
from devteam_action.domain.tasklist.text import LINK, find_paths, is_file_name
from devteam_action.domain.tasklist.wbs.lines import Numbered

_CHECK = re.compile(r"[*_`]{0,3}(validate|verify|document)\b[*_`]{0,3}", re.IGNORECASE)
_OF = re.compile(r"\bTask[ \t]+[*_`]{0,3}(\d{1,40}(?:\.\d{1,40})*)", re.IGNORECASE)
_CRITERION = re.compile(r"<\s*(?:(?:acceptance[ _]?)?criteri(?:on|a)[ _]*\d*\s*:\s*)?(.*)>", re.IGNORECASE | re.DOTALL)
_NUMBERED_CRITERION = re.compile(r"<\s*criterion\s*\d*\s*:", re.IGNORECASE)


class Check(Struct, frozen=True, gc=False):
    """One check: `owner` is the id whose tasks it is about; what it adds to each of them."""

    owner: str
    acceptance: tuple[str, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()


def is_check(item: Numbered) -> bool:
    """Lettered items are; numbered ones when they begin with one of the verbs and name a task."""
    found = _CHECK.match(item.title)
    return bool(item.letter) or bool(found and _OF.search(item.title, found.end()))


def is_known_check(item: Numbered) -> bool:
    """Whether a lettered item is one of the three kinds (another letter is an item that is not read)."""
    return _CHECK.match(item.title) is not None


def owner_of(item: Numbered) -> str:
    """The id that a check names (`of Task 1.1`), else the number that its own begins with."""
    named = _OF.search(item.title)
    return named[1] if named else item.id if item.letter else item.id.rpartition(".")[0]


def read_check(item: Numbered, below: Sequence[Line], owner: str) -> Check:
    """What a check says: criteria below `Verify`, the document of `Document … in FILE`."""
    found = _CHECK.match(item.title)
    verb = found[1].lower() if found else ""
    if verb == "document":
        document = _document(item.title)
        return Check(owner, (), (("doc.updated", document),) if document else ())
    if verb != "verify":
        return Check(owner)
    said = [*_inline(item.title), *_bullets(item.line, below)]
    stated = [criterion for text in said if (criterion := stated_criterion(text))]
    return Check(owner, tuple(said), tuple(stated))


def _inline(title: str) -> list[str]:
    start = _NUMBERED_CRITERION.search(title)
    return [text] if start and (text := _criterion(title[start.start() :])) else []


def _bullets(check: Line, below: Sequence[Line]) -> list[str]:
    """One criterion to a bullet (a wrapped one goes on in the next lines); prose below the check is none."""
    groups: list[list[str]] = []
    after_blank = wrapping = False
    for line in below:
        if line.retired or line.kind in ("fence", "comment"):
            continue
        if line.kind == "blank":
            after_blank, wrapping = True, False
        elif line.kind == "item" or "<" in line.rest[:1]:
            wrapping = line.indent > check.indent or not after_blank or "<" in line.rest
            if wrapping:
                groups.append([line.rest])
        elif wrapping:
            groups[-1].append(line.rest)
    return [text for group in groups if (text := _criterion(" ".join(group)))]


def _criterion(text: str) -> str:
    """`<criterion 1: text>  [source: …](…)` up to the last `>`; the whole text when there are no brackets."""
    found = _CRITERION.search(text)
    return found[1].strip() if found else text.strip()


def _document(title: str) -> str:
    behind = re.split(r"\s+in\s+", title)
    if len(behind) < 2:
        return ""
    text = behind[-1].strip()
    if link := LINK.search(text):
        return next((path for _, path in find_paths(link[0])), "")
    if code := re.match(r"`([^`]+)`", text):
        return code[1].strip()
    word = text.split()[0].strip("*_.,;:()") if text else ""
    return word if "/" in word or is_file_name(word) else ""
