"""A report within the length that its surface takes: whole sections go, the least important first.

A template marks its sections with characters that no foreign text can hold (`render/text.py` takes control characters
out), so that what is cut is always a whole table, a whole fence, a whole `<details>`. What was left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markupsafe import Markup
from msgspec import Struct

from devteam_action.render.markdown import inline

COMMENT_LIMIT = 65_536  # characters: issue comments and bodies; observed on the live service, not in its description
CHECK_LIMIT = 65_535  # characters: summary and text of a check run, each; maxLength of the API's description
SUMMARY_LIMIT = 2**20  # bytes: one step's summary

_OPEN, _SPLIT, _CLOSE, _NOTE = "\x01", "\x02", "\x03", "\x04"
_TOKENS = re.compile(f"{_OPEN}([^{_SPLIT}]*){_SPLIT}(\\d+){_SPLIT}|{_CLOSE}|{_NOTE}")
_BLANK = re.compile(r"\n{3,}")

Measure = Callable[[str], int]


class Section(Struct):
    """A part of the text that can go as a whole; `parts` are texts, sections inside it, and the note's place (None)."""

    name: str
    priority: int
    parts: list[str | Section | None]
    is_shed: bool = False


def section(name: str, priority: object, caller: Callable[[], str]) -> Markup:
    """`{% call section("attempts", 30) %}…{% endcall %}`: the lower its `priority`, the earlier it goes.

    Raises ValueError where that is no whole number from 0 on.
    """
    if not isinstance(priority, int) or priority < 0:
        raise ValueError(f"section({name!r}, {priority!r}): the second is how long it stays, a whole number from 0 on")
    content = caller()
    if not content.strip():
        return Markup()
    return Markup(f"{_OPEN}{inline(name, 80)}{_SPLIT}{int(priority)}{_SPLIT}{content}{_CLOSE}")  # noqa: S704 - templates' own text


def left_out_note() -> Markup:
    """Where the sentence stands that says what was left out; at the end when a template has no such place."""
    return Markup(_NOTE)  # noqa: S704 - a mark of ours


def fit(text: str, limit: int, *, measure: Measure = len) -> str:
    """`text` without its marks, within `limit` where shedding sections can do it; else as short as that makes it."""
    root = _parsed(text)
    shed: list[str] = []
    shown = _shown(root, "")
    for each in sorted(_sections(root), key=lambda each: each.priority):
        if measure(shown) <= limit:
            break
        if not each.is_shed:
            for inner in (*_sections(each), each):
                inner.is_shed = True
            shed.append(each.name)
            shown = _shown(root, left_out(shed))
    return shown


def left_out(names: Sequence[str]) -> str:
    """The sentence that says which sections are not there."""
    return f"_Left out for length: {', '.join(dict.fromkeys(names))}._"


def size_in_bytes(text: str) -> int:
    """What the job summary is measured in."""
    return len(text.encode())


def _parsed(text: str) -> Section:
    root = Section(name="", priority=0, parts=[])
    stack = [root]
    at = 0
    for token in _TOKENS.finditer(text):
        stack[-1].parts.append(text[at : token.start()])
        at = token.end()
        if token[0] == _NOTE:
            stack[-1].parts.append(None)
        elif token[0] == _CLOSE:
            if len(stack) > 1:
                stack.pop()
        else:
            inner = Section(name=token[1], priority=int(token[2]), parts=[])
            stack[-1].parts.append(inner)
            stack.append(inner)
    stack[-1].parts.append(text[at:])
    return root


def _sections(root: Section) -> list[Section]:
    """All below `root`, the inner ones before those around them: of two alike the smaller loss comes first."""
    found: list[Section] = []
    for part in root.parts:
        if isinstance(part, Section):
            found += [*_sections(part), part]
    return found


def _shown(root: Section, note: str) -> str:
    text, has_place = _joined(root, note)
    if note and not has_place:
        text = f"{text.rstrip()}\n\n{note}\n"
    return _tidy(text)


def _joined(root: Section, note: str) -> tuple[str, bool]:
    texts: list[str] = []
    has_place = False
    for part in root.parts:
        if part is None:
            texts.append(note)
            has_place = True
        elif isinstance(part, str):
            texts.append(part)
        elif not part.is_shed:
            inner, is_inside = _joined(part, note)
            texts.append(inner)
            has_place = has_place or is_inside
    return "".join(texts), has_place


def _tidy(text: str) -> str:
    """One blank line between paragraphs, none at the ends; fences keep theirs."""
    tidied: list[str] = []
    fence, blanks = "", 0
    for line in text.strip("\n").split("\n"):
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if mark and line.strip("`") == "" and len(mark[0]) >= len(fence) else fence
        elif mark:
            fence = mark[0]
        elif not line.strip():
            blanks += 1
            if blanks > 1:
                continue
            line = ""
        if line.strip():
            blanks = 0
        tidied.append(line)
    return "\n".join(tidied).rstrip() + "\n"
