"""Reads a Markdown file as lines with byte offsets: what each line is, and where its mark stands.

Nothing is normalised away: `data[line.start:line.end]` is the line without its end, so an edit made through these
offsets leaves every other byte as it was. The rules are CommonMark's (fences 4.5, HTML blocks 4.6, list items 5.2)
where they concern fences and comments, with one loosening: a fence may be indented deeper than three columns,
because that is how people write them below a treed item, which Markdown does not know as a container.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

from msgspec import Struct

from devteam_action.domain.tasklist.comments import CommentScanner
from devteam_action.domain.tasklist.frontmatter import front_matter_length

Kind = Literal["blank", "heading", "item", "text", "fence", "comment", "frontmatter"]

BOM = b"\xef\xbb\xbf"
OPEN_MARKS = " -~/"
DONE_MARKS = "xX✓✅"

_LINE_END = re.compile(rb"\r\n|\n|\r")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_CLOSING_HASHES = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
_BULLET = re.compile(r"([-*+•]|[0-9]{1,9}[.)])(?:[ \t]+|$)")
_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*$")


class Line(Struct, frozen=True, gc=False):
    """One line: `text` is all of it, `shown` the same length with HTML comments blanked out.

    `start:end` are byte offsets without the line end; `indent` counts columns (tabs go to multiples of 4).
    An item has its `bullet` (`-`, `•`, `1.`), and `mark`, the one character in its box, or None without a box;
    a heading has its `level`. `rest_at` is the index in `text` behind bullet, box and heading marks.
    `retired` lines stand inside an HTML comment: `item` when they would be one, else `comment`; their `shown`
    is the inside of the comment. Lines that open or close a fence are of kind `fence`, like those between.
    """

    number: int
    start: int
    end: int
    text: str
    shown: str
    indent: int
    kind: Kind
    level: int = 0
    bullet: str = ""
    mark: str | None = None
    mark_at: int = -1
    rest_at: int = 0
    retired: bool = False

    @property
    def rest(self) -> str:
        """What follows bullet and box, or a heading's title; the whole text without indentation otherwise."""
        rest = self.shown[self.rest_at :].strip()
        return _CLOSING_HASHES.sub("", rest) if self.kind == "heading" else rest

    def byte_at(self, index: int) -> int:
        """The byte offset in the file of the character at `index` of `text`."""
        return self.start + len(self.text[:index].encode())

    @property
    def mark_span(self) -> tuple[int, int]:
        """The bytes of the mark in the box (✅ has three); only for a line with a mark."""
        start = self.byte_at(self.mark_at)
        return start, start + len((self.mark or "").encode())


class Fault(Struct, frozen=True, gc=False):
    """A fence or comment that was opened on `line` and never closed."""

    kind: Literal["unclosed-fence", "unclosed-comment"]
    line: int


