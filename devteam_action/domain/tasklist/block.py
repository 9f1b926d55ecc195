"""What stands below an item's first line: its paragraphs, dependencies, criteria and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.domain.tasklist.limits import Miss, miss_in_title, read_limit
from devteam_action.domain.tasklist.references import NUMBERS, extract, of_line, take_ending
from devteam_action.domain.tasklist.scanner import Line


class Block(Struct, frozen=True, gc=False):
    """The lines below an item's title, sorted by what they say; `details` is the rest, dedented, for people.

    `missed` is what looks like a limit or a dependency and is none; it stays in title or details.
    """

    title: str
    details: str = ""
    dependencies: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()
    missed: tuple[Miss, ...] = ()
    text: str = ""


def read_block(first: str, lines: Sequence[Line], *, joins: bool = True, ids: re.Pattern[str] = NUMBERS) -> Block:
    """Reads an item whose title line says `first`; with `joins` the lines of its first paragraph belong to the title.

    `ids` is what an id looks like in a dependency. `text` is what files are searched in: neither fenced code nor
    limits, whose globs are no files.
    """
    end = _end_of_paragraph(lines) if joins else 0
    notes = _Notes(ids)
    title_parts = [first]
    details: list[str] = []
    searched: list[str] = []
    for line in lines[:end]:
        what = notes.read(line)
        if what == "text":
            title_parts.append(line.rest)
        elif what == "dependency":
            searched.append(line.shown)
        elif what == "missed":
            details.append(line.shown.rstrip())
    whole = " ".join(title_parts)
    title, said, missed = read_title(whole, ids, whole)
    notes.said[:0] = said
    for paragraph in _paragraphs(lines[end:]):
        kept: list[Line] = []
        for line in paragraph:
            what = "fence" if line.kind == "fence" else notes.read(line)
            if what in ("text", "dependency", "missed"):
                searched.append(line.shown)
            if what in ("text", "fence", "missed"):
                kept.append(line)
        _, inline = extract(" ".join(line.rest for line in kept if line.kind != "fence"))
        notes.said.extend(inline)
        details.extend(line.shown.rstrip() for line in kept)
    return Block(
        title=title,
        details=_dedent(details),
        dependencies=tuple(notes.said),
        touches=tuple(notes.touches),
        criteria=tuple(notes.criteria),
        missed=(*missed, *notes.missed),
        text="\n".join([whole, *searched]) if lines else first,
    )


def read_title(text: str, ids: re.Pattern[str], written: str) -> tuple[str, list[str], list[Miss]]:
    """A title without the dependencies in it, what they say, and what is missed of `written`, the title as it stood."""
    title, inline = extract(text)
    title, ending, missed = take_ending(title, ids)
    misses = [each for each in (miss_in_title(written),) if each]
    if missed:
        fix = "write it in brackets, or on a line of its own below the item"
        misses.append(Miss(0, f"`{missed[:60]}` at the end of the title is not read as dependencies", fix))
    return title, [*inline, *ending], misses


def is_note(line: Line, ids: re.Pattern[str]) -> bool:
    """Whether a line is nothing but dependencies, limits or criteria (or nearly so), and thus no part of a title."""
    text = line.rest
    return of_line(text, ids) is not None or read_limit(text, is_bullet=line.kind == "item") is not None


class _Notes:
    """Collects what lines say that are nothing but dependencies, limits or criteria."""

    def __init__(self, ids: re.Pattern[str]) -> None:
        self.ids = ids
        self.said: list[str] = []
        self.touches: list[str] = []
        self.criteria: list[tuple[str, str]] = []
        self.missed: list[Miss] = []

    def read(self, line: Line) -> Literal["text", "dependency", "limit", "missed"]:
        text = line.rest
        if not text:
            return "text"
        dependencies = of_line(text, self.ids)
        if dependencies is not None:
            self.said.append(dependencies)
            return "dependency"
        limit = read_limit(text, is_bullet=line.kind == "item")
        if limit is None:
            return "text"
        self.touches.extend(limit.touches)
        self.criteria.extend(limit.criteria)
        if limit.message:
            self.missed.append(Miss(line.number, limit.message, limit.fix))
        return "limit" if limit.says_something else "missed"


def _end_of_paragraph(lines: Sequence[Line]) -> int:
    for index, line in enumerate(lines):
        if line.kind != "text" or line.rest.startswith(("|", ">")) or set(line.rest) <= set("-_* "):
            return index
    return len(lines)


def _paragraphs(lines: Sequence[Line]) -> Iterable[list[Line]]:
    paragraph: list[Line] = []
    for line in lines:
        if line.kind in ("blank", "item", "comment") and paragraph:
            yield paragraph
            paragraph = []
        if line.kind != "comment" and not line.retired:
            paragraph.append(line)
    if paragraph:
        yield paragraph


def _dedent(lines: list[str]) -> str:
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join(line[margin:] for line in lines).strip("\n")
