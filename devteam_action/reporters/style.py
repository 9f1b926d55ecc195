"""A line of text for people, and what kind of line it is; where there is no colour the text alone must do."""

from __future__ import annotations

from typing import Literal, NamedTuple

Style = Literal["title", "stage", "good", "bad", "warn", "dim", "plain"]


class Line(NamedTuple):
    style: Style
    text: str


# For terminals whose encoding has no such characters.
_ASCII = str.maketrans("✓✗●○→…·≥≤—", "+x*->.-><-")


def writable(text: str, encoding: str | None) -> str:
    """`text` in characters that `encoding` has; what it has not is replaced, never an error."""
    name = encoding or "utf-8"  # none: a stream of text in memory
    try:
        text.encode(name)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    return text


def in_a_row(text: str) -> str:
    """The lines of a text side by side, as parts that can still be told from one another."""
    row = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        row += f"{'' if not row else ' ' if row[-1] in ':;,' else '; '}{line}"
    return row


def seconds_text(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def count(number: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
