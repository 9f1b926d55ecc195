"""What the block of one box says: its title, what it waits for, its files and its details."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from devteam_action.domain.tasklist import block
from devteam_action.domain.tasklist.checklist.items import Item, take_parallel
from devteam_action.domain.tasklist.limits import Miss
from devteam_action.domain.tasklist.references import Reference, extract, of_line, parse, says_none
from devteam_action.domain.tasklist.scanner import Line
from devteam_action.domain.tasklist.text import clean_title, find_files

# `_Depends: 1.1, 2.3_`, `_Requirements: 4.2_`, `_Boundary: settings_`: notes of a task, on its title line or below.
_NOTE = re.compile(r"(?<![\w*])_([A-Z][A-Za-z ]{0,30}):[ \t]{0,9}([^\n]{0,300}?)_(?=\W|$)")
_WAITS = re.compile(r"(?:dependenc(?:y|ies)|depends(?:[ \t]+on)?|deps|blocked[ \t]+by)$", re.IGNORECASE)
_TRACED = re.compile(r"[*_\s]*(?:requirements?|validates|implements|covers|traces)\b[^:]{0,40}:", re.IGNORECASE)
_CHECKPOINT = re.compile(r"checkpoint(?!\w)", re.IGNORECASE)


class Block(Struct, frozen=True, gc=False):
    """What one box says. `waits` is None where nothing is said about dependencies, empty where none is said.

    `details` are the lines below the title, dedented; `touches` and `criteria` are as written in the block; `missed`
    looks like one of them, or like a dependency, and is none.
    """

    title: str
    parallel: bool
    waits: tuple[Reference, ...] | None
    files: tuple[str, ...]
    details: str
    touches: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...]
    missed: tuple[Miss, ...]


def read_block(item: Item, lines: Sequence[Line], ids: re.Pattern[str], extra: re.Pattern[str] | None = None) -> Block:
    """Reads one box and its own lines; `ids` is what an id looks like in dependency texts.

    `extra` matches further inline forms of a dependency, its group 1 being the text (spec-kit's `(after T001)`).
    Links to requirements (`_Requirements: 1.1_`, `Validates: …`) are never dependencies.
    """
    paragraph, body = _split(item, lines, ids)
    said: list[tuple[str, int]] = []
    parallel, title = take_parallel(_read_notes(paragraph, item.line.number, said))
    title, inline, missed = block.read_title(title, ids, paragraph)
    said += [(text, item.line.number) for text in inline]
    if extra and extra.search(title):
        said += [(found[1], item.line.number) for found in extra.finditer(title)]
        title = " ".join(extra.sub("", title).split())
    for line in body:
        if line.kind != "fence":
            _read_line(line, ids, said)
    below = block.read_block("", body, joins=False, ids=ids)
    misses = [*(replace(each, line=item.line.number) for each in missed), *below.missed]
    return Block(
        title=clean_title(title)[0],
        parallel=parallel,
        waits=_waits(said, ids),
        files=find_files(f"{paragraph}{below.text}"),
        details=below.details,
        touches=below.touches,
        criteria=below.criteria,
        missed=tuple(misses),
    )


def is_checkpoint(title: str) -> bool:
    """Whether only VERIFY runs for it: the title begins with the word `Checkpoint`."""
    return _CHECKPOINT.match(title) is not None


def _split(item: Item, lines: Sequence[Line], ids: re.Pattern[str]) -> tuple[str, tuple[Line, ...]]:
    """The first paragraph as one line, and the lines behind it."""
    words = [item.text]
    own = item.own
    taken = 0
    while taken < len(own):
        line = lines[own[taken]]
        is_next = line.number == item.line.number + taken + 1
        if not is_next or line.kind != "text" or _NOTE.match(line.rest) or block.is_note(line, ids):
            break
        words.append(line.rest)
        taken += 1
    return " ".join(words), tuple(lines[at] for at in own[taken:])


def _read_notes(text: str, number: int, said: list[tuple[str, int]]) -> str:
    """Takes the notes out of `text`, and from them what it waits for."""
    if "_" not in text:
        return text
    said += [(note[2], number) for note in _NOTE.finditer(text) if _WAITS.match(note[1])]
    return " ".join(_NOTE.sub("", text).split()) if _NOTE.search(text) else text


def _read_line(line: Line, ids: re.Pattern[str], said: list[tuple[str, int]]) -> None:
    text = _read_notes(line.rest, line.number, said)
    if _TRACED.match(text):
        return
    whole = of_line(text, ids)
    if whole is not None:
        said.append((whole, line.number))
    else:
        said += [(part, line.number) for part in extract(text)[1]]


def _waits(said: Sequence[tuple[str, int]], ids: re.Pattern[str]) -> tuple[Reference, ...] | None:
    found = tuple(reference for text, number in said for reference in parse(text, number, ids))
    if found:
        return found
    return () if any(says_none(text) for text, _ in said) else None
