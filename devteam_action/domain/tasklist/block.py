"""What stands below an item's first line: its paragraphs, dependencies, criteria and limits.

A list may state criteria of its own in a task's block (our extension to every dialect):

    touches: src/**, tests/**                                  limits the paths that the task may change
    criteria: test.coverage ≥ 80%; type.strict = 0 errors      criteria and their required values, as written
    - test.coverage: ≥80%                                      the same, one to a bullet
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.references import extract, of_line
from devteam_action.domain.tasklist.scanner import Line

_CRITERION = re.compile(
    r"(test\.pass|test\.coverage(?:\.total)?|test\.bites|type\.strict|lint\.clean|doc\.updated|diff\.scope|diff\.size"
    r"|secrets\.clean)\b`?\s*(?::\s*(\S.*)|([≥≤<>=].*)|$)"
)
_NAMED_VALUE = re.compile(r"`?([A-Za-z][\w.-]*)`?\s*:?\s*(.*)$", re.DOTALL)
_KEY = re.compile(r"[*_`]*(touches|criteria)[*_`]*\s*:[*_]*\s*(.*)$", re.IGNORECASE)


class Block(Struct, frozen=True, gc=False):
    """The lines below an item's title, sorted by what they say; `details` is the rest, dedented, for people."""

    title: str
    details: str = ""
    dependencies: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()
    text: str = ""


def read_block(first: str, lines: Sequence[Line], *, joins: bool = True) -> Block:
    """Reads an item whose title line says `first`; with `joins` the lines of its first paragraph belong to the title.

    `text` is everything but fenced code: what files are searched in.
    """
    end = _end_of_paragraph(lines) if joins else 0
    said: list[str] = []
    touches: list[str] = []
    criteria: list[tuple[str, str]] = []
    title_parts = [first]
    title_parts += [line.rest for line in lines[:end] if not _takes(line.rest, said, touches, criteria)]
    title, inline = extract(" ".join(title_parts))
    said[:0] = inline
    details: list[str] = []
    searched: list[str] = []
    for paragraph in _paragraphs(lines[end:]):
        searched.extend(line.shown for line in paragraph if line.kind != "fence")
        kept = [line for line in paragraph if line.kind == "fence" or not _takes(line.rest, said, touches, criteria)]
        _, inline = extract(" ".join(line.rest for line in kept if line.kind != "fence"))
        said.extend(inline)
        details.extend(line.shown.rstrip() for line in kept)
    return Block(
        title=title,
        details=_dedent(details),
        dependencies=tuple(said),
        touches=tuple(touches),
        criteria=tuple(criteria),
        text="\n".join([" ".join(title_parts), *searched]) if lines else first,
    )


def stated_criterion(text: str) -> tuple[str, str] | None:
    """The criterion and value when `text` is nothing but one (`test.coverage: ≥80%`), else None."""
    found = _CRITERION.match(text.strip(" `*_")) if "." in text else None
    return (found[1], (found[2] or found[3] or "").strip(" `*_")) if found else None


def _takes(text: str, said: list[str], touches: list[str], criteria: list[tuple[str, str]]) -> bool:
    """Whether a line is nothing but dependencies, limits or criteria, which are then noted."""
    if not text:
        return False
    dependencies = of_line(text)
    if dependencies is not None:
        said.append(dependencies)
        return True
    key = _KEY.match(text)
    if key and key[1].lower() == "touches":
        touches.extend(glob for part in re.split(r"[,\s]+", key[2]) if (glob := part.strip("`")))
        return True
    if key:
        criteria.extend(_values(key[2].split(";")))
        return True
    if one := stated_criterion(text):
        criteria.append(one)
        return True
    return False


def _values(parts: Iterable[str]) -> Iterable[tuple[str, str]]:
    for part in parts:
        found = _NAMED_VALUE.match(part.strip())
        if found:
            yield found[1], found[2].strip(" `")


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