class Scan(Struct, frozen=True):
    """All lines of a file, in order: `lines[n]` has the number n + 1."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()


class _Fence(Struct, gc=False):
    character: str
    length: int
    line: int
    floor: int  # a line indented less ends the list item that the fence is in, and with it the fence


def scan(data: bytes, marks: Collection[str] = ()) -> Scan:
    """Reads UTF-8 `data`; characters in `marks` make a box beside the usual ones. Raises UnicodeDecodeError only."""
    return _Scanner(frozenset(OPEN_MARKS + DONE_MARKS).union(marks)).scan(data)


class _Scanner:
    def __init__(self, marks: frozenset[str]) -> None:
        inside = "|".join(re.escape(mark) for mark in sorted(marks))
        # A link (`[x](…)`), a reference (`[x][1]`) or its definition (`[x]: …`) is no box.
        self.box = re.compile(rf"\[({inside})\ufe0f?\](?![(\[:])[ \t]*")
        self.comments = CommentScanner()
        self.fence: _Fence | None = None
        self.containers: list[int] = []  # where the content of each open list item begins
        self.in_paragraph = False
        self.lines: list[Line] = []
        self.faults: list[Fault] = []

    def scan(self, data: bytes) -> Scan:
        spans = list(_spans(data))
        texts = [data[start:end].decode() for start, end in spans]
        header = front_matter_length(texts)
        for index, ((start, end), text) in enumerate(zip(spans, texts, strict=True)):
            if index < header:
                self.lines.append(Line(index + 1, start, end, text, text, 0, "frontmatter"))
            else:
                self.lines.append(self.read(index + 1, start, end, text))
        if self.fence:
            self.faults.append(Fault("unclosed-fence", self.fence.line))
        if self.comments.opened_on:
            self.faults.append(Fault("unclosed-comment", self.comments.opened_on))
        return Scan(tuple(self.lines), tuple(self.faults))

    def read(self, number: int, start: int, end: int, text: str) -> Line:
        body = text.lstrip(" \t")
        at = len(text) - len(body)
        indent = at if "\t" not in text[:at] else len(text[:at].expandtabs(4))
        if self.fence and not self.leaves_fence(body, indent):
            if _closes(self.fence, body):
                self.fence = None
            return Line(number, start, end, text, text, indent, "fence", rest_at=at)
        if self.comments.is_open or "<!--" in text or body.rstrip() == "-->":
            retired, shown = self.comments.read(text, number)
            body = shown.lstrip(" \t")
            if retired:
                line = self.classify(number, start, end, text, shown, body, indent, retired=True)
                return line if line.kind == "item" else _comment(line)
            return self.classify(number, start, end, text, shown, body, indent)
        return self.classify(number, start, end, text, text, body, indent)

    def leaves_fence(self, body: str, indent: int) -> bool:
        if self.fence is None or not body or indent >= self.fence.floor:
            return False
        self.faults.append(Fault("unclosed-fence", self.fence.line))
        self.fence = None
        return True

    def classify(
        self, number: int, start: int, end: int, text: str, shown: str, body: str, indent: int, *, retired: bool = False
    ) -> Line:
        at = len(shown) - len(body)
        is_lazy, self.in_paragraph = self.in_paragraph, False
        if not body.strip():
            return Line(number, start, end, text, shown, indent, "blank", rest_at=at, retired=retired)
        first = body[0]
        is_rule = first in "*-_" and _RULE.match(body) is not None
        bullet = None
        if not is_rule and (first in "-*+•" or first.isdecimal()):
            bullet = _BULLET.match(body)
        heading = _HEADING.match(body) if first == "#" else None
        fence = _FENCE.match(body) if first in "`~" and not retired else None
        if bullet or heading or fence or is_rule or first == ">" or not is_lazy:
            self.leave_containers(indent)
        if heading:
            level, rest_at = len(heading[1]), at + heading.end()
            return Line(number, start, end, text, shown, indent, "heading", level, rest_at=rest_at, retired=retired)
        if fence:
            self.open_fence(fence[1], number)
            return Line(number, start, end, text, shown, indent, "fence", rest_at=at)
        if first in "=-" and not retired and _UNDERLINE.match(body):
            self.underline(first)
        if bullet:
            return self.item(Line(number, start, end, text, shown, indent, "item", rest_at=at, retired=retired), bullet)
        self.in_paragraph = not is_rule
        return Line(number, start, end, text, shown, indent, "text", rest_at=at, retired=retired)

    def leave_containers(self, indent: int) -> None:
        """Ends the list items that the line is not indented into; a paragraph's next line need not be (5.2)."""
        while self.containers and indent < self.containers[-1]:
            self.containers.pop()

    def item(self, line: Line, found: re.Match[str]) -> Line:
        """Finds the box behind a bullet, and remembers where the item's content begins."""
        bullet, at = found[1], line.rest_at + found.end()
        text, shown = line.text, line.shown
        if not line.retired:
            # Content starts behind the blanks; five or more of them start indented code, one column in (5.2).
            blanks = len(text[:at].expandtabs(4)) - len(text[: at - len(found[0]) + len(bullet)].expandtabs(4))
            self.containers.append(line.indent + len(bullet) + (blanks if 1 <= blanks <= 4 else 1))
            if at < len(shown) and shown[at] in "`~" and (fence := _FENCE.match(shown, at)):
                self.open_fence(fence[1], line.number)
            self.in_paragraph = at < len(shown) and self.fence is None
        mark, mark_at = None, -1
        if at < len(shown) and shown[at] == "[" and (box := self.box.match(shown, at)):
            mark, mark_at, at = box[1], box.start(1), box.end()
        return Line(
            line.number, line.start, line.end, text, shown, line.indent, "item",
            bullet=bullet, mark=mark, mark_at=mark_at, rest_at=at, retired=line.retired,
        )  # fmt: skip

    def open_fence(self, marker: str, number: int) -> None:
        self.fence = _Fence(marker[0], len(marker), number, self.containers[-1] if self.containers else 0)

    def underline(self, character: str) -> None:
        """Makes a one-line paragraph above `===` or `---` a heading; never an item, numbered line or table."""
        above = self.lines[-1] if self.lines else None
        if above is None or above.kind != "text" or above.retired or above.indent > 3:
            return
        alone = len(self.lines) == 1 or self.lines[-2].kind not in ("text", "item")
        if alone and not above.shown[above.rest_at].isdecimal() and "|" not in above.shown:
            self.lines[-1] = Line(
                above.number, above.start, above.end, above.text, above.shown, above.indent, "heading",
                1 if character == "=" else 2, rest_at=above.rest_at,
            )  # fmt: skip


def _spans(data: bytes) -> Iterator[tuple[int, int]]:
    at = len(BOM) if data.startswith(BOM) else 0
    for found in _LINE_END.finditer(data, at):
        yield at, found.start()
        at = found.end()
    if at < len(data):
        yield at, len(data)


def _closes(fence: _Fence, body: str) -> bool:
    body = body.rstrip(" \t")
    return len(body) >= fence.length and not body.strip(fence.character)


def _comment(line: Line) -> Line:
    return Line(
        line.number, line.start, line.end, line.text, line.shown, line.indent, "comment",
        rest_at=len(line.shown) - len(line.shown.lstrip(" \t")), retired=True,
    )  # fmt: skip
